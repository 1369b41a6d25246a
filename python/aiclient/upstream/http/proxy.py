"""HTTP proxies: their address and credentials, and the tunnel through one (RFC 9110, 9.3.6)."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Self, cast
from urllib.parse import unquote_to_bytes, urlsplit

from aiclient._native import ResponseReader
from aiclient.upstream.http.failures import no_connection, reason

__all__ = ["Proxy", "Tunnel"]

_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, by its address."""

    secure: bool
    host: str
    port: int
    authorization: str | None = field(repr=False)
    """The value of `proxy-authorization`."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """The proxy of an address such as `http://user:password@host:port`.

        Raises `UpstreamConnectError` for what is none: to go round a proxy that was asked for may be forbidden.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise no_connection("the proxy's address is no URL") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise no_connection("the proxy's address is neither http:// nor https://")
        secure = parts.scheme == "https"
        return cls(secure, parts.hostname, port or (443 if secure else 80), _basic(parts.username, parts.password))


def _basic(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    credentials = unquote_to_bytes(user) + b":" + unquote_to_bytes(password or "")
    return "Basic " + base64.b64encode(credentials).decode("ascii")


class Tunnel(asyncio.Protocol):
    """Asks a proxy for a way to another server; once `opened`, the transport is that server's."""

    def __init__(self, host: str, port: int, authorization: str | None) -> None:
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._authorization = authorization
        self._reader = ResponseReader()
        self._opened = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    async def opened(self) -> None:
        """Wait for the way to be open; raises `UpstreamConnectError` if the proxy refuses."""
        await self._opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast("asyncio.Transport", transport)
        lines = [f"CONNECT {self._authority} HTTP/1.1", f"host: {self._authority}"]
        if self._authorization is not None:
            lines.append(f"proxy-authorization: {self._authorization}")
        self._transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def data_received(self, data: bytes) -> None:
        """Read the proxy's answer, of which only the status counts."""
        self._reader.feed(data)
        status = self._reader.status
        if status in _SUCCESS:
            self._settle(None)
        elif status:
            self._settle(f"the proxy answered with status {status}")
        elif self._reader.fault is not None:
            self._settle("the proxy's answer is not HTTP")

    def connection_lost(self, error: Exception | None) -> None:
        """The proxy has closed."""
        self._settle(f"the proxy is gone: {reason(error)}")

    def _settle(self, fault: str | None) -> None:
        if self._opened.done():
            return
        if fault is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(no_connection(fault))
