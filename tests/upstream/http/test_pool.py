"""Which connection a request gets: limits, the queue, what is kept and for how long."""

import asyncio

import pytest

from aiclient.errors import UpstreamConnectError
from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient, PoolLimits, pool
from tests.scripted_server import answer, chunk, chunked_head
from tests.upstream.http.hostile import Peer, post, post_whole, replying, serving

FOREVER = [answer(b"one")] * 1000


async def test_requests_at_the_same_time_have_connections_of_their_own(client: HttpClient) -> None:
    async with serving(replying(*FOREVER)) as server:
        assert await asyncio.gather(*(post_whole(client, server.origin) for _ in range(20))) == [b"one"] * 20
        first = server.connections
        assert 1 < first <= 20
        await asyncio.gather(*(post_whole(client, server.origin) for _ in range(first)))
        assert server.connections == first


async def test_no_more_than_allowed() -> None:
    """Who comes later waits for a connection, in the order of arrival, and gets it as it is."""
    client = HttpClient(limits=PoolLimits(connections=2, queue=100))
    async with serving(replying(*FOREVER)) as server:
        assert await asyncio.gather(*(post_whole(client, server.origin) for _ in range(50))) == [b"one"] * 50
        assert server.connections == 2
        await client.close()


async def test_a_connection_that_closes_makes_room() -> None:
    """Who waits opens another."""
    client = HttpClient(limits=PoolLimits(connections=2, queue=100))
    async with serving(replying(answer(b"one", "connection: close"))) as server:
        assert await asyncio.gather(*(post_whole(client, server.origin) for _ in range(10))) == [b"one"] * 10
        assert server.connections == 10
        await client.close()


async def test_a_connection_that_cannot_be_opened_makes_room(client: HttpClient) -> None:
    client = HttpClient(limits=PoolLimits(connections=1, queue=100))
    async with serving(replying(*FOREVER)) as server:
        origin = server.origin
    failures = await asyncio.gather(*(post(client, origin) for _ in range(10)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [UpstreamConnectError] * 10
    await client.close()


async def test_a_full_queue_is_said_at_once() -> None:
    """The request has not gone out, so that another target may be tried."""
    client = HttpClient(limits=PoolLimits(connections=1, queue=0))
    async with serving(replying(chunked_head() + chunk(b"x"), *FOREVER)) as server:
        response = await post(client, server.origin)
        with pytest.raises(UpstreamConnectError, match="too many requests wait") as raised:
            await post(client, server.origin)
        assert raised.value.status == 503
        response.close()
        await client.close()


async def test_the_queue_has_a_limit_of_time() -> None:
    client = HttpClient(limits=PoolLimits(connections=1, queue=5))

    async def handle(peer: Peer) -> None:
        await peer.request()
        if server.connections == 1:
            await peer.send(chunked_head() + chunk(b"x"))
            await peer.gone()
        await peer.send(answer(b"two"))

    async with serving(handle) as server:
        response = await post(client, server.origin)
        with pytest.raises(UpstreamConnectError, match=r"within 0\.05 s") as raised:
            await post(client, server.origin, Limits(connect=0.05, first_byte=5, idle=5))
        assert raised.value.status == 504
        response.close()
        assert await post_whole(client, server.origin) == b"two"
        await client.close()


async def test_who_leaves_the_queue_takes_nothing_along() -> None:
    """Whenever it is: before its turn, and in the moment when it comes."""
    client = HttpClient(limits=PoolLimits(connections=1, queue=100))
    async with serving(replying(*FOREVER)) as server:
        for rounds in range(20):
            tasks = [asyncio.create_task(post_whole(client, server.origin)) for _ in range(5)]
            for _ in range(rounds):
                await asyncio.sleep(0)
            for task in tasks[1:4]:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            assert done[0] == done[4] == b"one"
        await client.close()


async def test_closing_the_client_ends_those_who_wait() -> None:
    client = HttpClient(limits=PoolLimits(connections=1, queue=100))
    async with serving(replying(chunked_head() + chunk(b"x"), *FOREVER)) as server:
        response = await post(client, server.origin)
        waiting = asyncio.create_task(post(client, server.origin))
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(UpstreamConnectError, match="closing"):
            await waiting
        await server.emptied()
        response.close()


async def test_a_connection_that_the_server_closed_is_not_used(client: HttpClient) -> None:
    async with serving(replying(answer(b"one"))) as server:
        assert await post_whole(client, server.origin) == b"one"
        await server.emptied()
        await asyncio.sleep(0.01)
        assert await post_whole(client, server.origin) == b"one"


async def test_a_connection_grows_old(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody uses is closed, before the server does."""
    monkeypatch.setattr(pool, "KEEP_ALIVE", 0.05)
    async with serving(replying(*FOREVER)) as server:
        await asyncio.gather(*(post_whole(client, server.origin) for _ in range(5)))
        await server.emptied()
        assert await post_whole(client, server.origin) == b"one"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("timeout=5, max=100", 4),
        ("max=100, timeout = 5", 4),
        ("timeout=600", pool.KEEP_ALIVE),
        ("timeout=1", 0),
        ("max=5", pool.KEEP_ALIVE),
        ("timeout=" + "9" * 5000, pool.KEEP_ALIVE),
    ],
)
def test_a_server_may_say_how_long(said: str, kept: float) -> None:
    assert pool._kept_for(said) == kept


async def test_a_connection_that_the_server_does_not_keep(client: HttpClient) -> None:
    async with serving(replying(answer(b"one", "keep-alive: timeout=1"), answer(b"two"))) as server:
        assert await post_whole(client, server.origin) == b"one"
        await server.emptied()
        assert await post_whole(client, server.origin) == b"one"


async def test_a_crowd(client: HttpClient) -> None:
    """Every request has its own answer, whoever had the connection before."""

    async def handle(peer: Peer) -> None:
        while True:
            head = await peer.request()
            length = head.partition(b"content-length: ")[2].split(b"\r\n")[0]
            await peer.send(answer(length, *(["connection: close"] if int(length) % 7 == 0 else [])))

    async with serving(handle) as server:

        async def ask(size: int) -> None:
            for _ in range(5):
                assert await post_whole(client, server.origin, body=b"x" * size) == b"%d" % size

        await asyncio.gather(*(ask(size) for size in range(1, 60)))
