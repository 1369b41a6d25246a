"""What bridges the silence of an upstream."""

import asyncio

from aiclient.silence import Silence

EVERY = 0.02


async def test_silence_is_bridged() -> None:
    """After each stretch of it."""
    bridged = asyncio.Semaphore(0)

    def bridge() -> float:
        bridged.release()
        return 0.0

    with Silence(EVERY, bridge):
        async with asyncio.timeout(5):
            for _ in range(3):
                await bridged.acquire()


async def test_a_shorter_silence_is_looked_at_again_when_it_may_have_lasted() -> None:
    looks: list[float] = []
    loop = asyncio.get_running_loop()

    def bridge() -> float:
        looks.append(loop.time())
        return 0.75 * 0.2

    with Silence(0.2, bridge):
        await asyncio.sleep(0.5)
    assert len(looks) > 2
    assert looks[1] - looks[0] < 0.15


async def test_what_is_over_is_not_bridged() -> None:
    looks: list[float] = []

    def bridge() -> float:
        looks.append(0)
        return 0.0

    with Silence(EVERY, bridge):
        pass
    await asyncio.sleep(EVERY * 5)
    assert looks == []
