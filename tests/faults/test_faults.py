"""Every fault of an upstream once, between one pair of dialects each; `make test-faults` tries all pairs."""

import itertools
import random

import pytest

from tests.faults.counts import disagreements
from tests.faults.leaks import at_rest
from tests.faults.storm import drawn, faults_of, storm
from tests.faults.table import gateway_before_faults, quick_cases, try_cases


@pytest.mark.usefixtures("_loopback_without_proxy")
async def test_no_fault_is_a_finished_answer() -> None:
    """A client is told in its own dialect and in time; nothing stays open for it."""
    async with gateway_before_faults() as (gateway, upstream):
        # The port accepts before the worker runs: what it holds is known once it has answered.
        await try_cases(gateway, itertools.islice(quick_cases(), 1))
        before = await at_rest(gateway.pid, upstream)
        results = await try_cases(gateway, quick_cases())
        after = await at_rest(gateway.pid, upstream)
    wrong = {str(result.case): (result.told, result.received.headers) for result in results if not result.is_proper}
    assert not wrong
    assert after.sockets <= before.sockets


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("_loopback_without_proxy")
async def test_every_request_is_answered_and_counted_once(workers: int) -> None:
    """Faults by chance, many at a time."""
    chance = random.Random(7)  # noqa: S311  # no secret
    async with gateway_before_faults(workers=workers) as (gateway, upstream):
        results = await storm(gateway, [drawn(number, chance) for number in range(300)])
        assert not faults_of(results, upstream)
        assert not await disagreements(gateway, results)
