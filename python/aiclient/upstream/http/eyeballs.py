"""Happy eyeballs (RFC 8305): a host's addresses are tried a little apart, and the first that answers is taken.

So a host whose IPv6 leads nowhere costs a quarter of a second, not the whole time for a connection.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from itertools import chain, zip_longest

from aiclient.upstream.http.resolver import Address

__all__ = ["connected_socket"]

# Seconds until the next address is tried as well (RFC 8305, 5).
DELAY = 0.25
# Seconds of silence after which the system asks whether the other side is still there, how often, and how many times:
# a model thinks for minutes, and boxes on the way forget connections that are silent for longer.
PROBE_AFTER, PROBE_EVERY, PROBES = 60, 30, 4


async def connected_socket(addresses: Sequence[Address]) -> socket.socket:
    """A connection to one of the addresses, the first of which is preferred; raises the first `OSError`."""
    if len(addresses) == 1:
        return await _connect(addresses[0])
    waiting = deque(_interleaved(addresses))
    running: set[asyncio.Task[socket.socket]] = set()
    order: list[asyncio.Task[socket.socket]] = []
    try:
        while waiting or running:
            if waiting:
                order.append(asyncio.create_task(_connect(waiting.popleft())))
                running.add(order[-1])
            done, running = await asyncio.wait(
                running, timeout=DELAY if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            winner = next((task for task in order if task in done and task.exception() is None), None)
            if winner is not None:
                order.remove(winner)
                return winner.result()
        raise next(error for task in order if (error := task.exception()) is not None)
    finally:
        for task in order:
            _discard(task)


def _interleaved(addresses: Sequence[Address]) -> list[Address]:
    """IPv6 and IPv4 in turn, each in its order, beginning with the family of the first (RFC 8305, 4)."""
    first = [address for address in addresses if address.family == addresses[0].family]
    others = [address for address in addresses if address.family != addresses[0].family]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address is not None]


async def _connect(address: Address) -> socket.socket:
    connecting = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        _set_options(connecting)
        await asyncio.get_running_loop().sock_connect(connecting, address.sockaddr)
    except BaseException:
        connecting.close()
        raise
    return connecting


def _set_options(connecting: socket.socket) -> None:
    connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connecting.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Not every system has these.
    for name, value in (("TCP_KEEPIDLE", PROBE_AFTER), ("TCP_KEEPINTVL", PROBE_EVERY), ("TCP_KEEPCNT", PROBES)):
        if hasattr(socket, name):
            connecting.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _discard(task: asyncio.Task[socket.socket]) -> None:
    """End an attempt that is not needed, and close what it has connected all the same."""
    task.cancel()
    task.add_done_callback(_close_connected)


def _close_connected(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()
