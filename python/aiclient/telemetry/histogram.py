"""Counts of values by size.

Values are written on every read of a stream, and looked at every few seconds. So to write one is to append it to a
list; many at a time are sorted into buckets, which costs a tenth of doing it one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

__all__ = ["Histogram"]


class Histogram:
    """How many values lie between bounds, and their sum."""

    __slots__ = ("_counts", "_new", "_sum", "bounds", "observe")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds`: the largest value of each bucket, in order; one more bucket has whatever is beyond."""
        self.bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._new: list[float] = []
        self.observe: Callable[[float], None] = self._new.append
        """Count a value. Somebody has to `settle` now and then."""

    @property
    def counts(self) -> Sequence[int]:
        """How many values each bucket has."""
        self.settle()
        return self._counts

    @property
    def sum(self) -> float:
        """The sum of all values."""
        self.settle()
        return self._sum

    def settle(self, beyond: int = 0) -> None:
        """Sort into buckets what is new, if that is more than so many values."""
        new = self._new
        if len(new) <= beyond:
            return
        new.sort()
        below = 0
        for bucket, bound in enumerate(self.bounds):
            until = bisect_right(new, bound, below)
            self._counts[bucket] += until - below
            below = until
        self._counts[-1] += len(new) - below
        self._sum += sum(new)
        new.clear()

    def add(self, counts: Sequence[int], total: float) -> None:
        """Count what another has counted with the same bounds."""
        for bucket, count in enumerate(counts):
            self._counts[bucket] += count
        self._sum += total
