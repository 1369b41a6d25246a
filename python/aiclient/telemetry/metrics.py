"""The counts of one worker.

The native module counts exchanges that end, in as few places as can be: one for each kind of exchange, one for each
kind of attempt. What `/metrics` shows is worked out from these when somebody looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from aiclient._native import Counts
from aiclient.telemetry.histogram import Histogram
from aiclient.telemetry.record import AttemptRecord, Record
from aiclient.telemetry.series import HISTOGRAMS
from aiclient.telemetry.snapshot import Snapshot

__all__ = ["Metrics"]

# Names of models and features that are told apart; clients and upstreams may invent any number of them.
MOST_NAMES = 256
# What the native module calls the rest.
OTHER = "other"
# Seconds between reads that may wait to be sorted into buckets when a stream begins.
MOST_GAPS = 4096

_DURATION = "aiclient_request_duration_seconds"
_OVERHEAD = "aiclient_overhead_seconds"
_FIRST = "aiclient_time_to_first_token_seconds"
_ATTEMPT_DURATION = "gen_ai_client_operation_duration_seconds"
_ATTEMPT_FIRST = "gen_ai_client_operation_time_to_first_chunk_seconds"
_BETWEEN = "gen_ai_client_operation_time_per_output_chunk_seconds"
_TOKENS = "gen_ai_client_token_usage"
_TOKEN_TYPES = ("input", "output", "cache_read", "cache_write", "reasoning")


class Metrics:
    """The counts of one worker."""

    def __init__(self) -> None:
        self._counts = Counts(
            MOST_NAMES, _bounds(_DURATION, _OVERHEAD, _FIRST), _bounds(_ATTEMPT_DURATION, _ATTEMPT_FIRST, _TOKENS)
        )
        self._between: dict[tuple[str, str, str], Histogram] = {}
        self.finish: Callable[[Record, float | None], bytes | None] = self._counts.finish
        """Count an exchange that is over; its line of the log, if the time is given, in seconds since the epoch."""
        self.paused: Callable[[str, str, str, str], None] = self._counts.paused
        """Count a pause that a credential, or a model with any credential, was given.

        Takes provider, model, credential and reason.
        """
        self.reloads: Counter[str] = Counter()
        """How often the configuration was read again, by outcome."""
        self.streams = 0
        """Streams that are relayed at the moment."""

    def between(self, record: Record, attempt: AttemptRecord) -> Histogram:
        """Where the seconds between the reads of a stream are counted."""
        key = (record.operation, attempt.provider, self._counts.model(attempt.model))
        gaps = self._between.get(key)
        if gaps is None:
            gaps = self._between[key] = Histogram(HISTOGRAMS[_BETWEEN].bounds)
        gaps.settle(MOST_GAPS)
        return gaps

    def snapshot(self) -> Snapshot:
        """Everything that was counted, by the names and labels that are shown."""
        snapshot = Snapshot()
        self._show_exchanges(snapshot)
        self._show_attempts(snapshot)
        for key, gaps in self._between.items():
            snapshot.histogram(_BETWEEN, key, gaps)
        for name, counts in (
            ("aiclient_retries_total", self._counts.retries()),
            ("aiclient_losses_total", self._counts.losses()),
            ("aiclient_pauses_total", self._counts.pauses()),
            ("aiclient_reloads_total", [((outcome,), count) for outcome, count in self.reloads.items()]),
        ):
            for labels, count in counts:
                snapshot.count(name, labels, count)
        snapshot.gauge("aiclient_open_streams", (), self.streams)
        return snapshot

    def _show_exchanges(self, snapshot: Snapshot) -> None:
        for labels, count, (duration, overhead, first) in self._counts.exchanges():
            snapshot.count("aiclient_requests_total", labels, count)
            dialect, _, route, stream, _, _ = labels
            snapshot.buckets(_DURATION, (dialect, route, stream), *duration)
            snapshot.buckets(_OVERHEAD, (dialect, route, stream), *overhead)
            snapshot.buckets(_FIRST, (dialect, route), *first)

    def _show_attempts(self, snapshot: Snapshot) -> None:
        for (*model, credential, outcome), count, (duration, first, *tokens) in self._counts.attempts():
            _, provider, name = model
            snapshot.count("aiclient_attempts_total", (provider, name, credential, outcome), count)
            snapshot.buckets(_ATTEMPT_DURATION, (*model, "" if outcome == "ok" else outcome), *duration)
            snapshot.buckets(_ATTEMPT_FIRST, model, *first)
            for kind, counted in zip(_TOKEN_TYPES, tokens, strict=True):
                snapshot.buckets(_TOKENS, (*model, kind), *counted)


def _bounds(first: str, second: str, third: str) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
    return HISTOGRAMS[first].bounds, HISTOGRAMS[second].bounds, HISTOGRAMS[third].bounds
