"""An answer that brings what comes by itself."""

import asyncio
from dataclasses import replace

from aiclient.errors import UpstreamError
from aiclient.upstream.client import PushingResponse, UpstreamResponse
from aiclient.upstream.http import HttpClient
from tests.scripted_server import chunk, chunked_head
from tests.upstream.http.hostile import LIMITS, Flood, Peer, post, post_whole, replying, serving


class Taken:
    """Takes what is brought."""

    def __init__(self) -> None:
        self.body = b""
        self.length = 0
        self.errors: list[UpstreamError | None] = []
        self.over = asyncio.Event()

    def arrived(self, data: bytes) -> None:
        self.length += len(data)
        if self.length < 1 << 20:
            self.body += data

    def ended(self, error: UpstreamError | None) -> None:
        self.errors.append(error)
        self.over.set()


def pushing(response: UpstreamResponse) -> PushingResponse:
    found = response.pushing
    assert found is not None
    return found


async def taken(response: UpstreamResponse) -> Taken:
    """Everything that an answer brings."""
    sink = Taken()
    pushing(response).push_to(sink)
    async with asyncio.timeout(10):
        await sink.over.wait()
    return sink


async def test_everything_is_brought_in_order_and_the_end_once(client: HttpClient) -> None:
    frames = [b"one ", b"two ", b"three"]
    whole = chunked_head() + b"".join(map(chunk, frames)) + chunk(b"")
    async with serving(replying(whole, whole, by=7)) as server:
        for _ in range(2):
            sink = await taken(await post(client, server.origin))
            assert (sink.body, sink.errors) == (b"one two three", [None])
        assert server.connections == 1


async def test_what_has_come_before_is_brought_first(client: HttpClient) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head() + chunk(b"early "))
        await asyncio.sleep(0.05)
        await peer.send(chunk(b"late") + chunk(b""))

    async with serving(handle) as server:
        response = await post(client, server.origin)
        await asyncio.sleep(0.02)
        sink = await taken(response)
        assert (sink.body, sink.errors) == (b"early late", [None])


async def test_an_answer_that_is_over_already_is_brought_all_the_same(client: HttpClient) -> None:
    async with serving(replying(chunked_head() + chunk(b"all") + chunk(b""))) as server:
        response = await post(client, server.origin)
        await asyncio.sleep(0.02)
        sink = await taken(response)
        assert (sink.body, sink.errors) == (b"all", [None])


async def test_an_end_that_comes_too_early_is_told(client: HttpClient) -> None:
    async with serving(replying(chunked_head() + chunk(b"half"))) as server:
        sink = await taken(await post(client, server.origin))
        (error,) = sink.errors
        assert sink.body == b"half"
        assert error is not None
        assert "broke off" in error.message


async def test_silence_is_told_by_the_last_bytes_and_not_by_the_first(client: HttpClient) -> None:
    """The deadline is not moved for each read, and holds all the same."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head())
        for _ in range(6):
            await asyncio.sleep(0.1)
            await peer.send(chunk(b"x"))
        await peer.gone()

    async with serving(handle) as server:
        started = asyncio.get_running_loop().time()
        sink = await taken(await post(client, server.origin, replace(LIMITS, idle=0.3)))
        assert sink.length == 6
        assert sink.errors[0] is not None
        assert "said nothing for 0.3 s" in sink.errors[0].message
        assert 0.85 < asyncio.get_running_loop().time() - started < 2


async def test_what_is_not_wanted_waits_at_the_upstream(client: HttpClient) -> None:
    """And the time of an upstream that is made to wait does not run."""
    flood = Flood()
    async with serving(flood.handle) as server:
        response = await post(client, server.origin, replace(LIMITS, idle=0.2))
        sink = Taken()
        pushing(response).push_to(sink)
        pushing(response).hold()
        held = sink.length
        await asyncio.sleep(0.5)
        assert sink.length - held <= 1 << 20
        assert flood.sent < flood.length / 2
        assert sink.errors == []
        pushing(response).go_on()
        async with asyncio.timeout(30):
            await sink.over.wait()
        assert (sink.length, sink.errors) == (flood.length, [None])


async def test_who_closes_hears_no_more(client: HttpClient) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head() + chunk(b"x"))
        await peer.gone()

    async with serving(handle) as server:
        response = await post(client, server.origin)
        sink = Taken()
        pushing(response).push_to(sink)
        response.close()
        await server.emptied()
        assert len(sink.errors) == 1
    async with serving(replying(chunked_head() + chunk(b"y") + chunk(b""))) as server:
        assert await post_whole(client, server.origin) == b"y"
