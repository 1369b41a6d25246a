"""The application without a server: paths, methods, lists of models, errors."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from aiclient.app import Gateway, create_app
from aiclient.config import Config
from tests.application import Reply, call, running
from tests.backends.exchange import Json
from tests.scripted_server import answer, scripted

CONFIG: Json = {
    "auth": {"keys": ["sk-client"]},
    "providers": {"demo": {"dialect": "openai_chat", "base_url": "demo:"}},
    "models": {"fast": {"targets": ["demo/echo"]}, "gpt-*": {"targets": ["demo/echo"]}},
}
KEY = ("authorization", "Bearer sk-client")
GREETING = [{"role": "user", "content": "hi"}]
PROMPTS: dict[str, Json] = {
    "/v1/chat/completions": {"model": "fast", "messages": GREETING},
    "/v1/messages": {"model": "fast", "max_tokens": 99, "messages": GREETING},
    "/v1beta/models/fast:generateContent": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}
ANTHROPIC = ("anthropic-version", "2023-06-01")


@pytest.fixture
async def app() -> AsyncIterator[Gateway]:
    async with running(create_app(Config.model_validate(CONFIG))) as app:
        yield app


async def ask(app: Gateway, path: str, body: Json, *headers: tuple[str, str]) -> Reply:
    reply = await call(app, "POST", path, json.dumps(body).encode(), [KEY, *headers])
    assert reply.complete
    return reply


@pytest.mark.parametrize("path", PROMPTS)
@pytest.mark.parametrize("prefix", ["", "/v1", "/demo", "/demo/v1"])
async def test_every_dialect_is_served(app: Gateway, path: str, prefix: str) -> None:
    """Also below a provider's name, where models have its own names, and with a version too many in the base URL."""
    prompt = dict(PROMPTS[path])
    if "demo" in prefix:
        path = path.replace("fast", "echo")
        prompt |= {"model": "echo"} if "model" in prompt else {}
    reply = await ask(app, prefix + path, prompt)
    assert reply.status == 200
    assert b"You said: hi" in reply.body
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-aiclient-provider"] == "demo"
    assert reply.headers["x-aiclient-model"] == "echo"
    assert reply.headers["x-request-id"]


@pytest.mark.parametrize(
    ("path", "content_type", "end"),
    [
        ("/v1/chat/completions", "text/event-stream; charset=utf-8", b"data: [DONE]\n\n"),
        ("/v1/messages", "text/event-stream; charset=utf-8", b'{"type":"message_stop"}\n\n'),
        ("/v1beta/models/fast:streamGenerateContent?alt=sse", "text/event-stream; charset=utf-8", b"}\r\n\r\n"),
        ("/v1beta/models/fast:streamGenerateContent", "application/json", b"]"),
    ],
)
async def test_every_dialect_is_streamed(app: Gateway, path: str, content_type: str, end: bytes) -> None:
    prompt = PROMPTS[path.replace("streamG", "g").partition("?")[0]]
    reply = await ask(app, path, prompt | ({} if "contents" in prompt else {"stream": True}))
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert len(reply.chunks) > 5
    assert reply.body.endswith(end)
    if content_type == "application/json":
        assert "".join(c["candidates"][0]["content"]["parts"][0].get("text", "") for c in reply.json()[:-1])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/health"])
async def test_health_needs_no_key(app: Gateway, method: str, path: str) -> None:
    """Claude Code knocks before its first request."""
    reply = await call(app, method, path)
    assert reply.status == 200
    assert reply.body == (b"" if method == "HEAD" else b'{"status":"ok","service":"aiclient"}')
    assert reply.headers["content-length"] == "36"


async def test_openai_lists_models(app: Gateway) -> None:
    reply = await call(app, "GET", "/v1/models", headers=[KEY])
    entry = {"id": "fast", "object": "model", "created": 0, "owned_by": "fast"}
    assert reply.json() == {
        "object": "list",
        "data": [entry, entry | {"id": "demo/echo", "owned_by": "demo"}],
    }
    assert (await call(app, "GET", "/v1/models/fast", headers=[KEY])).json() == entry


async def test_anthropic_lists_models(app: Gateway) -> None:
    listed = (await call(app, "GET", "/v1/models?limit=1000", headers=[KEY, ANTHROPIC])).json()
    assert [entry["id"] for entry in listed["data"]] == ["fast", "demo/echo"]
    assert (listed["has_more"], listed["first_id"], listed["last_id"]) == (False, "fast", "demo/echo")
    single = (await call(app, "GET", "/v1/models/demo%2Fecho", headers=[KEY, ANTHROPIC])).json()
    assert single == listed["data"][1]
    assert single["type"] == "model"


async def test_gemini_lists_models(app: Gateway) -> None:
    listed = (await call(app, "GET", "/v1beta/models?key=sk-client")).json()
    assert [entry["name"] for entry in listed["models"]] == ["models/fast", "models/demo/echo"]
    assert (await call(app, "GET", "/v1beta/models/fast?key=sk-client")).json() == listed["models"][0]


