"""A server that does with its connections whatever a test says, and a way to ask it."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiclient.upstream.client import Limits, UpstreamResponse
from aiclient.upstream.http import HttpClient
from tests.scripted_server import chunk, chunked_head

LIMITS = Limits(connect=5, first_byte=5, idle=5)
HEADERS = [("content-type", "application/json"), ("accept-encoding", "identity")]


@dataclass
class Peer:
    """The server's side of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """Read a request: its head, as it came. Raises `asyncio.IncompleteReadError` if there is none."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0)
        await self.reader.readexactly(length)
        return head

    async def send(self, data: bytes, *, by: int = 0) -> None:
        """Send bytes, in pieces of `by` if that is said."""
        for start in range(0, len(data), by or len(data) or 1):
            self.writer.write(data[start : start + (by or len(data))])
            await self.writer.drain()
            await asyncio.sleep(0)

    async def gone(self) -> None:
        """Wait for the client to close."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Close so that the client is told of an error (a TCP reset)."""
        connected: socket.socket = self.writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Peer], Awaitable[None]]


@dataclass
class Server:
    """Where it listens, and how many have come."""

    port: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    async def emptied(self) -> None:
        """Wait until no connection is left."""
        async with asyncio.timeout(10):
            while self._tasks:
                await asyncio.wait(self._tasks)


@contextlib.asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", name: str | None = None
) -> AsyncIterator[Server]:
    """A server that runs `handler` for each connection, and closes it after that."""
    served = Server(scheme="http" if tls is None else "https", host=name or address)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served._tasks.add(task)
        served.connections += 1
        try:
            await handler(Peer(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            served._tasks.discard(task)

    server = await asyncio.start_server(serve, address, 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        # Whoever has come and gone before the server noticed is still accepted, and then seen off.
        await asyncio.sleep(0.01)
        server.close()
        for task in served._tasks:
            task.cancel()
        if served._tasks:
            await asyncio.wait(served._tasks)


class Flood:
    """Answers with more than fits into buffers, as fast as it is taken."""

    length = 64 << 20

    def __init__(self) -> None:
        self.sent = 0

    async def handle(self, peer: Peer) -> None:
        """Answer one request."""
        await peer.request()
        await peer.send(chunked_head())
        while self.sent < self.length:
            await peer.send(chunk(b"x" * 65536))
            self.sent += 65536
        await peer.send(chunk(b""))


def replying(*answers: bytes, by: int = 0) -> Handler:
    """Answers the requests of a connection in turn, then closes it."""

    async def handle(peer: Peer) -> None:
        for reply in answers:
            await peer.request()
            await peer.send(reply, by=by)

    return handle


async def post(client: HttpClient, origin: str, limits: Limits = LIMITS, body: bytes = b"{}") -> UpstreamResponse:
    """Ask, and wait for the head of the answer."""
    return await client.open("POST", f"{origin}/path?a=b", HEADERS, body, limits)


async def post_whole(client: HttpClient, origin: str, limits: Limits = LIMITS, body: bytes = b"{}") -> bytes:
    """Ask, read the whole answer, and be done with it."""
    response = await post(client, origin, limits, body)
    try:
        return await response.read(10_000_000)
    finally:
        response.close()
