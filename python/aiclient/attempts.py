"""Attempts to have a request answered, until one has begun to be.

All of them before the first byte has left for the client, and under one deadline. First every candidate once; when all
have failed, the best of them again after a pause, as often as its provider allows.
"""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass

from aiclient.attempt import Attempt
from aiclient.candidates import Candidate, Candidates
from aiclient.client_request import ClientRequest
from aiclient.errors import BusyError, UnsupportedError, UpstreamAnswerError, UpstreamError, forget_frames, outcome_of
from aiclient.hedging import hedged
from aiclient.pools import Credential, Fault, Pauses, fault_of
from aiclient.routing import HedgeBudget, Route, Target
from aiclient.services import Services
from aiclient.upstream.providers import Provider

__all__ = ["Attempts", "FailedAttempt"]

BEFORE_REPEAT = Pauses(first=0.5, most=8.0)
# Seconds that the gateway waits for an upstream that asks for it; longer waits are the client's business.
LONGEST_WAIT = 5.0
NO_LIMIT = math.inf


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that failed."""

    attempt: Attempt
    fault: Fault


class Attempts:
    """Has one request answered by one of its route's targets."""

    __slots__ = ("_asked", "_begun", "_failed", "_made", "_route", "_services")

    def __init__(self, services: Services, asked: ClientRequest, route: Route) -> None:
        self._services = services
        self._asked = asked
        self._route = route
        self._begun = time.monotonic()
        self._failed: list[FailedAttempt] = []
        self._made: Candidates | None = None

    @property
    def _candidates(self) -> Candidates:
        """Made when there is a choice, or when something has failed."""
        if self._made is None:
            self._made = Candidates(self._route, self._services.providers, self._asked.conversation)
        return self._made

    @property
    def _until(self) -> float:
        """When all of it must have begun to be answered, by the clock of `time.monotonic`."""
        return self._begun + self._services.seconds_for(self._route)

    async def begin(self) -> Attempt | FailedAttempt:
        """The attempt that has begun to be answered, or else the failed one that the client should hear of.

        Raises `BusyError` if nobody may be asked, and a `RequestError` for what cannot be asked of anybody.
        """
        route = self._route
        targets, budget = route.targets, route.policy.hedge
        if budget is None and len(targets) == 1:
            # There is one way only, and nothing is known against it.
            provider = self._services.providers[targets[0].provider]
            if (credential := provider.health.untroubled()) is not None:
                begun = await self._ask(targets[0], provider, credential)
                return begun or await self._repeat() or self._telling()
        return await self._among(budget)

    async def _among(self, budget: HedgeBudget | None) -> Attempt | FailedAttempt:
        if budget is not None:
            budget.earn()
        candidates = iter(self._candidates)
        for candidate in candidates:
            begun = await (self._of(candidate) if budget is None else self._hedged(budget, candidate, candidates))
            if begun is not None:
                return begun
            if time.monotonic() >= self._until:
                return self._telling()
        return await self._repeat() or self._telling()

    def _hedged(
        self, budget: HedgeBudget, candidate: Candidate, others: Iterator[Candidate]
    ) -> Awaitable[Attempt | None]:
        async def second() -> Attempt | None:
            self._candidates.slow()
            return await self._of(next(others, candidate))

        return hedged(budget, functools.partial(self._of, candidate), second)

    def _of(self, candidate: Candidate) -> Awaitable[Attempt | None]:
        return self._ask(candidate.target, candidate.provider, candidate.credential)

    async def _ask(self, target: Target, provider: Provider, credential: Credential) -> Attempt | None:
        asked, health, model = self._asked, provider.health, target.model
        note = asked.record.asks(target.provider, model, credential.name)
        attempt = Attempt(self._services, asked, target, provider, credential, note)
        # The first has its provider's own limits unless the route says otherwise.
        is_free = self._route.policy.deadline is None and not self._failed
        try:
            await attempt.begin(NO_LIMIT if is_free else self._until - time.monotonic())
        except (UpstreamError, UnsupportedError) as error:
            forget_frames(error)
            fault = fault_of(error)
            note.fail(outcome_of(error))
            health.failed(model, credential, fault, time.monotonic())
            self._candidates.failed(fault)
            self._failed.append(FailedAttempt(attempt, fault))
            return None
        except BaseException as error:
            note.fail(outcome_of(error))
            health.circuits.abandoned(model, time.monotonic())
            raise
        health.succeeded(model, credential)
        if self._failed:
            self._blame()
        return attempt

    def _blame(self) -> None:
        """What another has answered was no fault of the request."""
        now = time.monotonic()
        for failed in self._failed:
            failed.attempt.provider.health.blamed(failed.attempt.target.model, failed.fault, now)

    async def _repeat(self) -> Attempt | None:
        number = 0
        while (found := self._repeatable(number)) is not None:
            attempt, pause = found
            number += 1
            await asyncio.sleep(pause)
            self._asked.record.paused += pause
            if (begun := await self._ask(attempt.target, attempt.provider, attempt.credential)) is not None:
                return begun
        return None

    def _repeatable(self, number: int) -> tuple[Attempt, float] | None:
        """The first attempt that may do better when made again, and after how many seconds."""
        latest = {(failed.attempt.target, failed.attempt.credential): failed for failed in self._failed}
        left = self._until - time.monotonic()
        for failed in latest.values():
            fault = failed.fault
            pause = max(fault.wait or 0.0, BEFORE_REPEAT.seconds(number + 1))
            may = fault.may_repeat and not fault.is_told and number < failed.attempt.provider.retries
            if may and pause <= LONGEST_WAIT and pause < left:
                return failed.attempt, pause
        return None

    def _telling(self) -> FailedAttempt:
        """The failure that helps the client most: what may pass soon, before what will not."""
        told = self._candidates.told_until()
        wait = None if told is None else max(0.0, told - time.monotonic())
        if not self._failed:
            raise BusyError("every credential for this model rests, as the upstream asked", wait or 0.0)
        best = max(self._failed, key=lambda failed: failed.fault.hope)
        error = best.fault.error
        asked = best.fault.wait if best.fault.is_told else None
        if isinstance(error, UpstreamAnswerError) and asked is not None and wait is not None and wait < asked - 1:
            # Another credential is free before this one.
            error.wait = wait
        return best
