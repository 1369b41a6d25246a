"""Whose path is whose, and what a path says of a request."""

import pytest

from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.endpoints import Generation, PathHead, anthropic, gemini, models, openai_chat
from tests.application import Client, scope


def request(path: str, *headers: tuple[str, str]) -> Request:
    return Request(scope("POST", path, headers), Client().receive)


@pytest.mark.parametrize(
    ("path", "generation"),
    [
        ("/v1/chat/completions", Generation("openai_chat")),
        ("/chat/completions", Generation("openai_chat")),
        ("/v1/messages", Generation("anthropic")),
        ("/v1/messages?beta=true", Generation("anthropic")),
        ("/v1beta/models/m:generateContent", Generation("gemini", PathHead("m", False), "json_array")),
        ("/v1/models/m:streamGenerateContent?alt=sse", Generation("gemini", PathHead("m", True), "sse")),
        ("/v1beta1/models/m:streamGenerateContent", Generation("gemini", PathHead("m", True), "json_array")),
        ("/v1beta/models/p%2Fm%3A8b%3AgenerateContent", Generation("gemini", PathHead("p/m:8b", False), "json_array")),
        ("/v1beta/p/m:8b:generateContent", Generation("gemini", PathHead("p/m:8b", False), "json_array")),
        ("/v1beta/models/100%2525:generateContent", Generation("gemini", PathHead("100%25", False), "json_array")),
        (
            "/v1beta1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent?alt=sse",
            Generation("gemini", PathHead("m", True), "sse"),
        ),
        ("/v1/messages/count_tokens", None),
        ("/v1/chat/completions/", None),
        ("/v1beta/models/m:countTokens", None),
        ("/v2/models/m:generateContent", None),
        ("/v1beta/models/:generateContent", None),
        ("/v1beta/m:generateContent", None),
        ("/v1beta/p/:generateContent", None),
    ],
)
def test_a_path_has_one_dialect(path: str, generation: Generation | None) -> None:
    found = [match(request(path)) for match in (openai_chat.match, anthropic.match, gemini.match)]
    assert [one for one in found if one is not None] == ([] if generation is None else [generation])


@pytest.mark.parametrize(
    ("path", "headers", "listed"),
    [
        ("/v1/models", [], ("openai_chat", None)),
        ("/v1/models", [("anthropic-version", "2023-06-01")], ("anthropic", None)),
        ("/v1/models", [("x-goog-api-key", "k")], ("gemini", None)),
        ("/v1beta/models", [], ("gemini", None)),
        ("/v1beta1/models/p/m", [], ("gemini", "p/m")),
        ("/v1/models/p/llama3:8b", [], ("openai_chat", "p/llama3:8b")),
        ("/v1/models/m:countTokens", [], None),
        ("/v1/model", [], None),
    ],
)
def test_a_list_of_models_is_in_the_words_of_who_asks(
    path: str, headers: list[tuple[str, str]], listed: tuple[Dialect, str | None] | None
) -> None:
    assert models.match(request(path, *headers)) == listed
