"""Where a configuration comes from: a file, or the environment alone; and what is wrong with it."""

from aiclient.configuration.environment import from_environment
from aiclient.configuration.file import load
from aiclient.configuration.problems import ConfigError, Problem
from aiclient.configuration.successor import check_successor

__all__ = ["ConfigError", "Problem", "check_successor", "from_environment", "load"]
