"""How often a worker wakes up for its upstreams when many of them stream at once.

To be woken for a chunk costs more than to relay it. So a worker that is woken often, and has little to do each time,
rests for a moment before it looks again, and then finds several chunks: what network cards call interrupt moderation. A
chunk is late by the length of a rest at most, which is far below what anybody sees, and nothing rests while chunks are
few or while there is a lot to do.
"""

from __future__ import annotations

import time

__all__ = ["Moderation"]

# Chunks a second from which a worker rests.
MANY = 1000.0
# The share of a worker's time from which there is no time to rest.
BUSY = 0.5
# Seconds between two looks at these.
WINDOW = 0.05
# Seconds after a rest within which chunks belong to what it has brought.
HARVEST = 0.0003


class Moderation:
    """The rests of one worker. Not for threads: it stops the one that serves."""

    __slots__ = ("_chunks", "_is_resting", "_looked", "_rest", "_rested", "_used")

    def __init__(self, rest: float) -> None:
        """`rest`: seconds; 0 is never to rest."""
        self._rest = rest
        self._chunks = 0
        self._looked = 0.0
        self._used = 0.0
        self._is_resting = False
        self._rested = 0.0

    def passed(self, now: float) -> None:
        """A chunk has been relayed, at a time of `time.perf_counter`. May rest."""
        self._chunks += 1
        if now - self._looked > WINDOW:
            self._look(now)
        if self._is_resting and now - self._rested > HARVEST:
            time.sleep(self._rest)
            self._rested = time.perf_counter()

    def _look(self, now: float) -> None:
        used, passed = time.thread_time(), now - self._looked
        is_idle = used - self._used < BUSY * passed
        self._is_resting = self._rest > 0 and is_idle and self._chunks > MANY * passed
        self._chunks, self._looked, self._used = 0, now, used
