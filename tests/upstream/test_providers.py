"""Where requests go, and what they carry."""

import pytest

from aiclient.dialect import Dialect
from aiclient.pools import Credential, Health
from aiclient.upstream.client import Limits
from aiclient.upstream.demo import DemoUpstream
from aiclient.upstream.providers import Provider


def provider(dialect: Dialect, base_url: str = "https://api.example", *keys: str, **headers: str) -> Provider:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    health = Health("p", [Credential(key, key) for key in keys])
    return Provider("p", dialect, base_url, health, Limits(1, 1, 1), named, DemoUpstream())


@pytest.mark.parametrize(
    ("dialect", "base_url", "url"),
    [
        ("openai_chat", "https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("openai_chat", "http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/chat/completions"),
        ("openai_chat", "https://x/v1beta/openai", "https://x/v1beta/openai/chat/completions"),
        ("anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://x/anthropic", "https://x/anthropic/v1/messages"),
        ("gemini", "https://g.com", "https://g.com/v1beta/models/m:generateContent"),
        ("gemini", "https://g.com/v1beta/", "https://g.com/v1beta/models/m:generateContent"),
        ("gemini", "https://g.com/v1", "https://g.com/v1/models/m:generateContent"),
    ],
)
def test_a_base_url_is_what_the_vendors_sdk_takes(dialect: Dialect, base_url: str, url: str) -> None:
    assert provider(dialect, base_url).url("m", stream=False) == url


@pytest.mark.parametrize(
    ("model", "name"),
    [("gemini-3-pro", "gemini-3-pro"), ("models/gemini-3-pro", "gemini-3-pro"), ("a/b?c#d", "a%2Fb%3Fc%23d")],
)
def test_gemini_has_model_and_stream_in_its_path(model: str, name: str) -> None:
    """A model's name cannot lead anywhere else."""
    url = provider("gemini").url(model, stream=True)
    assert url == f"https://api.example/v1beta/models/{name}:streamGenerateContent?alt=sse"


@pytest.mark.parametrize(
    ("dialect", "name", "value"),
    [
        ("openai_chat", "authorization", "Bearer key"),
        ("anthropic", "x-api-key", "key"),
        ("gemini", "x-goog-api-key", "key"),
    ],
)
def test_the_key_stands_where_the_vendor_looks(dialect: Dialect, name: str, value: str) -> None:
    assert dict(provider(dialect, "https://x", "key").request_headers([]))[name] == value
    assert name not in dict(provider(dialect).request_headers([]))


def test_keys_are_taken_in_turn() -> None:
    twice = provider("gemini", "https://x", "a", "b")
    assert [dict(twice.request_headers([]))["x-goog-api-key"] for _ in range(3)] == ["a", "b", "a"]


def test_anthropic_is_told_the_version_that_knows_every_field() -> None:
    """Unless the client speaks Anthropic itself and has one; what the configuration says overrules both."""
    passed = [("anthropic-version", "2026-10-21")]
    assert ("anthropic-version", "2023-06-01") in provider("anthropic").request_headers([])
    assert passed[0] in provider("anthropic").request_headers(passed)
    assert ("anthropic-version", "x") in provider("anthropic", anthropic_version="x").request_headers(passed)


def test_no_header_is_sent_twice() -> None:
    headers = provider("openai_chat", "https://x", "key", authorization="Basic eA==", user_agent="mine")
    sent = headers.request_headers([("openai-project", "p")])
    assert len(dict(sent)) == len(sent)
    assert {("authorization", "Basic eA=="), ("user-agent", "mine"), ("openai-project", "p")} <= set(sent)


def test_requests_are_prepared_once_but_for_names_that_are_too_long_to_keep() -> None:
    """Clients may ask for models of any name."""
    asked = provider("openai_chat", "https://x/v1")
    credential = asked.health.credentials[0]
    short, long = ([asked.plain_request(model, credential, False) for _ in range(2)] for model in ("m", "m" * 1000))
    assert short[0] is short[1]
    assert long[0] is not long[1]
    assert long[0].url == long[1].url
