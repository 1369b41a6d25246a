"""Whether the client is still there while an upstream works for it.

Under granian `send()` neither raises nor blocks once the client has left, so somebody must wait in `receive()`. That
costs a hop between threads, which short exchanges need not pay: only those that take a while are watched.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from aiclient.asgi import Receive

__all__ = ["ClientWatch", "Rounds"]


class Rounds:
    """Comes by every so often, and has those watched that it meets for the second time.

    One timer for all exchanges of a worker: one for each would cost more than the rest of most of them.
    """

    __slots__ = ("_every", "_known", "_loop", "_new", "_timer")

    def __init__(self, every: float = 0.03) -> None:
        """`every`: seconds; an exchange is watched after once to twice as long."""
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._new: set[ClientWatch] = set()
        self._known: set[ClientWatch] = set()
        self._timer: asyncio.TimerHandle | None = None

    def join(self, watch: ClientWatch) -> asyncio.Task[Any] | None:
        """An exchange begins, in the task that this returns."""
        self._new.add(watch)
        if self._timer is None:
            self._timer = self._loop.call_later(self._every, self._come_by)
        return asyncio.current_task(self._loop)

    def leave(self, watch: ClientWatch) -> None:
        """It has ended."""
        self._new.discard(watch)
        self._known.discard(watch)

    def _come_by(self) -> None:
        for watch in self._known:
            watch.listen()
        self._known, self._new = self._new, set()
        self._timer = self._loop.call_later(self._every, self._come_by) if self._known else None


class ClientWatch:
    """Cancels the current task when the client leaves.

    Use it around everything that waits for an upstream; `gone` tells why the task was cancelled.
    """

    __slots__ = ("_listener", "_receive", "_rounds", "_task", "gone")

    def __init__(self, receive: Receive, rounds: Rounds) -> None:
        self._receive = receive
        self._rounds = rounds
        self._task: asyncio.Task[Any] | None = None
        self._listener: asyncio.Task[None] | None = None
        self.gone = False

    def begin(self) -> None:
        """Begin to watch, shortly."""
        self._task = self._rounds.join(self)

    def end(self) -> None:
        """Stop watching."""
        self._rounds.leave(self)
        if self._listener is not None:
            self._listener.cancel()

    def __enter__(self) -> Self:
        """Begin to watch, shortly."""
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop watching."""
        self.end()

    def listen(self) -> None:
        """Begin to wait for the client to leave."""
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if self._task is not None:
            self._task.cancel()
