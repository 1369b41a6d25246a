"""The counts of one worker.

What is written on every request is kept in as few places as can be: one for each kind of exchange, one for each kind of
attempt. What `/metrics` shows is worked out from these when somebody looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from aiclient._native import Usage
from aiclient.telemetry.histogram import Histogram
from aiclient.telemetry.record import AttemptRecord, Record
from aiclient.telemetry.series import HISTOGRAMS
from aiclient.telemetry.snapshot import Labels, Snapshot

__all__ = ["Metrics"]

# Names of models and features that are told apart; clients and upstreams may invent any number of them.
MOST_NAMES = 256
OTHER = "other"
# Exchanges of a kind after which their values are sorted into buckets.
SETTLE_EVERY = 256

_ExchangeKey = tuple[str | None, str, str | None, bool, int, str]
_AttemptKey = tuple[str, str, str, str, str | None]


class _Exchanges:
    """Exchanges that had the same end."""

    __slots__ = ("count", "duration", "first", "overhead")

    def __init__(self) -> None:
        self.count = 0
        self.duration = Histogram(HISTOGRAMS["aiclient_request_duration_seconds"].bounds)
        self.first = Histogram(HISTOGRAMS["aiclient_time_to_first_token_seconds"].bounds)
        self.overhead = Histogram(HISTOGRAMS["aiclient_overhead_seconds"].bounds)

    def settle(self) -> None:
        """Let go of values that wait to be sorted."""
        for histogram in (self.duration, self.first, self.overhead):
            histogram.settle()


class _Attempts:
    """Attempts that had the same end."""

    __slots__ = ("between", "cache_read", "cache_write", "count", "duration", "first", "input", "output", "reasoning")

    def __init__(self) -> None:
        self.count = 0
        self.duration = Histogram(HISTOGRAMS["gen_ai_client_operation_duration_seconds"].bounds)
        self.first = Histogram(HISTOGRAMS["gen_ai_client_operation_time_to_first_chunk_seconds"].bounds)
        self.between = Histogram(HISTOGRAMS["gen_ai_client_operation_time_per_output_chunk_seconds"].bounds)
        self.input, self.output, self.cache_read, self.cache_write, self.reasoning = (
            Histogram(HISTOGRAMS["gen_ai_client_token_usage"].bounds) for _ in range(5)
        )

    def use(self, usage: Usage) -> None:
        """Count the tokens of an answer."""
        self.input.observe(usage.input_tokens)
        self.output.observe(usage.output_tokens)
        if tokens := usage.cache_read_tokens:
            self.cache_read.observe(tokens)
        if tokens := usage.cache_write_tokens:
            self.cache_write.observe(tokens)
        if tokens := usage.reasoning_tokens:
            self.reasoning.observe(tokens)

    @property
    def tokens(self) -> dict[str, Histogram]:
        """All tokens by kind."""
        kinds = ("input", "output", "cache_read", "cache_write", "reasoning")
        return {kind: getattr(self, kind) for kind in kinds}

    def settle(self) -> None:
        """Let go of values that wait to be sorted."""
        for histogram in (self.duration, self.first, self.between, *self.tokens.values()):
            histogram.settle()


class Metrics:
    """The counts of one worker."""

    def __init__(self) -> None:
        self._exchanges: dict[_ExchangeKey, _Exchanges] = {}
        self._attempts: dict[_AttemptKey, _Attempts] = {}
        self._retries: Counter[str] = Counter()
        self._losses: Counter[tuple[str, str, str]] = Counter()
        self._pauses: Counter[tuple[str, str, str, str]] = Counter()
        self._models: set[str] = set()
        self._features: set[str] = set()
        self.reloads: Counter[str] = Counter()
        """How often the configuration was read again, by outcome."""
        self.streams = 0
        """Streams that are relayed at the moment."""

    def observe(self, record: Record) -> None:
        """Count an exchange that is over."""
        key = (record.dialect, record.operation, record.route, record.stream, record.status, record.outcome)
        same = self._exchanges.get(key)
        if same is None:
            same = self._exchanges[key] = _Exchanges()
        same.count += 1
        if not same.count % SETTLE_EVERY:
            same.settle()
        started, overhead, attempts = record.started, record.overhead, record.attempts
        same.duration.observe(record.ended - started)
        if overhead is not None:
            same.overhead.observe(overhead)
            if record.stream:
                same.first.observe(record.replied - started)
        for attempt in attempts:
            self._attempted(record, attempt)
        if len(attempts) > 1:
            self._retries[record.route or ""] += len(attempts) - 1
        if record.losses or record.stream_losses:
            self._lost(record)

    def between(self, record: Record, attempt: AttemptRecord) -> Histogram:
        """Where the seconds between the reads of a stream are counted."""
        return self._like(record, attempt).between

    def paused(self, provider: str, model: str, credential: str, reason: str) -> None:
        """Count a pause that a credential, or a model with any credential, was given."""
        self._pauses[provider, self._known(self._models, model), credential, reason] += 1

    def snapshot(self) -> Snapshot:
        """Everything that was counted, by the names and labels that are shown."""
        snapshot = Snapshot()
        for exchange, exchanges in self._exchanges.items():
            _show_exchanges(snapshot, exchange, exchanges)
        for attempt, attempts in self._attempts.items():
            _show_attempts(snapshot, attempt, attempts)
        for name, counts in (
            ("aiclient_retries_total", {(route,): count for route, count in self._retries.items()}),
            ("aiclient_losses_total", self._losses),
            ("aiclient_pauses_total", self._pauses),
            ("aiclient_reloads_total", {(outcome,): count for outcome, count in self.reloads.items()}),
        ):
            for labels, count in counts.items():
                snapshot.count(name, labels, count)
        snapshot.gauge("aiclient_open_streams", (), self.streams)
        return snapshot

    def _attempted(self, record: Record, attempt: AttemptRecord) -> None:
        same = self._like(record, attempt)
        same.count += 1
        if not same.count % SETTLE_EVERY:
            same.settle()
        asked, until = attempt.asked, attempt.answered
        if attempt is record.served:
            if record.stream:
                same.first.observe(until - asked)
                until = record.ended
            if (usage := record.usage) is not None:
                same.use(usage)
        same.duration.observe(until - asked)

    def _like(self, record: Record, attempt: AttemptRecord) -> _Attempts:
        key = (record.operation, attempt.provider, attempt.model, attempt.credential, attempt.error)
        same = self._attempts.get(key)
        return self._first_like(key) if same is None else same

    def _first_like(self, key: _AttemptKey) -> _Attempts:
        operation, provider, model, credential, error = key
        bounded = (operation, provider, self._known(self._models, model), credential, error)
        return self._attempts.setdefault(bounded, _Attempts())

    def _lost(self, record: Record) -> None:
        provider = record.served.provider if record.served is not None else ""
        for feature in (*(loss.feature for loss in record.losses), *record.stream_losses):
            self._losses[record.dialect or "", provider, self._known(self._features, feature)] += 1

    @staticmethod
    def _known(names: set[str], name: str) -> str:
        if name not in names:
            if len(names) >= MOST_NAMES:
                return OTHER
            names.add(name)
        return name


def _show_exchanges(snapshot: Snapshot, key: _ExchangeKey, same: _Exchanges) -> None:
    dialect, operation, route, stream, status, outcome = key
    said = (dialect or "", operation, route or "", _flag(stream=stream), str(status), outcome)
    snapshot.count("aiclient_requests_total", said, same.count)
    short = (dialect or "", route or "")
    long = (*short, _flag(stream=stream))
    snapshot.histogram("aiclient_request_duration_seconds", long, same.duration)
    snapshot.histogram("aiclient_overhead_seconds", long, same.overhead)
    snapshot.histogram("aiclient_time_to_first_token_seconds", short, same.first)


def _show_attempts(snapshot: Snapshot, key: _AttemptKey, same: _Attempts) -> None:
    operation, provider, model, credential, error = key
    snapshot.count("aiclient_attempts_total", (provider, model, credential, error or "ok"), same.count)
    labels = (operation, provider, model)
    for name, own, histogram in _histograms(labels, error, same):
        snapshot.histogram(name, own, histogram)


def _histograms(labels: Labels, error: str | None, same: _Attempts) -> Iterator[tuple[str, Sequence[str], Histogram]]:
    yield "gen_ai_client_operation_duration_seconds", (*labels, error or ""), same.duration
    yield "gen_ai_client_operation_time_to_first_chunk_seconds", labels, same.first
    yield "gen_ai_client_operation_time_per_output_chunk_seconds", labels, same.between
    for kind, tokens in same.tokens.items():
        yield "gen_ai_client_token_usage", (*labels, kind), tokens


def _flag(*, stream: bool) -> str:
    return "true" if stream else "false"
