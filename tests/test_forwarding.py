"""Endpoints that only their vendor has, under the provider's name."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from aiclient import Dialect
from aiclient.app import Gateway, create_app
from aiclient.config import Config
from tests.application import Reply, call, running
from tests.scripted_server import CLOSE, Script, ScriptedServer, answer, chunk, chunked_head, scripted

KEY = ("authorization", "Bearer sk-client")


async def ask(
    server: ScriptedServer,
    method: str,
    path: str,
    body: bytes = b"",
    *headers: tuple[str, str],
    dialect: Dialect = "openai_chat",
    base: str = "/v1",
) -> Reply:
    providers = {"up": {"dialect": dialect, "base_url": server.origin + base, "api_keys": ["sk-gateway"]}}
    config = {"auth": {"keys": ["sk-client"]}, "providers": providers}
    async with running(create_app(Config.model_validate(config))) as app:
        return await call(app, method, path, body, [KEY, *headers])


@pytest.mark.parametrize(
    ("dialect", "base", "path", "expected"),
    [
        ("openai_chat", "/v1", "/up/v1/images/generations", "/v1/images/generations"),
        ("openai_chat", "/v1", "/up/images/generations", "/v1/images/generations"),
        ("openai_responses", "/v1", "/up/v1/responses/resp_1?include=x&key=k", "/v1/responses/resp_1?include=x"),
        ("anthropic", "", "/up/v1/messages/batches", "/v1/messages/batches"),
        ("gemini", "", "/up/v1beta/cachedContents", "/v1beta/cachedContents"),
        (
            "gemini",
            "/v1beta",
            "/up/upload/v1beta/files?uploadType=resumable",
            "/upload/v1beta/files?uploadType=resumable",
        ),
        ("openai_chat", "/v1", "/up/v1/files/a%20b/content", "/v1/files/a%20b/content"),
    ],
)
async def test_the_path_goes_on(dialect: Dialect, base: str, path: str, expected: str) -> None:
    async with scripted([answer(b"{}")]) as server:
        reply = await ask(server, "POST", path, b"x", dialect=dialect, base=base)
    assert reply.status == 200
    assert server.arrivals[0].line == f"POST {expected} HTTP/1.1"


async def test_bytes_go_through_with_the_gateways_key() -> None:
    body, sound = b"--b\r\n\xff\xfe not JSON", bytes(range(256)) * 4
    script = [chunked_head("content-type: audio/mpeg", "set-cookie: a=b"), chunk(sound), chunk(b"")]
    async with scripted(script) as server:
        reply = await ask(
            server, "POST", "/up/v1/audio/speech", body, ("content-type", "multipart/form-data; boundary=b")
        )
    (arrival,) = server.arrivals
    assert arrival.body == body
    assert arrival.header("content-type") == ["multipart/form-data; boundary=b"]
    assert arrival.header("authorization") == ["Bearer sk-gateway"]
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, sound, "audio/mpeg")
    assert "set-cookie" not in reply.headers
    assert reply.complete


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
async def test_other_methods_go_on(method: str) -> None:
    async with scripted([answer(b'{"id":"file-1"}', status="206 Partial")]) as server:
        reply = await ask(server, method, "/up/v1/files/file-1")
    assert (reply.status, reply.body) == (206, b'{"id":"file-1"}')
    assert server.arrivals[0].line.startswith(method)


async def test_the_vendors_own_errors_come_as_they_are() -> None:
    async with scripted([answer(b'{"error":{"message":"no such file"}}', status="404 X")]) as server:
        reply = await ask(server, "GET", "/up/v1/files/file-2")
    assert (reply.status, reply.body) == (404, b'{"error":{"message":"no such file"}}')


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ([answer(b"{}", status="401 X")], 502),
        ([answer(b"", "location: http://127.0.0.1:1/", status="302 X")], 502),
        ([CLOSE], 502),
    ],
)
async def test_faults_are_told_in_the_providers_dialect(script: Script, status: int) -> None:
    async with scripted(script) as server:
        reply = await ask(server, "GET", "/up/v1/files", dialect="anthropic", base="")
    assert reply.status == status
    assert reply.json()["type"] == "error"


@pytest.mark.parametrize("path", ["/up/v1/../admin", "/up/v1/%2e%2e/admin", "/up/./x", "/up/v1/a%5cb", "/up/v1/%00"])
async def test_no_path_leads_out(path: str) -> None:
    async with scripted() as server:
        assert (await ask(server, "GET", path)).status == 404


async def test_without_a_key_nothing_goes_on() -> None:
    async with scripted() as server:
        reply = await ask(server, "GET", "/up/v1/files", b"", ("authorization", "Bearer other"))
    assert reply.status == 401


async def test_without_the_providers_name_there_is_a_hint() -> None:
    async with scripted() as server:
        reply = await ask(server, "POST", "/v1/images/generations")
    assert reply.status == 404
    assert "/PROVIDER/v1/" in json.loads(reply.body)["error"]["message"]


def refusing(status: str, *headers: str) -> Script:
    return [answer(b'{"error":{"message":"no"}}', *headers, status=status)]


@contextlib.asynccontextmanager
async def two_keys(server: ScriptedServer) -> AsyncIterator[Gateway]:
    """A gateway with the keys a and b."""
    up = {"dialect": "openai_chat", "base_url": f"{server.origin}/v1", "api_keys": ["a", "b"]}
    async with running(create_app(Config.model_validate({"providers": {"up": up}}))) as app:
        yield app


def keys(server: ScriptedServer) -> list[str]:
    return [value.removeprefix("Bearer ") for arrival in server.arrivals for value in arrival.header("authorization")]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (refusing("401 X"), "refused"),
        (refusing("403 X"), "refused"),
        (refusing("429 X", "retry-after: 30"), "asked"),
    ],
)
async def test_a_key_that_is_refused_or_limited_is_left_alone(script: Script, reason: str) -> None:
    """For these endpoints: they may want rights that answers do not."""
    async with scripted(script, *[[answer(b"{}")]] * 4) as server, two_keys(server) as app:
        for _ in range(5):
            await call(app, "GET", "/up/v1/files")
        pauses = app.standing()["providers"]["up"]["credentials"][0]["pauses"]
    assert keys(server) == ["a", "b", "b", "b", "b"]
    assert [(pause["model"], pause["reason"]) for pause in pauses] == [("(forward)", reason)]


async def test_what_goes_through_keeps_a_key_busy() -> None:
    async with scripted([0.2, answer(b"{}")], [answer(b"{}")]) as server, two_keys(server) as app:
        slow = asyncio.create_task(call(app, "GET", "/up/v1/files/large"))
        await asyncio.sleep(0.1)
        credentials = app.standing()["providers"]["up"]["credentials"]
        assert [one["in_flight"] for one in credentials] == [1, 0]
        assert (await slow).status == 200
        assert [one["in_flight"] for one in app.standing()["providers"]["up"]["credentials"]] == [0, 0]
