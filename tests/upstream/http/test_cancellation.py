"""Whoever leaves, whenever: the upstream is told at once, and nothing is left behind."""

import asyncio
import contextlib

import pytest

from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient, PoolLimits
from tests.scripted_server import answer, chunk, chunked_head
from tests.upstream.http.hostile import Peer, post, post_whole, replying, serving


async def converse(client: HttpClient, origin: str, size: int = 2) -> None:
    """A request, and its answer to the end."""
    response = await post(client, origin, body=b"x" * size)
    try:
        while await response.chunk():
            pass
    finally:
        response.close()


async def stalling(peer: Peer) -> None:
    """Answers in pieces, and never to the end."""
    await peer.request()
    for piece in (b"HTTP/1.1 200 OK\r\n", b"transfer-encoding: chunked\r\n\r\n", chunk(b"first"), b"5\r\nse"):
        await peer.send(piece)
        await asyncio.sleep(0.002)
    await peer.gone()


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_anywhere(client: HttpClient, steps: int) -> None:
    """After any number of turns of the loop."""
    async with serving(stalling) as server:
        task = asyncio.create_task(converse(client, server.origin))
        for _ in range(steps):
            await asyncio.sleep(0.001 if steps > 5 else 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.emptied()


async def test_while_a_large_request_goes_out(client: HttpClient) -> None:
    reading = asyncio.Event()

    async def handle(peer: Peer) -> None:
        await peer.reader.readexactly(1000)
        reading.set()
        await asyncio.sleep(0.05)
        await peer.gone()

    async with serving(handle) as server:
        task = asyncio.create_task(converse(client, server.origin, 50_000_000))
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.emptied()


async def test_many_at_once(client: HttpClient) -> None:
    """The pool counts right: after a crowd that left, there is room for as many again."""
    client = HttpClient(limits=PoolLimits(connections=10, queue=100))
    async with serving(stalling) as server:
        tasks = [asyncio.create_task(converse(client, server.origin)) for _ in range(60)]
        for index, task in enumerate(tasks):
            if index % 3 == 0:
                await asyncio.sleep(0.001)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.emptied()
    async with serving(replying(*[answer(b"one")] * 20)) as server:
        assert await asyncio.gather(*(post_whole(client, server.origin) for _ in range(30))) == [b"one"] * 30
    await client.close()


async def test_a_reader_that_is_closed_by_another_task(client: HttpClient) -> None:
    """Who waits for a piece is told that there will be none."""
    async with serving(stalling) as server:
        response = await post(client, server.origin)
        assert await response.chunk() == b"first"
        waiting = asyncio.create_task(response.read(100))
        await asyncio.sleep(0.02)
        response.close()
        done = await asyncio.gather(waiting, return_exceptions=True)
        assert isinstance(done[0], Exception)
        await server.emptied()


async def test_a_wait_that_is_given_up_may_be_taken_up_again(client: HttpClient) -> None:
    """To stop waiting for a piece is not to be done with the answer."""
    go_on = asyncio.Event()

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head())
        await go_on.wait()
        await peer.send(chunk(b"late") + chunk(b""))

    async with serving(handle) as server:
        response = await post(client, server.origin)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await response.chunk()
        go_on.set()
        assert await response.read(100) == b"late"
        response.close()


async def test_closing_the_client_closes_everything(client: HttpClient) -> None:
    limits = Limits(connect=5, first_byte=5, idle=5)
    async with serving(stalling) as server:
        responses = [await post(client, server.origin, limits) for _ in range(3)]
        await client.close()
        await server.emptied()
        for response in responses:
            response.close()
