"""Memory: neither a slow client nor a slow upstream makes the gateway keep what the other sends."""

import asyncio

from aiclient.upstream.http import HttpClient
from tests.scripted_server import answer
from tests.upstream.http.hostile import Flood, Peer, post, post_whole, serving


async def test_an_upstream_waits_for_a_slow_reader(client: HttpClient) -> None:
    """What nobody reads is not taken from the upstream, but for what fits into buffers."""
    flood = Flood()
    async with serving(flood.handle) as server:
        response = await post(client, server.origin)
        before = -1
        while flood.sent > before:
            before = flood.sent
            await asyncio.sleep(0.05)
        assert flood.sent < flood.length / 2
        # Each read makes room for more, and the end comes as ever.
        received = 0
        while data := await response.chunk():
            received += len(data)
            assert len(data) <= 2 << 20
        assert received == flood.length
        response.close()
        assert server.connections == 1


async def test_a_large_request(client: HttpClient) -> None:
    """It arrives whole, in slices, as the upstream takes them; the connection serves again."""
    body = bytes(range(256)) * 40_000

    async def handle(peer: Peer) -> None:
        for _ in range(2):
            await peer.reader.readuntil(b"\r\n\r\n")
            received = bytearray()
            while len(received) < len(body):
                received += await peer.reader.read(100_000)
            await peer.send(answer(b"same" if received == body else b"other"))

    async with serving(handle) as server:
        assert await post_whole(client, server.origin, body=body) == b"same"
        assert await post_whole(client, server.origin, body=body) == b"same"
        assert server.connections == 1
