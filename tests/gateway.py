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

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def running_gateway(
    folder: Path, providers: Mapping[str, Mapping[str, Any]], models: Mapping[str, Any] | None = None
) -> Iterator[Gateway]:
    """A gateway with these providers and names of models that asks its clients for `CLIENT_KEY`; it must exit well."""
    gateway = Gateway(free_port(), folder / "gateway.log")
    configuration = {
        "server": {"host": "127.0.0.1", "port": gateway.port},
        "auth": {"keys": [CLIENT_KEY]},
        "providers": providers,
        "models": models or {},
    }
    path = folder / "aiclient.yaml"
    # JSON is YAML.
    path.write_text(json.dumps(configuration), "utf-8")
    with serving([EXECUTABLE, "serve", "--config", path], gateway.port, gateway.log):
        yield gateway
