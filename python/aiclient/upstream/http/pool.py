"""The connections to one origin: which are idle, how many there may be, and who waits for one."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiclient.errors import UpstreamConnectError
from aiclient.upstream.http.connection import Connection, Owner
from aiclient.upstream.http.failures import no_connection, no_connection_in_time

__all__ = ["Pool", "PoolLimits"]

# Seconds an unused connection is kept. Servers close theirs after 5 to 75; most after 60.
KEEP_ALIVE = 45.0
# Seconds before the time that the server names: a request needs a while to reach it.
MARGIN = 1.0

_TIMEOUT = re.compile(r"timeout\s*=\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How much one origin may be asked at a time."""

    connections: int = 4096
    """Connections that are open at the same time."""
    queue: int = 1024
    """Requests that wait for one of them."""


class Pool:
    """Keeps connections to one origin; the one that was used last is used next, so that the others may grow old.

    A place is a connection that is open or about to be. Who finds no place waits for one, or for a connection that
    becomes idle, in the order of arrival.
    """

    __slots__ = (
        "_all",
        "_dial",
        "_emptied",
        "_idle",
        "_is_closed",
        "_limits",
        "_loop",
        "_opening",
        "_sweep",
        "_waiting",
    )

    def __init__(self, dial: Callable[[Owner], Awaitable[Connection]], limits: PoolLimits) -> None:
        self._dial = dial
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._all: set[Connection] = set()
        self._opening = 0
        self._idle: deque[Connection] = deque()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._emptied: asyncio.Future[None] | None = None

    def idle(self) -> Connection | None:
        """A connection that can be used at once."""
        while self._idle:
            connection = self._idle.pop()
            if connection.closed:
                continue
            if connection.expires > self._loop.time():
                return connection
            connection.close()
        return None

    async def connection(self, seconds: float) -> Connection:
        """A connection, as soon as there is one; raises `UpstreamConnectError`, also if there is none in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._first_available()
        except TimeoutError as error:
            raise no_connection_in_time(seconds) from error

    async def fresh(self, seconds: float) -> Connection:
        """A new connection in the place of one that died, whatever the limits; raises `UpstreamConnectError`."""
        self._opening += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._open()
        except TimeoutError as error:
            raise no_connection_in_time(seconds) from error

    def released(self, connection: Connection, keep_alive: str | None) -> None:
        """Give the connection to whoever waits, or keep it."""
        seconds = KEEP_ALIVE if keep_alive is None else _kept_for(keep_alive)
        connection.expires = self._loop.time() + seconds
        if seconds > 0:
            self._keep(connection)
        else:
            connection.close()

    def _keep(self, connection: Connection) -> None:
        if self._is_closed:
            connection.close()
            return
        if self._waiting and self._give(connection):
            return
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(KEEP_ALIVE, self._close_expired)

    def lost(self, connection: Connection) -> None:
        """Forget the connection; another may be opened."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._offer_place()
        if not self._all and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    async def close(self) -> None:
        """Close all connections, in use or not, and see them gone."""
        self._is_closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        self._idle.clear()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(no_connection("the gateway is closing"))
        self._waiting.clear()
        for connection in tuple(self._all):
            connection.abort()
        if self._all:
            self._emptied = self._loop.create_future()
            await self._emptied

    async def _first_available(self) -> Connection:
        while self._waiting or not self._take_place():
            connection = await self._turn()
            if connection is None:
                break
            if not connection.closed:
                return connection
        return await self._open()

    def _take_place(self) -> bool:
        is_free = len(self._all) + self._opening < self._limits.connections
        self._opening += is_free
        return is_free

    async def _open(self) -> Connection:
        """Open a connection in a place that has been taken."""
        try:
            connection = await self._dial(self)
            if self._is_closed:
                connection.abort()
            if connection.closed:
                raise no_connection("it closed the connection")
            self._all.add(connection)
            return connection
        finally:
            self._opening -= 1
            self._offer_place()

    async def _turn(self) -> Connection | None:
        """Wait for a connection, or for a place (None)."""
        if len(self._waiting) >= self._limits.queue:
            message = "no connection to the upstream: too many requests wait for one"
            raise UpstreamConnectError(message, status=HTTPStatus.SERVICE_UNAVAILABLE)
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._decline(waiter)
            raise

    def _decline(self, waiter: asyncio.Future[Connection | None]) -> None:
        """Pass on what was given to somebody who has left."""
        if waiter.cancelled() or not waiter.done():
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiter)
        elif waiter.exception() is None:
            connection = waiter.result()
            if connection is None:
                self._opening -= 1
                self._offer_place()
            elif not connection.closed:
                self._keep(connection)

    def _give(self, connection: Connection | None) -> bool:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _offer_place(self) -> None:
        if self._waiting and self._take_place() and not self._give(None):
            self._opening -= 1

    def _close_expired(self) -> None:
        now = self._loop.time()
        for connection in tuple(self._idle):
            if connection.expires <= now:
                self._idle.remove(connection)
                connection.close()
        first = min((connection.expires for connection in self._idle), default=None)
        self._sweep = None if first is None else self._loop.call_at(first, self._close_expired)


def _kept_for(keep_alive: str) -> float:
    """For how many seconds an idle connection is of use, by what its server said (`timeout=5, max=100`)."""
    told = _TIMEOUT.search(keep_alive)
    return min(KEEP_ALIVE, int(told[1]) - MARGIN) if told else KEEP_ALIVE
