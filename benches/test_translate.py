"""The native module as Python calls it: nine pairs of dialects, beside what reading and writing the JSON alone costs.

`make bench` runs these; `make test` does not. A group's `orjson` rows are the price of `loads` and `dumps` of the same
bytes without any translation. A stream's time is that of one `feed`; divide by the events in its name.
"""

from collections.abc import Callable
from itertools import product

import orjson
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from aiclient import Translator
from benches import samples
from benches.samples import DIALECTS, Dialect

PAIRS = list(product(DIALECTS, DIALECTS))
SIZES = {"1KB": 1_000, "65KB": 65_000}

pairs = pytest.mark.parametrize(
    ("client", "upstream"), PAIRS, ids=[f"{client}>{upstream}" for client, upstream in PAIRS]
)
sizes = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=[f"orjson-{dialect}" for dialect in DIALECTS])


def translator(client: Dialect, upstream: Dialect) -> Translator:
    return Translator(client=client, upstream=upstream, exchange_id="bench", created=1_700_000_000)


def read_and_write(body: bytes) -> bytes:
    return orjson.dumps(orjson.loads(body))


@sizes
@pairs
def test_request(benchmark: BenchmarkFixture, client: Dialect, upstream: Dialect, size: int) -> None:
    benchmark.group = f"request of {size // 1000} KB"
    body = samples.request(client, size)

    def translate() -> bytes:
        return translator(client, upstream).request(body, model="m", stream=True)

    assert benchmark(translate)


@sizes
@dialects
def test_request_as_json(benchmark: BenchmarkFixture, dialect: Dialect, size: int) -> None:
    benchmark.group = f"request of {size // 1000} KB"
    assert benchmark(read_and_write, samples.request(dialect, size))


@pairs
def test_reply(benchmark: BenchmarkFixture, client: Dialect, upstream: Dialect) -> None:
    benchmark.group = "reply"
    body = samples.reply(upstream)

    def translate() -> bytes:
        return translator(client, upstream).response(body)

    assert benchmark(translate)


@dialects
def test_reply_as_json(benchmark: BenchmarkFixture, dialect: Dialect) -> None:
    benchmark.group = "reply"
    assert benchmark(read_and_write, samples.reply(dialect))


@pytest.mark.parametrize("events", [1, 16])
@pairs
def test_stream(benchmark: BenchmarkFixture, client: Dialect, upstream: Dialect, events: int) -> None:
    benchmark.group = f"stream, {events} events a chunk"
    stream = translator(client, upstream).stream()
    stream.feed(samples.stream_start(upstream))
    feed: Callable[[bytes], bytes] = stream.feed
    assert benchmark(feed, samples.stream_event(upstream) * events)
    assert stream.failure is None


@pytest.mark.parametrize("events", [1, 16])
@dialects
def test_stream_as_json(benchmark: BenchmarkFixture, dialect: Dialect, events: int) -> None:
    benchmark.group = f"stream, {events} events a chunk"
    frame = samples.stream_event(dialect)
    data = frame[frame.index(b"{") :]

    def read_and_write_each() -> None:
        for _ in range(events):
            read_and_write(data)

    benchmark(read_and_write_each)
