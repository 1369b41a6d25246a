"""One request from arrival to last byte, with an upstream that follows a script."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator, Mapping

import pytest

from aiclient.app import Gateway, create_app
from aiclient.config import Config
from aiclient.dialect import Dialect
from tests.application import Client, Reply, call, running, scope
from tests.backends.exchange import Json, JsonValue
from tests.process import free_port
from tests.scripted_server import CLOSE, Script, ScriptedServer, answer, chunk, chunked_head, scripted

JSON = ("content-type", "application/json")
SSE = "content-type: text/event-stream"
GREETING = [{"role": "user", "content": "hi"}]

PATHS: dict[Dialect, str] = {
    "openai_chat": "/up/v1/chat/completions",
    "anthropic": "/up/v1/messages",
    "gemini": "/up/v1beta/models/m:generateContent",
}
PROMPTS: dict[Dialect, Json] = {
    "openai_chat": {"model": "m", "messages": GREETING},
    "anthropic": {"model": "m", "max_tokens": 9, "messages": GREETING},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}
CHAT_REPLY = answer(
    json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}],
        }
    ).encode(),
    "content-type: application/json",
)
CHAT_FRAME = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"yes"},"finish_reason":null}]}\n\n'
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def provider(dialect: Dialect, origin: str, patience: float = 0.3) -> Json:
    """A provider that may be silent for `patience` seconds."""
    return {
        "dialect": dialect,
        "base_url": f"{origin}/v1" if dialect == "openai_chat" else origin,
        "api_keys": ["upstream-key"],
        "timeouts": {"connect": 5, "first_byte": patience, "idle": patience},
    }


@contextlib.asynccontextmanager
async def gateway(providers: Mapping[str, Json], **config: JsonValue) -> AsyncIterator[Gateway]:
    async with running(create_app(Config.model_validate({"providers": providers} | config))) as app:
        yield app


@contextlib.asynccontextmanager
async def before(dialect: Dialect, *scripts: Script) -> AsyncIterator[tuple[Gateway, ScriptedServer]]:
    """A gateway before one scripted upstream."""
    async with scripted(*scripts) as server, gateway({"up": provider(dialect, server.origin)}) as app:
        yield app, server


async def ask(app: Gateway, client: Dialect, *headers: tuple[str, str], query: str = "", **fields: JsonValue) -> Reply:
    body = json.dumps(PROMPTS[client] | fields).encode()
    return await call(app, "POST", PATHS[client] + query, body, [JSON, *headers])


SECRETS = [
    ("authorization", "Bearer client-key"),
    ("x-api-key", "client-key"),
    ("x-goog-api-key", "client-key"),
    ("cookie", "a=client-key"),
    ("proxy-authorization", "Basic client-key"),
    ("anthropic-beta", "context-1m"),
    ("user-agent", "client/1"),
]


@pytest.mark.parametrize("client", PROMPTS)
@pytest.mark.parametrize("upstream", PROMPTS)
async def test_what_the_client_shows_is_not_for_the_upstream(client: Dialect, upstream: Dialect) -> None:
    """Its key opens the gateway; the upstream is opened with a key of its own."""
    async with before(upstream, [answer(b"{}", status="400 Bad Request")]) as (app, server):
        await ask(app, client, *SECRETS, query="?key=client-key&beta=true")
        (arrival,) = server.arrivals
        shown = [arrival.line, *(value for _, value in arrival.headers), arrival.body.decode()]
        assert not [text for text in shown if "client-key" in text]
        assert [text for text in shown if "upstream-key" in text]
        assert ("beta=true" in arrival.line) == (client == upstream)
        assert bool(arrival.header("anthropic-beta")) == (client == upstream == "anthropic")
        assert all(len(arrival.header(name)) == 1 for name, _ in arrival.headers)


@pytest.mark.parametrize(
    ("query", "passed"),
    [
        ("", ":generateContent "),
        ("?alt=json&%24fields=a%20b&k%65y=client", ":generateContent?%24fields=a%20b "),
        ("?key=client&key=again", ":generateContent "),
    ],
)
async def test_a_query_goes_on_as_it_is(query: str, passed: str) -> None:
    async with before("gemini", [answer(b"{}", status="400 Bad Request")]) as (app, server):
        await ask(app, "gemini", query=query)
        assert passed in server.arrivals[0].line


async def test_a_target_that_cannot_be_reached_is_passed_over() -> None:
    async with scripted([CHAT_REPLY]) as server:
        providers = {
            "dead": provider("anthropic", f"http://127.0.0.1:{free_port()}"),
            "up": provider("openai_chat", server.origin),
        }
        models = {"m": {"targets": ["dead/a", "up/b"]}}
        async with gateway(providers, models=models) as app:
            reply = await call(app, "POST", "/v1/messages", json.dumps(PROMPTS["anthropic"]).encode(), [JSON])
        assert reply.status == 200
        assert (reply.headers["x-aiclient-provider"], reply.headers["x-aiclient-model"]) == ("up", "b")


def failing(status: str, body: bytes = b'{"error":{"message":"why"}}', *headers: str) -> Script:
    return [answer(body, "content-type: application/json", *headers, status=status)]


RETRY_INFO = (
    b'{"error":{"code":429,"message":"why","status":"RESOURCE_EXHAUSTED","details":['
    b'{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"32s"}]}}'
)


@pytest.mark.parametrize(
    ("upstream", "script", "status", "headers"),
    [
        ("openai_chat", failing("429 Too Many", b"{}", "retry-after: 7"), 429, {"retry-after": "7"}),
        ("gemini", failing("429 Too Many", RETRY_INFO), 429, {"retry-after": "32"}),
        ("openai_chat", failing("400 Bad Request"), 400, {}),
        ("openai_chat", failing("401 Unauthorized"), 502, {}),
        ("openai_chat", failing("500 Oops", b"<html>why</html>"), 500, {}),
        ("openai_chat", failing("307 Temporary Redirect", b"", "location: /x"), 502, {}),
        ("openai_chat", failing("200 OK"), 500, {"x-aiclient-upstream-status": "200"}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_of_the_upstream_is_a_status(
    upstream: Dialect, script: Script, status: int, headers: dict[str, str], stream: bool
) -> None:
    """Whether a stream was asked for or not: nothing has been sent yet."""
    async with before(upstream, script) as (app, _):
        reply = await ask(app, "anthropic", stream=stream)
    assert reply.status == status
    assert reply.json()["type"] == "error"
    assert headers.items() <= reply.headers.items()
    assert reply.headers["x-aiclient-provider"] == "up"
    assert reply.headers["x-aiclient-upstream-status"]


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ([CLOSE], 502),
        ([9.0], 504),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", CLOSE], 502),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", 9.0], 504),
        ([answer(b"not json")], 502),
        ([answer(b"")], 502),
    ],
    ids=["died", "silent", "cut", "stuck", "not-json", "empty"],
)
@pytest.mark.parametrize("client", PROMPTS)
async def test_a_whole_reply_that_does_not_come(client: Dialect, script: Script, status: int) -> None:
    upstream: Dialect = "openai_chat" if client == "anthropic" else "anthropic"
    async with before(upstream, script) as (app, _):
        reply = await ask(app, client)
    assert reply.status == status
    assert reply.json()["error"]["message"]


async def test_nobody_listens() -> None:
    async with gateway({"up": provider("gemini", f"http://127.0.0.1:{free_port()}")}) as app:
        reply = await ask(app, "openai_chat")
    assert (reply.status, reply.json()["error"]["type"]) == (502, "server_error")


async def test_a_stream_that_breaks_ends_in_an_error() -> None:
    script = [chunked_head(SSE), chunk(CHAT_FRAME), CLOSE]
    async with before("openai_chat", script) as (app, _):
        reply = await ask(app, "anthropic", stream=True)
    assert (reply.status, reply.complete) == (200, True)
    assert b"event: error" in reply.body
    assert b"message_stop" not in reply.body


@pytest.mark.parametrize(
    "script",
    [[9.0], [chunked_head(SSE), 9.0], [chunked_head(SSE), chunk(CHAT_FRAME), 9.0]],
    ids=["before-the-head", "before-the-first-frame", "in-the-stream"],
)
async def test_a_client_that_leaves_cancels_the_upstream(script: Script) -> None:
    """Tokens that nobody reads are still paid for."""
    async with scripted(script) as server, gateway({"up": provider("openai_chat", server.origin, 60)}) as app:
        body = json.dumps(PROMPTS["anthropic"] | {"stream": True}).encode()
        client = Client(body)
        started = time.monotonic()
        asyncio.get_running_loop().call_later(0.1, client.leave)
        reply = Reply()
        await app(scope("POST", PATHS["anthropic"], [JSON]), client.receive, reply.send)
        await asyncio.wait_for(server.lost.wait(), 1)
        # The script is silent for longer, and the gateway would be patient.
        assert time.monotonic() - started < 5
        assert not reply.complete
