"""Bytes to answers: however they are cut, the same answer; and what is no answer is a fault."""

import itertools
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiclient._native import ResponseReader

READING_HEAD, READING_BODY, COMPLETE, FAULTY = range(4)

HEAD_LIMIT = 64 << 10
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n"

# Bytes, status, some of the headers, body, and whether the connection may be used again.
VALID: dict[str, tuple[bytes, int, dict[str, str], bytes, bool]] = {
    "length": (HEAD + b"content-length: 3\r\n\r\nabc", 200, {"content-length": "3"}, b"abc", True),
    "no body": (HEAD + b"content-length: 0\r\n\r\n", 200, {}, b"", True),
    "chunked": (CHUNKED + b"\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, {}, b"abcde", True),
    "extensions": (CHUNKED + b"\r\n3;a=b;c\r\nabc\r\n0;z\r\n\r\n", 200, {}, b"abc", True),
    "trailers": (CHUNKED + b"\r\n1\r\na\r\n0\r\nx-sum: 1\r\nstatus: no\r\n\r\n", 200, {}, b"a", True),
    "upper case": (HEAD + b"Content-Length: 1\r\nX-REQ: Yes\r\n\r\na", 200, {"x-req": "Yes"}, b"a", True),
    "empty value": (
        HEAD + b"x:\r\ny: \r\nz: 1\r\ncontent-length: 0\r\n\r\n",
        200,
        {"x": "", "y": "", "z": "1"},
        b"",
        True,
    ),
    "blanks": (HEAD + b"x: \t a b \t \r\ncontent-length: 0\r\n\r\n", 200, {"x": "a b"}, b"", True),
    "repeated": (HEAD + b"x: 1\r\nx: 2\r\ncontent-length: 0\r\n\r\n", 200, {"x": "2"}, b"", True),
    "Latin-1": (HEAD + b"x: \xe9\r\ncontent-length: 0\r\n\r\n", 200, {"x": "\xe9"}, b"", True),
    "no reason": (b"HTTP/1.1 404 \r\ncontent-length: 1\r\n\r\na", 404, {}, b"a", True),
    "to be closed": (HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\na", 200, {}, b"a", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", 200, {}, b"a", False),
    "HTTP/1.0 kept": (b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na", 200, {}, b"a", True),
    "until it closes": (HEAD + b"x: 1\r\n\r\nabc", 200, {"x": "1"}, b"abc", False),
    "HTTP/1.0 until it closes": (b"HTTP/1.0 200 OK\r\n\r\nabc", 200, {}, b"abc", False),
    "204": (b"HTTP/1.1 204 No Content\r\nx: 1\r\n\r\n", 204, {"x": "1"}, b"", True),
    "304": (b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, {}, b"", True),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\nx: 0\r\n\r\n"
        + HEAD
        + b"x: 1\r\ncontent-length: 1\r\n\r\na",
        200,
        {"x": "1"},
        b"a",
        True,
    ),
    # Some servers offer another protocol with every answer.
    "offer": (HEAD + b"upgrade: h2c\r\nconnection: upgrade\r\ncontent-length: 1\r\n\r\na", 200, {}, b"a", True),
}

INVALID = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "a request": b"GET / HTTP/1.1\r\n\r\n",
    "status": b"HTTP/1.1 2000 OK\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "header without a name": HEAD + b": 1\r\n\r\n",
    "header without a colon": HEAD + b"abc\r\n\r\n",
    "NUL": HEAD + b"x: a\x00b\r\n\r\n",
    "bare CR": HEAD + b"x: a\rcontent-length: 1\r\n\r\n",
    "folded line": HEAD + b"x: a\r\n b\r\n\r\n",
    "blank before the colon": HEAD + b"content-length : 1\r\n\r\na",
    "two lengths": HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "length list": HEAD + b"content-length: 1, 1\r\n\r\na",
    "negative length": HEAD + b"content-length: -1\r\n\r\n",
    "signed length": HEAD + b"content-length: +1\r\n\r\na",
    "enormous length": HEAD + b"content-length: 99999999999999999999999\r\n\r\n",
    "length and chunks": HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": CHUNKED + b"content-length: 3\r\n\r\n0\r\n\r\n",
    "other coding": HEAD + b"transfer-encoding: gzip\r\n\r\nabc",
    "coded chunks": HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks inside": HEAD + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "hidden chunks": HEAD + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunk size": CHUNKED + b"\r\nxyz\r\nabc",
    "signed chunk size": CHUNKED + b"\r\n-1\r\nabc",
    "prefixed chunk size": CHUNKED + b"\r\n0x3\r\nabc",
    "enormous chunk": CHUNKED + b"\r\nfffffffffffffffff\r\nabc",
    "chunk without end": CHUNKED + b"\r\n1\r\nabc\r\n",
    "other protocol": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "other protocol, unnamed": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "long head": HEAD + b"x: " + b"a" * HEAD_LIMIT + b"\r\ncontent-length: 1\r\n\r\na",
    "many headers": HEAD + b"".join(b"x-%d: %d\r\n" % (n, n) for n in range(10_000)) + b"content-length: 1\r\n\r\na",
    "long reason": b"HTTP/1.1 200 " + b"a" * 2 * HEAD_LIMIT + b"\r\n\r\n",
    "interim flood": b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" * 2_000,
    "endless trailers": CHUNKED + b"\r\n0\r\n" + b"x: 1\r\n" * 20_000,
    "endless extension": CHUNKED + b"\r\n1;" + b"a" * 2 * HEAD_LIMIT,
}


