"""Whether a model at a provider is asked at all, beside others that could answer.

    closed --failures in a row--> open --time--> half open --the trial succeeds--> closed
                                   ^                  |
                                   +---the trial fails+     one trial at a time

A closed circuit without a failure is not kept: while all is well there is nothing to look at.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from aiclient.pools.pauses import Pauses

__all__ = ["Circuits", "State"]

# Models that are remembered; clients may ask for any number of them.
MOST_CIRCUITS = 1024


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


class Circuits:
    """The circuits of a provider, by model."""

    __slots__ = ("_circuits", "_failures", "_pauses", "is_down")

    def __init__(self, failures: int, pauses: Pauses) -> None:
        """`failures`: how many in a row open a circuit."""
        self._circuits: dict[str, _Circuit] = {}
        self._failures = failures
        self._pauses = pauses
        self.is_down = False
        """Whether the provider was found to be down, whatever its models did."""

    def admits(self, model: str, now: float) -> bool:
        """Whether a request may go to the model; the answer may make it the trial, whose outcome must be told."""
        if self.is_down:
            return False
        circuit = self._circuits.get(model)
        if circuit is None or circuit.state is State.CLOSED:
            return True
        if circuit.state is State.OPEN and circuit.until <= now:
            circuit.state = State.HALF_OPEN
            return True
        return False

    def succeeded(self, model: str) -> bool:
        """The model has answered; whether that closed its circuit."""
        self.is_down = False
        circuit = self._circuits.pop(model, None)
        return circuit is not None and circuit.state is not State.CLOSED

    def failed(self, model: str, now: float, wait: float | None = None) -> float | None:
        """The model has failed, and may have said how long to wait; for how many seconds that opens its circuit."""
        circuit = self._circuits.get(model)
        if circuit is None:
            circuit = self._circuits[model] = _Circuit()
            if len(self._circuits) > MOST_CIRCUITS:
                del self._circuits[next(iter(self._circuits))]
        circuit.failures += 1
        # A request that was under way when it opened says nothing new.
        if circuit.state is State.OPEN and circuit.until > now:
            return None
        if circuit.state is State.CLOSED and circuit.failures < self._failures:
            return None
        circuit.opened += 1
        seconds = max(self._pauses.seconds(circuit.opened), wait or 0.0)
        circuit.state, circuit.until = State.OPEN, now + seconds
        return seconds

    def abandoned(self, model: str, now: float) -> None:
        """A request ended without telling anything; if it was the trial, another may be it."""
        circuit = self._circuits.get(model)
        if circuit is not None and circuit.state is State.HALF_OPEN:
            circuit.state, circuit.until = State.OPEN, now

    def retry_now(self, now: float) -> None:
        """There is reason to believe that all is well: the next request to each model is its trial."""
        for circuit in self._circuits.values():
            if circuit.state is State.OPEN:
                circuit.until = now

    def until(self, model: str) -> float:
        """When an open circuit may be tried."""
        circuit = self._circuits.get(model)
        return circuit.until if circuit is not None else 0.0

    def states(self) -> Iterator[tuple[str, State, float]]:
        """Every model with a failure, its state, and until when that lasts if it is open."""
        for model, circuit in self._circuits.items():
            yield model, circuit.state, circuit.until
