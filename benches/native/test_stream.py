"""Streams of 200 deltas: the native module for every pair, beside the JSON of each event alone, and plain Python.

A benchmark's time is that of the whole stream, its opening and closing among it.
"""

from collections.abc import Callable, Iterable

from pytest_benchmark.fixture import BenchmarkFixture

from benches import samples
from benches.native import plain_python
from benches.native.cases import STREAM_EVENTS, chunkings, dialects, libraries, pairs, translator
from benches.native.rivals import Library
from benches.samples import Dialect


def feed_all(feed: Callable[[bytes], bytes], chunks: Iterable[bytes]) -> bytes:
    """The last that comes out."""
    last = b""
    for chunk in chunks:
        last = feed(chunk) or last
    return last


@chunkings
@pairs
def test_native(benchmark: BenchmarkFixture, client: Dialect, upstream: Dialect, events: int) -> None:
    chunks = list(samples.stream(upstream, STREAM_EVENTS).chunks(events))

    def translate() -> bool:
        stream = translator(client, upstream).stream()
        feed_all(stream.feed, chunks)
        stream.finish()
        return stream.complete

    assert benchmark(translate)


@libraries
@dialects
def test_floor(benchmark: BenchmarkFixture, dialect: Dialect, library: Library) -> None:
    deltas = [frame[frame.index(b"{") :] for frame in samples.stream(dialect, STREAM_EVENTS).deltas]

    def read_and_write_each() -> bytes:
        return feed_all(library.read_and_write, deltas)

    assert benchmark(read_and_write_each)


@chunkings
@libraries
def test_plain_python(benchmark: BenchmarkFixture, library: Library, events: int) -> None:
    chunks = list(samples.stream("openai_chat", STREAM_EVENTS).chunks(events))

    def translate() -> bytes:
        return feed_all(plain_python.Stream(library.loads, library.dumps).feed, chunks)

    assert benchmark(translate)
