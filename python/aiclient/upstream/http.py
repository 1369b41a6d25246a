"""Upstream connections by aiohttp.

Kept alive and pooled; TLS verified; `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` honoured; no cookies, no redirects, no
decompression, no total time limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from yarl import URL

from aiclient.errors import UpstreamConnectError, UpstreamProtocolError, UpstreamTimeoutError
from aiclient.upstream.client import Limits, UpstreamResponse
from aiclient.upstream.proxies import proxy_for

__all__ = ["HttpClient", "HttpResponse"]

# Seconds an unused connection is kept. Servers close theirs after 5 to 75; most after 60.
KEEP_ALIVE = 45.0


class ConnectionDiedError(UpstreamProtocolError):
    """The connection stood, and closed before the first byte of an answer; the request may have been worked on."""


class HttpResponse:
    """An answer read by aiohttp."""

    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}

    async def chunk(self) -> bytes:
        """Everything that can be read now."""
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise UpstreamProtocolError(f"the upstream's answer broke off: {_reason(error)}") from error

    async def read(self, limit: int) -> bytes:
        """The rest of the body, of at most `limit` bytes."""
        chunks: list[bytes] = []
        size = 0
        while chunk := await self.chunk():
            size += len(chunk)
            if size > limit:
                raise UpstreamProtocolError(f"the upstream's answer is longer than {limit} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def close(self) -> None:
        """Keep the connection if its answer was read to the end, else close it."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


@dataclass(slots=True)
class _Call:
    """A request, and what becomes known of its connection."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    limits: Limits
    reused: bool = False
    timeout: asyncio.Timeout | None = None

    def connected(self) -> None:
        """The connection stands; now the answer's time begins."""
        if self.timeout is not None:
            self.timeout.reschedule(asyncio.get_running_loop().time() + self.limits.first_byte)


class HttpClient:
    """Pooled connections to any number of upstreams."""

    def __init__(self) -> None:
        self._session = _session(aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE))
        # Never reuses: where a kept connection turned out to be dead, the next one might be, too.
        self._fresh = _session(aiohttp.TCPConnector(limit=0, force_close=True))

    async def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> UpstreamResponse:
        """Send a request and wait for the head of its answer.

        Some servers close a connection they announced as kept alive: when a reused one dies before the first byte of
        the answer, the request goes out once more, on a fresh one.
        """
        call = _Call(method, url, headers, body, limits)
        try:
            return await _send(self._session, call)
        except ConnectionDiedError:
            if not call.reused:
                raise
            return await _send(self._fresh, call)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()
        await self._fresh.close()


async def _send(session: aiohttp.ClientSession, call: _Call) -> HttpResponse:
    limits = call.limits
    try:
        async with asyncio.timeout(None) as call.timeout:
            response = await session.request(
                call.method,
                # An ASCII address is sent as it is; in any other the host has to be encoded.
                URL(call.url, encoded=call.url.isascii()),
                headers=call.headers,
                data=call.body,
                proxy=proxy_for(call.url),
                timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect),
                allow_redirects=False,
                trace_request_ctx=call,
            )
    except aiohttp.ConnectionTimeoutError as error:
        message = f"no connection to the upstream within {limits.connect:g} s"
        raise UpstreamConnectError(message, status=UpstreamTimeoutError.status) from error
    except TimeoutError as error:
        raise UpstreamTimeoutError(f"no answer from the upstream within {limits.first_byte:g} s") from error
    except aiohttp.InvalidURL as error:
        raise UpstreamConnectError("the upstream's address is no URL") from error
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
        raise UpstreamConnectError(f"no connection to the upstream: {_reason(error)}") from error
    except (aiohttp.ClientConnectionError, OSError) as error:
        kind = UpstreamProtocolError if _has_begun(error) else ConnectionDiedError
        raise kind(f"the upstream's answer did not come: {_reason(error)}") from error
    except aiohttp.ClientError as error:
        raise UpstreamProtocolError(f"the upstream's answer is not HTTP: {_reason(error)}") from error
    return HttpResponse(response)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        trace_configs=[_connection_trace()],
        # Some gateways send long headers, such as the policies of a whole site.
        max_line_size=65536,
        max_field_size=65536,
    )


def _connection_trace() -> aiohttp.TraceConfig:
    """Tell each call when its connection stands, and whether that had been used before."""
    trace = aiohttp.TraceConfig()

    async def reused(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _: aiohttp.TraceConnectionReuseconnParams
    ) -> None:
        context.trace_request_ctx.reused = True
        context.trace_request_ctx.connected()

    async def created(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _: aiohttp.TraceConnectionCreateEndParams
    ) -> None:
        context.trace_request_ctx.connected()

    trace.on_connection_reuseconn.append(reused)
    trace.on_connection_create_end.append(created)
    return trace


def _has_begun(error: BaseException) -> bool:
    """Whether part of an answer's head came before its connection closed; aiohttp then gives it with the error."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def _reason(error: BaseException) -> str:
    """What happened, without addresses or keys that messages of libraries may hold."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return "its TLS certificate or handshake was not accepted"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name cannot be resolved"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return {"ServerDisconnectedError": "it closed the connection", "ClientPayloadError": "the body is incomplete"}.get(
        type(error).__name__, type(error).__name__
    )
