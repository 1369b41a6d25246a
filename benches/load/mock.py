"""A mock upstream in a process of its own, cheap on the CPU: every answer is made before it is asked for.

    python -m benches.load.mock PORT

Speaks all four dialects on 127.0.0.1, and answers 400 to a body that is not the dialect of its path: a gateway that
does not translate has errors, not figures.
"""

import asyncio
import sys
from collections.abc import Iterator
from typing import cast

import httptools
import uvloop

from benches import samples
from benches.load.behaviour import CONTROL_PATH, Behaviour
from benches.samples import DIALECTS, Dialect

# How the path of each dialect ends, without a query, and what its bodies must have.
ROUTES: tuple[tuple[bytes, Dialect, bytes], ...] = (
    (b"/chat/completions", "openai_chat", b'"messages"'),
    (b"/responses", "openai_responses", b'"input"'),
    (b"/messages", "anthropic", b'"max_tokens"'),
    (b":generateContent", "gemini", b'"contents"'),
    (b":streamGenerateContent", "gemini", b'"contents"'),
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


class Answers:
    """What is sent, by dialect, for one behaviour."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.gap = behaviour.gap_ms / 1000
        self.whole = {dialect: _whole(200, samples.reply(dialect, behaviour.reply_bytes)) for dialect in DIALECTS}
        self.streams = {dialect: list(_writes(dialect, behaviour)) for dialect in DIALECTS}


class State:
    """What all connections share."""

    def __init__(self) -> None:
        self.answers = Answers(Behaviour())
        self.requests = 0


class Connection(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._parser = httptools.HttpRequestParser(self)
        self._path = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path = b""
        self._body = []

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        path, _, query = self._path.partition(b"?")
        if path == CONTROL_PATH:
            self._control(query)
            return
        self._state.requests += 1
        body = b"".join(self._body)
        dialect = _dialect(path, body)
        if dialect is None:
            self._transport.write(_whole(400, b'{"error":{"message":"not the dialect of this path"}}'))
        elif _wants_stream(path, body):
            self._stream(dialect)
        else:
            self._transport.write(self._state.answers.whole[dialect])

    def _control(self, query: bytes) -> None:
        """Change the behaviour if one is given; the answer is how many requests came so far."""
        if query:
            self._state.answers = Answers(Behaviour.parse(query))
        self._transport.write(_whole(200, b"%d" % self._state.requests))

    def _stream(self, dialect: Dialect) -> None:
        answers = self._state.answers
        writes = iter(answers.streams[dialect])
        if answers.gap:
            self._write_next(writes, answers.gap)
        else:
            for data in writes:
                self._transport.write(data)

    def _write_next(self, writes: Iterator[bytes], gap: float) -> None:
        data = next(writes, None)
        if data is not None and not self._transport.is_closing():
            self._transport.write(data)
            asyncio.get_running_loop().call_later(gap, self._write_next, writes, gap)


def _dialect(path: bytes, body: bytes) -> Dialect | None:
    for end, dialect, member in ROUTES:
        if path.endswith(end):
            return dialect if member in body else None
    return None


def _wants_stream(path: bytes, body: bytes) -> bool:
    # Gemini says it in the path.
    return path.endswith(b":streamGenerateContent") or b'"stream":true' in body or b'"stream": true' in body


def _whole(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _writes(dialect: Dialect, behaviour: Behaviour) -> Iterator[bytes]:
    stream = samples.stream(dialect, max(1, behaviour.events))
    if behaviour.idle:
        yield STREAM_HEAD + _chunk(stream.opening + stream.deltas[0])
        return
    yield STREAM_HEAD + (_chunk(stream.opening) if stream.opening else b"")
    yield from map(_chunk, stream.deltas)
    yield _chunk(stream.closing) + LAST_CHUNK


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(state), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
