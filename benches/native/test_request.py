"""Requests: the native module for every pair, beside reading and writing the JSON alone, and plain Python."""

from pytest_benchmark.fixture import BenchmarkFixture

from benches import samples
from benches.native import plain_python
from benches.native.cases import SIZES, dialects, libraries, pairs, sizes, translator
from benches.native.rivals import Library
from benches.samples import Dialect


@sizes
@pairs
def test_native(benchmark: BenchmarkFixture, client: Dialect, upstream: Dialect, size: str) -> None:
    body = samples.request(client, SIZES[size])

    def translate() -> bytes:
        return translator(client, upstream).request(body, model="n", stream=True)

    assert benchmark(translate)


@sizes
@libraries
@dialects
def test_floor(benchmark: BenchmarkFixture, dialect: Dialect, library: Library, size: str) -> None:
    assert benchmark(library.read_and_write, samples.request(dialect, SIZES[size]))


@sizes
@libraries
def test_plain_python(benchmark: BenchmarkFixture, library: Library, size: str) -> None:
    body = samples.request("anthropic", SIZES[size])
    assert benchmark(plain_python.request, body, library.loads, library.dumps)
