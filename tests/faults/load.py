"""A thousand streams at once on one worker, across all dialects: `make test-load`.

Each is complete and has every event; and what memory they take, beside a gateway at rest.
"""

import argparse
import asyncio
import functools
import random
import sys
from collections.abc import Iterator

from tests.faults.client import Received, ask
from tests.faults.faults import FINISHED, Step
from tests.faults.leaks import usage_of, workers_of
from tests.faults.table import PAIRS, gateway_before_faults
from tests.faults.wires import Wire
from tests.gateway import Gateway
from tests.scripted_server import chunk, chunked_head

# What the upstream says again and again, and what of it every client is to see.
WORD = "two"
# Streams that are open before memory is looked at: what the first ones load stays.
WARM = 100


def paced(events: int, gap: float, wire: Wire, _stream: bool) -> Iterator[Step]:
    """The first frame, so many times the second, and the rest."""
    yield chunked_head("content-type: text/event-stream") + chunk(wire.frames[0])
    for _ in range(events):
        yield gap
        yield chunk(wire.frames[1])
    yield b"".join(chunk(frame) for frame in wire.frames[2:]) + chunk(b"")


async def main(streams: int, events: int, gap: float, limit_kb: float) -> int:
    """Run them; 1 if one is not as it should be, or if they take more than so much memory."""
    script = functools.partial(paced, events, gap)
    async with gateway_before_faults({"paced": script}) as (gateway, _):
        assert len(workers_of(gateway.pid)) == 1
        await _run(gateway, WARM)
        rest = usage_of(gateway.pid).resident
        running = asyncio.create_task(_run(gateway, streams))
        most = 0
        while not running.done():
            await asyncio.sleep(0.2)
            most = max(most, usage_of(gateway.pid).resident)
        results = await running
    wrong = [words for words in (_wrong(result, wire, events) for result, wire in results) if words]
    print(*wrong[:20], sep="\n", end="\n" if wrong else "")
    kb = (most - rest) / 1024 / streams
    right = len(results) - len(wrong)
    print(f"{right} of {streams} streams complete and correct; {kb:.1f} KiB each ({most >> 20} MiB in all)")
    return 1 if wrong or kb > limit_kb else 0


async def _run(gateway: Gateway, streams: int) -> list[tuple[Received, Wire]]:
    chance = random.Random(3)
    pairs = [chance.choice(PAIRS) for _ in range(streams)]
    asked = (ask(gateway.port, client.request(f"{target.dialect}/paced", stream=True)) for client, target in pairs)
    return list(zip(await asyncio.gather(*asked), (client for client, _ in pairs), strict=True))


def _wrong(received: Received, wire: Wire, events: int) -> str:
    told = received.told(wire)
    if told != FINISHED:
        return f"{wire.dialect}: {told!r}"
    # A client's dialect may say it once more at the end, all at once.
    words = received.body.count(WORD.encode())
    return "" if words >= events else f"{wire.dialect}: {words} of {events} events"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--gap", type=float, default=0.5, help="seconds")
    parser.add_argument("--limit", type=float, default=30.0, help="KiB for each stream")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.streams, given.events, given.gap, given.limit)))