def read(pieces: Iterable[bytes]) -> tuple[ResponseReader, bytes]:
    """What has been read when the connection ends after these pieces, and the body."""
    reader = ResponseReader()
    body = b"".join([reader.feed(piece) for piece in pieces])
    if reader.state != COMPLETE:
        reader.feed_eof()
    return reader, body


def cut(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """The bytes, cut at these places."""
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return (data[start:end] for start, end in itertools.pairwise(edges) if start < end)


def check(case: str, pieces: Iterable[bytes]) -> None:
    """The pieces are the answer that the table says."""
    _, status, headers, expected, reusable = VALID[case]
    reader, body = read(pieces)
    assert (reader.state, reader.status, body, reader.reusable) == (COMPLETE, status, expected, reusable)
    assert reader.fault is None
    assert headers.items() <= reader.headers.items()


@pytest.mark.parametrize("case", VALID)
def test_an_answer(case: str) -> None:
    check(case, [VALID[case][0]])
    check(case, (bytes([byte]) for byte in VALID[case][0]))


@given(st.sampled_from(sorted(VALID)), st.lists(st.integers(0, 10_000), max_size=8))
def test_cuts_do_not_matter(case: str, places: list[int]) -> None:
    """However the network cuts an answer, it has the same status, headers and body."""
    check(case, cut(VALID[case][0], places))


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(0, 10_000), max_size=8))
def test_any_chunks(chunks: list[bytes], places: list[int]) -> None:
    """The pieces of a chunked body are its body, wherever they are cut."""
    data = CHUNKED + b"\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"
    reader, body = read(cut(data, places))
    assert (body, reader.state, reader.reusable) == (b"".join(chunks), COMPLETE, True)


@given(st.lists(st.sampled_from([case for case in sorted(VALID) if VALID[case][4]]), max_size=5))
def test_one_after_the_other(cases: list[str]) -> None:
    """An answer leaves nothing to the next one."""
    reader = ResponseReader()
    for case in cases:
        data, status, headers, body, _ = VALID[case]
        assert (reader.feed(data), reader.state, reader.status) == (body, COMPLETE, status)
        assert headers.items() <= reader.headers.items()
        reader.next()
        assert (reader.begun, reader.state, reader.status, reader.headers) == (False, READING_HEAD, 0, {})


@pytest.mark.parametrize("case", INVALID)
@pytest.mark.parametrize("by", [1, 1000, 1 << 20])
def test_what_is_no_answer(case: str, by: int) -> None:
    data = INVALID[case]
    reader, _ = read(data[start : start + by] for start in range(0, len(data), by))
    assert reader.state == FAULTY
    assert not reader.reusable
    assert reader.fault is not None
    assert reader.fault.startswith("the upstream's answer ")
    assert len(reader.fault) < 200


