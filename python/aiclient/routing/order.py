"""In which order things of different weight are tried.

With a conversation: by weighted rendezvous hashing. Every process agrees on the order without a word, and when one of
the things is away, only its own conversations move. Without one: by chance, as heavy as the weights are.
Reference: Thaler, Ravishankar, "A Name-Based Mapping Scheme for Rendezvous" (1996).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

__all__ = ["Weighted", "nearest", "ordered"]

# What Python's hash of an integer is the remainder by, in every process: 2**61 - 1, a prime.
_PRIME = float(2**61 - 1)


class Weighted(Protocol):
    """What can be chosen."""

    @property
    def weight(self) -> float:
        """How much of the load it takes."""

    @property
    def seed(self) -> int:
        """A number of its own."""


T = TypeVar("T", bound=Weighted)


def ordered(things: Sequence[T], conversation: int | None) -> Sequence[T] | Iterator[T]:
    """The things, the one to be tried first at first."""
    if len(things) == 1:
        return things
    if conversation is None:
        # Efraimidis and Spirakis: the smallest of exponential draws, one for each weight.
        return sorted(things, key=lambda thing: random.expovariate(thing.weight))
    return _by_distance(things, conversation)


def nearest(things: Sequence[T], conversation: int) -> T:
    """The thing that a conversation goes to."""
    found, weight, most = things[0], things[0].weight, -1
    number = _scattered(conversation)
    for thing in things:
        if thing.weight != weight:
            return min(things, key=lambda thing: _distance(thing, number))
        # As `_distance`; of equal weights, the larger share is nearer. On the hot path, without a call for each.
        share = hash(thing.seed * number)
        if share > most:
            found, most = thing, share
    return found


def _by_distance(things: Sequence[T], conversation: int) -> Iterator[T]:
    """The nearest, which is all that most ask for, then the others."""
    first = nearest(things, conversation)
    yield first
    number = _scattered(conversation)
    yield from sorted((one for one in things if one is not first), key=lambda thing: _distance(thing, number))


def _scattered(conversation: int) -> int:
    """A number for a conversation, from 1. Multiples of squares are in no order, as those of numbers in a row are."""
    return hash(conversation * conversation) + 1


def _distance(thing: Weighted, number: int) -> float:
    """How far the conversation of a scattered number is from a thing.

    A product by a prime's remainder spreads conversations evenly, and in another way for each seed. The hash of a pair
    does not: which of two seeds is nearer would be the same for nearly all conversations.
    """
    return -math.log((hash(thing.seed * number) + 1) / _PRIME) / thing.weight
