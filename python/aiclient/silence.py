"""How long an upstream may say nothing.

One timer, which looks at the clock when it fires and is not touched when data comes: re-arming a timer for each read
costs more than the read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from aiclient.errors import UpstreamTimeoutError

__all__ = ["Silence"]

T = TypeVar("T")


class Silence:
    """Bounds the wait for an upstream's next bytes, and bridges it for the client.

    `idle` is the most seconds of silence; after each `ping_every` seconds of it `ping` is called. Only the time inside
    `wait` counts: a client that reads slowly is not the upstream's silence.
    """

    __slots__ = ("_idle", "_loop", "_passed", "_ping", "_ping_every", "_pinging", "_since", "_task", "_timer")

    def __init__(
        self, idle: float, *, ping_every: float | None = None, ping: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._idle = idle
        self._ping_every = ping_every if ping is not None and ping_every is not None else idle
        self._ping = ping
        self._pinging: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._passed = False
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Begin to look at the clock."""
        self._task = asyncio.current_task()
        self._arm(min(self._idle, self._ping_every))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
        if self._pinging is not None:
            self._pinging.cancel()

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Wait for the upstream; raises `UpstreamTimeoutError` after too long a silence."""
        self._since = self._loop.time()
        try:
            return await awaitable
        except asyncio.CancelledError:
            if not self._passed or self._task is None:
                raise
            self._task.uncancel()
            raise UpstreamTimeoutError(f"the upstream said nothing for {self._idle:g} s") from None
        finally:
            self._since = None

    def _arm(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        step = min(self._idle, self._ping_every)
        if self._since is None:
            self._arm(step)
            return
        silent = self._loop.time() - self._since
        if silent >= self._idle and self._task is not None:
            self._passed = True
            self._task.cancel()
            return
        if silent >= self._ping_every and self._ping is not None:
            self._pinging = asyncio.ensure_future(self._call_ping())
        self._arm(max(0.001, min(step, self._idle - silent)) if silent >= step else step - silent)

    async def _call_ping(self) -> None:
        if self._ping is not None:
            await self._ping()
