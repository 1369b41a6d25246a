"""Open streams that say nothing: what each of them holds in memory."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, replace

from benches.load import clocks, requests
from benches.load.behaviour import Behaviour
from benches.load.measurement import behave
from benches.load.scenarios import SCENARIOS
from benches.load.servers import Pair, Server

SETTLE_SECONDS = 2.0
AT_ONCE = 50
# A gateway that fails to open one stream may fail with all of them.
PATIENCE = 20.0


@dataclass(frozen=True)
class Idle:
    """Memory in kilobytes, without any stream and with so many."""

    server: str
    pair: str
    streams: int
    # Streams that did not get their first bytes.
    failed: int
    at_rest: clocks.Memory
    open: clocks.Memory
    # CPU time that a second of idleness costs, in milliseconds.
    cpu_a_second: float

    @property
    def kilobytes_a_stream(self) -> float:
        """What one more stream needs."""
        return (self.open.proportional - self.at_rest.proportional) / max(1, self.streams - self.failed)


def measure(upstream: Server, server: Server, pair: Pair, streams: int) -> Idle:
    """Open so many streams whose upstream stops after its first event, wait, look, and close them."""
    assert server.pid is not None
    behave(upstream, Behaviour(idle=1))
    with ExitStack() as after:
        after.callback(behave, upstream, Behaviour())
        at_rest = clocks.memory(server.pid)
        return asyncio.run(_measure(server, pair, streams, at_rest))


async def _measure(server: Server, pair: Pair, streams: int, at_rest: clocks.Memory) -> Idle:
    assert server.pid is not None
    scenario = replace(next(each for each in SCENARIOS if each.stream), request_bytes=1_000)
    request = requests.request(server, pair, scenario)
    places = asyncio.Semaphore(AT_ONCE)
    opened = await asyncio.gather(*(_open(server.port, request, places) for _ in range(streams)))
    await asyncio.sleep(SETTLE_SECONDS)
    used = clocks.cpu_seconds(server.pid)
    await asyncio.sleep(1)
    used = clocks.cpu_seconds(server.pid) - used
    memory = clocks.memory(server.pid)
    for writer in opened:
        if writer is not None:
            writer.close()
    failed = opened.count(None)
    return Idle(server.name, ">".join(pair), streams, failed, at_rest, memory, used * 1e3)


async def _open(port: int, request: bytes, places: asyncio.Semaphore) -> asyncio.StreamWriter | None:
    """A stream whose first event has come."""
    async with places:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"data:"), PATIENCE)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return None
    return writer if b" 200 " in head else None
