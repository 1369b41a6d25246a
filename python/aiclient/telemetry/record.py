"""What becomes known of an exchange while it goes on. Never a key or the query; a body only for the prompt log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from aiclient._native import AttemptFacts, ExchangeFacts

__all__ = ["AttemptRecord", "Operation", "Record"]

Operation = str
"""What was asked for, as `gen_ai.operation.name`; empty for what is no operation of a model."""


class AttemptRecord(AttemptFacts):
    """One upstream that was asked."""

    __slots__ = ()

    def fail(self, outcome: str) -> None:
        """It has failed."""
        self.answered = time.perf_counter()
        self.outcome = outcome


class Record(ExchangeFacts):
    """What becomes known of an exchange while it goes on."""

    __slots__ = ()

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
