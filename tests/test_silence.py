"""What bridges the silence of an upstream."""

import asyncio

from aiclient.silence import Silence


async def test_silence_is_bridged() -> None:
    """A ping after each stretch of it."""
    pings = asyncio.Semaphore(0)

    async def ping() -> None:
        pings.release()

    with Silence(0.02, ping) as silence:
        silence.begins()
        async with asyncio.timeout(5):
            for _ in range(3):
                await pings.acquire()


async def test_speech_is_not_bridged() -> None:
    """Nor is the time in which nobody waits for the upstream."""
    pings = []

    async def ping() -> None:
        pings.append(0)

    with Silence(0.4, ping) as silence:
        for _ in range(6):
            silence.begins()
            await asyncio.sleep(0.1)
            silence.ends()
        await asyncio.sleep(0.6)
    assert pings == []


async def test_what_is_over_is_not_bridged() -> None:
    pings = []

    async def ping() -> None:
        pings.append(0)

    with Silence(0.02, ping) as silence:
        silence.begins()
    await asyncio.sleep(0.1)
    assert pings == []
