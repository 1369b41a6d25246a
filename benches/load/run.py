"""Run the gateway under load beside nginx and other gateways, in turns, and write down what was found.

    python -m benches.load.run [--rounds N] [--pairs anthropic:openai_chat,...] [--scenarios small,...] [--workers 1,2]
                               [--peer NAME=http://127.0.0.1:PORT:PID] [--peer 'NAME=COMMAND --port {port} ...']
                               [--install litellm,portkey,...] [--idle 2000] [--output NAME]

All of it stays on 127.0.0.1 and ends by itself. Raw results go to `benches/results/NAME.json`.
"""

import argparse
import contextlib
import json
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benches.load import clocks, idle, peers, servers
from benches.load.measurement import Measurement, behave, measure
from benches.load.scenarios import SCENARIOS, Scenario
from benches.load.servers import Pair, Server
from benches.load.summary import HEADINGS, cells, rows
from benches.samples import PAIRS

RESULTS = Path(__file__).parents[1] / "results"
DEFAULT_PAIRS = (
    "openai_chat:openai_chat,anthropic:openai_chat,openai_chat:anthropic,"
    "gemini:openai_chat,openai_responses:openai_chat"
)


def main() -> None:
    """Measure, print, write."""
    options = _options()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = stack.enter_context(servers.mock(folder))
        started = list(_start(stack, options, folder, upstream.port))
        scenarios = [each for each in SCENARIOS if each.name in options.scenarios.split(",")]
        rounds = [list(_round(upstream, [upstream, *started], scenarios)) for _ in range(options.rounds)]
        idles = list(_idle(upstream, started, options.idle))
    _print(rounds, idles)
    results = {
        "machine": clocks.machine(),
        "versions": _versions(),
        "date": time.strftime("%Y-%m-%d"),
        "rounds": [[asdict(each) for each in one] for one in rounds],
        "idle": [{**asdict(each), "kilobytes_a_stream": each.kilobytes_a_stream} for each in idles],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{options.output}.json").write_text(json.dumps(results, indent=1) + "\n")


def _start(stack: contextlib.ExitStack, options: argparse.Namespace, folder: Path, upstream: int) -> Iterator[Server]:
    floor = stack.enter_context(servers.nginx(folder, upstream))
    if floor is None:
        print("nginx is not installed, so there is no floor (Debian, Ubuntu: sudo apt-get install nginx-light)")
    else:
        yield floor
    for workers in options.workers.split(","):
        yield stack.enter_context(servers.gateway(folder, upstream, options.pairs, int(workers)))
    for specification in options.peer:
        yield stack.enter_context(peers.named(specification, folder, upstream))
    environments = Path(tempfile.gettempdir()) / "aiclient-peers"
    for recipe in peers.RECIPES:
        if recipe.name in options.install.split(","):
            try:
                yield stack.enter_context(peers.peer(recipe, environments, upstream))
            except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
                # The others are still worth a figure.
                print(f"{recipe.name} is left out: {error}")


def _round(upstream: Server, present: Sequence[Server], scenarios: Sequence[Scenario]) -> Iterator[Measurement]:
    for scenario in scenarios:
        behave(upstream, scenario.behaviour)
        for server in present:
            for pair in _asked(server):
                yield measure(upstream, server, pair, scenario)


def _asked(server: Server) -> Sequence[Pair]:
    """Nginx and the mock do not know one dialect from another: one is enough."""
    return server.pairs if server.models or server.name not in {"direct", "nginx"} else server.pairs[:1]


def _idle(upstream: Server, started: Sequence[Server], streams: int) -> Iterator[idle.Idle]:
    for server in started if streams else []:
        yield idle.measure(upstream, server, _asked(server)[-1], streams)


def _print(rounds: Sequence[Sequence[Measurement]], idles: Sequence[idle.Idle]) -> None:
    found = rows(rounds)
    for scenario in SCENARIOS:
        table = [cells(row) for row in found if row.scenario == scenario.name]
        if table:
            print(f"\n{scenario.name}: {scenario.says}")
            print(_aligned([list(HEADINGS), *table]))
    for each in idles:
        print(
            f"\n{each.server}, {each.streams} idle streams ({each.pair}), {each.failed} failed: "
            f"PSS {each.at_rest.proportional / 1024:.1f} -> {each.open.proportional / 1024:.1f} MB, "
            f"RSS {each.open.resident / 1024:.1f} MB, {each.kilobytes_a_stream:.1f} KB a stream, "
            f"{each.cpu_a_second:.1f} ms CPU a second"
        )


def _aligned(table: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)  # noqa: PLR2004  # two columns of names
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    )


def _versions() -> dict[str, str]:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True)
    return {
        "aiclient": commit.stdout.strip(),
        "python": platform.python_version(),
        **{recipe.name: recipe.package for recipe in peers.RECIPES},
    }


def _pairs(text: str) -> list[Pair]:
    """Pairs by their dialects' names; a colon, because a shell takes `>` for itself."""
    known = {":".join(pair): pair for pair in PAIRS}
    return [known[name] for name in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The gateway under load, beside nginx and others")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured, in turns")
    parser.add_argument("--pairs", type=_pairs, default=DEFAULT_PAIRS, help="client:upstream, separated by commas")
    parser.add_argument("--scenarios", default=",".join(scenario.name for scenario in SCENARIOS))
    parser.add_argument("--workers", default="1", help="numbers of workers, separated by commas")
    parser.add_argument("--peer", action="append", default=[], help="NAME=http://127.0.0.1:PORT:PID or NAME=COMMAND")
    parser.add_argument("--install", default="", help="names of known peers, separated by commas")
    parser.add_argument("--idle", type=int, default=0, help="open so many streams that say nothing, at the end")
    parser.add_argument("--output", default="load", help="name of the file with the raw results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
