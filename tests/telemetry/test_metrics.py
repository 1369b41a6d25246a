"""What is counted, and how it is shown."""

import math

import orjson
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from aiclient.telemetry import Histogram, Metrics, Record, Snapshot
from aiclient.telemetry.exposition import expose
from aiclient.telemetry.metrics import MOST_NAMES
from aiclient.telemetry.series import COUNTERS, GAUGES, HISTOGRAMS

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def samples(snapshot: Snapshot) -> Samples:
    """What Prometheus reads."""
    text, kind = expose(snapshot, "text/plain")
    assert kind.startswith("text/plain")
    found: Samples = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def total(found: Samples, name: str, **labels: str) -> float:
    """The sum of all that have these labels."""
    return sum(value for key, value in found.get(name, {}).items() if labels.items() <= dict(key).items())


def exchange(model: str = "m", *, stream: bool = False, error: str | None = None, attempts: int = 1) -> Record:
    """A record of an exchange of two seconds, whose last attempt took one."""
    record = Record("id", "POST", "/v1/messages")
    record.dialect, record.operation, record.route, record.stream, record.status = "anthropic", "chat", "r", stream, 200
    record.started, record.read, record.replied = 10.0, 10.0, 11.5
    for number in range(attempts):
        attempt = record.asks("p", model, "1")
        attempt.asked, attempt.answered = 10.25, 11.25
        if error is not None or number < attempts - 1:
            attempt.outcome = error or "503 overloaded"
        else:
            record.served = attempt
    record.ended = 12.0
    return record


def test_an_exchange_is_counted_once_and_each_of_its_attempts() -> None:
    metrics = Metrics()
    metrics.finish(exchange(attempts=3), None)
    metrics.finish(exchange(stream=True), None)
    found = samples(metrics.snapshot())
    assert total(found, "aiclient_requests_total") == 2
    assert total(found, "aiclient_requests_total", stream="true", outcome="ok", status="200") == 1
    assert total(found, "aiclient_attempts_total", provider="p", credential="1", outcome="503 overloaded") == 2
    assert total(found, "aiclient_attempts_total", outcome="ok") == 2
    assert total(found, "aiclient_retries_total", route="r") == 2
    assert total(found, "aiclient_request_duration_seconds_sum") == 4.0
    assert total(found, "aiclient_overhead_seconds_sum") == 1.0
    assert total(found, "aiclient_time_to_first_token_seconds_sum") == 1.5
    assert total(found, "gen_ai_client_operation_time_to_first_chunk_seconds_sum", gen_ai_request_model="m") == 1.0
    assert total(found, "gen_ai_client_operation_duration_seconds_sum", error_type="") == 1.0 + 1.75
    assert total(found, "gen_ai_client_operation_duration_seconds_count", error_type="503 overloaded") == 2


def test_names_of_models_are_bounded() -> None:
    """Clients may invent any number of them."""
    metrics = Metrics()
    for number in range(MOST_NAMES * 2):
        metrics.finish(exchange(f"invented-{number}"), None)
    found = samples(metrics.snapshot())
    assert len(found["aiclient_attempts_total"]) == MOST_NAMES + 1
    assert total(found, "aiclient_attempts_total", model="other") == MOST_NAMES
    assert total(found, "aiclient_attempts_total") == MOST_NAMES * 2


def test_workers_add_up() -> None:
    """A worker that has ended is counted, but it has nothing under way."""
    one, other, ended = Snapshot(), Snapshot(), Snapshot()
    for snapshot, number in ((one, 2), (other, 3), (ended, 4)):
        snapshot.count("aiclient_retries_total", ("r",), number)
        snapshot.gauge("aiclient_open_requests", (), number)
        snapshot.gauge("aiclient_circuit_state", ("p", "m"), number - 2)
        histogram = Histogram(HISTOGRAMS["aiclient_request_duration_seconds"].bounds)
        histogram.observe(number)
        snapshot.histogram("aiclient_request_duration_seconds", ("anthropic", "r", "true"), histogram)
    merged = Snapshot()
    merged.add(Snapshot.loaded(orjson.loads(one.dumped())))
    merged.add(Snapshot.loaded(orjson.loads(other.dumped())))
    merged.add(Snapshot.loaded(orjson.loads(ended.dumped())), with_gauges=False)
    found = samples(merged)
    assert total(found, "aiclient_retries_total") == 9
    assert total(found, "aiclient_open_requests") == 5
    assert total(found, "aiclient_circuit_state") == 1
    assert total(found, "aiclient_request_duration_seconds_sum") == 9
    assert total(found, "aiclient_request_duration_seconds_bucket", le="+Inf") == 3
    assert total(found, "aiclient_request_duration_seconds_bucket", le="2.56") == 1


def test_every_metric_is_there_from_the_start() -> None:
    """So that queries and alerts find it."""
    text, kind = expose(Snapshot(), "application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    names = {family.name for family in read_openmetrics(text.decode())}  # type: ignore[no-untyped-call]
    assert names == {name.removesuffix("_total") for name in {**COUNTERS, **GAUGES, **HISTOGRAMS}}


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_bounds_rise(name: str) -> None:
    bounds = HISTOGRAMS[name].bounds
    assert list(bounds) == sorted(set(bounds))
    assert bounds[-1] < math.inf
