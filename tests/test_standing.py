"""How a worker stands, in metrics and for balancers."""

import time
from types import SimpleNamespace
from typing import cast

from aiclient.errors import UpstreamAnswerError, UpstreamConnectError
from aiclient.middleware.admission import Admission
from aiclient.pools import Credential, Health, fault_of
from aiclient.pools.credential import Rest
from aiclient.standing import Standing, gauge, obstacles, standing
from aiclient.status import merged, told
from aiclient.telemetry import Metrics, Snapshot
from aiclient.telemetry.metrics import MOST_NAMES, OTHER
from aiclient.upstream.providers import Provider

UNREACHED = fault_of(UpstreamConnectError("refused"))
REFUSED = fault_of(UpstreamAnswerError("no", status=401, kind="authentication", upstream_status=401, headers={}))


def worker(**healths: Health) -> Standing:
    """A worker with providers of which this is known."""
    providers = {name: SimpleNamespace(dialect="anthropic", health=health) for name, health in healths.items()}
    return standing(cast("dict[str, Provider]", providers), Admission(8, 8))


def health(failures: int = 1, metrics: Metrics | None = None) -> Health:
    key = Credential("1", "key")
    return Health("p", [key], failures=failures, paused=None if metrics is None else metrics.paused)


def unreached() -> Health:
    known = health()
    known.failed("m", known.credentials[0], UNREACHED, time.monotonic())
    return known


def refused() -> Health:
    known = health()
    known.failed("m", known.credentials[0], REFUSED, time.monotonic())
    return known


def test_it_is_unready_while_no_provider_is_of_use() -> None:
    """Without any probe."""
    reasons = [*obstacles(worker(one=unreached(), two=refused()))]
    assert reasons == ["the provider one cannot be reached", "the provider two refuses every credential"]
    assert [*obstacles(worker(one=unreached(), two=health()))] == []


def test_it_is_ready_once_a_provider_answers() -> None:
    known = unreached()
    known.succeeded("m", known.credentials[0])
    assert [*obstacles(worker(one=known))] == []


def test_a_provider_is_down_if_every_worker_says_so() -> None:
    """In metrics and in `aiclient status` alike."""
    for known, up in ((health(), True), (unreached(), False)):
        workers = [worker(one=unreached()), worker(one=known)]
        snapshot = Snapshot()
        for one in workers:
            gauge(snapshot, one)
        assert snapshot.gauges["aiclient_provider_up"] == {("one",): int(up)}
        assert merged(workers)["one"]["up"] is up
        reports = [{"pid": 1, "started": 0.0} | one for one in workers]
        assert ("one (anthropic): cannot be reached" in told(reports)) is not up  # type: ignore[arg-type]


def test_names_of_models_are_bounded_in_gauges() -> None:
    """By the same names as in counters; the rest are shown as one."""
    metrics = Metrics()
    known = health(metrics=metrics)
    (key,) = known.credentials
    for number in range(MOST_NAMES * 2):
        model = f"invented-{number}"
        known.failed(model, key, UNREACHED, time.monotonic())
        metrics.paused("p", model, key.name, "rate_limit")
        key.rest(model, Rest(time.monotonic() + 60, is_refusal=bool(number % 2)))
    key.rest(None, Rest(time.monotonic() + 60, is_refusal=True))
    snapshot = metrics.snapshot()
    gauge(snapshot, worker(p=known))
    counted = {model for _, model, *_ in snapshot.counters["aiclient_pauses_total"]}
    shown = {model for _, model in snapshot.gauges["aiclient_circuit_state"]}
    assert len(shown) == MOST_NAMES + 1
    assert shown == counted
    for name in ("aiclient_credential_refused", "aiclient_credential_paused"):
        assert {model for *_, model in snapshot.gauges[name]} <= counted | {"*"}
    assert ("p", "1", "*") in snapshot.gauges["aiclient_credential_refused"]
    assert snapshot.gauges["aiclient_circuit_state"]["p", OTHER] == 2


def test_a_model_that_is_not_counted_yet_has_its_name_while_there_is_room() -> None:
    """Its exchange may still be under way."""
    known = health(failures=3)
    known.failed("m", known.credentials[0], UNREACHED, time.monotonic())
    snapshot = Snapshot()
    gauge(snapshot, worker(p=known))
    assert snapshot.gauges["aiclient_circuit_state"] == {("p", "m"): 0}


def test_a_circuit_whose_time_is_over_is_told_as_such() -> None:
    known = unreached()
    known.circuits.retry_now(time.monotonic())
    reports = [{"pid": 1, "started": 0.0} | worker(p=known)]
    assert "m has failed: the next request tries it, or one does already" in told(reports)  # type: ignore[arg-type]
