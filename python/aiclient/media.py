"""Media by address, for upstreams that take only bytes: fetched if that is switched on, and only from public places.

What a client names is fetched by the gateway, from inside of its network. So an address has to be public, each time:
the one that is named, each that a redirect leads to, and each that a name stands for when it is connected to.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from aiclient._native import remote_media, with_media
from aiclient.dialect import Dialect
from aiclient.errors import UnsupportedError, UpstreamError
from aiclient.upstream.client import Limits, UpstreamClient
from aiclient.upstream.proxies import proxy_for

__all__ = ["MediaFetcher"]

# Addresses that one redirects to.
MOST_REDIRECTS = 3
# Media of one request.
MOST_MEDIA = 16
# The first bytes of a file, and what it is then; a server's word alone is not believed.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_HEADERS = (("accept", "image/*, application/pdf"), ("accept-encoding", "identity"), ("user-agent", "aiclient"))


class MediaFetcher:
    """Fetches what requests name, within limits."""

    def __init__(self, client: UpstreamClient, *, max_bytes: int, timeout: float) -> None:
        """`client` must connect to public addresses only; `max_bytes` are of one request, `timeout` is in seconds."""
        self._client = client
        self._max_bytes = max_bytes
        self._timeout = timeout

    async def inlined(self, client: Dialect, upstream: Dialect, body: bytes) -> bytes:
        """The request with the bytes of what it names by address, where the upstream needs them.

        Raises `UnsupportedError` that names the field.
        """
        named = remote_media(client, upstream, body)
        if not named:
            return body
        if len(named) > MOST_MEDIA:
            pointer = named[MOST_MEDIA][0]
            raise UnsupportedError(f"{pointer}: expected at most {MOST_MEDIA} media by address", pointer=pointer)
        fetched: dict[str, tuple[str, str]] = {}
        left = self._max_bytes
        until = asyncio.get_running_loop().time() + self._timeout
        for pointer, url in named:
            if url not in fetched:
                media_type, data = await self._in_time(pointer, url, left, until)
                left -= len(data)
                fetched[url] = media_type, base64.b64encode(data).decode()
        return with_media(client, body, fetched)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _in_time(self, pointer: str, url: str, most: int, until: float) -> tuple[str, bytes]:
        try:
            async with asyncio.timeout_at(until):
                return await self._fetch(pointer, url, most)
        except TimeoutError as error:
            message = f"{pointer}: the medium cannot be fetched: it takes longer than {self._timeout:g} s"
            raise UnsupportedError(message, pointer=pointer) from error

    async def _fetch(self, pointer: str, url: str, most: int) -> tuple[str, bytes]:
        try:
            data = await self._follow(url, most)
            return _type_of(data), data
        except (ValueError, UpstreamError) as error:
            why = error.message if isinstance(error, UpstreamError) else str(error)
            raise UnsupportedError(f"{pointer}: the medium cannot be fetched: {why}", pointer=pointer) from error

    async def _follow(self, url: str, most: int) -> bytes:
        """What stands at an address, or where it redirects to; raises `ValueError` with what is wrong."""
        for _ in range(MOST_REDIRECTS + 1):
            _check_address(url)
            status, location, data = await self._get(url, most)
            if location is not None:
                url = urljoin(url, location)
            elif status == HTTPStatus.OK:
                return data
            else:
                raise ValueError(f"its server answered with status {status}")
        raise ValueError("it redirects too often")

    async def _get(self, url: str, most: int) -> tuple[int, str | None, bytes]:
        limits = Limits(self._timeout, self._timeout, self._timeout)
        response = await self._client.open("GET", url, _HEADERS, b"", limits)
        try:
            if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
                return response.status, response.headers.get("location", ""), b""
            chunks: list[bytes] = []
            while chunk := await response.chunk():
                most -= len(chunk)
                if most < 0:
                    raise ValueError("it is larger than what may be fetched for a request")
                chunks.append(chunk)
            return response.status, None, b"".join(chunks)
        finally:
            response.close()


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("its address is not one of HTTP")
    if parts.username is not None or parts.password is not None:
        raise ValueError("its address holds a password")
    if parts.port not in {None, 80, 443, 8080, 8443}:
        raise ValueError("its port is not one of a public server")
    if proxy_for(url) is not None:
        # The proxy would look the name up, where nobody checks.
        raise ValueError("a proxy stands in the way, which could lead anywhere")


def _type_of(data: bytes) -> str:
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    known: Iterable[str] = sorted({media_type for _, media_type in _MAGIC} | {"image/webp"})
    raise ValueError(f"it is none of {', '.join(known)}")
