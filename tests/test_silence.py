"""How long an upstream may say nothing."""

import asyncio
import time

import pytest

from aiclient.errors import UpstreamTimeoutError
from aiclient.silence import Silence


async def test_too_long_a_silence() -> None:
    started = time.monotonic()
    with Silence(0.05) as silence, pytest.raises(UpstreamTimeoutError, match=r"nothing for 0\.05 s") as raised:
        await silence.wait(asyncio.sleep(5))
    assert time.monotonic() - started < 1
    assert raised.value.status == 504
    # The task that waited is cancelled no more.
    await asyncio.sleep(0)


async def test_only_one_wait_counts() -> None:
    """Many short silences are none; time between two waits is the client's."""
    with Silence(0.5) as silence:
        for _ in range(6):
            await silence.wait(asyncio.sleep(0.1))
        await asyncio.sleep(0.6)
        await silence.wait(asyncio.sleep(0.1))


async def test_a_cancelled_wait_is_no_silence() -> None:
    with Silence(5) as silence:
        waiting = asyncio.ensure_future(silence.wait(asyncio.sleep(5)))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_silence_is_bridged() -> None:
    """A ping after each stretch of silence, until that is too long."""
    pings = []

    async def ping() -> None:
        pings.append(time.monotonic())

    with Silence(0.5, ping_every=0.1, ping=ping) as silence, pytest.raises(UpstreamTimeoutError):
        await silence.wait(asyncio.sleep(5))
    assert 2 <= len(pings) <= 5


async def test_speech_is_not_bridged() -> None:
    pings = []

    async def ping() -> None:
        pings.append(0)

    with Silence(5, ping_every=0.4, ping=ping) as silence:
        for _ in range(6):
            await silence.wait(asyncio.sleep(0.1))
    assert pings == []
