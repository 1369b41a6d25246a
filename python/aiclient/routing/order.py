"""In which order things of different weight are tried.

With a conversation: by weighted rendezvous hashing. Every process agrees on the order without a word, and when one of
the things is away, only its own conversations move. Without one: by chance, as heavy as the weights are.
Reference: Thaler, Ravishankar, "A Name-Based Mapping Scheme for Rendezvous" (1996).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

__all__ = ["Weighted", "ordered", "rendezvous"]

_MASK = (1 << 64) - 1


class Weighted(Protocol):
    """What can be chosen."""

    @property
    def weight(self) -> float:
        """How much of the load it takes."""

    @property
    def seed(self) -> int:
        """A number of its own."""


T = TypeVar("T", bound=Weighted)


def ordered(things: Sequence[T], conversation: int | None) -> Sequence[T]:
    """The things, the one to be tried first at first."""
    if len(things) == 1:
        return things
    if conversation is None:
        # Efraimidis and Spirakis: the smallest of exponential draws, one for each weight.
        return sorted(things, key=lambda thing: random.expovariate(thing.weight))
    return sorted(things, key=lambda thing: rendezvous(thing, conversation))


def rendezvous(thing: Weighted, conversation: int) -> float:
    """How far a conversation is from a thing; it goes to the nearest."""
    share = ((_mixed(thing.seed ^ conversation) >> 11) + 1) / (1 << 53)
    return -math.log(share) / thing.weight


def _mixed(number: int) -> int:
    """The finaliser of splitmix64: every bit of the outcome depends on every bit of the number."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & _MASK
    return number ^ (number >> 31)