@given(st.binary(max_size=60), st.sampled_from([b"", HEAD, CHUNKED, CHUNKED + b"\r\n"]))
def test_any_bytes(data: bytes, before: bytes) -> None:
    """Whatever a server sends, it is an answer or the upstream's fault."""
    reader, _ = read([before, data])
    assert reader.state == (COMPLETE if reader.fault is None else FAULTY)


@pytest.mark.parametrize("case", [case for case in VALID if VALID[case][4]])
def test_half_an_answer(case: str) -> None:
    """An answer that has a length is not complete before it."""
    data = VALID[case][0]
    for end in range(len(data) - 1):
        reader = ResponseReader()
        reader.feed(data[:end])
        assert reader.state == (READING_BODY if reader.status else READING_HEAD)
        assert reader.begun == (end > 0)
        reader.feed_eof()
        assert reader.state == FAULTY
        assert "broke off" in str(reader.fault)


@pytest.mark.parametrize("more", [b"x", HEAD, HEAD + b"content-length: 1\r\n\r\nb", b"\x00"])
@pytest.mark.parametrize("case", [case for case in VALID if VALID[case][4]])
def test_more_than_an_answer(case: str, more: bytes) -> None:
    """The answer stands; but what follows it would be taken for the next one, so that there is none."""
    data, status, _, body, _ = VALID[case]
    for pieces in ([data + more], [data, more]):
        reader = ResponseReader()
        assert b"".join([reader.feed(piece) for piece in pieces]) == body
        assert (reader.state, reader.status, reader.reusable) == (COMPLETE, status, False)


def test_a_body_may_be_long() -> None:
    """The limit is for what is not body."""
    reader = ResponseReader()
    reader.feed(CHUNKED + b"\r\n")
    for _ in range(100):
        assert reader.feed(b"1000\r\n" + b"a" * 0x1000 + b"\r\n") == b"a" * 0x1000
    reader.feed(b"0\r\n\r\n")
    assert reader.state == COMPLETE


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("other coding", "the upstream's answer has a transfer-encoding other than chunked"),
        ("other protocol", "the upstream's answer is not HTTP: it switched to another protocol"),
        ("chunk size", "the upstream's answer is not HTTP: the size of a chunk is no size"),
        ("long head", "the upstream's answer has a head of more than 65536 bytes"),
    ],
)
def test_a_fault_says_what_it_is(case: str, said: str) -> None:
    """The operator reads it."""
    reader, _ = read([INVALID[case]])
    assert reader.fault == said


def test_what_came_before_a_fault_is_not_lost() -> None:
    """A client has the right to what its upstream has said."""
    reader = ResponseReader()
    assert reader.feed(CHUNKED + b"\r\n5\r\nfirst\r\nno chunk\r\n") == b"first"
    assert reader.state == FAULTY
    # And nothing comes after it.
    assert reader.feed(b"5\r\nother\r\n") == b""


def test_bytes_that_are_body_alone_are_not_copied() -> None:
    reader = ResponseReader()
    reader.feed(HEAD + b"content-length: 2000\r\n\r\n")
    data = b"a" * 1000
    assert reader.feed(data) is data


def test_headers_are_built_once() -> None:
    """Their names and values, and the few that are asked for alone."""
    reader = ResponseReader()
    assert (reader.headers, reader.keep_alive, reader.content_encoding) == ({}, None, None)
    reader.feed(HEAD + b"Keep-Alive: timeout=5\r\nContent-Encoding: gzip\r\ncontent-length: 0\r\n\r\n")
    expected = {"keep-alive": "timeout=5", "content-encoding": "gzip", "content-length": "0"}
    assert (reader.headers, reader.keep_alive, reader.content_encoding) == (expected, "timeout=5", "gzip")
    assert reader.headers is reader.headers
    kept = reader.headers
    reader.next()
    assert (kept, reader.headers) == (expected, {})
