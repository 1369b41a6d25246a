"""A credential: how busy it is, and for which models it rests.

    free --429: until the upstream's time, or a pause--> resting --time--> free
    free --401, 402 (all models), 403 (one): a long pause--> refused --time, asked again--> free

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
    number: int = 1
    """How many there were in a row."""


class Credential:
    """A key of a provider; a provider without keys has one credential without a key."""

    __slots__ = ("_rests", "in_flight", "key", "name", "seed", "weight")

    def __init__(self, name: str, key: str | None, weight: float = 1.0) -> None:
        self.name = name
        """What it is called in logs."""
        self.key = key
        self.weight = weight
        self.seed = int.from_bytes(hashlib.blake2b((key or name).encode(), digest_size=8).digest(), "little")
        self.in_flight = 0
        """Requests that it has under way."""
        self._rests: dict[str | None, Rest] = {}

    def resting(self, model: str, now: float) -> Rest | None:
        """The rest that lasts longest, of those for this model and for all."""
        rests = self._rests
        if not rests:
            return None
        found: Rest | None = None
        for rest in (rests.get(None), rests.get(model)):
            if rest is not None and rest.until > now and (found is None or rest.until > found.until):
                found = rest
        return found

    def last(self, model: str | None) -> Rest | None:
        """The last rest for a model, or for all, whether it is over or not; none since the last success."""
        return self._rests.get(model)

    def rest(self, model: str | None, rest: Rest) -> None:
        """Do not use it for a model, or for any (None), until then."""
        if len(self._rests) >= MOST_RESTS and model not in self._rests:
            del self._rests[next(iter(self._rests))]
        self._rests[model] = rest

    def wake(self, model: str) -> Rest | None:
        """It has served a model: nothing is held against it; the refusal it was thought to be under, if it was."""
        rests = self._rests
        if not rests:
            return None
        woken = [rest for rest in (rests.pop(None, None), rests.pop(model, None)) if rest is not None]
        return next((rest for rest in woken if rest.is_refusal), None)

    def accept(self) -> bool:
        """It is not refused; whether it was thought to be."""
        rest = self._rests.get(None)
        if rest is None or not rest.is_refusal:
            return False
        del self._rests[None]
        return True

    @property
    def rests(self) -> dict[str | None, Rest]:
        """All rests, by model; None is for all models."""
        return dict(self._rests)
