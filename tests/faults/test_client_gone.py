"""A client that leaves: its upstream is closed within a second, in every state, between every pair of dialects."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.faults.faults import SCRIPTS, Step
from tests.faults.table import PAIRS, gateway_before_faults
from tests.faults.upstream import FaultyUpstream
from tests.faults.wires import Wire

# What the upstream does meanwhile, and whether the client reads.
STATES = {
    "before the head, whole": ("black-hole", False, True),
    "before the head, stream": ("black-hole", True, True),
    "before the first event": ("stall-after-head", True, True),
    "in the middle of a stream": ("stall", True, True),
    "in the middle of a body": ("stall", False, True),
    "while the stream goes on": ("endless-stream", True, True),
    "while the body goes on": ("endless-stream", False, True),
    "while it does not read": ("flood", True, False),
}
WITHIN = 1.0


def _flood(wire: Wire, stream: bool) -> Iterator[Step]:
    """As much as is taken."""
    script = SCRIPTS["endless-stream"](wire, stream)
    yield next(script)
    while True:
        yield next(step for step in script if isinstance(step, bytes))


@pytest.mark.usefixtures("_loopback_without_proxy")
@pytest.mark.parametrize("state", STATES)
async def test_the_upstream_is_closed(state: str) -> None:
    script, stream, reads = STATES[state]
    async with gateway_before_faults(SCRIPTS | {"flood": _flood}) as (gateway, upstream):
        writers = []
        for client, target in PAIRS:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1 << 12)
            writer.write(client.request(f"{target.dialect}/{script}", stream=stream))
            writers.append(writer)
            if not reads:
                assert await reader.read(1)
                writer.transport.pause_reading()  # type: ignore[attr-defined]
        await _until(upstream, len(PAIRS))
        await asyncio.sleep(0.3)
        assert upstream.open == len(PAIRS)
        for writer in writers:
            writer.transport.abort()
        left = time.monotonic()
        await _until(upstream, 0)
        assert time.monotonic() - left < WITHIN


async def _until(upstream: FaultyUpstream, number: int) -> None:
    """Wait until so many connections are open."""
    async with asyncio.timeout(10):
        while upstream.open != number:  # noqa: ASYNC110  # the server has no event for it
            await asyncio.sleep(0.01)
