"""Every fault of the fault suite that comes before the first byte, at one of two targets of a running gateway."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends.exchange import Json
from tests.backends.keys import UPSTREAM_KEY
from tests.faults.client import Received, ask
from tests.faults.faults import EVENT, FAULTS, FINISHED, FIRST_BYTE, IDLE, TOTAL, Fault
from tests.faults.upstream import faulty_upstream
from tests.faults.wires import WIRES, Wire
from tests.gateway import running_gateway
from tests.process import free_port

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_loopback_without_proxy")]

REQUESTS, AT_ONCE = 1000, 64
# Takes hundreds of megabytes by its nature.
ONCE = {"endless-line"}


def early(*, stream: bool) -> Iterator[Fault]:
    """The faults that a client would be told of by a status: nothing of an answer has gone out."""
    return (fault for fault in FAULTS if not {FINISHED, EVENT} & (fault.stream if stream else fault.whole))


def provider(fault: Fault, wire: Wire, port: int) -> Json:
    """One that has a fault, of which nothing is learnt, so that every request meets it."""
    scheme = "https" if fault.provider == "-tls" else "http"
    limits = {"connect": 2 * IDLE, "first_byte": FIRST_BYTE, "idle": IDLE}
    return {
        "dialect": wire.dialect,
        "base_url": f"{scheme}://127.0.0.1:{free_port() if fault.provider == '-refused' else port}{wire.base_path}",
        "api_keys": [UPSTREAM_KEY],
        "timeouts": limits | ({"total": TOTAL} if fault.provider == "-total" else {}),
        "health": {"failures": 1000, "pause": 0.001, "max_pause": 0.001},
    }


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", WIRES.values(), ids=WIRES)
async def test_a_thousand_of_a_thousand_succeed_whatever_the_other_target_does(
    tmp_path: Path, client: Wire, stream: bool
) -> None:
    """The failing target speaks each dialect in turn, and so does the one that is well."""
    cases = list(itertools.product(early(stream=stream), WIRES.values()))
    async with faulty_upstream() as upstream:
        providers = {f"{fault.name}-{wire.dialect}": provider(fault, wire, upstream.port) for fault, wire in cases}
        providers |= {f"well-{wire.dialect}": provider(FAULTS[0], wire, upstream.port) for wire in WIRES.values()}
        wells = itertools.cycle(f"well-{dialect}/none" for dialect in ("gemini", *WIRES))
        models = {
            f"m-{place}": {"targets": [f"{fault.name}-{wire.dialect}/{fault.name}", next(wells)]}
            for place, (fault, wire) in enumerate(cases)
        }
        usual = [name for name, (fault, _) in zip(models, cases, strict=True) if fault.name not in ONCE]
        rare = [name for name, (fault, _) in zip(models, cases, strict=True) if fault.name in ONCE][:1]
        names = [*rare, *itertools.islice(itertools.cycle(usual), REQUESTS - len(rare))]
        with running_gateway(tmp_path, providers, models) as gateway:
            limit = asyncio.Semaphore(AT_ONCE)

            async def one(model: str) -> Received:
                async with limit:
                    return await ask(gateway.port, client.request(model, stream=stream))

            replies = await asyncio.gather(*map(one, names))
    told = [(name, reply.told(client)) for name, reply in zip(names, replies, strict=True)]
    failed = Counter(f"{cases[int(name[2:])][0].name}: {what}" for name, what in told if what != FINISHED)
    assert failed == {}
    met = {fault.name for fault, _ in cases if not fault.provider.startswith(("-refused", "-tls"))}
    assert all(upstream.asked[name] for name in met)
