"""Upstream connections: HTTP/1.1 over TCP and TLS, on asyncio."""

from aiclient.upstream.http.client import HttpClient
from aiclient.upstream.http.pool import PoolLimits
from aiclient.upstream.http.tls import Tls, TlsError

__all__ = ["HttpClient", "PoolLimits", "Tls", "TlsError"]
