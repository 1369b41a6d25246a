"""The interface to an upstream's HTTP server: open, status, headers, chunks, close.

Narrow on purpose: the rest of the gateway knows no HTTP library, and the built-in demo stands behind it as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Limits", "UpstreamClient", "UpstreamResponse"]


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

    async def read(self, limit: int) -> bytes:
        """The rest of the body; raises `UpstreamProtocolError` beyond `limit` bytes."""

    def close(self) -> None:
        """Be done with it: a connection whose answer was read to the end is kept, any other is closed at once."""


class UpstreamClient(Protocol):
    """Connections to upstreams."""

    async def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> UpstreamResponse:
        """Send a request and wait for the head of its answer.

        Raises `UpstreamConnectError` if no connection can be had, or not in time: the request has not gone out then.
        Raises `UpstreamTimeoutError` if the answer does not begin in time, and `UpstreamProtocolError` if its head is
        not HTTP or not complete.
        """

    async def close(self) -> None:
        """Close all connections."""
