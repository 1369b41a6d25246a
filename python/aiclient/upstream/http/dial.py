"""From an origin to a connection: address, socket, proxy, TLS."""

from __future__ import annotations

import asyncio
import ssl
from typing import TypeVar, cast

from aiclient.upstream.http.connection import Connection, Owner
from aiclient.upstream.http.eyeballs import connected_socket
from aiclient.upstream.http.failures import no_connection, reason
from aiclient.upstream.http.proxy import Proxy, Tunnel
from aiclient.upstream.http.resolver import Resolver
from aiclient.upstream.http.target import Origin
from aiclient.upstream.http.tls import Tls, TlsError

__all__ = ["Dialer"]

P = TypeVar("P", bound=asyncio.Protocol)


class Dialer:
    """Opens connections to any origin."""

    def __init__(self, resolver: Resolver, tls: Tls) -> None:
        self._resolver = resolver
        self._tls = tls
        self._context: ssl.SSLContext | None = None
        self._proxy_context: ssl.SSLContext | None = None

    async def dial(self, origin: Origin, owner: Owner) -> Connection:
        """A connection that stands; raises `UpstreamConnectError`."""
        connection = Connection(asyncio.get_running_loop(), owner)
        try:
            if origin.proxy is None:
                await self._connect(connection, origin.host, origin.port, self._secure(origin))
            elif origin.secure:
                await self._connect_through(origin.proxy, connection, origin)
            else:
                proxy = origin.proxy
                await self._connect(connection, proxy.host, proxy.port, self._secure_proxy(proxy))
        except TlsError as error:
            raise no_connection("a file of its TLS settings cannot be used") from error
        except OSError as error:
            if isinstance(error, TimeoutError) and error.errno is None:
                # The caller's limit of time, not the system's.
                raise
            raise no_connection(reason(error)) from error
        return connection

    async def _connect(self, protocol: P, host: str, port: int, context: ssl.SSLContext | None) -> asyncio.Transport:
        """Lead a protocol to a server."""
        addresses = await self._resolver.addresses(host, port)
        try:
            connected = await connected_socket(addresses)
        except OSError:
            self._resolver.forget(host, port)
            raise
        try:
            transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: protocol, sock=connected, ssl=context, server_hostname=host if context is not None else None
            )
        except BaseException:
            connected.close()
            raise
        return transport

    async def _connect_through(self, proxy: Proxy, connection: Connection, origin: Origin) -> None:
        tunnel = Tunnel(origin.host, origin.port, proxy.authorization)
        transport = await self._connect(tunnel, proxy.host, proxy.port, self._secure_proxy(proxy))
        context = self._secure(origin)
        try:
            await tunnel.opened()
            secured = await asyncio.get_running_loop().start_tls(
                transport, connection, cast("ssl.SSLContext", context), server_hostname=origin.host
            )
        except BaseException:
            transport.abort()
            raise
        # As this begins in the middle, no loop says so by itself.
        connection.connection_made(cast("asyncio.Transport", secured))

    def _secure(self, origin: Origin) -> ssl.SSLContext | None:
        if not origin.secure:
            return None
        if self._context is None:
            self._context = self._tls.context()
        return self._context

    def _secure_proxy(self, proxy: Proxy) -> ssl.SSLContext | None:
        if not proxy.secure:
            return None
        if self._proxy_context is None:
            self._proxy_context = self._tls.context_for_proxy()
        return self._proxy_context
