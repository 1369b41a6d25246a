"""Running the application on granian.

The configuration reaches the workers by the path of its file: each is a process of its own and reads it again.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import logging
import os
import signal
import sys
from pathlib import Path

from aiclient.config import Config
from aiclient.configuration import from_environment, load

__all__ = ["CONFIG_VARIABLE", "ListenError", "application", "free_address", "is_loopback", "read_config", "serve"]

CONFIG_VARIABLE = "AICLIENT_CONFIG"
DEFAULT_FILE = Path("aiclient.yaml")
# Requests that a worker holds before connections are left to the kernel; open streams count.
BACKPRESSURE = 4096
# Connections that wait in the kernel.
BACKLOG = 2048
# Seconds that open exchanges may take after a SIGTERM.
DRAIN_SECONDS = 30
# Seconds after which a worker that has loaded the application surely serves it.
SETTLE_SECONDS = 0.1

# New objects until the collector looks at them, and how many such looks until it looks at older ones.
COLLECTOR_THRESHOLDS = (20_000, 20, 50)

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


class ListenError(Exception):
    """The gateway cannot listen where it should."""


def read_config(path: Path | None) -> tuple[Config, str]:
    """The configuration of a file, of `aiclient.yaml` if it is there, or of the environment; and where it is from.

    Raises `ConfigError`.
    """
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    if path is None:
        return from_environment(os.environ), "the environment"
    return load(path, os.environ), str(path)


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


def application() -> object:
    """The ASGI application of one worker."""
    from aiclient.app import create_app  # noqa: PLC0415  # only workers need it

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    file = os.environ.get(CONFIG_VARIABLE)
    config, _ = read_config(Path(file) if file else None)
    app = create_app(config)
    _spare_the_collector()
    _hold_signals_until_served()
    return app


def serve(config: Config, path: Path | None) -> None:
    """Serve the configuration, which is from `path`, until SIGTERM or SIGINT; open exchanges are then completed."""
    from granian import Granian  # noqa: PLC0415  # takes a while, and errors are said before
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes  # noqa: PLC0415

    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    _let_starting_workers_stop()
    Granian(
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
        backpressure=BACKPRESSURE,
        backlog=BACKLOG,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve()


def _spare_the_collector() -> None:
    """See to it that the garbage collector does not look at what stays for good, and looks at the rest less often.

    Hardly anything here is a cycle; each look goes through all young objects of all open exchanges.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _let_starting_workers_stop() -> None:
    """See to it that a worker heeds a SIGTERM while it loads the application.

    A forked worker has its parent's handlers until granian sets its own. They would swallow the signal, and the parent
    would wait for the worker in vain. So signals wait while a worker is forked, and are then as by default; Ctrl-C,
    which goes to all processes, is the parent's business.
    """
    if not hasattr(os, "register_at_fork"):
        return

    def reset() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS),
        after_in_child=reset,
    )


def _hold_signals_until_served() -> None:
    """See to it that a worker heeds a SIGTERM between loading the application and serving it.

    granian forgets a signal that comes after it has set its handler and before it serves. Until then the kernel keeps
    it: the loop runs for longer than `SETTLE_SECONDS` only to serve, since the application starts at once.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        loop = asyncio.get_event_loop()
        loop.call_later(SETTLE_SECONDS, signal.pthread_sigmask, signal.SIG_UNBLOCK, _SIGNALS)
