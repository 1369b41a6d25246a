"""What the load generator is told to do, and what it found; both cross the process boundary as JSON."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expectation:
    """What a good answer has; told by words, because peers escape and order JSON as they like."""

    # A word of the answer, and how often it must come.
    word: str
    words: int
    # What ends a stream; empty for whole answers, which end by their length.
    terminal: str = ""


@dataclass(frozen=True)
class Job:
    """A closed loop: every connection sends its next request when the answer to the last one is complete."""

    port: int
    request: str
    connections: int
    # Answers before the measurement begins, and in it; the measurement ends by whichever limit comes first.
    warm_up: int
    seconds: float
    answers: int
    expect: Expectation


@dataclass
class Findings:
    """What a measurement found. Times are in microseconds, sorted."""

    seconds: float = 0.0
    answers: int = 0
    events: int = 0
    # How often each thing went wrong.
    errors: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def fail(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1
