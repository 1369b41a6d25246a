"""An answer, as its reader sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol, Self

from aiclient.errors import UpstreamError, UpstreamProtocolError
from aiclient.upstream.client import Sink

__all__ = ["HttpResponse", "read_rest"]


SILENT = "the upstream said nothing for {:g} s"


class Source(Protocol):
    """The connection that an answer comes on."""

    def awaited(self, seconds: float, message: str) -> None:
        """Somebody waits for the next bytes, and not for longer than this."""

    def hold(self) -> None:
        """Nobody takes more for a while."""

    def taken(self) -> None:
        """What had come has been read: there is room for more."""

    def abort(self) -> None:
        """Close at once."""


class HttpResponse:
    """An answer, of which the connection brings one piece after the other.

    It lets go of the connection when the last piece is there or when none will come; what has come can still be read.
    """

    __slots__ = ("_error", "_idle", "_loop", "_pieces", "_source", "_waiter", "begun", "headers", "sink", "status")

    def __init__(self, loop: asyncio.AbstractEventLoop, source: Source, idle: float) -> None:
        self._loop = loop
        self._source: Source | None = source
        self._idle = idle
        self._pieces: list[bytes] = []
        self._error: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.begun: asyncio.Future[None] = loop.create_future()
        """Done when status and headers are there; raises what came instead."""
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.sink: Sink | None = None
        """Who is brought what comes."""

    @property
    def pushing(self) -> Self:
        """Itself: it can bring what comes."""
        return self

    def push_to(self, sink: Sink) -> None:
        """From now on bring everything, what has come first."""
        self.sink = sink
        self.go_on()
        if self._pieces:
            data, self._pieces = b"".join(self._pieces), []
            sink.arrived(data)
        if self._source is None:
            self._end(self._error)

    def hold(self) -> None:
        """Bring nothing for a while; the upstream is made to wait, and its time does not run."""
        if self._source is not None:
            self._source.hold()

    def go_on(self) -> None:
        """Bring what comes again."""
        if self._source is not None:
            self._source.taken()
            self._source.awaited(self._idle, SILENT)

    async def chunk(self) -> bytes:
        """Everything that can be read now; raises `UpstreamProtocolError` and `UpstreamTimeoutError` after it."""
        pieces = self._pieces
        while not pieces:
            if self._source is None:
                if self._error is not None:
                    raise self._error
                return b""
            self._source.awaited(self._idle, SILENT)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._source is not None:
            self._source.taken()
        return data

    def read_at_once(self) -> bytes | None:
        """The whole body, if it came with the head, and so is no longer than one read of the network."""
        pieces = self._pieces
        if self._source is None and self._error is None and len(pieces) == 1:
            return pieces.pop()
        return None

    async def read(self, limit: int) -> bytes:
        """The rest of the body, of at most `limit` bytes."""
        return await read_rest(self, limit)

    def close(self) -> None:
        """Close the connection at once, unless it has brought the whole answer."""
        source = self._source
        if source is not None:
            self.failed(UpstreamProtocolError("the upstream's answer was closed before its end"))
            self._pieces = []
            source.abort()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head has come."""
        self.status = status
        self.headers = headers
        if not self.begun.done():
            self.begun.set_result(None)

    def arrived(self, data: bytes) -> None:
        """A piece of the body has come."""
        if self.sink is not None:
            self.sink.arrived(data)
            return
        self._pieces.append(data)
        self._wake()

    def completed(self, rest: bytes) -> None:
        """The last piece is there."""
        self._source = None
        if self.sink is not None:
            if rest:
                self.sink.arrived(rest)
            self._end(None)
            return
        if rest:
            self._pieces.append(rest)
        if self._waiter is not None:
            self._wake()

    def failed(self, error: UpstreamError) -> None:
        """No more will come."""
        self._error = error
        self._source = None
        if not self.begun.done():
            self.begun.set_exception(error)
            # Whoever was to be told may have been cancelled meanwhile.
            self.begun.exception()
        self._end(error)

    def _end(self, error: UpstreamError | None) -> None:
        self._wake()
        # A cycle would keep both, until the collector comes by.
        sink, self.sink = self.sink, None
        if sink is not None:
            sink.ended(error)

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class Chunks(Protocol):
    """What can be read chunk by chunk."""

    async def chunk(self) -> bytes:
        """The next bytes; none at the end."""


async def read_rest(response: Chunks, limit: int) -> bytes:
    """All that is still to come; raises `UpstreamProtocolError` beyond `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    while chunk := await response.chunk():
        size += len(chunk)
        if size > limit:
            raise UpstreamProtocolError(f"the upstream's answer is longer than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
