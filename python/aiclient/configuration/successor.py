"""Whether a configuration may take the place of another while the gateway serves."""

from __future__ import annotations

from aiclient.config import Config
from aiclient.configuration.problems import ConfigError, Problem

__all__ = ["check_successor"]


def check_successor(config: Config, successor: Config) -> None:
    """Raise `ConfigError` for a configuration that may only be started with."""
    if config.auth.keys and not successor.auth.keys:
        # Whether the address can be reached by others, and whether that is meant, was asked at the start.
        message = "expected client keys, as there were at the start; without any, the gateway has to be started anew"
        raise ConfigError([Problem("the configuration", None, "auth.keys", message)])
