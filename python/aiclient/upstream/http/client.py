"""The client: any number of upstreams' origins, each with a pool of connections.

No cookies, no redirects, no total limit of time.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Sequence

from aiclient.upstream.client import Limits, PreparedRequest, UpstreamResponse
from aiclient.upstream.http.decoding import decoded
from aiclient.upstream.http.dial import Dialer
from aiclient.upstream.http.failures import ConnectionDiedError
from aiclient.upstream.http.pool import Pool, PoolLimits
from aiclient.upstream.http.request import request_head
from aiclient.upstream.http.resolver import Resolver
from aiclient.upstream.http.response import HttpResponse
from aiclient.upstream.http.target import Origin, target_of
from aiclient.upstream.http.tls import Tls

__all__ = ["HttpClient"]

_SYSTEM_TLS = Tls()
_NO_LIMITS = PoolLimits()


class HttpClient:
    """Pooled connections to any number of upstreams."""

    def __init__(
        self, *, tls: Tls = _SYSTEM_TLS, limits: PoolLimits = _NO_LIMITS, resolver: Resolver | None = None
    ) -> None:
        self._resolver = resolver or Resolver()
        self._dialer = Dialer(self._resolver, tls)
        self._limits = limits
        self._pools: dict[Origin, Pool] = {}

    def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> Awaitable[UpstreamResponse]:
        """Send a request and wait for the head of its answer."""
        return self.send(PreparedRequest(method, url, headers), body, limits)

    async def send(self, request: PreparedRequest, body: bytes, limits: Limits) -> UpstreamResponse:
        """Send a request and wait for the head of its answer.

        Some servers close a connection that they announced as kept alive: when a reused one dies before the first byte
        of the answer, the request goes out once more, on a fresh one.
        """
        prepared = request.kept
        if not isinstance(prepared, _Prepared):
            request.kept = prepared = self._prepared(request)
        pool = prepared.pool
        connection = pool.idle() or await pool.connection(limits.connect)
        is_reused = connection.has_served
        response = connection.exchange(prepared.head, body, limits)
        try:
            await response.begun
        except ConnectionDiedError:
            if not is_reused:
                raise
            response = await self._again(prepared, body, limits)
        except BaseException:
            response.close()
            raise
        return decoded(response) if "content-encoding" in response.headers else response

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.close()
        await self._resolver.close()

    async def _again(self, prepared: _Prepared, body: bytes, limits: Limits) -> HttpResponse:
        connection = await prepared.pool.fresh(limits.connect)
        response = connection.exchange(prepared.head, body, limits)
        try:
            await response.begun
        except BaseException:
            response.close()
            raise
        return response

    def _prepared(self, request: PreparedRequest) -> _Prepared:
        target = target_of(request.url)
        pool = self._pools.get(target.origin)
        if pool is None:
            dial = functools.partial(self._dialer.dial, target.origin)
            pool = self._pools[target.origin] = Pool(dial, self._limits)
        return _Prepared(pool, request_head(request.method, target, request.headers))


class _Prepared:
    """The connections that a request may take, and its head as bytes."""

    __slots__ = ("head", "pool")

    def __init__(self, pool: Pool, head: bytes) -> None:
        self.pool = pool
        self.head = head
