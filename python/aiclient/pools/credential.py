"""A credential: how busy it is, and for which models it rests.

    free --429: until the upstream's time, or a pause--> resting --time--> free
    free --401, 402 (all models), 403 (one): a long pause--> refused --time, asked again--> free
    refused for all models --another than the one it was refused for answers--> refused for that one

Rests are known by model, so that a limit of one does not stop the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["Credential", "Rest"]

# Rests that are remembered; clients may ask for any number of models.
MOST_RESTS = 1024


@dataclass(slots=True)
class Rest:
    """Why a credential is not to be used."""

    until: float
    """By the clock of `time.monotonic`."""
    is_told: bool = False
    """Whether the upstream itself named the time."""
    is_refusal: bool = False
    """Whether the upstream refused the credential."""
    since: float = 0.0
    """When it was refused."""
    asked: str | None = None
    """The model that was asked for, if it was refused for all."""
    number: int = 1
    """How many there were in a row."""


class Credential:
    """A key of a provider; a provider without keys has one credential without a key."""

    __slots__ = ("in_flight", "key", "name", "rests", "seed", "weight")

    def __init__(self, name: str, key: str | None, weight: float = 1.0) -> None:
        self.name = name
        """What it is called in logs."""
        self.key = key
        self.weight = weight
        self.seed = int.from_bytes(hashlib.blake2b((key or name).encode(), digest_size=8).digest(), "little")
        self.in_flight = 0
        """Requests that it has under way."""
        self.rests: dict[str | None, Rest] = {}
        """Those since the last success, by model, whether they are over or not; None is for all models."""

    def resting(self, model: str, now: float) -> Rest | None:
        """The rest that lasts longest, of those for this model and for all."""
        rests = self.rests
        if not rests:
            return None
        found: Rest | None = None
        for rest in (rests.get(None), rests.get(model)):
            if rest is not None and rest.until > now and (found is None or rest.until > found.until):
                found = rest
        return found

    def last(self, model: str | None) -> Rest | None:
        """The last rest for a model, or for all, whether it is over or not; none since the last success."""
        return self.rests.get(model)

    def rest(self, model: str | None, rest: Rest) -> None:
        """Do not use it for a model, or for any (None), until then."""
        if len(self.rests) >= MOST_RESTS and model not in self.rests:
            del self.rests[next(iter(self.rests))]
        self.rests[model] = rest

    def wake(self, model: str) -> Rest | None:
        """It has served a model, for which nothing is held against it; the refusal it was thought to be under."""
        rests = self.rests
        if not rests:
            return None
        own = rests.pop(model, None)
        return self.narrow(model) or (own if own is not None and own.is_refusal else None)

    def narrow(self, model: str) -> Rest | None:
        """It is not refused for all models, since this one has an answer; for what it was refused it stays refused.

        Returns the refusal that was thought to be one for all, if there was one.
        """
        whole = self.rests.pop(None, None)
        if whole is not None and whole.asked not in {None, model}:
            self.rest(whole.asked, whole)
        return whole

    def accept(self) -> bool:
        """It is not refused; whether it was thought to be."""
        rest = self.rests.get(None)
        if rest is None or not rest.is_refusal:
            return False
        del self.rests[None]
        return True
