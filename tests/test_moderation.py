"""When a worker rests, and when it does not."""

import asyncio

import pytest

from aiclient import moderation
from aiclient.moderation import WINDOW, Moderation

REST = 0.002


class Clock:
    """A clock that only moves when somebody rests, or is told to."""

    def __init__(self, share: float) -> None:
        """`share`: how much of its time the worker is busy."""
        self.now = 10.0
        self.rests: list[float] = []
        self._share = share

    def thread_time(self) -> float:
        return self.now * self._share

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds


async def relayed(
    monkeypatch: pytest.MonkeyPatch, every: float, *, at_once: int = 1, share: float = 0.1, rest: float = REST
) -> tuple[Clock, int]:
    """Half a second in which so many chunks come every so often; the clock, and how often they came."""
    clock, times = Clock(share), 0
    monkeypatch.setattr(moderation, "time", clock)
    moderated = Moderation(rest)
    while clock.now < 10.5:
        times += 1
        for _ in range(at_once):
            moderated.passed(clock.now)
        rests = len(clock.rests)
        await asyncio.sleep(0)
        assert len(clock.rests) <= rests + 1
        clock.now += every
    return clock, times


@pytest.mark.parametrize("at_once", [1, 50])
async def test_a_worker_that_is_woken_often_rests_once_each_time(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """However many chunks it has found."""
    clock, times = await relayed(monkeypatch, 0.0002, at_once=at_once)
    assert set(clock.rests) == {REST}
    # The first look comes after a window; a rest makes the chunks of one that come one at a time too few.
    assert len(clock.rests) > (0 if at_once == 1 else times - 2 * WINDOW / 0.0002)


async def test_few_chunks_are_relayed_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _ = await relayed(monkeypatch, 0.005)
    assert clock.rests == []


async def test_a_busy_worker_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _ = await relayed(monkeypatch, 0.0002, at_once=10, share=0.8)
    assert clock.rests == []


async def test_nobody_rests_who_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _ = await relayed(monkeypatch, 0.0002, at_once=10, rest=0.0)
    assert clock.rests == []
