"""What hedging makes of slow spells, in figures, through a running gateway: `make test-hedging`.

Of a model's two targets the first is slow in 5 % of requests. Streams are asked of the gateway without hedging and with
it, and of the other target alone. What counts is when the first output is there, and how often upstreams were asked.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.backends.keys import UPSTREAM_KEY
from tests.faults.faults import Step
from tests.faults.upstream import FaultyUpstream, faulty_upstream
from tests.faults.wires import WIRES, Wire
from tests.gateway import Gateway, running_gateway
from tests.scripted_server import chunk, chunked_head

SLOW_SHARE = 0.05
# Second attempts that the route allows, as a share of its requests.
MOST_EXTRA = 0.05
# Seconds until the first output: of a slow request, and of others.
SLOW, QUICK = 4.0, (0.1, 0.4)
# Seconds after which the gateway asks a second time.
AFTER = 0.5
# No target speaks the client's dialect.
CLIENT, UPSTREAMS = WIRES["anthropic"], (WIRES["openai_chat"], WIRES["gemini"])


@dataclass(frozen=True)
class Run:
    """What became of the requests for one model."""

    name: str
    seconds: Sequence[float]
    """Until the first output of each, in rising order."""
    extra: float
    """Calls of upstreams beyond one for each request, as a share of the requests."""

    def within(self, share: float) -> float:
        """The seconds within which such a share had its first output."""
        return self.seconds[int(len(self.seconds) * share)]

    def __str__(self) -> str:
        p50, p99 = self.within(0.5), self.within(0.99)
        slow = sum(one > SLOW / 2 for one in self.seconds) / len(self.seconds)
        return f"{self.name:18}{p50:8.3f} s{p99:8.3f} s{slow:9.2%}{self.extra:9.2%}"


class Spells:
    """An upstream's script, which is slow in just the share of requests that it should be, in an order by chance."""

    def __init__(self, requests: int, share: float, seed: int) -> None:
        self._chance = random.Random(seed)
        self._slow = [place < requests * share for place in range(requests)]
        self._chance.shuffle(self._slow)

    def __call__(self, wire: Wire, _stream: bool) -> Iterator[Step]:
        """A wait, and an answer."""
        is_slow = bool(self._slow) and self._slow.pop()
        yield SLOW if is_slow else self._chance.uniform(*QUICK)
        yield chunked_head("content-type: text/event-stream") + b"".join(map(chunk, wire.frames)) + chunk(b"")


async def main(requests: int, at_once: int) -> int:
    """Ask, and print what came of it; 1 if hedging does not keep what it promises."""
    scripts = {
        "plain": Spells(requests, SLOW_SHARE, 1),
        "hedged": Spells(requests, SLOW_SHARE, 1),
        "other": Spells(requests, 0, 2),
    }
    async with faulty_upstream(scripts) as upstream:
        with tempfile.TemporaryDirectory() as folder, _gateway(Path(folder), upstream.port) as gateway:
            runs = [await _run(gateway, upstream, name, requests, at_once) for name in ("other", "plain", "hedged")]
    others, plain, hedged = runs
    print(f"{requests} streams each, {at_once} at once, a second attempt after {AFTER} s for {MOST_EXTRA:.0%} at most")
    print(f"{'first output':18}{'p50':>10}{'p99':>10}{'slow':>9}{'extra':>9}", *runs, sep="\n")
    wrong = []
    if hedged.extra > MOST_EXTRA or others.extra or plain.extra:
        wrong.append("upstreams were asked too often")
    if plain.within(0.99) < SLOW:
        wrong.append("nothing was slow, so that nothing is shown")
    if hedged.within(0.99) > AFTER + QUICK[1] + others.within(0.99):
        wrong.append("p99 is not near the others'")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def _gateway(folder: Path, port: int) -> AbstractContextManager[Gateway]:
    providers = {
        wire.dialect: {
            "dialect": wire.dialect,
            "base_url": f"http://127.0.0.1:{port}{wire.base_path}",
            "api_keys": [UPSTREAM_KEY],
        }
        for wire in UPSTREAMS
    }
    first, other = (wire.dialect for wire in UPSTREAMS)
    models = {
        "plain": {"targets": [f"{first}/plain", f"{other}/other"]},
        "hedged": {
            "targets": [f"{first}/hedged", f"{other}/other"],
            "hedge": {"after": AFTER, "max_extra": MOST_EXTRA},
        },
        "other": {"targets": [f"{other}/other"]},
    }
    return running_gateway(folder, providers, models)


async def _run(gateway: Gateway, upstream: FaultyUpstream, model: str, requests: int, at_once: int) -> Run:
    before = upstream.asked.total()
    places = asyncio.Semaphore(at_once)

    async def one() -> float:
        async with places:
            return await _seconds(gateway.port, CLIENT.request(model, stream=True))

    seconds = sorted(await asyncio.gather(*(one() for _ in range(requests))))
    return Run(model, seconds, (upstream.asked.total() - before) / requests - 1)


async def _seconds(port: int, request: bytes) -> float:
    """Seconds until the first output of a stream, which has to end well."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        body = await reader.readuntil(b"\n\n")
        seconds = loop.time() - started
        body += await reader.readuntil(b"\r\n0\r\n\r\n")
    finally:
        writer.close()
    assert CLIENT.finished in body
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=32)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.requests, given.at_once)))
