"""A gateway whose configuration can be exchanged while it serves.

    serving --reload()--> a new gateway serves what comes; the old one is closed once its last request is answered

A request is served by one configuration from its first byte to its last. One that cannot be used changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import orjson

from aiclient.app import Gateway
from aiclient.asgi import Answer, Receive, Request, Scope, Send
from aiclient.config import Config
from aiclient.configuration import ConfigError, check_successor
from aiclient.errors import AuthenticationError
from aiclient.middleware.authentication import ClientKeys
from aiclient.middleware.request_id import request_id

__all__ = ["RELOAD_PATH", "ReloadableGateway"]

RELOAD_PATH = "/admin/reload"

_log = logging.getLogger("aiclient")
_JSON = [(b"content-type", b"application/json")]


class _Generation:
    """The gateway of one configuration, and how many requests it is working on."""

    __slots__ = ("_closing", "_is_current", "_open", "config", "gateway")

    def __init__(self, config: Config) -> None:
        self.config = config
        self.gateway = Gateway(config)
        self._is_current = True
        self._open = 0
        self._closing: asyncio.Task[None] | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open += 1
        try:
            await self.gateway(scope, receive, send)
        finally:
            self._open -= 1
            self._close_if_done()

    def retire(self) -> None:
        """No more requests come."""
        self._is_current = False
        self._close_if_done()

    def _close_if_done(self) -> None:
        if not (self._is_current or self._open or self._closing):
            self._closing = asyncio.get_running_loop().create_task(self.gateway.close())


class ReloadableGateway:
    """The ASGI application: the gateway of the last configuration that could be used.

    `read` gives the configuration as it is at the time, or raises `ConfigError`; `reloaded` is told when a client with
    an admin key has had it read.
    """

    def __init__(self, config: Config, read: Callable[[], Config], reloaded: Callable[[], None]) -> None:
        self._read = read
        self._reloaded = reloaded
        self._generation = _Generation(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve an HTTP request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope.get("path") == RELOAD_PATH and self._generation.config.auth.admin_keys:
            await self._administer(Request(scope, receive), send)
        else:
            await self._generation.serve(scope, receive, send)

    def reload(self) -> None:
        """Serve all requests that come from here on by the configuration as it is; raises `ConfigError`."""
        config = self._read()
        check_successor(self._generation.config, config)
        successor = _Generation(config)
        successor.gateway.succeed(self._generation.gateway)
        self._generation, retired = successor, self._generation
        retired.retire()
        _log.info("the configuration has been reloaded")

    def reload_or_report(self) -> None:
        """The same, with what is wrong in the log."""
        try:
            self.reload()
        except ConfigError as error:
            _log.error("the configuration has not been reloaded; the one before stays\n%s", error)

    async def _administer(self, request: Request, send: Send) -> None:
        answer = Answer(send, request_id(request))
        keys = [key.get_secret_value() for key in self._generation.config.auth.admin_keys]
        try:
            ClientKeys(keys).check(request)
        except AuthenticationError as error:
            await answer.whole(error.status, _said("refused", error.message), _JSON)
            return
        if request.method != "POST":
            await answer.whole(405, _said("refused", "expected POST"), [*_JSON, (b"allow", b"POST")])
            return
        try:
            self.reload()
        except ConfigError as error:
            await answer.whole(422, _said("refused", *str(error).splitlines()), _JSON)
            return
        self._reloaded()
        await answer.whole(200, _said("reloaded"), _JSON)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._generation.gateway.connect()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._generation.gateway.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def _said(status: str, *problems: str) -> bytes:
    return orjson.dumps({"status": status, "problems": problems} if problems else {"status": status})
