"""What a server's processes have used: CPU time and memory, children included. Linux only."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """In kilobytes. A page that processes share counts whole for each of them, or in `proportional` in shares."""

    resident: int
    proportional: int


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    parents = dict(filter(None, (_parent(entry) for entry in PROC.iterdir() if entry.name.isdecimal())))
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree so far, threads that have ended included, to the nanosecond."""
    return sum(_cpu_seconds(pid) for pid in tree(root))


def cpu_by_process(root: int) -> dict[int, float]:
    """The same, by process."""
    return {pid: _cpu_seconds(pid) for pid in tree(root)}


def memory(root: int) -> Memory:
    """Memory of the tree."""
    rollups = [_rollup(pid) for pid in tree(root)]
    return Memory(sum(each["Rss"] for each in rollups), sum(each["Pss"] for each in rollups))


def _cpu_seconds(pid: int) -> float:
    # The kernel's number of a process's CPU clock (CPUCLOCK_SCHED): /proc counts in hundredths of a second only.
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _parent(entry: Path) -> tuple[int, int] | None:
    try:
        status = (entry / "stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold anything.
    return int(entry.name), int(status.rpartition(")")[2].split()[1])


def _rollup(pid: int) -> dict[str, int]:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        text = ""
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", text, re.MULTILINE))
    return {name: int(found.get(name, 0)) for name in ("Rss", "Pss")}


def machine() -> dict[str, str | int]:
    """Facts of this machine that belong to a figure."""
    cpu = re.search(r"^model name\s*:\s*(.*)", (PROC / "cpuinfo").read_text(), re.MULTILINE)
    kernel = os.uname()
    return {
        "cpu": cpu[1] if cpu else kernel.machine,
        "cores": os.cpu_count() or 0,
        "kernel": f"{kernel.sysname} {kernel.release}",
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
    }
