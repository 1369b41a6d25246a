"""Media by address: fetched where that is switched on, within limits, and from public places only."""

import base64
import json
import os
import socket
from collections.abc import AsyncIterator, Sequence

import pytest

from aiclient import Dialect
from aiclient.app import create_app
from aiclient.config import Config
from aiclient.errors import UnsupportedError
from aiclient.media import MediaFetcher
from aiclient.upstream.http import HttpClient
from aiclient.upstream.http.resolver import Address, Resolver
from tests.application import call, running
from tests.scripted_server import CLOSE, Script, ScriptedServer, answer, chunk, chunked_head, scripted

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
URL = "http://media.example:8080/i.png"


def asked(url: str = URL) -> bytes:
    image = {"type": "image", "source": {"type": "url", "url": url}}
    return json.dumps({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [image]}]}).encode()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


class OneServer(Resolver):
    """Leads every name to one server, as a public address would."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def addresses(self, host: str, port: int) -> Sequence[Address]:  # noqa: ARG002
        return (Address(socket.AF_INET, ("127.0.0.1", self._port)),)


async def fetched(server: ScriptedServer, body: bytes, upstream: Dialect = "gemini", timeout: float = 5) -> bytes:  # noqa: ASYNC109
    fetcher = MediaFetcher(HttpClient(resolver=OneServer(server.port)), max_bytes=1000, timeout=timeout)
    try:
        return await fetcher.inlined("anthropic", upstream, body)
    finally:
        await fetcher.close()


async def test_what_is_named_is_put_in_its_place() -> None:
    async with scripted([answer(PNG, "content-type: text/html")]) as server:
        body = json.loads(await fetched(server, asked()))
    source = body["messages"][0]["content"][0]["source"]
    assert source == {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}
    assert server.arrivals[0].header("host") == ["media.example:8080"]


async def test_what_the_upstream_takes_by_address_is_not_fetched() -> None:
    async with scripted() as server:
        assert await fetched(server, asked(), "openai_chat") == asked()


async def test_redirects_are_followed_a_few_times() -> None:
    there = answer(b"", "location: http://other.example/x", status="302 X")
    async with scripted([there], [there], [answer(PNG)]) as server:
        assert b"base64" in await fetched(server, asked())
    async with scripted(*[[there]] * 5) as server:
        with pytest.raises(UnsupportedError, match="redirects too often"):
            await fetched(server, asked())


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([answer(PNG + bytes(2000))], "larger"),
        ([chunked_head(), *[chunk(PNG + bytes(400))] * 9], "larger"),
        ([answer(b"<html>")], "none of"),
        ([answer(b"", status="404 X")], "status 404"),
        ([CLOSE], "cannot be fetched"),
        ([answer(b"", "location: file:///etc/passwd", status="302 X")], "not one of HTTP"),
        ([answer(b"", "location: http://u:p@h.example/", status="302 X")], "password"),
        ([answer(b"", "location: http://h.example:22/", status="302 X")], "port"),
    ],
)
async def test_what_is_not_as_it_should_be_is_refused(script: Script, why: str) -> None:
    async with scripted(script) as server:
        with pytest.raises(UnsupportedError, match=why) as refused:
            await fetched(server, asked())
    assert refused.value.pointer == "/messages/0/content/0"


async def test_who_is_slow_is_not_waited_for() -> None:
    async with scripted([5.0, answer(PNG)]) as server:
        with pytest.raises(UnsupportedError, match="longer than") as refused:
            await fetched(server, asked(), timeout=0.2)
    assert refused.value.pointer == "/messages/0/content/0"


@pytest.fixture
async def private() -> AsyncIterator[ScriptedServer]:
    """A server inside of one's own network."""
    async with scripted(*[[answer(PNG)]] * 9) as server:
        yield server


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "169.254.169.254"]
)
async def test_nothing_private_is_fetched(host: str, private: ScriptedServer) -> None:
    """Through the gateway, as it is configured."""
    providers = {"up": {"dialect": "gemini", "base_url": private.origin, "api_keys": ["k"]}}
    config = {"providers": providers, "media": {"fetch": True, "timeout": 5}}
    async with running(create_app(Config.model_validate(config))) as app:
        reply = await call(app, "POST", "/up/v1/messages", asked(f"http://{host}:8080/"))
    assert reply.status == 400
    assert "/messages/0/content/0" in reply.json()["error"]["message"]
    assert not private.arrivals


async def test_by_itself_nothing_is_fetched(private: ScriptedServer) -> None:
    providers = {"up": {"dialect": "gemini", "base_url": private.origin, "api_keys": ["k"]}}
    async with running(create_app(Config.model_validate({"providers": providers}))) as app:
        reply = await call(app, "POST", "/up/v1/messages", asked())
    assert reply.status == 400
    assert "/messages/0/content/0" in reply.json()["error"]["message"]
