"""The workers of one gateway tell each other what they have counted, so that any of them can speak for all.

Each listens on a Unix socket in the folder where they meet (`meeting.py`), and says all it knows to whoever connects.
What it has counted stays there as a file when it ends, and is written down from time to time in case it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypedDict, cast

import orjson

from aiclient.meeting import runs
from aiclient.standing import Standing

__all__ = ["Peers", "Report", "WorkerStanding", "reports", "standings"]

# Seconds that a worker has for its answer; one that is that busy is known by what it has written down.
PATIENCE = 1.0
# Seconds between writing down.
SAVE_EVERY = 5.0


class Report(TypedDict):
    """What a worker says of itself."""

    pid: int
    started: float
    """Seconds since the epoch."""
    standing: Standing
    counted: dict[str, object]
    """What `Snapshot.dumped` says."""
    is_alive: bool
    """Whether it still serves; what is not counted means nothing otherwise."""


class WorkerStanding(Standing):
    """How one of several workers stands."""

    pid: int
    started: float
    """Seconds since the epoch."""


def standings(said: Iterable[Report]) -> list[WorkerStanding]:
    """How those workers stand that still serve."""
    return [
        WorkerStanding(pid=report["pid"], started=report["started"], **report["standing"])
        for report in said
        if report["is_alive"]
    ]


async def reports(folder: Path, *, but: int | None = None) -> list[Report]:
    """What all workers say that are or have been there, except for one process."""
    said = await asyncio.gather(*(_report(folder, pid) for pid in sorted(_pids(folder) - {but})))
    return [report for report in said if report is not None]


class Peers:
    """One worker among the workers of its gateway."""

    def __init__(self, folder: Path, report: Callable[[], Report]) -> None:
        self._folder = folder
        self._report = report
        self._server: asyncio.Server | None = None
        self._saving: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Be there for the others."""
        self._server = await asyncio.start_unix_server(self._answer, self._folder / f"{os.getpid()}.sock")
        self._saving = asyncio.ensure_future(self._go_on_saving())

    async def leave(self) -> None:
        """Leave behind what was counted."""
        if self._saving is not None:
            self._saving.cancel()
        if self._server is not None:
            self._server.close()
        self._save(is_alive=False)
        with contextlib.suppress(OSError):
            (self._folder / f"{os.getpid()}.sock").unlink()

    async def others(self) -> list[Report]:
        """What the others say."""
        try:
            return await reports(self._folder, but=os.getpid())
        except OSError:
            return []

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(orjson.dumps(self._report()))
            await writer.drain()
        writer.close()

    async def _go_on_saving(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self._save(is_alive=True)

    def _save(self, *, is_alive: bool) -> None:
        path = self._folder / f"{os.getpid()}.json"
        with contextlib.suppress(OSError):
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(orjson.dumps(self._report() | {"is_alive": is_alive}))
            unfinished.replace(path)


def _pids(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.iterdir() if path.stem.isdigit()}


async def _report(folder: Path, pid: int) -> Report | None:
    said = await _asked(folder / f"{pid}.sock")
    return _read(folder / f"{pid}.json", pid) if said is None else said


async def _asked(path: Path) -> Report | None:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                return cast("Report", orjson.loads(await reader.read()))
            finally:
                writer.close()
    except (OSError, TimeoutError, orjson.JSONDecodeError):
        return None


def _read(path: Path, pid: int) -> Report | None:
    """What a worker has written down that has ended, has died, or is too busy to answer."""
    try:
        said = cast("Report", orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        return None
    said["is_alive"] = said["is_alive"] and runs(pid)
    return said
