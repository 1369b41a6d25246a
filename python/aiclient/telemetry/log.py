"""One line for each exchange, in JSON: what was asked of whom, how it went, what it cost.

Never a body, a key, or the query.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Protocol

__all__ = ["BufferedLines", "Lines", "LoggedLines"]

# Seconds that a line may wait for others: to write each by itself costs more than to make it.
PATIENCE = 0.05
# Bytes that wait for a reader who is away.
MOST_WAITING = 8 << 20


class Lines(Protocol):
    """Where lines go."""

    dropped: int
    """Lines that could not be taken."""

    def write(self, line: bytes) -> None:
        """Take a line, which ends with a line feed."""

    def flush(self) -> None:
        """Let go of what was taken."""


class LoggedLines:
    """Lines for the logger `aiclient.access`, where the application that this one is part of decides."""

    def __init__(self) -> None:
        self.dropped = 0
        self._log = logging.getLogger("aiclient.access")

    def write(self, line: bytes) -> None:
        """Log it."""
        self._log.info(line[:-1].decode())

    def flush(self) -> None:
        """Nothing is kept."""


class BufferedLines:
    """Lines for a file descriptor, several at a time.

    A reader who is away holds nobody up if the descriptor does not block; lines beyond `MOST_WAITING` are then dropped
    and counted.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._lines: list[bytes] = []
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, line: bytes) -> None:
        """Take a line; it is written within `PATIENCE`. Wants a running event loop."""
        if self._waiting > MOST_WAITING:
            self.dropped += 1
            return
        self._lines.append(line)
        self._waiting += len(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._come_by)

    def flush(self) -> None:
        """Write what waits, as far as the descriptor takes it."""
        data = b"".join(self._lines)
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                break
            except OSError:
                # Nobody reads any more.
                self.dropped += data.count(b"\n")
                data = b""
        self._lines, self._waiting = ([data] if data else []), len(data)

    def _come_by(self) -> None:
        self.flush()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._come_by) if self._lines else None
