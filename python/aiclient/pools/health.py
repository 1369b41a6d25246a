"""The health of one provider: its credentials and the circuits of its models.

No locks: a worker is one thread, and nothing here waits.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence

from aiclient.errors import UpstreamAnswerError
from aiclient.pools.circuit import Circuits
from aiclient.pools.credential import Credential, Rest
from aiclient.pools.fault import Blame, Fault
from aiclient.pools.pauses import Pauses
from aiclient.routing.order import nearest

__all__ = ["Health"]

_log = logging.getLogger("aiclient.health")

# Seconds that a refused credential is left alone; somebody has to renew it first.
REFUSED = Pauses(first=600.0, most=3600.0)
# A conversation leaves its credential when that has so many more requests under way than the idlest.
OVERLOAD = 16
# Seconds after a refusal from which on it is worth a request to find out whether the credential has been renewed.
RENEWABLE = 120.0


class Health:
    """What is known of a provider, from what became of requests to it."""

    __slots__ = ("_ease", "_paused", "_pauses", "_turn", "circuits", "credentials", "provider")

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
        # With no more than this under way for its weight, a credential is not ahead of any other.
        self._ease = OVERLOAD / max(one.weight for one in self.credentials)

    def untroubled(self) -> Credential | None:
        """The only credential that there is, if nothing is known against it or any model."""
        credentials, circuits = self.credentials, self.circuits
        first = credentials[0]
        return None if len(credentials) > 1 or first.rests or circuits.known or circuits.is_down else first

    def free(
        self, model: str, conversation: int | None, tried: Collection[Credential], now: float
    ) -> Credential | None:
        """A credential for a model that neither rests nor was tried: the conversation's own, else the idlest."""
        credentials = self.credentials
        if len(credentials) == 1:
            only = credentials[0]
            return None if only in tried or only.resting(model, now) else only
        free = [one for one in credentials if one not in tried and not (one.rests and one.resting(model, now))]
        if len(free) <= 1:
            return free[0] if free else None
        if conversation is None:
            return self._idlest(free)
        own = nearest(free, conversation)
        load = own.in_flight / own.weight
        if load <= self._ease:
            return own
        idlest = self._idlest(free)
        return own if load <= (idlest.in_flight + OVERLOAD) / idlest.weight else idlest

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
        if credential.rests and (refusal := credential.wake(model)) is not None:
            self._accept(model, credential, refusal)
        if self.circuits.succeeded(model):
            _log.warning("%s/%s answers again", self.provider, model)

    def failed(self, model: str, credential: Credential, fault: Fault, now: float) -> None:
        """An attempt has failed."""
        if isinstance(fault.error, UpstreamAnswerError):
            self.circuits.reached()
        match fault.blame:
            case Blame.CREDENTIAL | Blame.PERMISSION:
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

    def obstacle(self, now: float) -> str | None:
        """Why the provider is of no use, for people; None if it is of use, or if that is worth a try."""
        if self.circuits.is_cut_off(now):
            return "cannot be reached"
        refusals = [one.last(None) for one in self.credentials]
        is_refused = all(rest is not None and min(rest.until, rest.since + RENEWABLE) > now for rest in refusals)
        return "refuses every credential" if is_refused else None

    def _refuse(self, credential: Credential, model: str, fault: Fault, now: float) -> None:
        """Take a refusal for one of the credential, unless the model is known to be what is refused."""
        is_whole = fault.blame is Blame.CREDENTIAL and not any(_refused(one, model) for one in self.credentials)
        of = None if is_whole else model
        number = last.number + 1 if (last := _refused(credential, of)) is not None else 1
        seconds = REFUSED.seconds(number)
        asked = model if is_whole else None
        credential.rest(of, Rest(now + seconds, is_refusal=True, number=number, since=now, asked=asked))
        self._tell(of or "*", credential.name, "refused")
        _log.error(
            "the provider %s refuses the credential %s for %s (%s): renew it; it is not used for %.0f s",
            self.provider,
            credential.name,
            of or "any model",
            fault.reason,
            seconds,
        )

    def _accept(self, model: str, credential: Credential, refusal: Rest) -> None:
        """A credential that was thought to be refused is not, or not for all models."""
        asked = refusal.asked
        if asked is None or asked == model:
            _log.warning("provider %s: the credential %s is accepted again", self.provider, credential.name)
            return
        # What depends on the model says nothing of the other credentials, either.
        same = [one for one in self.credentials if (last := one.last(None)) is not None and last.asked == asked]
        for one in same:
            one.narrow(model)
        names = ", ".join(one.name for one in (credential, *same))
        _log.warning("provider %s: it is only for %s that the credential %s is refused", self.provider, asked, names)

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
        is_unreached = fault.blame is Blame.PROVIDER
        seconds = self.circuits.failed(model, now, fault.wait, is_unreached=is_unreached)
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


def _refused(credential: Credential, model: str | None) -> Rest | None:
    """The last refusal for a model, or for all, whether it is over or not."""
    last = credential.last(model)
    return last if last is not None and last.is_refusal else None


def _load(credential: Credential) -> float:
    return credential.in_flight / credential.weight
