"""The native module's time as multiples of `orjson.loads` and `dumps` of the same body, both measured in turns.

For machines that cannot count instructions. A busy machine slows both down, and the shortest round of each is what
counts, so that the ratio holds still where times do not.
"""

import platform
import time
from collections.abc import Callable, Iterator

from benches import samples
from benches.native.cases import STREAM_EVENTS, translator
from benches.native.rivals import LIBRARIES
from benches.samples import PAIRS, Dialect

# Ratios of the same program were seen to differ by half of this.
TOLERANCE = 0.25
ROUNDS = 60
ROUND_SECONDS = 0.002
SIZE = 65_000
EVENTS_A_CHUNK = 16

Work = Callable[[], object]


def circumstances() -> str:
    """What the ratios depend on beside the sources."""
    return f"{platform.machine()}, Python {platform.python_version()}"


def measure() -> dict[str, float]:
    """The ratio of each case by its name."""
    return {name: _ratio(native, floor) for name, native, floor in _cases()}


def _cases() -> Iterator[tuple[str, Work, Work]]:
    for client, upstream in PAIRS:
        yield f"request {client} > {upstream}", *_request(client, upstream)
        yield f"stream {client} > {upstream}", *_stream(client, upstream)


def _request(client: Dialect, upstream: Dialect) -> tuple[Work, Work]:
    body = samples.request(client, SIZE)
    return (
        lambda: translator(client, upstream).request(body, model="n", stream=True),
        lambda: LIBRARIES[0].read_and_write(body),
    )


def _stream(client: Dialect, upstream: Dialect) -> tuple[Work, Work]:
    stream = samples.stream(upstream, STREAM_EVENTS)
    chunks = list(stream.chunks(EVENTS_A_CHUNK))
    bodies = [frame[frame.index(b"{") :] for frame in stream.deltas]

    def translate() -> None:
        feed = translator(client, upstream).stream().feed
        for chunk in chunks:
            feed(chunk)

    def read_and_write_each() -> None:
        for body in bodies:
            LIBRARIES[0].read_and_write(body)

    return translate, read_and_write_each


def _ratio(native: Work, floor: Work) -> float:
    times = max(1, round(ROUND_SECONDS / _seconds(native, 3)))
    rounds = [(_seconds(native, times), _seconds(floor, times)) for _ in range(ROUNDS)]
    return min(native for native, _ in rounds) / min(floor for _, floor in rounds)


def _seconds(work: Work, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times
