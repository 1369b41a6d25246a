"""Proxies of the environment: asked in their own form, told their credentials, and gone round by nobody."""

import asyncio
import base64
import contextlib
from pathlib import Path

import pytest
import trustme

from aiclient.errors import UpstreamConnectError
from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient, Tls
from aiclient.upstream.http.proxy import Proxy
from tests.process import free_port
from tests.scripted_server import answer
from tests.upstream.http.hostile import Handler, Peer, post, post_whole, replying, serving
from tests.upstream.http.test_tls import server_context


def tunnelling(requests: list[bytes]) -> Handler:
    """A proxy that connects to the port that it is told, whatever the host."""

    async def handle(peer: Peer) -> None:
        requests.append(await peer.reader.readuntil(b"\r\n\r\n"))
        port = int(requests[-1].split()[1].rpartition(b":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await peer.send(b"HTTP/1.1 200 Connection established\r\nvia: a proxy\r\n\r\n")

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(carry(peer.reader, writer), carry(reader, peer.writer))

    return handle


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's certificate in a file."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


async def test_plain_http_is_forwarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """`HTTP_PROXY` is asked with the whole address, except for what `NO_PROXY` names."""
    seen = []

    async def handle(peer: Peer) -> None:
        seen.append(await peer.request())
        await peer.send(answer(b"by proxy"))

    async with serving(handle) as proxy, serving(replying(answer(b"direct"))) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@127.0.0.1:{proxy.port}")
        client = HttpClient()
        assert await post_whole(client, "http://api.example:81") == b"by proxy"
        lines = seen[0].decode().split("\r\n")
        assert lines[:2] == ["POST http://api.example:81/path?a=b HTTP/1.1", "host: api.example:81"]
        assert "proxy-authorization: Basic " + base64.b64encode(b"user:p@ss").decode() in lines
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert await post_whole(client, server.origin) == b"direct"
        await client.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_https_goes_through_a_tunnel(
    authority: trustme.CA, ca: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The proxy learns the host and its own credentials, and nothing that the upstream is told."""
    requests: list[bytes] = []
    proxy_tls = server_context(authority, "127.0.0.1") if scheme == "https" else None
    tls = server_context(authority, "localhost.example")
    client = HttpClient(tls=Tls(ca=ca))
    async with (
        serving(tunnelling(requests), tls=proxy_tls) as proxy,
        serving(replying(answer(b"one"), answer(b"two")), tls=tls, name="localhost.example") as server,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://user:@127.0.0.1:{proxy.port}")
        assert [await post_whole(client, server.origin), await post_whole(client, server.origin)] == [b"one", b"two"]
        await client.close()
        await server.emptied()
    assert [request.decode().split("\r\n") for request in requests] == [
        [
            f"CONNECT localhost.example:{server.port} HTTP/1.1",
            f"host: localhost.example:{server.port}",
            "proxy-authorization: Basic dXNlcjo=",
            "",
            "",
        ]
    ]


async def test_the_certificate_is_the_upstreams(
    authority: trustme.CA, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that opens the tunnel to somebody else is found out."""
    client = HttpClient(tls=Tls(ca=ca))
    tls = server_context(authority, "elsewhere.example")
    async with serving(tunnelling([])) as proxy, serving(replying(), tls=tls, name="localhost.example") as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UpstreamConnectError, match="certificate was not accepted"):
            await post(client, server.origin)
        await client.close()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
            "the proxy answered with status 407",
        ),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", "the proxy answered with status 502"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "the proxy's answer is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 100_000, "the proxy's answer is not HTTP"),
        (b"HTTP/1.1 200 OK\r\n", "the proxy is gone"),
        (b"", "the proxy is gone"),
    ],
)
async def test_a_proxy_that_refuses(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, said: bytes, message: str
) -> None:
    """There is no other way round it; nothing has gone out, and no credentials are shown."""

    async def handle(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(said)

    async with serving(handle) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{proxy.port}")
        with pytest.raises(UpstreamConnectError, match=message) as raised:
            await post(client, "https://api.example")
        assert "secret" not in raised.value.message
        await proxy.emptied()


async def test_a_proxy_that_is_not_there(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is the operator's, and is not shown to clients."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(UpstreamConnectError) as raised:
        await post(client, "https://api.example")
    assert raised.value.message == "no connection to the upstream: Connection refused"


async def test_a_proxy_that_does_not_answer(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time belongs to the connection's."""
    async with serving(lambda peer: peer.gone()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UpstreamConnectError, match=r"within 0\.1 s"):
            await post(client, "https://api.example", Limits(connect=0.1, first_byte=5, idle=5))
        await proxy.emptied()


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1", "http://", "http://host:port"])
async def test_a_proxy_that_cannot_be_asked(client: HttpClient, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """To go round it might be forbidden."""
    monkeypatch.setenv("ALL_PROXY", address)
    with pytest.raises(UpstreamConnectError, match="the proxy's address"):
        await post(client, "http://api.example")


def test_credentials_are_not_shown() -> None:
    assert "c2VjcmV0" not in repr(Proxy.parse("http://secret:secret@host"))
    assert Proxy.parse("https://host") == Proxy(secure=True, host="host", port=443, authorization=None)
