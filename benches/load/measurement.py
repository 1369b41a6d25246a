"""One measurement: one server, one pair, one scenario, once."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from benches.load import clocks, requests
from benches.load.behaviour import CONTROL_PATH, Behaviour
from benches.load.job import Findings, Job
from benches.load.scenarios import Scenario
from benches.load.servers import Pair, Server

GENERATOR = (sys.executable, "-m", "benches.load.generator")
ROOT = Path(__file__).parents[2]
PATIENCE = 180.0


@dataclass(frozen=True)
class Measurement:
    """What was found. Times are in microseconds, memory in kilobytes."""

    server: str
    pair: str
    scenario: str
    answers: int
    events: int
    errors: dict[str, int]
    seconds: float
    # Of the server's processes, for an answer and for an event; none if nobody is between client and upstream.
    cpu_answer: float | None
    cpu_event: float | None
    # p50 and p99: the whole answer, its first byte, between two reads of a stream.
    latency: tuple[float, float]
    first_byte: tuple[float, float]
    gap: tuple[float, float]
    resident: int
    proportional: int
    # How the CPU time is shared among the server's processes, largest first.
    shares: list[float]


def behave(upstream: Server, behaviour: Behaviour) -> None:
    """Tell the mock how to answer."""
    _control(upstream, behaviour.query())


def _control(upstream: Server, query: str) -> int:
    """How many requests the mock has had so far."""
    url = f"http://127.0.0.1:{upstream.port}{CONTROL_PATH.decode()}?{query}"
    return int(urllib.request.urlopen(url, timeout=10).read())


def measure(upstream: Server, server: Server, pair: Pair, scenario: Scenario) -> Measurement:
    """Run the load generator, and read the server's clocks around its measurement."""
    job = Job(
        server.port,
        requests.request(server, pair, scenario).decode(),
        scenario.connections,
        scenario.warm_up,
        scenario.seconds,
        scenario.answers,
        requests.expectation(pair, scenario),
    )
    with subprocess.Popen(GENERATOR, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as generator:
        assert generator.stdin is not None
        assert generator.stdout is not None
        generator.stdin.write(json.dumps(asdict(job)) + "\n")
        generator.stdin.flush()
        generator.stdout.readline()
        before, asked = _clocks(server), _control(upstream, "")
        output, _ = generator.communicate("go\n", timeout=PATIENCE)
    used = {pid: seconds - before.get(pid, 0.0) for pid, seconds in _clocks(server).items()}
    found = Findings(**json.loads(output))
    asked = _control(upstream, "") - asked
    if asked < found.answers:
        # A figure for answers from a cache would be a figure for something else.
        found.errors["not asked of the upstream"] = found.answers - asked
    return _measurement(server, pair, scenario, found, used)


def _clocks(server: Server) -> dict[int, float]:
    return clocks.cpu_by_process(server.pid) if server.pid else {}


def _measurement(
    server: Server, pair: Pair, scenario: Scenario, found: Findings, used: dict[int, float]
) -> Measurement:
    cpu = sum(used.values()) * 1e6
    memory = clocks.memory(server.pid) if server.pid else clocks.Memory(0, 0)
    return Measurement(
        server=server.name,
        pair=">".join(pair),
        scenario=scenario.name,
        answers=found.answers,
        events=found.events,
        errors=found.errors,
        seconds=found.seconds,
        cpu_answer=cpu / found.answers if used and found.answers else None,
        cpu_event=cpu / found.events if used and found.events else None,
        latency=_percentiles(found.latencies),
        first_byte=_percentiles(found.first_bytes),
        gap=_percentiles(found.gaps),
        resident=memory.resident,
        proportional=memory.proportional,
        shares=sorted((seconds * 1e6 / cpu for seconds in used.values() if cpu), reverse=True),
    )


def _percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p99."""
    if len(times) < 2:  # noqa: PLR2004
        return (times[0], times[0]) if times else (0.0, 0.0)
    hundredths = quantiles(times, n=100, method="inclusive")
    return hundredths[49], hundredths[98]
