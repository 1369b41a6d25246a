"""Compressed requests: what is read, and what is refused before it takes memory."""

import gzip
import tracemalloc
import zlib

import pytest
import zstandard

from aiclient.compression import MAX_FILES, BodyTooLargeError, CodingError, decompressed
from aiclient.errors import MalformedError

LIMIT = 1 << 20
TEXT = b'{"model": "m"} ' * 5000
ZSTD = zstandard.compress(TEXT)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("identity", TEXT),
        ("", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:])),
        ("deflate", zlib.compress(TEXT)),
        ("zstd", ZSTD),
        (" ZSTD ", zstandard.compress(TEXT[:999]) + zstandard.compress(TEXT[999:])),
    ],
)
def test_reads(coding: str, body: bytes) -> None:
    """A compressed body is what it stands for."""
    assert decompressed(body, coding, LIMIT) == TEXT


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)[:-9]),
        ("gzip", gzip.compress(TEXT) + b"more"),
        ("gzip", TEXT),
        ("gzip", gzip.compress(b"") * (MAX_FILES + 1)),
        ("deflate", zlib.compress(TEXT)[:40]),
        ("zstd", ZSTD[:-1]),
        ("zstd", ZSTD + b"more"),
        ("zstd", TEXT),
        ("zstd", zstandard.compress(b"") * (MAX_FILES + 1)),
    ],
)
def test_refuses_what_is_broken(coding: str, body: bytes) -> None:
    with pytest.raises(MalformedError):
        decompressed(body, coding, LIMIT)


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, gzip", "gzip, zstd"])
def test_refuses_what_it_does_not_know(coding: str) -> None:
    with pytest.raises(CodingError):
        decompressed(b"", coding, LIMIT)


BOMB = bytes(64 << 20)


@pytest.mark.parametrize(("coding", "body"), [("gzip", gzip.compress(BOMB)), ("zstd", zstandard.compress(BOMB))])
def test_gives_up_a_bomb(coding: str, body: bytes) -> None:
    """Of what a few bytes stand for, hardly more than the limit is ever made."""
    tracemalloc.start()
    with pytest.raises(BodyTooLargeError):
        decompressed(body, coding, LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * LIMIT
