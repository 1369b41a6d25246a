"""A client on a bare socket: what arrives is seen as it is, and not as a library takes it."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from tests.faults.faults import EVENT, FINISHED, Outcome
from tests.faults.wires import Wire

PATIENCE = 60.0
"""Seconds after which an exchange counts as hanging; far beyond every limit of the gateway under test."""


@dataclass
class Received:
    """What came."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False
    """Whether HTTP says that this is all."""
    hangs: bool = False
    seconds: float = 0.0

    def told(self, wire: Wire) -> Outcome:
        """What a client of this dialect understands; a text in words if it is neither an answer nor an error."""
        if self.hangs:
            return f"hangs with {self.status}"
        if not self.complete:
            return f"broken off after {self.body[-80:]!r}"
        if self.status != 200:
            return self.status if wire.is_envelope(self.body) else f"{self.status} with {self.body[:80]!r}"
        if "event-stream" not in self.headers.get("content-type", ""):
            return f"200 with {self.body[:80]!r}" if wire.is_envelope(self.body) else FINISHED
        if wire.has_error_event(self.body):
            return EVENT if wire.finished not in self.body else "finished, and an error"
        return FINISHED if wire.finished in self.body else f"200 that ends with {self.body[-80:]!r}"


async def ask(port: int, request: bytes, *, is_last: bool = False) -> Received:
    """Send a request on a connection of its own, and take what comes.

    `is_last`: whether to see that the gateway then closes the connection, and says nothing more on it.
    """
    loop = asyncio.get_running_loop()
    received, started = Received(), loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(request)
            await writer.drain()
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await _receive(reader, received)
            if is_last and received.complete:
                writer.write_eof()
                assert not await reader.read(), "something after the answer"
    except TimeoutError:
        received.hangs = True
    finally:
        writer.close()
    received.seconds = loop.time() - started
    return received


async def _receive(reader: asyncio.StreamReader, received: Received) -> None:
    line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    received.status = int(line.split(" ")[1])
    pairs = [field.split(": ", 1) for field in fields]
    received.headers = {name.lower(): value for name, value in pairs}
    assert len(received.headers) == len(pairs), "a header twice"
    if (length := received.headers.get("content-length")) is not None:
        received.body = await reader.readexactly(int(length))
    else:
        assert received.headers["transfer-encoding"] == "chunked"
        while size := int(await reader.readline(), 16):
            received.body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
    received.complete = True
