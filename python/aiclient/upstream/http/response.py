"""An answer, as its reader sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from aiclient.errors import UpstreamError, UpstreamProtocolError

__all__ = ["HttpResponse", "read_rest"]


class Source(Protocol):
    """The connection that an answer comes on."""

    def awaited(self, seconds: float, message: str) -> None:
        """Somebody waits for the next bytes, and not for longer than this."""

    def taken(self) -> None:
        """What had come has been read: there is room for more."""

    def abort(self) -> None:
        """Close at once."""


class HttpResponse:
    """An answer, of which the connection brings one piece after the other.

    It lets go of the connection when the last piece is there or when none will come; what has come can still be read.
    """

    __slots__ = ("_body", "_error", "_idle", "_loop", "_source", "_waiter", "headers", "status")

    def __init__(self, loop: asyncio.AbstractEventLoop, source: Source, body: list[bytes], idle: float) -> None:
        self._loop = loop
        self._source: Source | None = source
        self._body = body
        self._idle = idle
        self._error: UpstreamError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def chunk(self) -> bytes:
        """Everything that can be read now; raises `UpstreamProtocolError` and `UpstreamTimeoutError` after it."""
        body = self._body
        while not body:
            if self._source is None:
                if self._error is not None:
                    raise self._error
                return b""
            self._source.awaited(self._idle, "the upstream said nothing for {:g} s")
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
            # The connection may have let go of it.
            body = self._body
        data = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        if self._source is not None:
            self._source.taken()
        return data

    async def read(self, limit: int) -> bytes:
        """The rest of the body, of at most `limit` bytes."""
        return await read_rest(self, limit)

    def close(self) -> None:
        """Close the connection at once, unless it has brought the whole answer."""
        source = self._source
        if source is not None:
            self.failed(UpstreamProtocolError("the upstream's answer was closed before its end"))
            self._body = []
            source.abort()

    async def head(self) -> None:
        """Wait for status and headers."""
        while not self.status and self._source is not None:
            await self._news()
        if not self.status and self._error is not None:
            raise self._error

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head has come."""
        self.status = status
        self.headers = headers
        self.wake()

    def wake(self) -> None:
        """Something has come."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def completed(self) -> None:
        """The last piece is there."""
        self._let_go()

    def failed(self, error: UpstreamError) -> None:
        """No more will come."""
        self._error = error
        self._let_go()

    def _let_go(self) -> None:
        self._source = None
        # The list is the connection's, which goes on to fill it with another answer.
        self._body, shared = self._body.copy(), self._body
        shared.clear()
        self.wake()

    async def _news(self) -> None:
        self._waiter = waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None


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
