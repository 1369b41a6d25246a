"""What callers get for requests that cannot be served: the right status, in the envelope of their own dialect.

Plain HTTP to a real gateway: no SDK would send these.
"""

import contextlib
import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.backends.exchange import Json, JsonValue
from tests.backends.keys import CLIENT_KEY
from tests.gateway import Gateway

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Dialect:
    """How a dialect's clients ask, and how they are refused."""

    path: str
    valid: Json
    unknown_path: str
    words: dict[int, str]
    """What the envelope calls an error, by status."""
    read_error: Callable[[int, Json], tuple[str, str]]
    """What it is called and its message; the envelope must be exactly the vendor's."""


def _openai_error(_status: int, body: Json) -> tuple[str, str]:
    assert body.keys() == {"error"}
    error = body["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    # Programs look at the code, where there is one.
    return error["code"] or error["type"], f"{error['message']} {error['param']}"


def _anthropic_error(_status: int, body: Json) -> tuple[str, str]:
    assert body.keys() == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert body["error"].keys() == {"type", "message"}
    return body["error"]["type"], body["error"]["message"]


def _gemini_error(status: int, body: Json) -> tuple[str, str]:
    assert body.keys() == {"error"}
    error = body["error"]
    assert error.keys() - {"details"} == {"code", "message", "status"}
    assert error["code"] == status
    return error["status"], error["message"]


DIALECTS = {
    "openai_chat": Dialect(
        path="/v1/chat/completions",
        valid={"model": "anthropic/text", "messages": [{"role": "user", "content": "hi"}]},
        unknown_path="/v1/nothing",
        words={400: "invalid_request_error", 401: "invalid_api_key", 404: "model_not_found", 413: "request_too_large"},
        read_error=_openai_error,
    ),
    "anthropic": Dialect(
        path="/v1/messages",
        valid={"model": "openai_chat/text", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
        unknown_path="/v1/messages/nothing",
        words={
            400: "invalid_request_error",
            401: "authentication_error",
            404: "not_found_error",
            413: "request_too_large",
        },
        read_error=_anthropic_error,
    ),
    "gemini": Dialect(
        path="/v1beta/models/anthropic/text:generateContent",
        valid={"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
        unknown_path="/v1beta/nothing",
        # Google knows no 413: a request that is too large is an invalid one.
        words={400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 413: "INVALID_ARGUMENT"},
        read_error=_gemini_error,
    ),
}


@dataclass(frozen=True)
class Refusal:
    """An error answer."""

    status: int
    headers: dict[str, str]
    word: str
    message: str


@pytest.fixture
def connection(gateway: Gateway) -> Iterator[http.client.HTTPConnection]:
    """A connection to the gateway."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    yield connection
    connection.close()


@pytest.fixture(params=list(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """The caller's dialect."""
    return DIALECTS[request.param]


def post(
    connection: http.client.HTTPConnection,
    dialect: Dialect,
    body: JsonValue,
    *,
    path: str = "",
    key: str | None = CLIENT_KEY,
) -> Refusal:
    """Send a body, bytes as they are and anything else as JSON; the answer has to be an error of the dialect."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | ({} if key is None else {"authorization": f"Bearer {key}"})
    connection.request("POST", path or dialect.path, data, headers)
    return read_refusal(connection, dialect)


def read_refusal(connection: http.client.HTTPConnection, dialect: Dialect) -> Refusal:
    """The answer, which must be an error in the dialect's envelope and carry a request id."""
    response = connection.getresponse()
    body = response.read()
    assert response.status >= 400, body
    headers = {name.lower(): value for name, value in response.getheaders()}
    assert headers["content-type"] == "application/json"
    assert headers["x-request-id"]
    word, message = dialect.read_error(response.status, json.loads(body))
    return Refusal(response.status, headers, word, message)


def changed(body: Json, path: str, value: JsonValue) -> Json:
    """The body with another value at a path of keys and indexes joined by dots; None takes the key away."""
    result: Json = json.loads(json.dumps(body))
    *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
    inner: Any = result
    for step in parents:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return result


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"model": "anthropic/text"', b"[]", b'"text"', b"null", b"\xff\xfe{}", b"[" * 100_000],
    ids=["empty", "brace", "word", "open", "array", "string", "null", "not-utf-8", "deep"],
)
def test_not_json(connection: http.client.HTTPConnection, dialect: Dialect, body: bytes) -> None:
    """Only a JSON object is a request."""
    refusal = post(connection, dialect, body)
    assert (refusal.status, refusal.word) == (400, dialect.words[400])


WRONG_FIELDS: list[tuple[str, str, Any, str]] = [
    ("openai_chat", "messages", 5, "messages"),
    ("openai_chat", "messages", None, "messages"),
    ("openai_chat", "messages.0.role", "wizard", "role"),
    ("openai_chat", "messages.0.content", {"text": "hi"}, "content"),
    ("openai_chat", "model", 7, "model"),
    ("openai_chat", "model", None, "model"),
    ("openai_chat", "temperature", "hot", "temperature"),
    ("openai_chat", "max_completion_tokens", "many", "max_completion_tokens"),
    ("openai_chat", "tools", {"name": "f"}, "tools"),
    ("openai_chat", "n", 3, "n"),
    ("openai_chat", "logit_bias", {"50256": -100}, "logit_bias"),
    ("anthropic", "messages", "hi", "messages"),
    ("anthropic", "messages", None, "messages"),
    ("anthropic", "messages.0.role", "wizard", "role"),
    ("anthropic", "messages.0.content", 5, "content"),
    ("anthropic", "model", 7, "model"),
    ("anthropic", "model", None, "model"),
    ("anthropic", "temperature", "hot", "temperature"),
    ("anthropic", "max_tokens", "many", "max_tokens"),
    ("anthropic", "tools", {"name": "f"}, "tools"),
    ("anthropic", "mcp_servers", [{"type": "url", "url": "https://example.com", "name": "x"}], "mcp_servers"),
    ("gemini", "contents", 5, "contents"),
    ("gemini", "contents", None, "contents"),
    ("gemini", "contents.0.role", "wizard", "role"),
    ("gemini", "contents.0.parts", "hi", "parts"),
    ("gemini", "generationConfig.temperature", "hot", "temperature"),
    ("gemini", "generationConfig.maxOutputTokens", {"most": 5}, "maxOutputTokens"),
    ("gemini", "generationConfig.candidateCount", 3, "candidateCount"),
    ("gemini", "tools", {"name": "f"}, "tools"),
    ("gemini", "cachedContent", "cachedContents/x", "cachedContent"),
]


@pytest.mark.parametrize(
    ("dialect", "path", "value", "field"), WRONG_FIELDS, ids=lambda value: str(value)[:24], indirect=["dialect"]
)
def test_wrong_field(
    connection: http.client.HTTPConnection, dialect: Dialect, path: str, value: JsonValue, field: str
) -> None:
    """A field that is missing, of the wrong type or beyond the backend's dialect is named."""
    refusal = post(connection, dialect, changed(dialect.valid, path, value))
    assert refusal.status == 400
    assert field in refusal.message


def test_unknown_model(connection: http.client.HTTPConnection, dialect: Dialect) -> None:
    """A model that nothing leads to is not found, by its name."""
    body = dialect.valid | ({"model": "no-such-model"} if "model" in dialect.valid else {})
    refusal = post(connection, dialect, body, path=dialect.path.replace("anthropic/text", "no-such-model"))
    assert (refusal.status, refusal.word) == (404, dialect.words[404])
    assert "no-such-model" in refusal.message


@pytest.mark.parametrize(
    "key", [None, "", "wrong", CLIENT_KEY[:-1], CLIENT_KEY + "x", "ключ".encode().decode("latin-1")]
)
def test_wrong_key(connection: http.client.HTTPConnection, dialect: Dialect, key: str | None) -> None:
    """No key and a wrong key are the same, and neither is repeated to the caller."""
    refusal = post(connection, dialect, dialect.valid, key=key)
    assert (refusal.status, refusal.word) == (401, dialect.words[401])
    assert not key or key not in refusal.message


def test_unknown_path(connection: http.client.HTTPConnection, dialect: Dialect) -> None:
    """The path tells the dialect, even if nothing is there."""
    assert post(connection, dialect, dialect.valid, path=dialect.unknown_path).status == 404


def test_wrong_method(connection: http.client.HTTPConnection, dialect: Dialect) -> None:
    """An endpoint that is there says which method it takes."""
    connection.request("DELETE", dialect.path, headers={"authorization": f"Bearer {CLIENT_KEY}"})
    refusal = read_refusal(connection, dialect)
    assert (refusal.status, refusal.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("announced", [True, False], ids=["content-length", "chunked"])
def test_too_large(connection: http.client.HTTPConnection, dialect: Dialect, announced: bool) -> None:
    """40 MB are too much, whether the caller says so before or just goes on sending."""
    headers = {"authorization": f"Bearer {CLIENT_KEY}", "content-type": "application/json"}
    if announced:
        headers["content-length"] = str(40 * MEGABYTE)
    # The gateway need not listen to the end; its answer is there all the same.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.request("POST", dialect.path, _megabytes(40), headers, encode_chunked=not announced)
    refusal = read_refusal(connection, dialect)
    assert (refusal.status, refusal.word) == (400 if dialect is DIALECTS["gemini"] else 413, dialect.words[413])


def _megabytes(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * MEGABYTE


def test_a_refused_request_leaves_the_gateway_as_it_was(
    connection: http.client.HTTPConnection, dialect: Dialect
) -> None:
    """The same connection serves the next request."""
    for _ in range(3):
        assert post(connection, dialect, b"{").status == 400
