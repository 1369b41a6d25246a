"""Answers that come compressed although nobody asked for it."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiclient.errors import UpstreamProtocolError
from aiclient.upstream.http import HttpClient, decoding
from aiclient.upstream.http.decoding import DecodedResponse, Decompressor
from tests.scripted_server import answer, chunk, chunked_head
from tests.upstream.http.hostile import post, post_whole, replying, serving

TEXT = b"data: {}\n\n" * 500


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("GZIP", gzip.compress(TEXT[:2000]) + gzip.compress(TEXT[2000:])),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("identity", TEXT),
    ],
    ids=["gzip", "several", "x-gzip", "deflate", "identity"],
)
@pytest.mark.parametrize("by", [0, 100, 1])
async def test_what_can_be_read(client: HttpClient, coding: str, body: bytes, by: int) -> None:
    async with serving(replying(answer(body, f"content-encoding: {coding}"), answer(b"two"), by=by)) as server:
        assert await post_whole(client, server.origin) == TEXT
        assert await post_whole(client, server.origin) == b"two"
        assert server.connections == 1


async def test_a_stream_is_not_held_back(client: HttpClient) -> None:
    """An event is passed on when it is there, not when the block is full."""
    compressor = zlib.compressobj(wbits=31)
    first = compressor.compress(b"first") + compressor.flush(zlib.Z_SYNC_FLUSH)
    rest = compressor.compress(b"second") + compressor.flush()

    async with serving(replying(chunked_head("content-encoding: gzip") + chunk(first), chunk(rest))) as server:
        response = await post(client, server.origin)
        assert await response.chunk() == b"first"
        response.close()


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress", "x"])
async def test_what_cannot_be_read(client: HttpClient, coding: str) -> None:
    async with serving(replying(answer(TEXT, f"content-encoding: {coding}"))) as server:
        with pytest.raises(UpstreamProtocolError, match="not asked for"):
            await post(client, server.origin)
        await server.emptied()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (TEXT, "not compressed as it says"),
        (gzip.compress(TEXT)[:-9], "broke off"),
        (gzip.compress(TEXT)[:5], "broke off"),
        (gzip.compress(TEXT)[:-8] + b"\x00" * 8, "not compressed as it says"),
        (gzip.compress(TEXT) + b"garbage", "not compressed as it says"),
    ],
    ids=["not at all", "without its end", "begun", "another checksum", "more"],
)
async def test_what_is_broken(client: HttpClient, body: bytes, message: str) -> None:
    """Half an answer is not a whole one."""
    async with serving(replying(answer(body, "content-encoding: gzip"))) as server:
        with pytest.raises(UpstreamProtocolError, match=message):
            await post_whole(client, server.origin)


async def test_nothing_is_nothing(client: HttpClient) -> None:
    async with serving(replying(answer(b"", "content-encoding: gzip"))) as server:
        assert await post_whole(client, server.origin) == b""


async def test_a_bomb_goes_off_in_steps(client: HttpClient) -> None:
    """A kilobyte may stand for a megabyte: no read gives more than a step, and the limit holds for what is given."""
    bomb = gzip.compress(b"\x00" * (64 << 20))
    async with serving(replying(answer(bomb, "content-encoding: gzip"))) as server:
        response = await post(client, server.origin)
        assert isinstance(response, DecodedResponse)
        for _ in range(10):
            assert 0 < len(await response.chunk()) <= decoding.STEP
        with pytest.raises(UpstreamProtocolError, match="longer than 1000000 bytes"):
            await response.read(1_000_000)
        response.close()


@given(st.binary(max_size=3000), st.lists(st.integers(1, 500), min_size=1, max_size=10), st.integers(1, 300))
def test_any_pieces_and_any_step(data: bytes, sizes: list[int], step: int) -> None:
    """However it is cut and whatever the step, it is what was compressed."""
    body = gzip.compress(data) + gzip.compress(data)
    decompressor, out, start = Decompressor(step), b"", 0
    for size in [*sizes, len(body)]:
        if body[start : start + size]:
            decompressor.feed(body[start : start + size])
        while piece := decompressor.step():
            assert len(piece) <= step
            out += piece
        start += size
    assert (out, decompressor.is_complete) == (data + data, True)
