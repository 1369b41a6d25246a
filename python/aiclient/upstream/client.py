"""The interface to an upstream's HTTP server: open, status, headers, chunks, close.

Narrow on purpose: the rest of the gateway knows no HTTP library, and the built-in demo stands behind it as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiclient.errors import UpstreamError

__all__ = ["Limits", "PreparedRequest", "PushingResponse", "Sink", "UpstreamClient", "UpstreamResponse"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for an upstream, in seconds."""

    connect: float
    """Until the connection stands, TLS included."""
    first_byte: float
    """From when the connection stands to the head of the answer."""
    idle: float
    """Between two reads of a body."""
    total: float | None = None
    """From when the connection stands to the end of the answer, whoever is slow; without limit if None."""


class PreparedRequest:
    """What requests have in common that go to one place with the same headers."""

    __slots__ = ("headers", "kept", "method", "url")

    def __init__(self, method: str, url: str, headers: Sequence[tuple[str, str]]) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.kept: object = None
        """What the client that sends it has worked out."""


class UpstreamResponse(Protocol):
    """An answer whose head has come."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case; of repeated ones the last."""

    async def chunk(self) -> bytes:
        """Everything that can be read now, waiting only for the first byte of it; empty at the end of the body.

        Raises `UpstreamProtocolError` if the body ends before it is complete, and `UpstreamTimeoutError` if nothing
        comes for as long as `Limits.idle`. What came before that has been given then.
        """

    def read_at_once(self) -> bytes | None:
        """The whole body, if it came with the head."""

    async def read(self, limit: int) -> bytes:
        """The rest of the body; raises `UpstreamProtocolError` beyond `limit` bytes."""

    @property
    def pushing(self) -> PushingResponse | None:
        """Itself, if it can bring what comes in place of being asked for each chunk."""

    def close(self) -> None:
        """Be done with it: a connection whose answer was read to the end is kept, any other is closed at once."""


class Sink(Protocol):
    """Who takes what an answer brings."""

    def arrived(self, data: bytes) -> None:
        """Bytes of the body have come."""

    def ended(self, error: UpstreamError | None) -> None:
        """The body is complete, or will never be."""


class PushingResponse(Protocol):
    """An answer that brings what comes by itself."""

    def push_to(self, sink: Sink) -> None:
        """From now on bring everything, what has come first. There are no more chunks to be asked for."""

    def hold(self) -> None:
        """Bring nothing for a while; the upstream is made to wait, and its time does not run."""

    def go_on(self) -> None:
        """Bring what comes again."""


class UpstreamClient(Protocol):
    """Connections to upstreams."""

    def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> Awaitable[UpstreamResponse]:
        """Send a request and wait for the head of its answer.

        Raises `UpstreamConnectError` if no connection can be had, or not in time: the request has not gone out then.
        Raises `UpstreamTimeoutError` if the answer does not begin in time, and `UpstreamProtocolError` if its head is
        not HTTP or not complete.
        """

    def send(self, request: PreparedRequest, body: bytes, limits: Limits) -> Awaitable[UpstreamResponse]:
        """The same for a request that is sent often."""

    async def close(self) -> None:
        """Close all connections."""
