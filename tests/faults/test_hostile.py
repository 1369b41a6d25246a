"""Clients that mean harm: each is refused or served as what it is, and nobody else suffers."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator

import pytest
import zstandard

from aiclient.telemetry.log import PATIENCE
from tests.backends.keys import CLIENT_KEY
from tests.faults.client import Received, ask
from tests.faults.table import gateway_before_faults
from tests.faults.upstream import FaultyUpstream
from tests.faults.wires import WIRES, Wire
from tests.gateway import Gateway

HEAD_SECONDS = 1
Before = tuple[Gateway, FaultyUpstream]
CHAT = WIRES["openai_chat"]
MODEL = "openai_chat/none"
SMUGGLED = "openai_chat/smuggled--none"


@pytest.fixture(name="before")
async def _before(_loopback_without_proxy: None) -> AsyncIterator[Before]:
    async with gateway_before_faults(head_seconds=HEAD_SECONDS, max_head_kb=64, max_body_mb=1) as (gateway, upstream):
        yield gateway, upstream
        # Whoever comes after is served.
        received = await ask(gateway.port, CHAT.request(MODEL, stream=False))
        assert received.told(CHAT) == "finished"


def request(*headers: bytes, body: bytes = b"", path: bytes = b"/v1/chat/completions", key: bool = True) -> bytes:
    """A request with these lines in its head."""
    own = [b"authorization: Bearer " + CLIENT_KEY.encode()] if key else []
    return b"\r\n".join([b"POST " + path + b" HTTP/1.1", b"host: gateway", *own, *headers, b"", b""]) + body


def question(model: str = MODEL) -> bytes:
    """The body of a request."""
    return json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}]}).encode()


def length(body: bytes) -> bytes:
    return b"content-length: %d" % len(body)


HIDDEN = CHAT.request(SMUGGLED, stream=False)
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(question()), question())
SMUGGLING = {
    "both frames": request(length(CHUNKED + HIDDEN), b"transfer-encoding: chunked", body=CHUNKED + HIDDEN),
    "both frames, the other way round": request(
        b"transfer-encoding: chunked", b"content-length: 4", body=b"0\r\n\r\n" + HIDDEN
    ),
    "two lengths": request(length(question()), length(question() + HIDDEN), body=question() + HIDDEN),
    "two lengths in one": request(b"content-length: 1, 2", body=question() + HIDDEN),
    "a length with a sign": request(b"content-length: +%d" % len(question()), body=question() + HIDDEN),
    "a coding that is none": request(b"transfer-encoding: xchunked", body=CHUNKED + HIDDEN),
    "a coding with a tab": request(b"transfer-encoding:\x0bchunked", body=CHUNKED + HIDDEN),
    "a chunk's size too large": request(b"transfer-encoding: chunked", body=b"fffffffffffffffff\r\n" + HIDDEN),
    "a chunk's size that is none": request(b"transfer-encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN),
    "a space before the colon": request(b"content-length : %d" % len(question()), body=question() + HIDDEN),
    "a folded line": request(b"x-header: a\r\n " + length(question()), body=question() + HIDDEN),
    "a bare line feed": request(b"x-header: a\ncontent-length: 0", length(question()), body=question() + HIDDEN),
    "a bare carriage return": request(b"x-header: a\rcontent-length: 0", length(question()), body=question() + HIDDEN),
    "a NUL": request(b"x-header: \x00", length(question()), body=question() + HIDDEN),
}


async def conversation(port: int, sent: bytes) -> bytes:
    """All that the gateway says until it closes the connection, or says nothing for a while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    try:
        writer.write(sent)
        while piece := await asyncio.wait_for(reader.read(1 << 16), HEAD_SECONDS / 2):
            said += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return said


async def test_nothing_is_smuggled_to_an_upstream(before: Before) -> None:
    """A client may send one request after the other, but no upstream and no gateway reads them in another way.

    What a connection says after a request that has one frame is a request of its own, with a key of its own: it is
    served, as any. What could be read in two ways is not.
    """
    gateway, upstream = before
    for name, sent in SMUGGLING.items():
        upstream.asked.clear()
        said = await conversation(gateway.port, sent)
        assert upstream.asked["smuggled--none"] <= said.count(b"HTTP/1.1 200"), name
        assert sum(upstream.asked.values()) <= said.count(b"HTTP/1.1 200"), name
        if "both" not in name:
            assert b"HTTP/1.1 200" not in said or name in {"a folded line", "a bare line feed"}, name