@pytest.mark.parametrize(
    ("method", "url", "status", "allowed"),
    [
        ("GET", "/v1/chat/completions", 405, "POST"),
        ("PUT", "/v1beta/models/fast:generateContent", 405, "POST"),
        ("POST", "/v1/models", 405, "GET, HEAD"),
        ("DELETE", "/health", 405, "GET, HEAD"),
        ("GET", "/v1/models/unknown", 404, None),
        ("POST", "/v1/messages/batches", 404, None),
        ("GET", "/favicon.ico", 404, None),
        ("GET", "/demo", 404, None),
        ("GET", "/%ff%00%0d%0a", 404, None),
    ],
)
async def test_what_is_not_there(app: Gateway, method: str, url: str, status: int, allowed: str | None) -> None:
    reply = await call(app, method, url, headers=[KEY])
    assert (reply.status, reply.headers.get("allow")) == (status, allowed)
    message = reply.json()["error"]["message"]
    assert message
    if "messages" in url:
        assert reply.json()["type"] == "error"


@pytest.mark.parametrize("model", ["ec\r\nx-evil: 1", "模型", "\x00", "x" * 100_000])
async def test_a_name_cannot_break_out_of_its_header(app: Gateway, model: str) -> None:
    reply = await ask(app, "/demo/v1/chat/completions", {"model": model, "messages": GREETING})
    assert reply.status == 404
    assert reply.headers["x-aiclient-model"].isprintable()
    assert "x-evil" not in reply.headers
    assert len(reply.headers["x-aiclient-model"]) <= 256


async def test_losses_are_named(app: Gateway) -> None:
    """The client is told what the upstream was not."""
    reply = await ask(app, "/v1/messages", PROMPTS["/v1/messages"] | {"top_k": 3, "new,field": 1})
    assert reply.status == 200
    assert set(reply.headers["x-aiclient-dropped"].split(",")) == {"/top_k", "/new%2Cfield"}


async def test_many_losses_fit_their_header(app: Gateway) -> None:
    fields = {f"unheard_of_{number}": 1 for number in range(1000)}
    reply = await ask(app, "/v1/messages", PROMPTS["/v1/messages"] | fields)
    dropped = reply.headers["x-aiclient-dropped"]
    assert len(dropped) <= 2004
    assert dropped.endswith(",...")
    assert {pointer[1:] for pointer in dropped.split(",")[:-1]} <= fields.keys()


async def test_losses_can_be_refused() -> None:
    async with running(create_app(Config.model_validate(CONFIG | {"on_loss": "reject"}))) as app:
        reply = await ask(app, "/v1/messages", PROMPTS["/v1/messages"] | {"top_k": 3})
    assert reply.status == 400
    assert "top_k" in reply.json()["error"]["message"]


# What no Chat upstream can be told, asked in each dialect that can ask it.
UNHEARD_OF: dict[str, Json] = {
    "/v1/messages": {"top_k": 3},
    "/v1beta/models/fast:generateContent": {"safetySettings": [{"category": "C", "threshold": "T"}]},
    "/v1/responses": {"truncation": "auto"},
}


@pytest.mark.parametrize("path", list(UNHEARD_OF))
async def test_a_request_has_its_own_word_on_losses(app: Gateway, path: str) -> None:
    body = PROMPTS.get(path, {"model": "fast", "input": "hi"}) | UNHEARD_OF[path]
    assert (await ask(app, path, body, ("x-aiclient-on-loss", "report"))).status == 200
    refused = await ask(app, path, body, ("x-aiclient-on-loss", "reject"))
    assert refused.status == 400
    assert next(iter(UNHEARD_OF[path])) in refused.json()["error"]["message"]
    wrong = await ask(app, path, body, ("x-aiclient-on-loss", "maybe"))
    assert wrong.status == 400
    assert "x-aiclient-on-loss" in wrong.json()["error"]["message"]


async def test_a_fault_of_the_gateway_is_told_and_logged(
    app: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns that it was not its fault; why stands in the log, under the same name."""
    monkeypatch.setattr("aiclient.exchange.send_reply", None)
    reply = await ask(app, "/v1/messages?key=secret", PROMPTS["/v1/messages"])
    assert (reply.status, reply.json()["error"]["type"]) == (500, "api_error")
    assert reply.json()["request_id"] == reply.headers["x-request-id"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert reply.headers["x-request-id"] in record.getMessage()
    assert "sk-client" not in caplog.text
    assert "secret" not in caplog.text


async def test_counts_that_the_provider_does_not_give_are_marked(app: Gateway) -> None:
    """The demo counts; a server that does not is told by the header."""
    assert "x-aiclient-usage" not in (await ask(app, "/v1/messages", PROMPTS["/v1/messages"])).headers
    reply = {"id": "c", "choices": [{"index": 0, "message": {"content": "Hello there."}, "finish_reason": "stop"}]}
    async with scripted([answer(json.dumps(reply).encode())]) as server:
        providers = {"up": {"dialect": "openai_chat", "base_url": server.origin}}
        async with running(create_app(Config.model_validate({"providers": providers}))) as other:
            told = await ask(other, "/up/v1/messages", PROMPTS["/v1/messages"])
    assert told.headers["x-aiclient-usage"] == "estimated"
    assert told.json()["usage"]["output_tokens"] == 3
