"""Compressed bodies of requests: gzip, deflate and zstd, never to more than a limit.

A few bytes can stand for gigabytes. So a body is decompressed in steps, and given up as soon as it is beyond the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from aiclient.errors import MalformedError, RequestError

__all__ = ["BodyTooLargeError", "decompressed"]

# Bytes that are decompressed at once: zlib makes at most a thousand times as many of them, zstd 32,000 times.
_ZLIB_SLICE, _ZSTD_SLICE = 4 << 10, 128
# Compressed files in one body. Tools that compress in parallel make one for each 64 KiB or more.
MAX_FILES = 4096
# zlib reads the format of each from its first bytes.
_ANY_FORMAT = 32 + zlib.MAX_WBITS
# Most bytes of what a zstd frame may refer back to: what every decoder has to support, RFC 8878, 3.1.1.1.2.
_ZSTD_WINDOW = 8 << 20


class BodyTooLargeError(RequestError):
    """The request's body is beyond the limit."""

    status = 413


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class CodingError(RequestError):
    """The body is compressed in a way that is not known here."""

    status = 415


def decompressed(body: bytes, coding: str, limit: int) -> bytes:
    """What a body stands for, by its `content-encoding`.

    Raises `BodyTooLargeError` beyond `limit` bytes, `CodingError`, and `MalformedError` for a body that is not what it
    says.
    """
    match coding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip" | "deflate":
            steps = _steps(body, _zlib, _ZLIB_SLICE)
        case "zstd":
            steps = _steps(body, _zstd, _ZSTD_SLICE)
        case _:
            raise CodingError("content-encoding: expected gzip, deflate, zstd or none, one at a time")
    try:
        return _joined(steps, limit)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise MalformedError(f"the body is not complete and valid {coding.strip()[:20]!r}") from error


def _joined(steps: Iterator[bytes], limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in steps:
        size += len(piece)
        if size > limit:
            raise BodyTooLargeError(f"the body is longer than the {limit} bytes that are accepted, once decompressed")
        pieces.append(piece)
    return b"".join(pieces)


def _steps(body: bytes, new: Callable[[], _Decompressor], slice_size: int) -> Iterator[bytes]:
    """What each slice gives. Several compressed files in a row are one (RFC 1952, 2.2; RFC 8878, 3)."""
    at = files = 0
    while at < len(body):
        files += 1
        if files > MAX_FILES:
            raise EOFError
        decompressor = new()
        while not decompressor.eof:
            if at == len(body):
                raise EOFError
            piece = body[at : at + slice_size]
            at += len(piece)
            yield decompressor.decompress(piece)
        at -= len(decompressor.unused_data)


def _zlib() -> _Decompressor:
    return zlib.decompressobj(_ANY_FORMAT)


def _zstd() -> _Decompressor:
    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
