"""The client: any number of upstreams' origins, each with a pool of connections.

No cookies, no redirects, no total limit of time.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from aiclient.upstream.client import Limits, UpstreamResponse
from aiclient.upstream.http.decoding import decoded
from aiclient.upstream.http.dial import Dialer
from aiclient.upstream.http.failures import ConnectionDiedError
from aiclient.upstream.http.pool import Pool, PoolLimits
from aiclient.upstream.http.request import request_head
from aiclient.upstream.http.resolver import Resolver
from aiclient.upstream.http.target import Origin, target_of
from aiclient.upstream.http.tls import Tls

__all__ = ["HttpClient"]

# Heads of requests that are kept: one for each address and each set of headers that goes there.
KEPT_HEADS = 512

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
        self._prepared = functools.lru_cache(KEPT_HEADS)(self._prepare)

    async def open(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> UpstreamResponse:
        """Send a request and wait for the head of its answer.

        Some servers close a connection that they announced as kept alive: when a reused one dies before the first byte
        of the answer, the request goes out once more, on a fresh one.
        """
        pool, head = self._prepared(method, url, tuple(headers))
        connection = pool.idle() or await pool.connection(limits.connect)
        is_reused = connection.has_served
        try:
            response = await connection.exchange(head, body, limits)
        except ConnectionDiedError:
            if not is_reused:
                raise
            connection = await pool.fresh(limits.connect)
            response = await connection.exchange(head, body, limits)
        return decoded(response) if "content-encoding" in response.headers else response

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.close()
        await self._resolver.close()

    def _prepare(self, method: str, url: str, headers: tuple[tuple[str, str], ...]) -> tuple[Pool, bytes]:
        target = target_of(url)
        pool = self._pools.get(target.origin)
        if pool is None:
            dial = functools.partial(self._dialer.dial, target.origin)
            pool = self._pools[target.origin] = Pool(dial, self._limits)
        return pool, request_head(method, target, headers)
