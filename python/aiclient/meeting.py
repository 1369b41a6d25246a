"""Where the workers of a gateway meet: a folder that only its user can enter. The command line finds them by it."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

__all__ = ["discard", "find", "prepare", "runs"]

PRIVATE = 0o700


def prepare(port: int) -> Path | None:
    """A folder for the workers of a gateway on a port, which is this process; None if there cannot be one."""
    if sys.platform == "win32":
        return None
    home = _home()
    try:
        home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        status = home.lstat()
        if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o077:
            # Somebody else has made it, and would be told all.
            return None
        for other in home.iterdir():
            if not _is_alive(other):
                discard(other)
        folder = home / f"{port}-{os.getpid()}"
        folder.mkdir(mode=PRIVATE)
    except OSError:
        return None
    return folder


def discard(folder: Path) -> None:
    """Remove the folder of a gateway that has ended."""
    shutil.rmtree(folder, ignore_errors=True)


def find(port: int) -> list[Path]:
    """The folders of the gateways that listen on a port."""
    return [folder for folder in _home().glob(f"{port}-*") if _is_alive(folder)]


def _home() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"aiclient-{os.getuid()}"


def _is_alive(folder: Path) -> bool:
    """Whether the process that made a folder still runs."""
    pid = folder.name.rpartition("-")[2]
    return pid.isdigit() and runs(int(pid))


def runs(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
