"""A second attempt beside a slow one."""

import asyncio
import os
import random
from typing import cast

import pytest

from aiclient.attempt import Attempt
from aiclient.hedging import hedged
from aiclient.routing import HedgeBudget
from tests.application import Client, Reply, scope
from tests.clock import JumpingLoop
from tests.failover.faults import well
from tests.failover.gateway import PATHS, ask, gateway, provider, repeating

STREAM = well("openai_chat", stream=True)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


async def test_the_other_target_serves_and_the_slow_one_is_cancelled() -> None:
    async with repeating([9.0]) as slow, repeating(STREAM) as quick:
        patient = {"timeouts": {"connect": 5, "first_byte": 5, "idle": 5}}
        providers = {"slow": provider("anthropic", slow) | patient, "quick": provider("openai_chat", quick)}
        model = {"targets": ["slow/m", "quick/m"], "hedge": {"after": 0.05, "max_extra": 1}}
        async with gateway(providers, models={"m": model}) as app:
            reply = await ask(app, "gemini", stream=True)
            assert (reply.status, reply.headers["x-aiclient-provider"]) == (200, "quick")
            await asyncio.wait_for(slow.lost.wait(), 1)


async def test_an_only_target_is_asked_twice() -> None:
    scripts = iter([[9.0], STREAM])
    async with repeating(lambda: next(scripts)) as server:
        providers = {"up": provider("openai_chat", server) | {"timeouts": {"connect": 5, "first_byte": 5, "idle": 5}}}
        model = {"targets": ["up/m"], "hedge": {"after": 0.05, "max_extra": 1}}
        async with gateway(providers, models={"m": model}) as app:
            assert (await ask(app, "openai_chat", stream=True)).status == 200
        assert len(server.arrivals) == 2


async def test_a_client_that_leaves_ends_both() -> None:
    async with repeating([9.0]) as first, repeating([9.0]) as second:
        patient = {"timeouts": {"connect": 5, "first_byte": 9, "idle": 9}}
        providers = {name: provider("openai_chat", one) | patient for name, one in {"a": first, "b": second}.items()}
        model = {"targets": ["a/m", "b/m"], "hedge": {"after": 0.05, "max_extra": 1}}
        async with gateway(providers, models={"m": model}) as app:
            client = Client(b'{"model":"m","messages":[{"role":"user","content":"hi"}]}')
            asyncio.get_running_loop().call_later(0.3, client.leave)
            await app(scope("POST", PATHS["openai_chat"]), client.receive, Reply().send)
            await asyncio.wait_for(first.lost.wait(), 1)
            await asyncio.wait_for(second.lost.wait(), 1)


async def test_a_failure_of_both_leads_on_to_the_next() -> None:
    async with repeating([0.2, None]) as first, repeating([None]) as second, repeating(STREAM) as third:
        servers = {"a": first, "b": second, "c": third}
        providers = {name: provider("openai_chat", server) for name, server in servers.items()}
        model = {"targets": ["a/m", "b/m", "c/m"], "hedge": {"after": 0.05, "max_extra": 1}}
        async with gateway(providers, models={"m": model}) as app:
            reply = await ask(app, "openai_chat", stream=True)
        assert (reply.status, reply.headers["x-aiclient-provider"]) == (200, "c")


REQUESTS = 4000
Outcome = tuple[float, int]
"""Seconds to the first byte, and how many attempts that took."""


class Begun:
    """Stands for an attempt that has begun."""

    def close(self) -> None:
        """There is nothing to close."""


def test_one_of_twenty_slow_attempts_is_not_felt() -> None:
    """With a target that is slow in 5 % of requests, p99 of the time to the first byte falls near the others'.

    At 5 % more attempts at most, one request coming after the other.
    """
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        plain = runner.run(simulated(None))
        hedges = runner.run(simulated(HedgeBudget(after=0.5, share=0.05)))
    assert percentile(plain, 0.99) == 10
    assert percentile(hedges, 0.99) < 1
    assert percentile(hedges, 0.5) == pytest.approx(percentile(plain, 0.5), rel=0.05)
    assert sum(calls for _, calls in hedges) <= REQUESTS * 1.05


def test_a_target_that_is_always_slow_is_not_asked_twice_each_time() -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        hedges = runner.run(simulated(HedgeBudget(after=0.1, share=0.05)))
    assert REQUESTS < sum(calls for _, calls in hedges) <= REQUESTS * 1.05


async def simulated(budget: HedgeBudget | None) -> list[Outcome]:
    chance = random.Random(6)  # noqa: S311  # no secret
    return [await one_request(budget, chance) for _ in range(REQUESTS)]


async def one_request(budget: HedgeBudget | None, chance: random.Random) -> Outcome:
    loop, calls = asyncio.get_running_loop(), 0
    started = loop.time()

    async def attempt() -> Attempt | None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(10.0 if chance.random() < 0.05 else chance.uniform(0.2, 0.4))
        return cast("Attempt", Begun())

    if budget is None:
        await attempt()
    else:
        budget.earn()
        await hedged(budget, attempt, attempt)
    return loop.time() - started, calls


def percentile(outcomes: list[Outcome], share: float) -> float:
    """The seconds within which such a share has begun."""
    return round(sorted(seconds for seconds, _ in outcomes)[int(len(outcomes) * share)], 6)
