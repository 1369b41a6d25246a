"""Upstream connections over real sockets: what is reused, what is retried, what is given up when."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from aiclient.errors import UpstreamConnectError, UpstreamError, UpstreamProtocolError, UpstreamTimeoutError
from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient
from tests.process import free_port
from tests.scripted_server import CLOSE, answer, chunk, chunked_head, scripted
from tests.upstream.http.hostile import HEADERS, post, post_whole


async def test_a_connection_serves_again(client: HttpClient) -> None:
    """An answer that was read to its end leaves its connection to the next request."""
    async with scripted([answer(b"one")], [answer(b"two")]) as server:
        assert [await post_whole(client, server.origin), await post_whole(client, server.origin)] == [b"one", b"two"]
        assert server.connections == 1


async def test_an_answer_left_unread_takes_its_connection_along(client: HttpClient) -> None:
    """What the upstream still sends is for nobody: closing tells it so at once."""
    async with scripted([chunked_head(), chunk(b"first")], [answer(b"two")]) as server:
        response = await post(client, server.origin)
        assert await response.chunk() == b"first"
        response.close()
        await asyncio.wait_for(server.lost.wait(), 1)
        assert await post_whole(client, server.origin) == b"two"
        assert server.connections == 2


async def test_what_is_sent(client: HttpClient) -> None:
    """The headers are those that were given and those that HTTP asks for; cookies are never kept."""
    async with scripted([answer(b"", "set-cookie: a=b")], [answer(b"")]) as server:
        await post_whole(client, server.origin)
        await post_whole(client, server.origin)
        for arrival in server.arrivals:
            assert arrival.line == "POST /path?a=b HTTP/1.1"
            assert arrival.body == b"{}"
            assert dict(arrival.headers) == dict(HEADERS) | {
                "host": f"127.0.0.1:{server.port}",
                "content-length": "2",
            }


async def test_a_redirect_is_an_answer(client: HttpClient) -> None:
    """To follow it would carry the key to whoever is named."""
    async with scripted([answer(b"", "location: /elsewhere", status="307 Temporary Redirect")]) as server:
        response = await post(client, server.origin)
        assert response.status == 307
        assert response.headers["location"] == "/elsewhere"
        assert len(server.arrivals) == 1
        response.close()


async def test_all_that_can_be_read_comes_at_once(client: HttpClient) -> None:
    """Chunks of HTTP are no boundaries: one read is one step of the relay."""
    async with scripted([chunked_head() + chunk(b"a") + chunk(b"b") + chunk(b"c") + chunk(b"")]) as server:
        response = await post(client, server.origin)
        assert [await response.chunk(), await response.chunk()] == [b"abc", b""]
        response.close()


async def test_a_body_too_long(client: HttpClient) -> None:
    """The limit of `read` holds for what comes, not for what was announced."""
    async with scripted([chunked_head() + chunk(b"x" * 1001)]) as server:
        response = await post(client, server.origin)
        with pytest.raises(UpstreamProtocolError, match="longer than 1000 bytes"):
            await response.read(1000)
        response.close()


@pytest.mark.parametrize(
    "body",
    [chunked_head() + chunk(b"half"), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"],
    ids=["chunked", "content-length"],
)
async def test_a_body_cut_short(client: HttpClient, body: bytes) -> None:
    """The end of a connection is not the end of a body that was to be longer."""
    async with scripted([body, CLOSE]) as server:
        response = await post(client, server.origin)
        with pytest.raises(UpstreamProtocolError, match="broke off"):
            await response.read(1000)
        response.close()


async def test_a_reused_connection_that_dies_is_replaced_once(client: HttpClient) -> None:
    """Some servers close a connection that they announced as kept alive."""
    async with scripted([answer(b"one")], [CLOSE], [answer(b"two")]) as server:
        await post_whole(client, server.origin)
        assert await post_whole(client, server.origin) == b"two"
        assert [arrival.connection for arrival in server.arrivals] == [0, 0, 1]
        assert server.arrivals[1].body == server.arrivals[2].body


async def test_the_replacement_is_not_replaced(client: HttpClient) -> None:
    """A server that always closes is told no more than twice."""
    async with scripted([answer(b"one")], [CLOSE], [CLOSE]) as server:
        await post_whole(client, server.origin)
        with pytest.raises(UpstreamProtocolError, match="closed the connection"):
            await post_whole(client, server.origin)
        assert len(server.arrivals) == 3


async def test_a_fresh_connection_that_dies_is_a_failure(client: HttpClient) -> None:
    """The request may have been worked on, and paid for."""
    async with scripted([CLOSE]) as server:
        with pytest.raises(UpstreamProtocolError, match="closed the connection") as raised:
            await post_whole(client, server.origin)
        assert raised.value.status == 502
        assert len(server.arrivals) == 1


async def test_an_answer_that_has_begun_is_not_asked_for_again(client: HttpClient) -> None:
    """After the first byte the server has certainly taken the request."""
    async with scripted([answer(b"one")], [b"HTTP/1.1 200 OK\r\nx-half: ", CLOSE]) as server:
        await post_whole(client, server.origin)
        with pytest.raises(UpstreamProtocolError):
            await post_whole(client, server.origin)
        assert len(server.arrivals) == 2


async def test_nobody_listens(client: HttpClient) -> None:
    with pytest.raises(UpstreamConnectError, match="no connection") as raised:
        await post(client, f"http://127.0.0.1:{free_port()}")
    assert raised.value.status == 502


async def test_tls_that_never_stands(client: HttpClient) -> None:
    """A handshake belongs to the connection: when its time is over, nothing has been sent."""
    async with silent_server() as origin:
        with pytest.raises(UpstreamConnectError, match=r"within 0\.1 s") as raised:
            await post(client, origin.replace("http:", "https:"), Limits(connect=0.1, first_byte=5, idle=5))
        assert raised.value.status == 504


async def test_no_answer_in_time(client: HttpClient) -> None:
    async with silent_server() as origin:
        with pytest.raises(UpstreamTimeoutError, match=r"within 0\.1 s") as raised:
            await post(client, origin, Limits(connect=0.05, first_byte=0.1, idle=5))
        assert raised.value.status == 504


async def test_no_total_limit(client: HttpClient) -> None:
    """A stream may take longer than all limits together."""
    body: list[bytes | float | None] = [chunked_head()]
    for _ in range(9):
        body += [0.1, chunk(b"x")]
    async with scripted([*body, chunk(b"")]) as server:
        response = await post(client, server.origin, Limits(connect=0.4, first_byte=0.4, idle=0.4))
        assert await response.read(1000) == b"x" * 9
        response.close()


async def test_not_http(client: HttpClient) -> None:
    async with scripted([b"SSH-2.0-OpenSSH_9.6\r\n\r\n", CLOSE]) as server:
        with pytest.raises(UpstreamError) as raised:
            await post(client, server.origin)
        assert raised.value.status == 502


@contextlib.asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """The origin of a server that takes connections and says nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
