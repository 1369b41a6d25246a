"""Whether `/metrics`, the log and the clients say the same of what there was."""

import asyncio
import http.client
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from aiclient.telemetry.log import PATIENCE
from tests.backends.keys import CLIENT_KEY
from tests.faults.faults import EVENT, FINISHED, Outcome
from tests.faults.table import Result
from tests.gateway import Gateway

Counts = Counter[tuple[str, ...]]

_TOKENS = ("input", "output", "cache_read", "cache_write", "reasoning")


async def disagreements(gateway: Gateway, results: Sequence[Result]) -> list[str]:
    """In words, what they do not agree about; after a storm that was all that the gateway has seen."""
    # Workers write their lines a little later.
    await asyncio.sleep(PATIENCE * 4)
    metrics = await asyncio.to_thread(_scraped, gateway)
    logged = list(_logged(gateway))
    told: Counts = Counter(_as_counted(result.told) for result in results)
    requests = _by(metrics, "aiclient_requests_total", "status", "outcome")
    wrong: list[str] = []
    for what, one, other in (
        ("what clients were told", told, _as_told(requests)),
        ("requests in the log", _requests(logged), requests),
        ("attempts in the log", _attempts(logged), _by(metrics, "aiclient_attempts_total", "provider", "outcome")),
        ("tokens in the log", _tokens(logged), _by(metrics, "gen_ai_client_token_usage_sum", "gen_ai_token_type")),
    ):
        if one != other:
            wrong.append(f"{what}: {+(one - other)} beyond /metrics, {+(other - one)} less")
    attempts = sum(max(0, len(line.get("attempts", ())) - 1) for line in logged)
    if (retries := sum(_by(metrics, "aiclient_retries_total").values())) != attempts:
        wrong.append(f"{attempts} retries in the log, {retries} in /metrics")
    return wrong


def total(gateway: Gateway, name: str, *labels: str) -> Counts:
    """A metric, by some of its labels."""
    return _by(_scraped(gateway), name, *labels)


def _as_counted(told: Outcome) -> tuple[str, ...]:
    if told in {FINISHED, EVENT}:
        return ("200", "finished" if told == FINISHED else "broken off")
    return (str(told), "")


def _as_told(requests: Counts) -> Counts:
    """By status and outcome, in the words of what clients can see."""
    seen: Counts = Counter()
    for (status, outcome), count in requests.items():
        word = "" if status != "200" else "finished" if outcome == "ok" else "broken off"
        seen[status, word] += count
    return seen


def _scraped(gateway: Gateway) -> list[tuple[str, dict[str, str], float]]:
    with closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)) as connection:
        connection.request("GET", "/metrics", headers={"x-api-key": CLIENT_KEY})
        text = connection.getresponse().read().decode()
    families = text_string_to_metric_families(text)
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


def _by(metrics: Sequence[tuple[str, dict[str, str], float]], name: str, *labels: str) -> Counts:
    counts: Counts = Counter()
    for found, said, value in metrics:
        if found == name:
            counts[tuple(said[label] for label in labels)] += int(value)
    return +counts


def _logged(gateway: Gateway) -> Iterator[dict[str, Any]]:
    for line in gateway.log.read_text("utf-8").splitlines():
        if line.startswith('{"time"'):
            yield json.loads(line)


def _attempts(logged: Sequence[dict[str, Any]]) -> Counts:
    counts: Counts = Counter()
    for line in logged:
        for attempt in line.get("attempts", ()):
            counts[attempt["target"].partition("/")[0], attempt["outcome"]] += 1
    return counts


def _tokens(logged: Sequence[dict[str, Any]]) -> Counts:
    counts: Counts = Counter()
    for line in logged:
        for kind in _TOKENS:
            counts[(kind,)] += line.get(f"{kind}_tokens", 0)
    return +counts


def _requests(logged: Sequence[dict[str, Any]]) -> Counts:
    return Counter((str(line["status"]), str(line["outcome"])) for line in logged)
