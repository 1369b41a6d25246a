"""Running the application on granian.

The configuration reaches the workers through the environment: each is a process of its own that reads it again, so
that a file that was checked once is what all of them serve.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import sys
from pathlib import Path

from aiclient.config import Config, from_environment
from aiclient.config_file import load

__all__ = ["CONFIG_VARIABLE", "application", "is_loopback", "read_config", "serve"]

CONFIG_VARIABLE = "AICLIENT_CONFIG"
DEFAULT_FILE = Path("aiclient.yaml")
# Requests that wait in a worker before connections are left to the kernel; open streams count.
BACKPRESSURE = 4096
# Seconds that open exchanges may take after a SIGTERM.
DRAIN_SECONDS = 30


def read_config(path: Path | None) -> tuple[Config, str]:
    """The configuration, and where it is from; raises `ConfigError`."""
    named = path or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return load(named, os.environ), str(named)
    if DEFAULT_FILE.exists():
        return load(DEFAULT_FILE, os.environ), str(DEFAULT_FILE)
    return from_environment(os.environ), "configured by the environment"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def application() -> object:
    """The ASGI application of one worker."""
    from aiclient.app import create_app  # noqa: PLC0415  # only workers need it: `aiclient check` starts faster

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    config, _ = read_config(None)
    return create_app(config)


def serve(config: Config, path: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; open exchanges are then completed."""
    from granian import Granian  # noqa: PLC0415  # takes a while, and `aiclient check` can do without
    from granian.constants import Interfaces, Loops, RuntimeModes  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    Granian(
        "aiclient.serving:application",
        factory=True,
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.ASGI,
        workers=config.server.workers,
        loop=Loops.uvloop if sys.platform != "win32" else Loops.auto,
        runtime_mode=RuntimeModes.st,
        backpressure=BACKPRESSURE,
        backlog=2048,
        websockets=False,
        log_access=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
        http1_settings=HTTP1Settings(keep_alive=True, pipeline_flush=False),
    ).serve()
