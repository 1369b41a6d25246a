"""A limit of time that is set and lifted often, and passed hardly ever."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

__all__ = ["Deadline"]


class Deadline:
    """Calls back when its time has come.

    The timer is left as it is when the deadline moves further away or is lifted: it looks at the clock when it fires,
    and goes on from there. So a connection that serves thousands of requests starts a timer once in a while.

    `limit` is the one that nothing moves: it holds until `lift_all`, whatever is set and lifted before it.
    """

    __slots__ = ("_at", "_limit", "_loop", "_passed", "_timer", "_timer_at")

    def __init__(self, loop: asyncio.AbstractEventLoop, passed: Callable[[], None]) -> None:
        self._loop = loop
        self._passed = passed
        self._at = math.inf
        self._limit = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def set(self, seconds: float) -> None:
        """Call back in so many seconds, unless the deadline is moved or lifted."""
        at = self._loop.time() + seconds
        self._at = at = at if at < self._limit else self._limit  # noqa: FURB136  # `min` takes several times as long
        if at < self._timer_at:
            self._arm()

    def limit(self, seconds: float) -> None:
        """Call back in so many seconds, whatever is set and lifted until then."""
        self._limit = self._loop.time() + seconds
        self.set(seconds)

    @property
    def is_limit(self) -> bool:
        """Whether the time that has come, or comes next, is that of `limit`."""
        return self._at >= self._limit

    def lift(self) -> None:
        """There is no deadline but the limit."""
        self._at = self._limit

    def lift_all(self) -> None:
        """There is no deadline at all."""
        self._at = self._limit = math.inf

    def close(self) -> None:
        """Be done with it."""
        self.lift_all()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._at
        self._timer = self._loop.call_at(self._at, self._look)

    def _look(self) -> None:
        self._timer = None
        self._timer_at = math.inf
        # Event loops round their clocks to milliseconds.
        if self._at <= self._loop.time() + 0.001:
            self._passed()
        elif self._at < math.inf:
            self._arm()
