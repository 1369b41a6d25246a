"""The health of one provider: its credentials and the circuits of its models.

No locks: a worker is one thread, and nothing here waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence

from aiclient.pools.circuit import Circuits
from aiclient.pools.credential import Credential, Rest
from aiclient.pools.fault import Blame, Fault
from aiclient.pools.pauses import Pauses
from aiclient.routing.order import rendezvous

__all__ = ["Health"]

_log = logging.getLogger("aiclient.health")

# Seconds that a refused credential is left alone; somebody has to renew it first.
REFUSED = Pauses(first=600.0, most=3600.0)
# A conversation leaves its credential when that has so many more requests under way than the idlest.
OVERLOAD = 16


class Health:
    """What is known of a provider, from what became of requests to it."""

    __slots__ = ("_paused", "_pauses", "_turn", "circuits", "credentials", "provider")

    def __init__(
        self,
        provider: str,
        credentials: Sequence[Credential],
        *,
        failures: int = 3,
        pauses: Pauses | None = None,
        paused: Callable[[str, str, str, str], None] | None = None,
    ) -> None:
        """`failures`: how many in a row open the circuit of a model; `pauses`: where the upstream names no time.

        `paused` is told of every pause: provider, model, credential (`*` is any), reason.
        """
        self.provider = provider
        self.credentials = tuple(credentials) or (Credential("none", None),)
        self._pauses = pauses or Pauses()
        self.circuits = Circuits(failures, self._pauses)
        self._paused = paused
        self._turn = 0

    def free(
        self, model: str, conversation: int | None, tried: Collection[Credential], now: float
    ) -> Credential | None:
        """A credential for a model that neither rests nor was tried: the conversation's own, else the idlest."""
        credentials = self.credentials
        if len(credentials) == 1:
            only = credentials[0]
            return None if only in tried or only.resting(model, now) else only
        free = [one for one in credentials if one not in tried and not one.resting(model, now)]
        if len(free) <= 1:
            return free[0] if free else None
        idlest = self._idlest(free)
        if conversation is None:
            return idlest
        own = min(free, key=lambda one: rendezvous(one, conversation))
        return own if own.in_flight / own.weight <= (idlest.in_flight + OVERLOAD) / idlest.weight else idlest

    def resting(self, model: str, tried: Collection[Credential], now: float) -> list[tuple[Rest, Credential]]:
        """The credentials that rest and were not tried, with the reason; the one that is free first at first."""
        resting = [(rest, one) for one in self.credentials if one not in tried and (rest := one.resting(model, now))]
        # A refused one is the last resort, however long the others rest.
        return sorted(resting, key=lambda pair: (pair[0].is_refusal, pair[0].until))

    def best(self, model: str = "") -> Credential:
        """A credential for what is asked once, of a model if it is of one: a free one, else the one that will be."""
        now = time.monotonic()
        return self.free(model, None, (), now) or self.resting(model, (), now)[0][1]

    def succeeded(self, model: str, credential: Credential) -> None:
        """A model has answered with a credential."""
        if (credential.wake(model)) is not None:
            _log.warning("provider %s: the credential %s is accepted again", self.provider, credential.name)
        if self.circuits.succeeded(model):
            _log.warning("%s/%s answers again", self.provider, model)

    def failed(self, model: str, credential: Credential, fault: Fault, now: float) -> None:
        """An attempt has failed."""
        match fault.blame:
            case Blame.CREDENTIAL:
                self._refuse(credential, None, fault, now)
                self.circuits.abandoned(model, now)
            case Blame.PERMISSION:
                self._refuse(credential, model, fault, now)
                self.circuits.abandoned(model, now)
            case Blame.LIMIT:
                self._limit(credential, model, fault, now)
                self.circuits.abandoned(model, now)
            case Blame.TARGET | Blame.PROVIDER:
                self._open(model, fault, now)
            case Blame.REQUEST:
                self.circuits.abandoned(model, now)

    def blamed(self, model: str, fault: Fault, now: float) -> None:
        """What seemed the request's fault was answered elsewhere, so that it was the target's."""
        if fault.blame is Blame.REQUEST and fault.counts:
            self._open(model, fault, now)

    def _refuse(self, credential: Credential, model: str | None, fault: Fault, now: float) -> None:
        last = credential.last(model)
        number = last.number + 1 if last is not None and last.is_refusal else 1
        seconds = REFUSED.seconds(number)
        credential.rest(model, Rest(now + seconds, is_refusal=True, number=number))
        self._tell(model or "*", credential.name, "refused")
        _log.error(
            "the provider %s refuses the credential %s for %s (%s): renew it; it is not used for %.0f s",
            self.provider,
            credential.name,
            model or "any model",
            fault.reason,
            seconds,
        )

    def _limit(self, credential: Credential, model: str, fault: Fault, now: float) -> None:
        last = credential.last(model)
        number = last.number + 1 if last is not None and not last.is_refusal else 1
        seconds = fault.wait if fault.wait is not None else self._pauses.seconds(number)
        credential.rest(model, Rest(now + seconds, is_told=fault.is_told, number=number))
        self._tell(model, credential.name, "rate_limit")
        _log.warning(
            "%s/%s: the credential %s rests for %.1f s, %s",
            self.provider,
            model,
            credential.name,
            seconds,
            "as the upstream asks" if fault.is_told else "by guess",
        )

    def _open(self, model: str, fault: Fault, now: float) -> None:
        seconds = self.circuits.failed(model, now, fault.wait)
        if seconds is not None:
            self._tell(model, "*", "circuit_open")
            _log.warning("%s/%s fails: left alone for %.1f s (%s)", self.provider, model, seconds, fault.reason)

    def _tell(self, model: str, credential: str, reason: str) -> None:
        if self._paused is not None:
            self._paused(self.provider, model, credential, reason)

    def _idlest(self, credentials: Sequence[Credential]) -> Credential:
        """The one with the least under way for its weight; of equals, each in turn."""
        start = self._turn % len(credentials)
        self._turn += 1
        return min((*credentials[start:], *credentials[:start]), key=_load)


def _load(credential: Credential) -> float:
    return credential.in_flight / credential.weight
