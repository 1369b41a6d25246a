"""The cases of the fault table, and how one is tried."""

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.backends.exchange import JsonValue
from tests.backends.keys import UPSTREAM_KEY
from tests.faults.client import Received, ask
from tests.faults.faults import FAULTS, FIRST_BYTE, IDLE, SCRIPTS, TOTAL, Fault, Outcome, Script
from tests.faults.upstream import FaultyUpstream, faulty_upstream
from tests.faults.wires import WIRES, Wire
from tests.gateway import Gateway, running_gateway
from tests.process import free_port

# Cases that are tried at the same time.
AT_ONCE = 48


@dataclass(frozen=True)
class Case:
    """One fault, between one client and one upstream."""

    fault: Fault
    client: Wire
    upstream: Wire
    stream: bool
    number: int | None = None
    """Tells it from others that are alike."""

    @property
    def allowed(self) -> frozenset[Outcome]:
        """What the client may be told."""
        return self.fault.stream if self.stream else self.fault.whole

    @property
    def request(self) -> bytes:
        """What the client sends."""
        provider = f"{self.upstream.dialect}{self.fault.provider}"
        return self.client.request(f"{provider}/{self.model}", stream=self.stream)

    @property
    def model(self) -> str:
        """What the upstream is asked for."""
        return self.fault.name if self.number is None else f"{self.number}--{self.fault.name}"

    def __str__(self) -> str:
        form = "stream" if self.stream else "whole"
        return f"{self.fault.name}-{self.client.dialect}-{self.upstream.dialect}-{form}"


@dataclass(frozen=True)
class Result:
    """What became of a case."""

    case: Case
    told: Outcome
    received: Received

    @property
    def is_proper(self) -> bool:
        """Whether the client was told what it may be told, and when to come again if that was known."""
        has_hint = "retry-after" in self.received.headers or "retry-after-ms" in self.received.headers
        return self.told in self.case.allowed and (has_hint or not self.case.fault.hint)


PAIRS = tuple(itertools.product(WIRES.values(), WIRES.values()))


def all_cases() -> Iterator[Case]:
    """Every fault for every pair, streaming and not."""
    for fault, (client, upstream), stream in itertools.product(FAULTS, PAIRS, (False, True)):
        yield Case(fault, client, upstream, stream)


def quick_cases() -> Iterator[Case]:
    """Every fault for one pair; one after the other, all pairs have their turn."""
    for fault, (client, upstream) in zip(FAULTS, itertools.cycle(PAIRS), strict=False):
        for stream in (False, True):
            yield Case(fault, client, upstream, stream)


@contextlib.asynccontextmanager
async def gateway_before_faults(
    scripts: Mapping[str, Script] = SCRIPTS, **server: JsonValue
) -> AsyncIterator[tuple[Gateway, FaultyUpstream]]:
    """A gateway whose upstreams have all the faults, or other scripts; `server` is its configuration's."""
    async with faulty_upstream(scripts) as upstream:
        with (
            tempfile.TemporaryDirectory() as folder,
            running_gateway(Path(folder), providers_at(upstream.port), server=server) as gateway,
        ):
            yield gateway, upstream


def providers_at(port: int) -> dict[str, Any]:
    """Each dialect as it is reached plainly, at a closed port, by TLS, and with a limit for the whole exchange."""
    origins = {
        "": f"http://127.0.0.1:{port}",
        "-refused": f"http://127.0.0.1:{free_port()}",
        "-tls": f"https://127.0.0.1:{port}",
        "-total": f"http://127.0.0.1:{port}",
    }
    return {
        dialect + suffix: {
            "dialect": dialect,
            "base_url": origin + wire.base_path,
            "api_keys": [UPSTREAM_KEY],
            "timeouts": {"connect": 2 * IDLE, "first_byte": FIRST_BYTE, "idle": IDLE}
            | ({"total": TOTAL} if suffix == "-total" else {}),
        }
        for dialect, wire in WIRES.items()
        for suffix, origin in origins.items()
    }


async def try_cases(gateway: Gateway, cases: Iterable[Case]) -> list[Result]:
    """Try them, many at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def attempt(case: Case) -> Result:
        async with places:
            received = await ask(gateway.port, case.request)
            return Result(case, received.told(case.client), received)

    return await asyncio.gather(*map(attempt, cases))
