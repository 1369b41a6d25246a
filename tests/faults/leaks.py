"""What a gateway holds: open sockets and memory of its processes, as the kernel has it (Linux)."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.faults.upstream import FaultyUpstream

# Bytes by which memory may grow without being a leak: allocators keep what they had, in pieces.
SLACK = 24 << 20


@dataclass(frozen=True)
class Usage:
    """Of all processes of a gateway."""

    sockets: int
    resident: int
    """Bytes of memory."""

    def __str__(self) -> str:
        return f"{self.sockets} sockets, {self.resident / (1 << 20):.1f} MiB"

    def leaks_since(self, before: "Usage") -> str:
        """What has grown and should not have; empty if nothing."""
        leaks = []
        if self.sockets > before.sockets:
            leaks.append(f"{self.sockets - before.sockets} sockets leaked")
        if self.resident > before.resident + SLACK:
            leaks.append(f"memory grew by {(self.resident - before.resident) / (1 << 20):.1f} MiB")
        return "; ".join(leaks)


def workers_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in children.split()]


def usage_of(pid: int) -> Usage:
    """What a gateway's processes hold together."""
    pids = [pid, *workers_of(pid)]
    return Usage(sum(map(_sockets, pids)), sum(map(_resident, pids)))


async def at_rest(pid: int, upstream: FaultyUpstream) -> Usage:
    """What a gateway's processes hold once the upstream has closed every connection, and those have gone."""
    upstream.close_all()
    last = usage_of(pid)
    for _ in range(50):
        await asyncio.sleep(0.2)
        found = usage_of(pid)
        if found.sockets == last.sockets:
            return found
        last = found
    return last


def _sockets(pid: int) -> int:
    folder = Path(f"/proc/{pid}/fd")
    return sum(_is_socket(entry) for entry in folder.iterdir())


def _is_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    return 0
