"""Whether a model at a provider is asked at all, beside others that could answer.

    closed --failures in a row--> open --time--> half open --the trial succeeds--> closed
                                   ^                  |
                                   +---the trial fails+     one trial at a time

A closed circuit without a failure is not kept: while all is well there is nothing to look at. One that nobody asks any
more is forgotten after a while.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from aiclient.pools.pauses import Pauses

__all__ = ["Circuits", "State"]

# Models that are remembered; clients may ask for any number of them.
MOST_CIRCUITS = 1024
# Seconds that a failure is remembered if nobody asks again, and that an open circuit is, beyond its time.
FAILURE_KEPT = 3600.0
OPEN_KEPT = 600.0
# The latter is as many times the circuit's own time, if that is longer.
TIMES_KEPT = 10
# Seconds between two looks at what may be forgotten.
FORGET_EVERY = 60.0


class State(enum.Enum):
    """What a circuit lets through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(slots=True)
class _Circuit:
    state: State = State.CLOSED
    failures: int = 0
    """In a row."""
    opened: int = 0
    """How many times in a row."""
    until: float = 0.0
    kept: float = 0.0
    """Until when it is remembered."""


class Circuits:
    """The circuits of a provider, by model."""

    __slots__ = ("_failures", "_forget_at", "_pauses", "_unreached_until", "is_down", "known")

    def __init__(self, failures: int, pauses: Pauses) -> None:
        """`failures`: how many in a row open a circuit."""
        self.known: dict[str, _Circuit] = {}
        """Those of which there is something to be known."""
        self._failures = failures
        self._pauses = pauses
        self._forget_at = 0.0
        # When a model may be tried again of a provider to which no connection was to be had; 0 if there was one since.
        self._unreached_until = 0.0
        self.is_down = False
        """Whether the provider was found to be down, whatever its models did."""

    @property
    def is_reachable(self) -> bool:
        """Whether the provider could be reached when it was last asked."""
        return not (self.is_down or self._unreached_until)

    def is_cut_off(self, now: float) -> bool:
        """Whether the provider cannot be reached, and it is not yet time to try again."""
        return self.is_down or self._unreached_until > now

    def admits(self, model: str, now: float) -> bool:
        """Whether a request may go to the model; the answer may make it the trial, whose outcome must be told."""
        if self.is_down:
            return False
        if not self.known:
            return True
        self._forget(now)
        circuit = self.known.get(model)
        if circuit is None or circuit.state is State.CLOSED:
            return True
        if circuit.state is State.OPEN and circuit.until <= now:
            circuit.state = State.HALF_OPEN
            return True
        return False

    def succeeded(self, model: str) -> bool:
        """The model has answered; whether that closed its circuit."""
        self.is_down = False
        if not self.known:
            return False
        self.reached()
        circuit = self.known.pop(model, None)
        return circuit is not None and circuit.state is not State.CLOSED

    def reached(self) -> None:
        """The provider has answered, whatever it said."""
        self._unreached_until = 0.0

    def failed(self, model: str, now: float, wait: float | None = None, *, is_unreached: bool = False) -> float | None:
        """The model has failed, and may have said how long to wait; for how many seconds that opens its circuit.

        `is_unreached`: whether that was for want of a connection to the provider.
        """
        circuit = self.known.get(model)
        if circuit is None:
            circuit = self.known[model] = _Circuit()
            if len(self.known) > MOST_CIRCUITS:
                del self.known[next(iter(self.known))]
        circuit.failures += 1
        # A request that was under way when it opened says nothing new.
        if circuit.state is State.OPEN and circuit.until > now:
            return None
        if circuit.state is State.CLOSED and circuit.failures < self._failures:
            circuit.kept = now + FAILURE_KEPT
            return None
        circuit.opened += 1
        seconds = max(self._pauses.seconds(circuit.opened), wait or 0.0)
        circuit.state, circuit.until = State.OPEN, now + seconds
        circuit.kept = circuit.until + max(OPEN_KEPT, TIMES_KEPT * seconds)
        if is_unreached:
            self._unreached_until = circuit.until
        return seconds

    def abandoned(self, model: str, now: float) -> None:
        """A request ended without telling anything; if it was the trial, another may be it."""
        circuit = self.known.get(model)
        if circuit is not None and circuit.state is State.HALF_OPEN:
            circuit.state, circuit.until = State.OPEN, now

    def retry_now(self, now: float) -> None:
        """There is reason to believe that all is well: the next request to each model is its trial."""
        self.reached()
        for circuit in self.known.values():
            if circuit.state is State.OPEN:
                circuit.until = now

    def states(self, now: float) -> Iterator[tuple[str, State, float]]:
        """Every model with a failure, its state, and until when that lasts if it is open.

        One whose time is over is half open, whether its trial is under way or still to come.
        """
        self._forget_at = now
        self._forget(now)
        for model, circuit in self.known.items():
            is_due = circuit.state is State.OPEN and circuit.until <= now
            yield model, State.HALF_OPEN if is_due else circuit.state, circuit.until

    def _forget(self, now: float) -> None:
        """Let go of what nobody has asked for long; not on every request."""
        if self._forget_at > now:
            return
        self._forget_at = now + FORGET_EVERY
        for model in [model for model, circuit in self.known.items() if circuit.kept <= now]:
            del self.known[model]
        if not self.known:
            self.reached()
