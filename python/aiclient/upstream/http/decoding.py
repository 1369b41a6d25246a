"""Answers that come compressed although nobody asked for it.

gzip and deflate are read; anything else is refused, because nobody could read it on. What a few bytes blow up to is
bounded: one `chunk` gives at most `STEP` bytes, and what is not asked for stays compressed.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from aiclient.errors import UpstreamProtocolError
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.http.response import HttpResponse

__all__ = ["decoded"]

# Most bytes that one read gives.
STEP = 256 << 10
# zlib reads the format of each from its first bytes.
_ANY_FORMAT = 32 + zlib.MAX_WBITS
_READ = frozenset({"gzip", "x-gzip", "deflate"})


def decoded(response: HttpResponse) -> UpstreamResponse:
    """The answer as it was before its server compressed it; raises `UpstreamProtocolError` if that cannot be undone."""
    coding = response.headers.get("content-encoding", "identity").lower()
    if coding in {"identity", ""}:
        return response
    if coding not in _READ:
        response.close()
        raise UpstreamProtocolError("the upstream's answer is compressed in a way that was not asked for")
    return DecodedResponse(response)


class DecodedResponse:
    """A compressed answer, decompressed as it is read."""

    __slots__ = ("_compressed", "_decompressor", "_has_more", "_inner", "_is_empty", "headers", "status")

    def __init__(self, inner: HttpResponse) -> None:
        self._inner = inner
        self._decompressor = zlib.decompressobj(_ANY_FORMAT)
        self._compressed = b""
        self._has_more = False
        """Whether there may be more to give without more to read."""
        self._is_empty = True
        self.status = inner.status
        self.headers: Mapping[str, str] = inner.headers

    async def chunk(self) -> bytes:
        """What can be read now, in steps."""
        while True:
            if not self._has_more and not await self._fill():
                return b""
            if data := self._step():
                return data

    async def read(self, limit: int) -> bytes:
        """The rest of the body, of at most `limit` bytes."""
        chunks: list[bytes] = []
        size = 0
        while chunk := await self.chunk():
            size += len(chunk)
            if size > limit:
                raise UpstreamProtocolError(f"the upstream's answer is longer than {limit} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def close(self) -> None:
        """Be done with it."""
        self._inner.close()

    async def _fill(self) -> bool:
        """Read on; False at the end."""
        self._compressed = await self._inner.chunk()
        if self._compressed:
            self._is_empty = False
            return True
        if not (self._decompressor.eof or self._is_empty):
            raise UpstreamProtocolError("the upstream's answer broke off: the body is incomplete")
        return False

    def _step(self) -> bytes:
        try:
            data = self._decompressor.decompress(self._compressed, STEP)
        except zlib.error as error:
            raise UpstreamProtocolError("the upstream's answer is not compressed as it says") from error
        self._compressed = self._decompressor.unconsumed_tail
        if self._decompressor.unused_data:
            # Several compressed files in a row are one (RFC 1952, 2.2).
            self._compressed = self._decompressor.unused_data
            self._decompressor = zlib.decompressobj(_ANY_FORMAT)
        self._has_more = bool(self._compressed) or len(data) == STEP
        return data
