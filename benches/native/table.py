"""The benchmarks' results as tables, a row for each pair: python -m benches.native.table RESULTS.json.

Times are the shortest of the rounds: what else a machine does only ever makes a round longer.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benches.native.cases import EVENTS_A_CHUNK, SIZES, STREAM_EVENTS
from benches.samples import PAIRS

# Multiples of orjson's loads and dumps of the same request.
REQUEST_GOALS = {"1 KB": 1.0, "65 KB": 0.5}
# Microseconds for an event, by events in a chunk.
EVENT_GOALS = {1: 2.0, 16: 1.0}


class Results:
    """Shortest times in microseconds, by room, benchmark and parameters."""

    def __init__(self, benchmarks: list[dict[str, Any]]) -> None:
        self._times: dict[tuple[str, str, frozenset[str]], float] = {
            self._key(each["fullname"]): each["stats"]["min"] * 1e6 for each in benchmarks
        }

    def time(self, room: str, kind: str, *parameters: str) -> float:
        return self._times[room, kind, frozenset(parameters)]

    @staticmethod
    def _key(name: str) -> tuple[str, str, frozenset[str]]:
        path, function = name.split("::")
        kind, _, parameters = function.partition("[")
        room = Path(path).stem.removeprefix("test_")
        return room, kind.removeprefix("test_"), frozenset(parameters.removesuffix("]").split("-"))


def body_tables(results: Results, room: str, goals: dict[str, float]) -> Iterator[str]:
    """Requests or replies: microseconds, and multiples of what the JSON alone costs."""
    for size in SIZES:
        goal = f", goal {goals[size]:g} x orjson" if size in goals else ""
        yield f"\n{room} of {size}{goal}\n"
        yield f"{'client > upstream':36}{'µs':>9}{'orjson':>9}{'json':>9}{'x orjson':>10}{'x json':>8}"
        for client, upstream in PAIRS:
            source = client if room == "request" else upstream
            native = results.time(room, "native", f"{client}>{upstream}", size)
            floor, slow = (results.time(room, "floor", source, library, size) for library in ("orjson", "json"))
            missed = "  missed" if native / floor > goals.get(size, float("inf")) else ""
            yield (
                f"{f'{client} > {upstream}':36}{native:9.2f}{floor:9.2f}{slow:9.2f}"
                f"{native / floor:10.2f}{native / slow:8.2f}{missed}"
            )
        yield from _plain(results, room, size)


def stream_tables(results: Results) -> Iterator[str]:
    """Streams: microseconds for each delta, opening and closing shared out among them."""
    for events in EVENTS_A_CHUNK:
        yield f"\nstream event, {events} a chunk, goal {EVENT_GOALS[events]:g} µs\n"
        yield f"{'client > upstream':36}{'µs':>9}{'orjson':>9}{'json':>9}{'x orjson':>10}{'x json':>8}"
        for client, upstream in PAIRS:
            native = results.time("stream", "native", f"{client}>{upstream}", str(events)) / STREAM_EVENTS
            floor, slow = (
                results.time("stream", "floor", upstream, library) / STREAM_EVENTS for library in ("orjson", "json")
            )
            missed = "  missed" if native > EVENT_GOALS[events] else ""
            yield (
                f"{f'{client} > {upstream}':36}{native:9.3f}{floor:9.3f}{slow:9.3f}"
                f"{native / floor:10.2f}{native / slow:8.2f}{missed}"
            )
        yield from _plain(results, "stream", str(events))


def _plain(results: Results, room: str, parameter: str) -> Iterator[str]:
    share = STREAM_EVENTS if room == "stream" else 1
    native = results.time(room, "native", "anthropic>openai_chat", parameter)
    for library in ("orjson", "json"):
        plain = results.time(room, "plain_python", library, parameter)
        yield (
            f"plain Python, {library:6} (anthropic > openai_chat): {plain / share:.2f} µs, "
            f"{plain / native:.1f} x the native module"
        )


def main(path: Path) -> None:
    """Print all tables."""
    results = Results(json.loads(path.read_bytes())["benchmarks"])
    tables = (body_tables(results, "request", REQUEST_GOALS), body_tables(results, "response", {}))
    for table in (*tables, stream_tables(results)):
        print("\n".join(table))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
