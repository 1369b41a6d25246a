"""Where a request goes: its address, taken apart.

An address is what a provider's configuration and the gateway make of it; a client's query may stand at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aiclient.upstream.http.failures import no_connection
from aiclient.upstream.http.proxy import Proxy
from aiclient.upstream.proxies import proxy_for

__all__ = ["Origin", "Target", "target_of"]

DEFAULT_PORTS = {"http": 80, "https": 443}
# What may stand in a request's target as it is (RFC 3986); `%` because the rest is encoded already.
_KEPT = "/?%:@!$&'()*+,;=-._~[]|"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a connection leads to, and by which proxy."""

    secure: bool
    host: str
    port: int
    proxy: Proxy | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a request names."""

    origin: Origin
    authority: str
    """The `host` header: the port is left out where it is the scheme's own."""
    path: str
    """What stands in the request line: the whole address for a proxy that forwards."""


def target_of(url: str) -> Target:
    """Take an address apart; raises `UpstreamConnectError` for one that leads nowhere."""
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:
        raise no_connection("its address is no URL") from None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise no_connection("its address is no URL")
    bracketed = f"[{host}]" if ":" in host else host
    authority = bracketed if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{bracketed}:{port}"
    proxy = _proxy_of(url)
    origin = Origin(parts.scheme == "https", host, port or DEFAULT_PORTS[parts.scheme], proxy)
    path = quote(parts.path or "/", safe=_KEPT)
    if parts.query:
        path += "?" + quote(parts.query, safe=_KEPT)
    if proxy is not None and not origin.secure:
        path = f"http://{authority}{path}"
    return Target(origin, authority, path)


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _proxy_of(url: str) -> Proxy | None:
    address = proxy_for(url)
    return None if address is None else Proxy.parse(address)
