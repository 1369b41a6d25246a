"""docs/benchmarks.md and its pictures, from the raw results: python -m benches.load.page."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benches.load.measurement import Measurement
from benches.load.plot import Bar, chart
from benches.load.run import RESULTS
from benches.load.scenarios import SCENARIOS
from benches.load.summary import HEADINGS, Row, cells, rows

DOCS = Path(__file__).parents[2] / "docs"
TEXT = Path(__file__).with_name("method.md")
PROFILE = Path(__file__).with_name("profile.md")
TITLES = {"load": "The gateway", "workers": "One worker and two", "peers": "Beside other gateways"}


def main() -> None:
    """Write the page anew."""
    sections = [TEXT.read_text()]
    for name, title in TITLES.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            sections += _section(name, title, json.loads(path.read_bytes()))
    sections.append(PROFILE.read_text())
    (DOCS / "benchmarks.md").write_text("\n".join(sections).rstrip() + "\n")


def _section(name: str, title: str, results: dict[str, Any]) -> Iterator[str]:
    found = rows([[_measurement(each) for each in one] for one in results["rounds"]])
    yield f"## {title}\n"
    yield _facts(results) + "\n"
    for scenario in SCENARIOS:
        mine = [row for row in found if row.scenario == scenario.name]
        if not mine:
            continue
        yield f"### {title}: {scenario.name}\n\n{scenario.says}.\n"
        if bars := _bars(mine):
            (DOCS / "images").mkdir(exist_ok=True)
            picture = f"images/bench-{name}-{scenario.name}.svg"
            (DOCS / picture).write_text(chart(f"CPU, {scenario.name}", "multiples of nginx (least-most)", bars))
            yield f"![CPU of each server, in multiples of nginx]({picture})\n"
        yield _table([list(HEADINGS), *(cells(row) for row in mine)])
    if name == "peers":
        yield from _factors(found)
    if name == "workers":
        yield from _shares(found)
    if results["idle"]:
        yield from _idle(results["idle"])


def _measurement(raw: dict[str, Any]) -> Measurement:
    # JSON has no tuples.
    known = {field.name for field in fields(Measurement)}
    return Measurement(**{key: value for key, value in raw.items() if key in known})


def _facts(results: dict[str, Any]) -> str:
    machine, versions = results["machine"], results["versions"]
    named = ", ".join(f"{key} {value}" for key, value in versions.items() if key in {"aiclient", "python"})
    return (
        f"{results['date']}, {len(results['rounds'])} rounds; {machine['cores']} cores of {machine['cpu']}, "
        f"{machine['memory_mb'] // 1024} GB, {machine['kernel']}; {named}."
    )


def _bars(found: Sequence[Row]) -> list[Bar]:
    return [
        Bar(f"{row.server} {row.pair}" if row.server != "nginx" else "nginx", *row.ratio, "aiclient" in row.server)
        for row in found
        if row.ratio is not None
    ]


def _factors(found: Sequence[Row]) -> Iterator[str]:
    """How much more CPU each peer takes than the gateway takes for the same."""
    ours = {(row.scenario, row.pair): row.cpu for row in found if row.server == "aiclient"}
    yield "### How far ahead\n\nA peer's CPU time over the gateway's, for the same pair; below 1 the peer is ahead.\n"
    peers = list(dict.fromkeys((row.server, row.pair) for row in found if (row.scenario, row.pair) in ours))
    table = [["peer", "pair", *(scenario.name for scenario in SCENARIOS)]]
    for server, pair in peers:
        if server in {"aiclient", "nginx", "direct"}:
            continue
        cpus = {row.scenario: row.cpu for row in found if (row.server, row.pair) == (server, pair)}
        table.append([server, pair, *(_factor(cpus.get(each.name), ours.get((each.name, pair))) for each in SCENARIOS)])
    yield _table(table)


def _factor(peers: float | None, ours: float | None) -> str:
    return f"{peers / ours:.1f}" if peers and ours else "only errors"


def _shares(found: Sequence[Row]) -> Iterator[str]:
    """What two workers make of one: each core's worth, and whether both have the same to do."""
    yield "How the processes share the CPU time, and what a second of it is good for.\n"
    one = {row.pair: row.a_core_second for row in found if row.server == "aiclient"}
    table = [["server", "pair", "shares", "answers a core second, x one worker"]]
    for row in found:
        base = one.get(row.pair)
        if row.server.startswith("aiclient") and base and row.a_core_second:
            shares = ", ".join(f"{share:.0%}" for share in row.shares if share >= 0.01)  # noqa: PLR2004
            table.append([row.server, row.pair, shares, f"{row.a_core_second / base:.2f}"])
    yield _table(table)


def _idle(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield "### Idle streams\n\nOpen streams whose upstream says nothing after its first delta. PSS, in MB.\n"
    head = ["server", "pair", "streams", "failed", "at rest", "open", "KB a stream"]
    yield _table([head, *([*_idle_cells(each)] for each in found)])


def _idle_cells(each: dict[str, Any]) -> Iterator[str]:
    yield from (str(each[key]) for key in ("server", "pair", "streams", "failed"))
    yield from (f"{each[key]['proportional'] / 1024:.1f}" for key in ("at_rest", "open"))
    yield f"{each['kilobytes_a_stream']:.1f}"


def _table(table: Sequence[Sequence[str]]) -> str:
    head, *body = table
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
