"""The first step of something awaitable, and the rest of it."""

import asyncio

import pytest

from aiclient.stepping import start


async def test_what_does_not_wait_is_done_at_once() -> None:
    done = []

    async def quick() -> None:
        done.append(1)

    assert start(quick()) is None
    assert done == [1]


async def test_the_rest_is_awaited_by_whoever_has_the_time() -> None:
    gate: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    seen = []

    async def slow() -> None:
        seen.append(await gate)
        await asyncio.sleep(0)
        seen.append(2)

    rest = start(slow())
    assert rest is not None
    asyncio.get_running_loop().call_soon(gate.set_result, 1)
    await rest
    assert seen == [1, 2]


async def test_what_it_waits_for_may_be_over_before_anybody_waits() -> None:
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def slow() -> None:
        await gate

    rest = start(slow())
    gate.set_result(None)
    assert rest is not None
    async with asyncio.timeout(5):
        await rest


async def test_a_fault_is_raised_where_it_happens() -> None:
    async def faulty() -> None:
        raise ValueError("at once")

    with pytest.raises(ValueError, match="at once"):
        start(faulty())
