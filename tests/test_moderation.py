"""When a worker rests, and when it does not."""

import itertools

import pytest

from aiclient import moderation
from aiclient.moderation import HARVEST, WINDOW, Moderation


class Clock:
    """A clock that only moves when somebody rests, or is told to."""

    def __init__(self, share: float) -> None:
        """`share`: how much of its time the worker is busy."""
        self.now = 10.0
        self.rests: list[float] = []
        self._share = share

    def perf_counter(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.now * self._share

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds


def relayed(monkeypatch: pytest.MonkeyPatch, every: float, *, share: float = 0.1, rest: float = 0.002) -> list[float]:
    """The rests of half a second in which a chunk comes every so often."""
    clock = Clock(share)
    monkeypatch.setattr(moderation, "time", clock)
    moderated = Moderation(rest)
    for _ in itertools.takewhile(lambda _: clock.now < 10.5, itertools.count()):
        moderated.passed(clock.now)
        clock.now += every
    return clock.rests


def test_a_worker_that_is_woken_often_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    rests = relayed(monkeypatch, every=0.0002)
    assert set(rests) == {0.002}
    # The first look comes after a window; from then on a rest follows each harvest.
    assert len(rests) > 0.5 * (0.5 - 2 * WINDOW) / (0.002 + HARVEST + 0.0002)


def test_few_chunks_are_relayed_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert relayed(monkeypatch, every=0.005) == []


def test_a_busy_worker_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert relayed(monkeypatch, every=0.0002, share=0.8) == []


def test_nobody_rests_who_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert relayed(monkeypatch, every=0.0002, rest=0.0) == []
