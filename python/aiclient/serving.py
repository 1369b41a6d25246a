"""Running the application on granian.

The configuration reaches the workers by the path of its file: each is a process of its own and reads it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiclient import meeting, worker_process
from aiclient.config import Config
from aiclient.configuration import ConfigError, check_successor, from_environment, load

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

__all__ = ["CONFIG_VARIABLE", "application", "read_config", "serve"]

CONFIG_VARIABLE = "AICLIENT_CONFIG"
STDERR = 2
DEFAULT_FILE = Path("aiclient.yaml")
# Connections beyond the limits of a worker that it takes to refuse them; others are left to the kernel.
SPARE = 256
# Connections that wait in the kernel.
BACKLOG = 2048
# Seconds between two looks at the file.
WATCH_SECONDS = 0.5


class _Accepted:
    """The configuration that was accepted last. Workers are forked with it, where there is such a thing."""

    def __init__(self) -> None:
        self.config: Config | None = None
        self._number = 0
        # Shared with the workers that are forked.
        self._latest = mmap.mmap(-1, _NUMBER_BYTES)

    def replace(self, config: Config) -> None:
        """Accept another."""
        self.config = config
        self._number += 1
        self._latest[:] = self._number.to_bytes(_NUMBER_BYTES, "little")

    @property
    def is_outdated(self) -> bool:
        """Whether the parent has accepted another since this process was forked."""
        return int.from_bytes(self._latest[:], "little") != self._number


_NUMBER_BYTES = 8
_accepted = _Accepted()
# Says to workers where they meet.
_FOLDER_VARIABLE = "AICLIENT_RUNTIME"


def read_config(path: Path | None) -> tuple[Config, str]:
    """The configuration of a file, of `aiclient.yaml` if it is there, or of the environment; and where it is from.

    Raises `ConfigError`.
    """
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    if path is None:
        return from_environment(os.environ), "the environment"
    return load(path, os.environ), str(path)


def application() -> object:
    """The ASGI application of one worker."""
    from aiclient.reloading import ReloadableGateway  # noqa: PLC0415  # only workers need it
    from aiclient.telemetry import BufferedLines, Telemetry  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    file = os.environ.get(CONFIG_VARIABLE)
    path = Path(file) if file else None
    folder = os.environ.get(_FOLDER_VARIABLE)
    worker_process.give_memory_back()
    app = ReloadableGateway(
        _accepted.config or _read(path),
        lambda: _read(path),
        _ask_parent_to_reload,
        Telemetry(BufferedLines(STDERR)),
        Path(folder) if folder else None,
    )
    worker_process.spare_the_collector()
    worker_process.hold_signals_until_served()
    worker_process.reload_on_signal(app.reload_or_report)
    if _accepted.is_outdated:
        # It was accepted while this process was forked, and not yet among those that are told.
        asyncio.get_event_loop().call_soon(app.reload_or_report)
    return app


def serve(config: Config, path: Path | None) -> None:
    """Serve the configuration, which is from `path`, until SIGTERM or SIGINT; open exchanges are then completed."""
    from granian import Granian  # noqa: PLC0415  # takes a while, and errors are said before
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    worker_process.let_starting_workers_stop()
    limits = config.server
    server = Granian(
        "aiclient.serving:application",
        factory=True,
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.ASGI,
        workers=config.server.workers,
        loop=Loops.uvloop if sys.platform != "win32" else Loops.auto,
        runtime_mode=RuntimeModes.st,
        # To tell HTTP/2 from HTTP/1 costs a fifth of a small exchange. What speaks HTTP/2 here is a proxy in front.
        http=HTTPModes.http1,
        # Those beyond the limits are to hear so.
        backpressure=limits.max_exchanges + limits.max_queue + SPARE,
        backlog=BACKLOG,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=limits.drain_seconds,
        http1_settings=HTTP1Settings(
            header_read_timeout=limits.head_seconds * 1000, max_buffer_size=limits.max_head_kb << 10
        ),
    )
    _accepted.replace(config)
    # granian would put new workers in the place of the old ones, and end those with all that they are working on.
    reload = _Reload(server, path)
    server.signal_handler_reload = reload.heed  # type: ignore[method-assign]  # it has no other way to say so
    if limits.watch and path is not None:
        threading.Thread(target=_watch, args=(path,), daemon=True).start()
    folder = meeting.prepare(limits.port)
    if folder is not None:
        os.environ[_FOLDER_VARIABLE] = str(folder)
    try:
        server.serve()
    finally:
        if folder is not None:
            meeting.discard(folder)


def _read(path: Path | None) -> Config:
    return read_config(path)[0]


class _Reload:
    """Has every worker read the configuration again, if it can be used; the answer to a SIGHUP.

    A signal may come while another is being heeded: once is enough then, but after the last of them.
    """

    def __init__(self, server: AbstractServer[Any], path: Path | None) -> None:
        self._server = server
        self._path = path
        self._is_heeding = False
        self._is_wanted = False

    def heed(self, *_: object) -> None:
        """Heed a signal. Nothing may be raised here: it would end the process that started the workers."""
        self._is_wanted = True
        if self._is_heeding:
            return
        self._is_heeding = True
        try:
            while self._is_wanted:
                self._is_wanted = False
                self._reload()
        except Exception as error:  # noqa: BLE001
            _refuse(error)
        finally:
            self._is_heeding = False

    def _reload(self) -> None:
        try:
            config = _read(self._path)
            check_successor(_accepted.config or config, config)
        except ConfigError as error:
            _refuse(error)
            return
        # A worker that takes the place of one that died begins with what the others have.
        _accepted.replace(config)
        for worker in tuple(self._server.wrks):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, signal.SIGHUP)


def _refuse(error: Exception) -> None:
    sys.stderr.write(f"the configuration has not been reloaded; the one before stays\n{error}\n")


def _ask_parent_to_reload() -> None:
    """Let the other workers know, by way of the process that started them all."""
    os.kill(os.getppid(), signal.SIGHUP)


def _watch(path: Path) -> None:
    """Reload when the file has changed, and has stayed as it is for a while: it may be written in pieces."""
    used = seen = _state(path)
    while True:
        time.sleep(WATCH_SECONDS)
        before, seen = seen, _state(path)
        if seen is not None and seen == before != used:
            used = seen
            os.kill(os.getpid(), signal.SIGHUP)


def _state(path: Path) -> tuple[int, ...] | None:
    """What changes whenever a file does; None if it cannot be read."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
