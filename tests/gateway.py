"""The gateway as its users start it: the installed command, a configuration file, a port."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.backends.keys import CLIENT_KEY
from tests.process import free_port, serving

# The SDKs of previous versions live in an environment that does not have the gateway.
EXECUTABLE = Path(os.environ.get("AICLIENT_EXECUTABLE") or Path(sys.executable).with_name("aiclient"))


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    port: int
    log: Path
    pid: int
    config: Path
    """The file it was started with; JSON, which is YAML."""

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def running_gateway(  # noqa: PLR0917  # the sections of a configuration
    folder: Path,
    providers: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, Any] | None = None,
    server: Mapping[str, Any] | None = None,
    auth: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Iterator[Gateway]:
    """A gateway with these settings that asks its clients for `CLIENT_KEY`; it must exit well."""
    port, log, path = free_port(), folder / "gateway.log", folder / "aiclient.yaml"
    configuration = {
        "server": {"host": "127.0.0.1", "port": port, **(server or {})},
        "auth": {"keys": [CLIENT_KEY], **(auth or {})},
        "providers": providers,
        "models": models or {},
        **(extra or {}),
    }
    path.write_text(json.dumps(configuration), "utf-8")
    with serving([EXECUTABLE, "serve", "--config", path], port, log) as pid:
        yield Gateway(port, log, pid, path)
