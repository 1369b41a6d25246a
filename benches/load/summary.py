"""Measurements of several rounds as rows: medians, and ratios to nginx with their spread."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benches.load.measurement import Measurement
from benches.load.scenarios import SCENARIOS

STREAMED = {scenario.name for scenario in SCENARIOS if scenario.stream}


@dataclass(frozen=True)
class Row:
    """A server, a pair, a scenario. CPU is of an answer or, in streams, of an event; times are in microseconds."""

    scenario: str
    server: str
    pair: str
    cpu: float | None
    # To nginx in the same round: median, least, most.
    ratio: tuple[float, float, float] | None
    a_second: float
    a_core_second: float | None
    latency: tuple[float, float]
    # Beyond the mock's own median, and the same of the first byte.
    added: float
    added_first_byte: float
    first_byte: tuple[float, float]
    gap: tuple[float, float]
    megabytes: float
    answers: int
    errors: dict[str, int]
    shares: list[float]


def rows(rounds: Sequence[Sequence[Measurement]]) -> list[Row]:
    """A row for everything that was measured, in the order in which it was."""
    keys = dict.fromkeys((each.scenario, each.server, each.pair) for one in rounds for each in one)
    return [_row(key, rounds) for key in keys]


def _row(key: tuple[str, str, str], rounds: Sequence[Sequence[Measurement]]) -> Row:
    scenario, server, pair = key
    mine = [each for one in rounds for each in one if (each.scenario, each.server, each.pair) == key]
    cpu = _median(_cpu(each) for each in mine)
    ratios = sorted(_ratios(key, rounds))
    unit = [(each.events if scenario in STREAMED else each.answers) / each.seconds for each in mine]
    direct = [each for one in rounds for each in one if each.scenario == scenario and each.server == "direct"]
    latency, first_byte, gap = (_percentiles([getattr(each, kind) for each in mine]) for kind in _TIMES)
    alone, alone_first = (_percentiles([getattr(each, kind) for each in direct])[0] for kind in _TIMES[:2])
    return Row(
        scenario,
        server,
        pair,
        cpu,
        (median(ratios), ratios[0], ratios[-1]) if ratios else None,
        median(unit),
        1e6 / cpu if cpu else None,
        latency,
        latency[0] - alone,
        first_byte[0] - alone_first,
        first_byte,
        gap,
        max(each.resident for each in mine) / 1024,
        sum(each.answers for each in mine),
        dict(sum((Counter(each.errors) for each in mine), Counter())),
        mine[-1].shares,
    )


_TIMES = ("latency", "first_byte", "gap")


def _cpu(each: Measurement) -> float | None:
    return each.cpu_event if each.scenario in STREAMED else each.cpu_answer


def _ratios(key: tuple[str, str, str], rounds: Sequence[Sequence[Measurement]]) -> Iterator[float]:
    for one in rounds:
        floor = next((_cpu(each) for each in one if (each.scenario, each.server) == (key[0], "nginx")), None)
        mine = next((_cpu(each) for each in one if (each.scenario, each.server, each.pair) == key), None)
        if floor and mine:
            yield mine / floor


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _percentiles(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    if not found:
        return 0.0, 0.0
    return median(p50 for p50, _ in found), median(p99 for _, p99 in found)


HEADINGS = (
    "server", "pair", "CPU µs", "x nginx", "spread", "per s", "per core s", "p50 ms", "p99 ms", "added ms", "first ms",
    "gap p50", "gap p99", "RSS MB", "errors",
)  # fmt: skip


def cells(row: Row) -> list[str]:
    """As text, in the order of `HEADINGS`."""
    ratio = row.ratio
    errors = ", ".join(f"{count} {what}" for what, count in row.errors.items())
    return [
        row.server,
        row.pair,
        f"{row.cpu:.1f}" if row.cpu else "",
        f"{ratio[0]:.2f}" if ratio else "",
        f"{ratio[1]:.2f}-{ratio[2]:.2f}" if ratio else "",
        f"{row.a_second:,.0f}",
        f"{row.a_core_second:,.0f}" if row.a_core_second else "",
        *(f"{time / 1000:.2f}" for time in (*row.latency, row.added, row.first_byte[0], *row.gap)),
        f"{row.megabytes:.0f}" if row.megabytes else "",
        errors or "0",
    ]
