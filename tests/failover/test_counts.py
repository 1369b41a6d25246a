"""Clients, log and `/metrics` agree where requests fail over and are hedged: each attempt counts, each token once."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.backends.exchange import Json
from tests.failover.test_fault_suite import early, provider
from tests.faults.client import Received, ask
from tests.faults.counts import disagreements, total
from tests.faults.faults import FAULTS, FINISHED, Fault
from tests.faults.storm import TOO_LONG
from tests.faults.table import Case, Result
from tests.faults.upstream import faulty_upstream
from tests.faults.wires import WIRES, Wire
from tests.gateway import Gateway, running_gateway

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_loopback_without_proxy")]

REQUESTS, AT_ONCE = 2000, 64
CHAT = WIRES["openai_chat"]
# What fails at once, what is slow enough for a second attempt, and what breaks off.
LATE = {"slow-first-byte", "cut-by-reset", "error-event"}
KINDS = [fault for fault in FAULTS if fault.name in LATE] + [
    fault for fault in early(stream=False) if fault.name not in TOO_LONG
]


async def answers(gateway: Gateway, cases: Sequence[Case]) -> list[Result]:
    """What became of them, many at a time."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> Result:
        async with limit:
            model = f"{case.fault.name}-{case.upstream.dialect}"
            received: Received = await ask(gateway.port, case.client.request(f"m-{model}", stream=case.stream))
            return Result(case, received.told(case.client), received)

    return await asyncio.gather(*map(one, cases))


def routes(port: int) -> tuple[dict[str, Json], dict[str, Json]]:
    """Providers and models: each of these has a target with a fault, and one that is well."""
    every = [(fault, wire) for fault in KINDS for wire in WIRES.values()]
    providers = {_name(fault, wire): provider(fault, wire, port) for fault, wire in [*every, (FAULTS[0], CHAT)]}
    hedge = {"after": 0.1, "max_extra": 1}
    well = f"{_name(FAULTS[0], CHAT)}/none"
    models = {f"m-{_name(*one)}": {"targets": [f"{_name(*one)}/{one[0].name}", well], "hedge": hedge} for one in every}
    return providers, models


def _name(fault: Fault, wire: Wire) -> str:
    return f"{fault.name}-{wire.dialect}"


def drawn(seed: int, *clients: Wire) -> list[Case]:
    """Requests by chance; those of one client are for whole answers."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    return [
        Case(
            chance.choice(KINDS),
            chance.choice(clients),
            chance.choice(list(WIRES.values())),
            stream=len(clients) > 1 and chance.random() < 0.5,
        )
        for _ in range(REQUESTS)
    ]


@pytest.mark.parametrize("workers", [1, 2])
async def test_what_fails_over_is_counted_by_all_alike(tmp_path: Path, workers: int) -> None:
    cases = drawn(6, *WIRES.values())
    async with faulty_upstream() as upstream:
        with running_gateway(tmp_path, *routes(upstream.port), {"workers": workers}) as gateway:
            results = await answers(gateway, cases)
            assert await disagreements(gateway, results) == []
            assert total(gateway, "aiclient_attempts_total", "outcome")["Cancelled",] > 0


async def test_tokens_are_those_that_clients_are_told(tmp_path: Path) -> None:
    """What an attempt cost that did not serve is nobody's."""
    async with faulty_upstream() as upstream:
        with running_gateway(tmp_path, *routes(upstream.port), {"workers": 2}) as gateway:
            results = await answers(gateway, drawn(7, CHAT))
            counted = await asyncio.to_thread(total, gateway, "gen_ai_client_token_usage_sum", "gen_ai_token_type")
    told: Counter[tuple[str, ...]] = Counter()
    for result in results:
        assert result.told == FINISHED
        usage = json.loads(result.received.body)["usage"]
        told["input",] += usage["prompt_tokens"]
        told["output",] += usage["completion_tokens"]
    assert counted == told
