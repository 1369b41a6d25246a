"""Which of a provider's keys a request goes out with."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

__all__ = ["Credentials"]


class Credentials:
    """A provider's keys, taken in turn."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = itertools.cycle(keys) if keys else None

    def next(self) -> str | None:
        """The key for the next request; None for a provider without keys."""
        return next(self._keys) if self._keys is not None else None
