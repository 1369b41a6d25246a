"""The first step of something awaitable, taken at once.

Most of what a server's `send` does is done before it waits for anything. Whoever has no time for a task, such as the
receiver of bytes, can do that much, and leave the rest to one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any

__all__ = ["Started", "start"]

_ALL = object()


class Started:
    """What is still to be awaited of something that was started."""

    __slots__ = ("_awaited", "_steps")

    def __init__(self, awaited: object, steps: Generator[Any, Any, Any]) -> None:
        self._awaited = awaited
        self._steps = steps

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait for what the first step waits for, and take the others."""
        yield self._awaited
        yield from self._steps


def start(awaitable: Awaitable[object]) -> Started | None:
    """Take the first step; None if that was all."""
    steps = awaitable.__await__()
    # To be told by a value takes half as long as by an exception.
    awaited = next(steps, _ALL)
    return None if awaited is _ALL else Started(awaited, steps)
