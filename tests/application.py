"""Calling an ASGI application as a server would, without a server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiclient.app import Gateway
from aiclient.asgi import Message, Scope
from tests.backends.exchange import JsonValue


@dataclass
class Reply:
    """What an application sent; the status is 0 if it sent nothing."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    complete: bool = False

    @property
    def body(self) -> bytes:
        """All chunks."""
        return b"".join(self.chunks)

    def json(self) -> JsonValue:
        """The body, read as JSON."""
        return json.loads(self.body)

    async def send(self, message: Message) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            assert self.status == 0, "a second head"
            self.status = message["status"]
            self.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
            assert len(self.headers) == len(message["headers"]), "a header twice"
        else:
            assert self.status, "a body before the head"
            assert not self.complete, "a body after the end"
            self.chunks.append(message.get("body", b""))
            self.complete = not message.get("more_body", False)


class Client:
    """Says what a client says; stays until `leave` is called."""

    def __init__(self, *chunks: bytes) -> None:
        # As granian has it: the end of a body is a message of its own.
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        for chunk in chunks:
            self._messages.put_nowait({"type": "http.request", "body": chunk, "more_body": True})
        self._messages.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    def leave(self) -> None:
        """Close the connection."""
        self._messages.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> Message:
        """The next message."""
        return await self._messages.get()


def scope(method: str, url: str, headers: Sequence[tuple[str, str]] = ()) -> Scope:
    """The scope of a request."""
    path, _, query = url.partition("?")
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "query_string": query.encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }


@contextlib.asynccontextmanager
async def running(app: Gateway) -> AsyncIterator[Gateway]:
    """The application between its start and its stop, which both have to succeed."""
    received: asyncio.Queue[str] = asyncio.Queue()
    sent: asyncio.Queue[str] = asyncio.Queue()

    async def receive() -> Message:
        return {"type": await received.get()}

    async def send(message: Message) -> None:
        await sent.put(message["type"])

    life = asyncio.ensure_future(app({"type": "lifespan"}, receive, send))
    await received.put("lifespan.startup")
    assert await sent.get() == "lifespan.startup.complete"
    try:
        yield app
    finally:
        await received.put("lifespan.shutdown")
        await life
    assert await sent.get() == "lifespan.shutdown.complete"


async def call(
    app: Gateway, method: str, url: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> Reply:
    """One request, and all of its answer."""
    reply = Reply()
    sized = [*headers, ("content-length", str(len(body)))] if body else headers
    await app(scope(method, url, sized), Client(body).receive, reply.send)
    return reply
