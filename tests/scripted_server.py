"""An HTTP server that follows a script, for faults that no HTTP library would commit."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

CLOSE = None
"""A step of a script: the connection is closed."""

Script = Sequence[bytes | float | None]
"""What follows a request: bytes to write, seconds to wait, or `CLOSE`."""


@dataclass
class Arrival:
    """A request, and the number of the connection it came on, from 0."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for known, value in self.headers if known == name]


@dataclass
class ScriptedServer:
    """Follows one script for each request, whatever the request is; when there is none left, it closes."""

    scripts: deque[Script]
    arrivals: list[Arrival] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a client has closed its connection."""

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection."""
        number = self.connections
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            while await self._follow_script(reader, writer, number):
                pass
        writer.close()

    async def _follow_script(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            self.lost.set()
            return False
        line, *fields = head.decode("latin-1").strip().split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (text.partition(":") for text in fields)]
        length = int(dict(headers).get("content-length", "0"))
        self.arrivals.append(Arrival(line, headers, await reader.readexactly(length), number))
        for step in self.scripts.popleft() if self.scripts else [CLOSE]:
            if step is None:
                return False
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif not await self._stays(reader, step):
                return False
        return True

    async def _stays(self, reader: asyncio.StreamReader, seconds: float) -> bool:
        """Whether the client is still there after a while."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader.read(1), seconds)
            self.lost.set()
            return False
        return True


@contextlib.asynccontextmanager
async def scripted(*scripts: Script) -> AsyncIterator[ScriptedServer]:
    """A server that follows these scripts, one for each request in the order of arrival."""
    served = ScriptedServer(deque(scripts))
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked_head(*headers: str) -> bytes:
    """The head of an answer whose body comes in chunks."""
    return "\r\n".join(["HTTP/1.1 200 OK", "transfer-encoding: chunked", *headers, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    """A chunk of such a body; the empty one ends it."""
    return b"%x\r\n%s\r\n" % (len(data), data)
