"""Addresses that anybody may reach: what a client names is never looked up inside of one's own network.

Reference: iana.org/assignments/iana-ipv4-special-registry and its sibling for IPv6, as `ipaddress` knows them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiclient.upstream.http.resolver import Address, Resolver

__all__ = ["NotPublicError", "PublicResolver", "is_public"]

# RFC 6890: addresses of protocols; metadata of a cloud stand there.
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
# RFC 6052: the last 32 bits are an IPv4 address.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotPublicError(OSError):
    """A name leads to an address that is not everybody's."""

    def __init__(self) -> None:
        super().__init__(0, "its address is not public")


class PublicResolver(Resolver):
    """Resolves names, and refuses those of which any address is private.

    A connection goes to the very addresses that were looked at: a name that changes its mind gains nothing.
    """

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of a host; raises `NotPublicError`."""
        found = await super().addresses(host, port)
        if not all(is_public(str(address.sockaddr[0])) for address in found):
            raise NotPublicError
        return found


def is_public(text: str) -> bool:
    """Whether an address is everybody's, also one that is wrapped in another."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    elif address in _PROTOCOLS:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
