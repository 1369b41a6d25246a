"""How many requests are worked on at a time, and how many wait for their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from http import HTTPStatus

from aiclient.errors import AIClientError

__all__ = ["Admission", "OverloadedError"]


class OverloadedError(AIClientError):
    """As many requests wait as may."""

    status = HTTPStatus.SERVICE_UNAVAILABLE.value
    wait = 1.0
    """Seconds after which to come again: turns come by quickly, or not for long."""


class Admission:
    """Lets so many in at a time; the others wait in the order of arrival, and only so many of them."""

    __slots__ = ("_free", "_limit", "_queue", "_waiting")

    def __init__(self, limit: int, queue: int) -> None:
        self._limit = limit
        self._free = limit
        self._queue = queue
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def open(self) -> int:
        """Requests that are in."""
        return self._limit - self._free

    @property
    def queued(self) -> int:
        """Requests that wait for a place."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether the next request would be refused."""
        return not self._free and len(self._waiting) >= self._queue

    def enter(self) -> bool:
        """Take a place, if one is free at once."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Wait for a place in the order of arrival; raises `OverloadedError` if too many do."""
        if len(self._waiting) >= self._queue:
            raise OverloadedError("the gateway works on as many requests as it may; come again shortly")
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def leave(self) -> None:
        """Give the place to the next."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
