"""Servers that break off, dawdle, flood and lie, over real sockets: each ends in the error that says so."""

import asyncio

import pytest

from aiclient.errors import UpstreamConnectError, UpstreamError, UpstreamProtocolError, UpstreamTimeoutError
from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient
from tests.scripted_server import answer, chunk, chunked_head
from tests.upstream.http.hostile import Peer, post, post_whole, replying, serving
from tests.upstream.http.test_reader import INVALID, VALID

SHORT = Limits(connect=5, first_byte=0.1, idle=0.1)


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("case", VALID)
async def test_an_answer(client: HttpClient, case: str, by: int) -> None:
    """What the reader's table says holds for a connection, in one piece and byte by byte."""
    data, status, headers, body, _ = VALID[case]
    async with serving(replying(data, by=by)) as server:
        response = await post(client, server.origin)
        assert (response.status, await response.read(1000)) == (status, body)
        assert response.headers == {**response.headers, **headers}
        response.close()


@pytest.mark.parametrize("case", INVALID)
async def test_no_answer(client: HttpClient, case: str) -> None:
    """The connection of a server that does not speak HTTP is closed at once."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(INVALID[case])
        await peer.gone()

    async with serving(handle) as server:
        with pytest.raises(UpstreamProtocolError):
            await post_whole(client, server.origin)
        await server.emptied()


@pytest.mark.parametrize("case", [case for case in VALID if VALID[case][4]])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_an_end_at_any_byte(client: HttpClient, case: str, reset: bool) -> None:
    """No answer that was cut is a whole one."""
    data, body = VALID[case][0], VALID[case][3]

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(data[: ends.pop()])
        if reset:
            peer.reset()

    ends = list(range(0, len(data), 7))
    async with serving(handle) as server:
        for _ in range(len(ends)):
            with pytest.raises(UpstreamProtocolError, match=r"did not come|broke off"):
                assert await post_whole(client, server.origin) != body


async def test_what_came_before_a_fault_is_not_lost(client: HttpClient) -> None:
    """A client has the right to what its upstream has said."""
    async with serving(replying(chunked_head() + chunk(b"first") + b"no chunk\r\n")) as server:
        response = await post(client, server.origin)
        assert await response.chunk() == b"first"
        with pytest.raises(UpstreamProtocolError, match="not HTTP"):
            await response.chunk()
        # And it is not an end the next time, either.
        with pytest.raises(UpstreamProtocolError, match="not HTTP"):
            await response.chunk()


async def test_a_closed_answer_is_not_complete(client: HttpClient) -> None:
    async with serving(replying(chunked_head() + chunk(b"first"))) as server:
        response = await post(client, server.origin)
        response.close()
        with pytest.raises(UpstreamProtocolError, match="closed before its end"):
            await response.chunk()
        response.close()


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nx-half: ", b"HTTP/1.1 100 Continue\r\n\r\n"],
    ids=["nothing", "half a head", "interim"],
)
async def test_no_head_in_time(client: HttpClient, said: bytes) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(said)
        await peer.gone()

    async with serving(handle) as server:
        with pytest.raises(UpstreamTimeoutError, match=r"no answer from the upstream within 0\.1 s"):
            await post(client, server.origin, SHORT)
        await server.emptied()


@pytest.mark.parametrize("drip", [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\n"], ids=["value", "headers"])
async def test_a_head_that_drips_is_not_in_time(client: HttpClient, drip: bytes) -> None:
    """A byte now and then is no answer."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(drip)
        while True:
            await peer.send(b"a" if drip.endswith(b" ") else b"x: 1\r\n")
            await asyncio.sleep(0.02)

    async with serving(handle) as server:
        with pytest.raises(UpstreamTimeoutError):
            await post(client, server.origin, SHORT)
        await server.emptied()


@pytest.mark.parametrize("drip", [b"", b";a=b"], ids=["silence", "extension"])
async def test_a_body_that_stalls(client: HttpClient, drip: bytes) -> None:
    """Bytes that are no body are silence."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head() + chunk(b"first") + b"5")
        while drip:
            await peer.send(drip)
            await asyncio.sleep(0.02)
        await peer.gone()

    async with serving(handle) as server:
        response = await post(client, server.origin, SHORT)
        assert await response.chunk() == b"first"
        with pytest.raises(UpstreamTimeoutError, match=r"said nothing for 0\.1 s") as raised:
            await response.chunk()
        assert raised.value.status == 504
        await server.emptied()


async def test_a_slow_reader_is_not_a_silent_upstream(client: HttpClient) -> None:
    """The limit counts while somebody waits, not while the client takes its time."""
    go_on = asyncio.Event()

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head() + chunk(b"first"))
        await go_on.wait()
        await peer.send(chunk(b"second") + chunk(b""))

    async with serving(handle) as server:
        response = await post(client, server.origin, SHORT)
        assert await response.chunk() == b"first"
        await asyncio.sleep(0.3)
        go_on.set()
        assert await response.read(100) == b"second"


async def test_bytes_that_nobody_asked_for(client: HttpClient) -> None:
    """An answer that comes before its request would go to the wrong client."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer(b"one"))
        await unasked.wait()
        await peer.send(answer(b"forged"))
        await peer.gone()

    unasked = asyncio.Event()
    async with serving(handle) as server:
        assert await post_whole(client, server.origin) == b"one"
        unasked.set()
        await server.emptied()
        unasked.clear()
        assert await post_whole(client, server.origin) == b"one"
        assert server.connections == 2


async def test_more_than_an_answer(client: HttpClient) -> None:
    async with serving(replying(answer(b"one") + answer(b"forged"))) as server:
        assert await post_whole(client, server.origin) == b"one"
        assert await post_whole(client, server.origin) == b"one"
        assert server.connections == 2


async def test_an_answer_before_the_request_is_complete(client: HttpClient) -> None:
    """A server may refuse a body that it has not read; the rest of it is not sent."""

    async def handle(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(answer(b"too large", status="413 Content Too Large"))
        await peer.gone()

    async with serving(handle) as server:
        response = await post(client, server.origin, body=b"x" * 50_000_000)
        assert response.status == 413
        assert await response.read(100) == b"too large"
        await server.emptied()


async def test_a_server_that_closes_in_the_middle_of_the_request(client: HttpClient) -> None:
    async def handle(peer: Peer) -> None:
        await peer.reader.readexactly(1000)
        peer.reset()

    async with serving(handle) as server:
        with pytest.raises(UpstreamError):
            await post(client, server.origin, body=b"x" * 50_000_000)


@pytest.mark.parametrize(
    "url",
    ["https://", "ftp://host/x", "http://host:99999/", "http://[::1/", "host", "http://\u0661..x/"],
)
async def test_no_address(client: HttpClient, url: str) -> None:
    with pytest.raises(UpstreamConnectError, match="no URL"):
        await client.open("POST", url, [], b"", SHORT)
