"""Names to addresses, looked up anew for new connections once in a while.

Services move; a name that was looked up for good leads to a machine that is gone.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Address", "Resolver"]

# Seconds for which an answer is believed. `getaddrinfo` does not tell how long it holds; most hold for 60 and more.
TTL = 20.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a socket can connect to."""

    family: socket.AddressFamily
    sockaddr: tuple[str | int | bytes, ...]


class Resolver:
    """Asks the system, once for all who ask at the same time."""

    def __init__(self) -> None:
        self._lookups: dict[tuple[str, int], asyncio.Task[tuple[Address, ...]]] = {}
        self._known: dict[tuple[str, int], tuple[float, tuple[Address, ...]]] = {}

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of a host, the system's favourite first; raises `OSError`."""
        literal = _literal(host, port)
        if literal is not None:
            return (literal,)
        loop = asyncio.get_running_loop()
        key = (host, port)
        until, known = self._known.get(key, (0.0, ()))
        if loop.time() < until:
            return known
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = loop.create_task(self._look_up(key))
            lookup.add_done_callback(lambda done: self._looked_up(key, done))
        # Who leaves does not take the answer from the others.
        return await asyncio.shield(lookup)

    def forget(self, host: str, port: int) -> None:
        """The addresses are of no use."""
        self._known.pop((host, port), None)

    async def close(self) -> None:
        """Wait for nothing any more."""
        for lookup in tuple(self._lookups.values()):
            lookup.cancel()
        await asyncio.gather(*self._lookups.values(), return_exceptions=True)

    async def _look_up(self, key: tuple[str, int]) -> tuple[Address, ...]:
        found = await asyncio.get_running_loop().getaddrinfo(*key, type=socket.SOCK_STREAM)
        addresses = tuple(dict.fromkeys(Address(family, tuple(sockaddr)) for family, _, _, _, sockaddr in found))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return addresses

    def _looked_up(self, key: tuple[str, int], lookup: asyncio.Task[tuple[Address, ...]]) -> None:
        del self._lookups[key]
        if not lookup.cancelled() and lookup.exception() is None:
            self._known[key] = (lookup.get_loop().time() + TTL, lookup.result())


def _literal(host: str, port: int) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return Address(socket.AF_INET, (host, port))
    # The number of a zone is the system's knowledge.
    return None if address.scope_id else Address(socket.AF_INET6, (host, port, 0, 0))
