"""Bridges the silence of an upstream for the client: proxies and clients give up on a connection that says nothing.

How long an upstream may be silent at all is the transport's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

__all__ = ["Silence"]


class Silence:
    """Calls `ping` after each `every` seconds between `begins` and `ends`.

    One timer, which looks at the clock when it fires and is not touched when data comes: re-arming a timer for each
    read costs more than the read. A client that reads slowly is not the upstream's silence.
    """

    __slots__ = ("_every", "_loop", "_ping", "_pinging", "_since", "_timer")

    def __init__(self, every: float, ping: Callable[[], Awaitable[None]]) -> None:
        self._every = every
        self._ping = ping
        self._pinging: asyncio.Future[Any] | None = None
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Begin to look at the clock."""
        self._timer = self._loop.call_later(self._every, self._look)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
        if self._pinging is not None:
            self._pinging.cancel()

    def begins(self) -> None:
        """The upstream is waited for."""
        self._since = self._loop.time()

    def ends(self) -> None:
        """It has said something."""
        self._since = None

    def _look(self) -> None:
        now = self._loop.time()
        left = self._every if self._since is None else self._since + self._every - now
        # Event loops round their clocks to milliseconds.
        if left <= 0.001:  # noqa: PLR2004
            self._since, left = now, self._every
            self._pinging = asyncio.ensure_future(self._ping())
        self._timer = self._loop.call_later(left, self._look)
