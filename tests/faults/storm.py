"""Many requests at once, each with a fault by chance: every one is answered, and none twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

from tests.faults.client import Received, ask
from tests.faults.faults import FAULTS
from tests.faults.table import PAIRS, Case, Result
from tests.faults.upstream import FaultyUpstream
from tests.gateway import Gateway

# What takes seconds or hundreds of megabytes by its nature is for the table.
TOO_LONG = {"black-hole", "slow-head", "stall", "stall-after-head", "endless-stream", "endless-line"}
SHORT = tuple(fault for fault in FAULTS if fault.name not in TOO_LONG)
NONE = FAULTS[0]
# The gateway's `retries`, beside the first attempt; each may go out once more when a reused connection dies.
MOST_ATTEMPTS = 4
AT_ONCE = 64


def drawn(number: int, chance: random.Random, *, well: float = 0.5) -> Case:
    """A case; a share of them has no fault."""
    fault = NONE if chance.random() < well else chance.choice(SHORT)
    client, upstream = chance.choice(PAIRS)
    return Case(fault, client, upstream, stream=chance.random() < 0.5, number=number)


async def storm(gateway: Gateway, cases: Sequence[Case]) -> list[Result]:
    """Try them all, many at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def attempt(case: Case) -> Result:
        async with places:
            received: Received = await ask(gateway.port, case.request, is_last=True)
            return Result(case, received.told(case.client), received)

    return await asyncio.gather(*map(attempt, cases))


def faults_of(results: Sequence[Result], upstream: FaultyUpstream) -> list[str]:
    """What is wrong, in words: who was not told properly, and who was served more often than may be."""
    wrong = [f"{result.case} {result.case.number}: {result.told!r}" for result in results if not result.is_proper]
    for result in results:
        times, name = upstream.asked[result.case.model], result.case.fault.name
        if times > (1 if name == NONE.name else MOST_ATTEMPTS):
            wrong.append(f"{result.case} {result.case.number}: asked {times} times")
    return wrong


def summary(results: Sequence[Result]) -> str:
    """How many were told what."""
    told = Counter(str(result.told) for result in results)
    return ", ".join(f"{what}: {count}" for what, count in told.most_common())
