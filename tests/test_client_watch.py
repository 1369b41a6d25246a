"""A client that leaves while an upstream works for it."""

import asyncio

import pytest

from aiclient.client_watch import ClientWatch, Rounds
from tests.application import Client

EVERY = 0.005


async def wait(client: Client, seen: list[bool]) -> None:
    """Wait for an upstream that never answers."""
    with ClientWatch(client.receive, Rounds(EVERY)) as watch:
        try:
            await asyncio.sleep(10)
        finally:
            seen.append(watch.gone)


async def test_a_client_that_leaves_ends_the_wait() -> None:
    client = Client()
    seen: list[bool] = []
    waiting = asyncio.create_task(wait(client, seen))
    asyncio.get_running_loop().call_later(4 * EVERY, client.leave)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(waiting), 1)
    assert seen == [True]


async def test_a_client_that_leaves_later_ends_nothing() -> None:
    client = Client()
    with ClientWatch(client.receive, Rounds(EVERY)) as watch:
        await asyncio.sleep(4 * EVERY)
    client.leave()
    await asyncio.sleep(4 * EVERY)
    assert not watch.gone


async def test_a_short_exchange_is_not_watched() -> None:
    client, rounds = Client(), Rounds(EVERY)
    client.leave()
    for _ in range(3):
        with ClientWatch(client.receive, rounds) as watch:
            await asyncio.sleep(0)
        assert not watch.gone
    await asyncio.sleep(4 * EVERY)


async def test_rounds_are_made_when_there_are_exchanges() -> None:
    rounds = Rounds(EVERY)
    for _ in range(2):
        client = Client()
        client.leave()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until_it_leaves(client, rounds), 1)
        await asyncio.sleep(4 * EVERY)


async def until_it_leaves(client: Client, rounds: Rounds) -> None:
    """Wait, and say that the client has left by a `TimeoutError`."""
    with ClientWatch(client.receive, rounds) as watch:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError as error:
            assert watch.gone
            raise TimeoutError from error
