"""A second attempt beside one that is slow; whichever begins first serves, and the other is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiclient.attempt import Attempt
from aiclient.routing import HedgeBudget

__all__ = ["hedged"]

_Ask = Callable[[], Awaitable[Attempt | None]]
_Task = asyncio.Task[Attempt | None]


async def hedged(budget: HedgeBudget, first: _Ask, second: _Ask) -> Attempt | None:
    """The attempt that began first; None if what was tried failed.

    The second is tried if the first has not begun in time, and if the budget allows.
    """
    tasks: list[_Task] = [asyncio.ensure_future(_coroutine(first))]
    begun: Attempt | None = None
    try:
        await asyncio.wait(tasks, timeout=budget.after)
        if not tasks[0].done() and budget.spend():
            tasks.append(asyncio.ensure_future(_coroutine(second)))
        begun = await _first_begun(tasks)
        return begun
    finally:
        await _end(tasks, begun)


async def _coroutine(ask: _Ask) -> Attempt | None:
    return await ask()


async def _first_begun(tasks: Sequence[_Task]) -> Attempt | None:
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if (begun := task.result()) is not None:
                return begun
    return None


async def _end(tasks: Sequence[_Task], kept: Attempt | None) -> None:
    """Cancel what is still under way, and be done with what began too late."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Attempt) and outcome is not kept:
            outcome.close()
