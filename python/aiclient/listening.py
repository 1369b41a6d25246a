"""Whether an address can be listened on, and who can reach it."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os

__all__ = ["ListenError", "free_address", "is_loopback"]


class ListenError(Exception):
    """The gateway cannot listen where it should."""


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    return ipaddress.ip_address(address).is_loopback


def free_address(host: str, port: int) -> str:
    """The IP address of a host, which can be listened on; raises `ListenError` with the reason why not.

    granian shares its port with whoever else shares theirs, and takes no names: a second gateway on one port would take
    away half of the first one's clients.
    """
    try:
        return asyncio.run(_free_address(host.strip("[]"), port))
    except OSError as error:
        # The numbers of `getaddrinfo` are negative, and their texts stand in the error.
        known = error.errno is not None and error.errno > 0
        reason = _REASONS.get(error.errno or 0) or (os.strerror(error.errno or 0) if known else str(error.strerror))
        raise ListenError(f"cannot listen on {host} port {port}: {reason}") from error


_REASONS = {
    errno.EADDRINUSE: "another program listens there; end it, or choose another port with --port",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EACCES: "it is not permitted; choose a port above 1023 with --port",
}


async def _free_address(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    # Many clients try IPv4 alone.
    addresses = sorted({str(info[4][0]) for info in await loop.getaddrinfo(host, port)}, key=lambda ip: ":" in ip)
    server = await loop.create_server(asyncio.Protocol, addresses[0], port, start_serving=False)
    server.close()
    return addresses[0]
