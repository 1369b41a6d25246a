"""A limit of time for what the current task waits for."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from aiclient.errors import UpstreamTimeoutError

__all__ = ["TimeLimit"]


class TimeLimit:
    """Raises `UpstreamTimeoutError` in the block once the seconds are over.

    `asyncio.timeout` without what only other users need: it costs a third.
    """

    __slots__ = ("_is_over", "_message", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float, message: str) -> None:
        self._seconds = seconds
        self._message = message
        self._is_over = False
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        """Begin to count."""
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop counting."""
        if self._timer is not None:
            self._timer.cancel()
        if self._is_over and self._task is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise UpstreamTimeoutError(self._message) from error

    def _end(self) -> None:
        self._is_over = True
        if self._task is not None:
            self._task.cancel()
