"""The upstream of the fault table: whoever asks for a model gets the fault of that name.

What stands before `--` tells one request from another: `17--stall`.
"""

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Mapping

from tests.faults.faults import REUSED_CLOSED, SCRIPTS, Close, Reset, Script
from tests.faults.wires import WIRES, Wire

_GEMINI = re.compile(r"/models/(?P<model>[^:]+):(?P<verb>\w+)")
_BY_PATH = {"/v1/chat/completions": "openai_chat", "/v1/responses": "openai_responses", "/v1/messages": "anthropic"}


# The first byte of a TLS record that opens a connection.
_TLS_HANDSHAKE = b"\x16"


class FaultyUpstream:
    """Speaks every dialect at one port, each to its end or not."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self._scripts = scripts
        self.port = 0
        self.open = 0
        """Connections that are open."""
        self.asked: Counter[str] = Counter()
        """Requests by the name of their model."""
        self.heads: dict[str, str] = {}
        """The latest head of a request, by the name of its model."""
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection."""
        self.open += 1
        self._writers.add(writer)
        gone = asyncio.create_task(_until_gone(reader))
        served = 0
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer, served, gone):
                    served += 1
        finally:
            gone.cancel()
            self.open -= 1
            self._writers.discard(writer)
            writer.close()

    def close_all(self) -> None:
        """Close all connections at once."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, served: int, gone: asyncio.Task[None]
    ) -> bool:
        first = await reader.readexactly(1)
        if first == _TLS_HANDSHAKE:
            writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            return False
        head = first + await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        wire, name, stream = _asked(head.split(b" ", 2)[1].decode(), body)
        self.asked[name] += 1
        self.heads[name] = head.decode("latin-1").lower()
        script = name.rpartition("--")[2]
        if script == REUSED_CLOSED and served:
            return False
        for step in self._scripts[script](wire, stream):
            if isinstance(step, Close):
                return False
            if isinstance(step, Reset):
                _reset(writer)
                return False
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
                # Writing what is taken at once would never let anybody else run.
                await asyncio.sleep(0)
            else:
                await asyncio.wait({gone}, timeout=step)
            if gone.done():
                return False
        return True


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Wait until the gateway has closed its side."""
    while not (  # noqa: ASYNC110  # a reader has no event for it
        reader.at_eof() or reader.exception()
    ):
        await asyncio.sleep(0.02)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _asked(path: str, body: bytes) -> tuple[Wire, str, bool]:
    """Dialect, model and whether a stream is asked for."""
    if found := _GEMINI.search(path):
        return WIRES["gemini"], found["model"], found["verb"].startswith("stream")
    question = json.loads(body)
    return WIRES[_BY_PATH[path.partition("?")[0]]], question["model"], bool(question.get("stream"))


@contextlib.asynccontextmanager
async def faulty_upstream(scripts: Mapping[str, Script] = SCRIPTS) -> AsyncIterator[FaultyUpstream]:
    """A running one."""
    upstream = FaultyUpstream(scripts)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, backlog=2048)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        upstream.close_all()
        while upstream.open:  # noqa: ASYNC110  # it is over in a moment
            await asyncio.sleep(0.01)
