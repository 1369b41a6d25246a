"""Answers that come compressed although nobody asked for it.

gzip and deflate are read; anything else is refused, because nobody could read it on. What a few bytes blow up to is
bounded: one `chunk` gives at most `STEP` bytes, and what is not asked for stays compressed.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from aiclient.errors import UpstreamProtocolError
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.http.response import HttpResponse, read_rest

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


class Decompressor:
    """Compressed bytes to what they stand for, at most `size` bytes at a time."""

    __slots__ = ("_compressed", "_decompressor", "_has_more", "_is_empty", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._decompressor = zlib.decompressobj(_ANY_FORMAT)
        self._compressed = b""
        self._has_more = False
        """Whether there may be more to give without more to read."""
        self._is_empty = True

    @property
    def is_complete(self) -> bool:
        """Whether what was compressed is complete; nothing at all is."""
        return self._is_empty or self._decompressor.eof

    def feed(self, data: bytes) -> None:
        """More compressed bytes; all that can be given for those before has been taken."""
        self._compressed = data
        self._has_more = True
        self._is_empty = False

    def step(self) -> bytes:
        """The next bytes; none if more has to be fed. Raises `UpstreamProtocolError`."""
        while self._has_more:
            if data := self._decompress():
                return data
        return b""

    def _decompress(self) -> bytes:
        if self._decompressor.eof and self._compressed:
            # Several compressed files in a row are one (RFC 1952, 2.2).
            self._decompressor = zlib.decompressobj(_ANY_FORMAT)
        try:
            data = self._decompressor.decompress(self._compressed, self._size)
        except zlib.error as error:
            raise UpstreamProtocolError("the upstream's answer is not compressed as it says") from error
        self._compressed = self._decompressor.unconsumed_tail or self._decompressor.unused_data
        self._has_more = bool(self._compressed) or len(data) == self._size
        return data


class DecodedResponse:
    """A compressed answer, decompressed as it is read."""

    __slots__ = ("_decompressor", "_inner", "headers", "status")

    def __init__(self, inner: HttpResponse) -> None:
        self._inner = inner
        self._decompressor = Decompressor(STEP)
        self.status = inner.status
        self.headers: Mapping[str, str] = inner.headers

    @property
    def pushing(self) -> None:
        """It has to be asked for each chunk."""

    async def chunk(self) -> bytes:
        """What can be read now, in steps."""
        while not (data := self._decompressor.step()):
            compressed = await self._inner.chunk()
            if not compressed:
                self._check_complete()
                return b""
            self._decompressor.feed(compressed)
        return data

    def read_at_once(self) -> None:
        """It has to be waited for."""

    async def read(self, limit: int) -> bytes:
        """The rest of the body, of at most `limit` bytes."""
        return await read_rest(self, limit)

    def close(self) -> None:
        """Be done with it."""
        self._inner.close()

    def _check_complete(self) -> None:
        if not self._decompressor.is_complete:
            raise UpstreamProtocolError("the upstream's answer broke off: the body is incomplete")
