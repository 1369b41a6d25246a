"""A gateway whose configuration can be exchanged while it serves.

    serving --reload()--> a new gateway serves what comes; the old one is closed once its last request is answered

A request is served by one configuration from its first byte to its last. One that cannot be used changes nothing.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson

from aiclient import administration
from aiclient.app import Gateway
from aiclient.asgi import Receive, Request, Scope, Send
from aiclient.config import Config
from aiclient.configuration import ConfigError, check_successor
from aiclient.peers import Peers, Report
from aiclient.telemetry import Telemetry

__all__ = ["ReloadableGateway"]

_log = logging.getLogger("aiclient")


class ReloadableGateway:
    """The ASGI application: the gateway of the last configuration that could be used.

    `read` gives the configuration as it is at the time, or raises `ConfigError`; `reloaded` is told when a client with
    an admin key has had it read; `folder` is where the workers of the gateway meet, if there may be several.
    """

    def __init__(
        self,
        config: Config,
        read: Callable[[], Config],
        reloaded: Callable[[], None],
        telemetry: Telemetry | None = None,
        folder: Path | None = None,
    ) -> None:
        self._read = read
        self._reloaded = reloaded
        self._telemetry = telemetry or Telemetry()
        self._telemetry.apply(config)
        self._gateway = Gateway(config, self._telemetry)
        self._started = time.time()
        self._telemetry.peers = None if folder is None else Peers(folder, self.report)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve an HTTP request, or the server's start and stop."""
        if scope["type"] == "lifespan":
            return self._live(receive, send)
        if scope["path"] in administration.PATHS and self._gateway.config.auth.admin_keys:
            return administration.answer(self, Request(scope, receive), send)
        return self._gateway(scope, receive, send)

    @property
    def admin_keys(self) -> list[str]:
        """Keys of those who may administer the gateway."""
        return [key.get_secret_value() for key in self._gateway.config.auth.admin_keys]

    def reload_all(self) -> None:
        """Reload here, and have the other workers reload; raises `ConfigError`."""
        self.reload()
        self._reloaded()

    def reload(self) -> None:
        """Serve all requests that come from here on by the configuration as it is; raises `ConfigError`."""
        reloads = self._telemetry.metrics.reloads
        try:
            config = self._read()
            check_successor(self._gateway.config, config)
        except ConfigError:
            reloads["refused"] += 1
            raise
        self._telemetry.apply(config)
        successor = Gateway(config, self._telemetry)
        successor.succeed(self._gateway)
        self._gateway, retired = successor, self._gateway
        retired.retire()
        reloads["accepted"] += 1
        _log.info("the configuration has been reloaded")

    def reload_or_report(self) -> None:
        """The same, with what is wrong in the log."""
        try:
            self.reload()
        except ConfigError as error:
            _log.error("the configuration has not been reloaded; the one before stays\n%s", error)

    def report(self) -> Report:
        """What this worker says of itself."""
        gateway = self._gateway
        return Report(
            pid=os.getpid(),
            started=self._started,
            standing=gateway.standing(),
            counted=orjson.loads(gateway.snapshot().dumped()),
            is_alive=True,
        )

    async def reports(self) -> list[Report]:
        """What all workers say of themselves."""
        return [self.report(), *await self._telemetry.others()]

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._begin()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _begin(self) -> None:
        self._gateway.connect()
        if (peers := self._telemetry.peers) is not None:
            try:
                await peers.join()
            except OSError as error:
                _log.warning("the workers cannot meet (%s): /metrics shows each for itself", error.strerror)

    async def _end(self) -> None:
        await self._gateway.close()
        if (peers := self._telemetry.peers) is not None:
            await peers.leave()
        self._telemetry.close()
