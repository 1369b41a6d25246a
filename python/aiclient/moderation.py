"""How often a worker wakes up for its upstreams when many of them stream at once.

To be woken for a chunk costs more than to relay it. So a worker that is woken often, and has little to do each time,
rests for a moment before it looks again, and then finds several chunks: what network cards call interrupt moderation.

    woken --chunks are relayed, all that have come--> rest, once --time--> look for more

A chunk is late by the length of a rest at most, and nothing rests while chunks are few or while there is a lot to do.
"""

from __future__ import annotations

import asyncio
import time

__all__ = ["Moderation"]

# Chunks a second from which a worker rests.
MANY = 1000.0
# The share of a worker's time from which there is no time to rest.
BUSY = 0.5
# Seconds between two looks at these.
WINDOW = 0.05


class Moderation:
    """The rests of one worker. It stops the thread that serves. Wants a running event loop."""

    __slots__ = ("_chunks", "_is_resting", "_is_woken", "_looked", "_loop", "_seconds", "_used")

    def __init__(self, seconds: float) -> None:
        """`seconds`: the length of a rest; 0 is never to rest."""
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._chunks = 0
        self._looked = 0.0
        self._used = 0.0
        self._is_resting = False
        self._is_woken = False

    def passed(self, now: float) -> None:
        """A chunk has been relayed, at a time of `time.perf_counter`."""
        self._chunks += 1
        if now - self._looked > WINDOW:
            self._look(now)
        if self._is_resting and not self._is_woken:
            # What is to be called soon is called once all that had come has been relayed.
            self._is_woken = True
            self._loop.call_soon(self._rest)

    def _rest(self) -> None:
        self._is_woken = False
        time.sleep(self._seconds)

    def _look(self, now: float) -> None:
        used, passed = time.thread_time(), now - self._looked
        is_idle = used - self._used < BUSY * passed
        self._is_resting = self._seconds > 0 and is_idle and self._chunks > MANY * passed
        self._chunks, self._looked, self._used = 0, now, used