async def test_a_head_is_bounded(before: Before) -> None:
    gateway, _ = before
    for lines in ([b"x-header: " + b"a" * 200_000], [b"x-%d: %s" % (n, b"a" * 100) for n in range(2000)]):
        said = await conversation(gateway.port, request(*lines, length(question()), body=question()))
        assert said.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


async def test_a_head_that_never_ends_is_cut(before: Before) -> None:
    """Slowloris: a byte now and then."""
    gateway, _ = before
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    started = time.monotonic()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nx-header: ")
    while time.monotonic() - started < HEAD_SECONDS * 10:
        writer.write(b"a")
        try:
            await asyncio.wait_for(reader.read(1), 0.2)
        except TimeoutError:
            continue
        except ConnectionError:
            pass
        break
    writer.transport.abort()
    assert time.monotonic() - started < HEAD_SECONDS * 10


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("wire", WIRES.values(), ids=list(WIRES))
async def test_a_bomb_is_given_up(before: Before, coding: str, wire: Wire) -> None:
    """Two kilobytes that stand for a gigabyte and more."""
    gateway, _ = before
    zeros = b"0" * (1 << 22)
    body = gzip.compress(zeros) * 300 if coding == "gzip" else zstandard.compress(zeros) * 300
    path = wire.path.format(model=MODEL, verb="generateContent").encode()
    received = await ask(
        gateway.port, request(f"content-encoding: {coding}".encode(), length(body), body=body, path=path)
    )
    # Gemini has no word for it but this.
    assert received.told(wire) in {413, 400}


DEEP = b"[" * 200_000
HARMFUL: dict[str, bytes] = {
    "deep": b'{"model":"%b","messages":' % MODEL.encode() + DEEP + b"]" * 200_000 + b"}",
    "deep and unclosed": b'{"model":"%b","contents":' % MODEL.encode() + DEEP,
    "no UTF-8": b'{"model":"%b","messages":[{"role":"user","content":"\xff"}]}' % MODEL.encode(),
    "a NUL": b"\x00" * 100,
    "half a surrogate in a name": b'{"model":"\\ud800","messages":[{"role":"user","content":"hi"}]}',
    "two models": b'{"model":"%b","model":"x","messages":[]}' % MODEL.encode(),
}


@pytest.mark.parametrize("wire", WIRES.values(), ids=list(WIRES))
async def test_bodies_that_mean_harm_are_refused_in_the_clients_words(before: Before, wire: Wire) -> None:
    gateway, _ = before
    path = wire.path.format(model=MODEL, verb="generateContent").encode()
    for name, body in HARMFUL.items():
        if wire.dialect == "gemini" and "model" in name:
            continue
        received = await ask(gateway.port, request(length(body), body=body, path=path))
        assert received.told(wire) in {400, 404}, name


async def test_a_key_in_the_address_is_not_logged(before: Before) -> None:
    gateway, _ = before
    wire, body = WIRES["gemini"], b'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'
    secret = b"AIza-a-secret-of-somebody"
    for key, status in ((CLIENT_KEY.encode(), "finished"), (secret, 401)):
        path = b"/v1beta/models/gemini/none:generateContent?key=" + key
        received = await ask(gateway.port, request(length(body), body=body, path=path, key=False))
        assert received.told(wire) == status
    await asyncio.sleep(PATIENCE * 2)
    log = gateway.log.read_text("utf-8")
    assert "generateContent" in log
    assert CLIENT_KEY not in log
    assert secret.decode() not in log


async def test_names_break_out_of_no_header(before: Before) -> None:
    gateway, _ = before
    body = question("openai_chat/none\r\nset-cookie: a=b\r\n\r\n<script>")
    received: Received = await ask(gateway.port, request(b"x-request-id: a\tb", length(body), body=body))
    assert "set-cookie" not in received.headers
    assert received.complete
