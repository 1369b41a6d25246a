"""Whom a request is sent to, one after the other: targets, and of each the credentials.

First whoever is well. When all of those have failed, those whose circuit is open or who rest by the gateway's guess:
neither refuses a request that has nowhere else to go. Never those for whom the upstream itself named a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiclient.pools import Blame, Credential, Fault
from aiclient.routing import Route, Target, ordered
from aiclient.upstream.providers import Provider

__all__ = ["Candidate", "Candidates"]

# Credentials of one target that are tried although the fault does not seem to be the credential's.
SAME_TARGET = 2


@dataclass(slots=True)
class Candidate:
    """A target, and what to ask it with."""

    target: Target
    provider: Provider
    credential: Credential


class Candidates:
    """The candidates for one request; what became of each is told by `failed`."""

    __slots__ = ("_conversation", "_fault", "_is_slow", "_operation", "_providers", "_route", "_tried")

    def __init__(
        self, route: Route, providers: Mapping[str, Provider], conversation: int | None, operation: str = ""
    ) -> None:
        """`operation`: what is asked of the models, if its health is apart from that of their answers."""
        self._route = route
        self._operation = operation
        self._providers = providers
        self._conversation = conversation if route.policy.sticky else None
        self._fault: Fault | None = None
        self._is_slow = False
        self._tried: dict[str, list[Credential]] = {}

    def subject(self, target: Target) -> str:
        """What the health of a target is known by."""
        return f"{target.model} ({self._operation})" if self._operation else target.model

    def failed(self, fault: Fault) -> None:
        """The last candidate has failed."""
        self._fault = fault
        self._is_slow = False

    def slow(self) -> None:
        """The last candidate has not answered yet: the next is to be of another target, if there is one."""
        self._is_slow = len(self._route.targets) > 1

    def told_until(self) -> float | None:
        """When the first of those is free for whom the upstream named a time, by the clock of `time.monotonic`."""
        rests = (
            rest.until
            for target in self._route.targets
            for rest, _ in self._providers[target.provider].health.resting(self.subject(target), (), time.monotonic())
            if rest.is_told
        )
        return min(rests, default=None)

    def __iter__(self) -> Iterator[Candidate]:
        """Each candidate once, the best first."""
        put_off: list[Target] = []
        for tier in self._route.tiers:
            for target in ordered(tier, self._conversation):
                provider = self._providers[target.provider]
                if provider.health.circuits.admits(self.subject(target), time.monotonic()):
                    yield from self._free(target, provider)
                else:
                    put_off.append(target)
        for target in put_off:
            yield from self._free(target, self._providers[target.provider])
        yield from self._resting()

    def _free(self, target: Target, provider: Provider) -> Iterator[Candidate]:
        tried = self._tried.setdefault(target.name, [])
        health, subject = provider.health, self.subject(target)
        is_asked = False
        while (free := health.free(subject, self._conversation, tried, time.monotonic())) is not None:
            is_asked = True
            tried.append(free)
            yield Candidate(target, provider, free)
            if self._is_hopeless(len(tried)):
                return
        if not is_asked:
            # It was let through as a trial, perhaps, and nobody will tell of it.
            health.circuits.abandoned(subject, time.monotonic())

    def _is_hopeless(self, asked: int) -> bool:
        """Whether another credential of the same target will not help."""
        blame = self._fault.blame if self._fault is not None else None
        if self._is_slow or blame in {Blame.REQUEST, Blame.PROVIDER}:
            return True
        return blame is Blame.TARGET and asked >= SAME_TARGET

    def _resting(self) -> Iterator[Candidate]:
        for target in self._route.targets:
            provider = self._providers[target.provider]
            tried = self._tried[target.name]
            for rest, credential in provider.health.resting(self.subject(target), tried, time.monotonic()):
                if not rest.is_told:
                    tried.append(credential)
                    yield Candidate(target, provider, credential)
