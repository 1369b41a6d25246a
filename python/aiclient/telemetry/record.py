"""What becomes known of an exchange while it goes on. Never a key or the query; a body only for the prompt log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aiclient._native import Loss, Usage
from aiclient.dialect import Dialect

if TYPE_CHECKING:
    from aiclient.telemetry.tracing import AttemptSpan, ExchangeSpan

__all__ = ["AttemptRecord", "Operation", "Record"]

Operation = str
"""What was asked for, as `gen_ai.operation.name`; empty for what is no operation of a model."""


class AttemptRecord:
    """One upstream that was asked. Times are those of `time.perf_counter`."""

    # What is not yet known is the class's, so that to begin an exchange is to write down little.
    answered = 0.0
    """When the first event of a stream, or the whole of any other reply, was there; or when it failed."""
    outcome = "ok"
    """`ok`, or what went wrong: one of few words, and the status if there was one."""
    error: str | None = None
    """The same without `ok`; for metrics."""
    span: AttemptSpan | None = None

    def __init__(self, provider: str, model: str, credential: str, asked: float) -> None:
        self.provider = provider
        self.model = model
        self.credential = credential
        self.asked = asked
        self.target = f"{provider}/{model}"
        """The model at its provider."""

    def fail(self, error: str) -> None:
        """It has failed."""
        self.answered = time.perf_counter()
        self.outcome = self.error = error


class Record:
    """What becomes known of an exchange while it goes on. Times are those of `time.perf_counter`."""

    read = 0.0
    """When the request was there; 0 if it never was."""
    replied = 0.0
    """When the reply went out, or its first bytes; 0 if none did."""
    ended = 0.0
    paused = 0.0
    """Seconds between `read` and `replied` that were waited on purpose."""
    overhead: float | None = None
    """Seconds that the gateway itself took until the reply went out; None without a reply."""
    dialect: Dialect | None = None
    """The client's."""
    operation: Operation = ""
    model: str | None = None
    """As the client calls it."""
    route: str | None = None
    """What the model was found by: one of few names, whatever clients ask for."""
    target: str | None = None
    served: AttemptRecord | None = None
    """The attempt whose answer the client got."""
    prompt = b""
    """What was asked, if that is to be written down."""
    stream = False
    status = 0
    upstream_status: int | None = None
    outcome = "ok"
    """`ok`, or one of few words for what went wrong."""
    finish_reason: str | None = None
    usage: Usage | None = None
    losses: Sequence[Loss] = ()
    stream_losses: Sequence[str] = ()
    """Features of a streamed reply that the client's dialect cannot say."""
    span: ExchangeSpan | None = None

    def __init__(self, request_id: str, method: str, path: str) -> None:
        self.request_id = request_id
        self.method = method
        self.path = path
        self.started = time.perf_counter()
        self.attempts: list[AttemptRecord] = []

    def asks(self, provider: str, model: str, credential: str) -> AttemptRecord:
        """An upstream is asked."""
        attempt = AttemptRecord(provider, model, credential, time.perf_counter())
        self.attempts.append(attempt)
        return attempt

    @contextlib.contextmanager
    def asking(self, provider: str, model: str, credential: str) -> Iterator[AttemptRecord]:
        """An upstream is asked in the block, once, and its answer passed on."""
        attempt = self.asks(provider, model, credential)
        self.served = attempt
        try:
            yield attempt
        except BaseException as error:
            attempt.fail(type(error).__name__.removesuffix("Error"))
            raise
        attempt.answered = attempt.answered or time.perf_counter()

    def end(self) -> None:
        """The exchange is over."""
        self.ended = time.perf_counter()
        replied, read, attempts = self.replied, self.read, self.attempts
        if replied and read:
            own = replied - read - self.paused
            own -= attempts[0].answered - attempts[0].asked if len(attempts) == 1 else _covered(attempts)
            self.overhead = own if own > 0 else 0.0


def _covered(attempts: Sequence[AttemptRecord]) -> float:
    """Seconds in which any upstream was waited for; attempts may run beside each other."""
    seconds, until = 0.0, 0.0
    for attempt in sorted(attempts, key=lambda one: one.asked):
        seconds += max(0.0, attempt.answered - max(attempt.asked, until))
        until = max(until, attempt.answered)
    return seconds
