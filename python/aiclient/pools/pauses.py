"""How long something that failed is left alone."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Pauses"]


@dataclass(frozen=True, slots=True)
class Pauses:
    """Each pause in a row is twice as long as the one before, up to a limit; chance keeps many from ending at once."""

    first: float = 5.0
    """Seconds."""
    most: float = 120.0

    def seconds(self, number: int) -> float:
        """The length of a pause, counted from 1."""
        whole = min(self.most, self.first * 2.0 ** min(number - 1, 32))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311  # no secret
