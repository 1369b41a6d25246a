"""The little of ASGI that a gateway needs: a request and an answer.

Reference: asgi.readthedocs.io, "HTTP & WebSocket ASGI Message Format". What granian does beyond the specification is
said where it matters.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from aiclient.compression import BodyTooLargeError, decompressed
from aiclient.errors import MalformedError

__all__ = ["Answer", "ClientGoneError", "Headers", "Receive", "Request", "Scope", "Send", "header_value"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def header_value(text: str) -> bytes:
    """A text of somebody else's making, as a header may carry it: on one line, in Latin-1."""
    one_line = text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
    return one_line.encode("latin-1", "replace")


class ClientGoneError(Exception):
    """The client closed its connection before its request was complete."""


class Request:
    """What a client sent: method, path, query, headers (names in lower case; of repeated ones the last) and body."""

    __slots__ = ("headers", "method", "path", "query_string", "receive")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_string: str = scope["query_string"].decode("latin-1")
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.receive = receive

    def header(self, name: bytes) -> str | None:
        """A header's value, if it was sent."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def query(self) -> list[tuple[str, str]]:
        """The parameters of the query, in order."""
        return parse_qsl(self.query_string, keep_blank_values=True) if self.query_string else []

    async def body(self, limit: int) -> bytes:
        """The whole body, decompressed, of at most `limit` bytes.

        Raises `BodyTooLargeError`, `MalformedError` for a `content-length` that is no number or is not kept, what
        `decompressed` raises, and `ClientGoneError`.
        """
        announced = self._announced()
        if announced is not None and announced > limit:
            raise BodyTooLargeError(f"the body has {announced} bytes; at most {limit} are accepted")
        message = await self.receive()
        body: bytes = message.get("body", b"")
        # granian says that the body is over in a message of its own; a body that has all its bytes need not wait.
        if len(body) != announced or not body:
            body = await self._rest(message, limit, announced)
        coding = self.headers.get(b"content-encoding")
        return body if coding is None else decompressed(body, coding.decode("latin-1"), limit)

    async def _rest(self, message: Message, limit: int, announced: int | None) -> bytes:
        """A body that comes in several messages, of which the first is there."""
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BodyTooLargeError(f"the body is longer than the {limit} bytes that are accepted")
            chunks.append(chunk)
            if not message.get("more_body", False) or size == announced:
                return b"".join(chunks)
            message = await self.receive()

    def _announced(self) -> int | None:
        length = self.headers.get(b"content-length")
        if length is None:
            return None
        if not length.isdigit():
            raise MalformedError("content-length: expected a number of bytes")
        return int(length)


class Answer:
    """The answer to a request, sent once."""

    __slots__ = ("_send", "extra", "head_only", "request_id", "status")

    def __init__(self, send: Send, request_id: str, *, head_only: bool = False) -> None:
        self._send = send
        self.request_id = request_id
        self.head_only = head_only
        self.extra: Headers = []
        """Headers that go out with whatever the answer turns out to be."""
        self.status = 0
        """The status that was sent; 0 while none was."""

    async def whole(self, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send everything at once."""
        length = (b"content-length", str(len(body)).encode())
        await self._send(self._start(status, [length, *headers]))
        self.status = status
        await self._send({"type": "http.response.body", "body": b"" if self.head_only else body})

    async def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Send the head; chunks follow."""
        await self._send(self._start(status, [*headers]))
        self.status = status

    def chunk(self, data: bytes) -> Awaitable[None]:
        """Send a piece of the body."""
        return self._send({"type": "http.response.body", "body": data, "more_body": True})

    def end(self) -> Awaitable[None]:
        """The body is complete."""
        return self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _start(self, status: int, headers: Headers) -> Message:
        headers.append((b"x-request-id", self.request_id.encode("latin-1")))
        headers += self.extra
        return {"type": "http.response.start", "status": status, "headers": headers}
