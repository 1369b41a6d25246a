"""Every fault of an upstream once, between one pair of dialects each; `make test-faults` tries all pairs."""

import random

import pytest

from tests.faults.counts import disagreements
from tests.faults.leaks import settled, usage_of
from tests.faults.storm import drawn, faults_of, storm
from tests.faults.table import gateway_before_faults, quick_cases, try_cases


@pytest.mark.usefixtures("_loopback_without_proxy")
async def test_no_fault_is_a_finished_answer() -> None:
    """A client is told in its own dialect and in time; nothing stays open for it."""
    async with gateway_before_faults() as (gateway, upstream):
        before = usage_of(gateway.pid).sockets
        results = await try_cases(gateway, quick_cases())
        upstream.close_all()
        after = (await settled(lambda: usage_of(gateway.pid))).sockets
    wrong = {str(result.case): (result.told, result.received.headers) for result in results if not result.is_proper}
    assert not wrong
    assert after <= before


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("_loopback_without_proxy")
async def test_every_request_is_answered_and_counted_once(workers: int) -> None:
    """Faults by chance, many at a time."""
    chance = random.Random(7)  # noqa: S311  # no secret
    async with gateway_before_faults(workers=workers) as (gateway, upstream):
        results = await storm(gateway, [drawn(number, chance) for number in range(300)])
        assert not faults_of(results, upstream)
        assert not await disagreements(gateway, results)
