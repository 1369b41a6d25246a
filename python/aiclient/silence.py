"""Bridges the silence of an upstream for the client: proxies and clients give up on a connection that says nothing.

How long an upstream may be silent at all is the transport's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

__all__ = ["Silence"]


class Silence:
    """Calls `bridge` when the silence may have lasted `every` seconds; that says how long it has, in truth.

    One timer, which is not touched when data comes: re-arming a timer for each read costs more than the read.
    """

    __slots__ = ("_bridge", "_every", "_loop", "_timer")

    def __init__(self, every: float, bridge: Callable[[], float]) -> None:
        self._every = every
        self._bridge = bridge
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Begin to look at the clock."""
        self._timer = self._loop.call_later(self._every, self._look)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        silence = self._bridge()
        left = self._every - silence if silence < self._every else self._every
        self._timer = self._loop.call_later(left, self._look)
