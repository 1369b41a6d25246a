"""The demo behind the interface of every upstream; nothing leaves the process."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence

from aiclient.errors import UpstreamProtocolError
from aiclient.upstream.client import Limits, PreparedRequest, UpstreamResponse

__all__ = ["PACE", "DemoUpstream"]

# Seconds between two words, as a quick model writes.
PACE = 0.02


class DemoResponse:
    """An answer that is there already; all chunks but the first come paced."""

    __slots__ = ("_chunks", "_started", "headers", "status")

    def __init__(self, status: int, content_type: str, chunks: Sequence[bytes]) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": content_type}
        self._chunks = deque(chunks)
        self._started = False

    @property
    def pushing(self) -> None:
        """It has to be asked for each chunk."""

    async def chunk(self) -> bytes:
        """The next chunk; empty at the end."""
        if not self._chunks:
            return b""
        if self._started:
            await asyncio.sleep(PACE)
        self._started = True
        return self._chunks.popleft()

    def read_at_once(self) -> None:
        """It has to be waited for."""

    async def read(self, limit: int) -> bytes:
        """The rest at once; raises `UpstreamProtocolError` beyond `limit` bytes."""
        body = b"".join(self._chunks)
        self._chunks.clear()
        if len(body) > limit:
            raise UpstreamProtocolError(f"the upstream's answer is longer than {limit} bytes")
        return body

    def close(self) -> None:
        """Say no more."""
        self._chunks.clear()


class DemoUpstream:
    """Answers every request itself."""

    async def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> UpstreamResponse:
        """Answer a Chat Completions request; never late, and never in vain."""
        from aiclient.upstream.demo.model import answer  # noqa: PLC0415  # only who asks the demo needs it

        del method, url, headers, limits
        return DemoResponse(*answer(body, created=int(time.time())))

    async def send(self, request: PreparedRequest, body: bytes, limits: Limits) -> UpstreamResponse:
        """The same for a request that is sent often."""
        return await self.open(request.method, request.url, request.headers, body, limits)

    async def close(self) -> None:
        """Nothing is open."""
