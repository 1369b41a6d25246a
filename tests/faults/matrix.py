"""The whole fault table against a running gateway: `make test-faults`."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Sequence

from tests.faults.counts import disagreements
from tests.faults.faults import FAULTS
from tests.faults.leaks import at_rest
from tests.faults.storm import drawn, faults_of, storm, summary
from tests.faults.table import Result, all_cases, gateway_before_faults, try_cases

# Requests by chance, after the table.
STORM = 10_000


async def main() -> int:
    """Try everything, print the table; 1 if anything is not as it should be."""
    async with gateway_before_faults() as (gateway, upstream):
        # What the largest answers leave behind is no leak if it does not grow; nor are names that are remembered, up to
        # a limit: of models, routes and circuits.
        await try_cases(gateway, [case for case in all_cases() if case.fault.name == "endless-line"])
        chance = random.Random(10)
        await storm(gateway, [drawn(STORM + number, chance) for number in range(STORM)])
        before = await at_rest(gateway.pid, upstream)
        results = await try_cases(gateway, all_cases())
        chance = random.Random(11)
        stormed = await storm(gateway, [drawn(number, chance) for number in range(STORM)])
        wrong = faults_of(stormed, upstream)
        after = await at_rest(gateway.pid, upstream)
    for workers in (1, 2):
        wrong += await _counted(workers)
    _print_table(results)
    failures = [result for result in results if not result.is_proper]
    for result in failures:
        print(f"{result.case}: {result.told!r} after {result.received.seconds:.1f} s; {result.received.headers}")
    print(f"{len(results) - len(failures)} of {len(results)} told properly")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{STORM} requests by chance: {summary(stormed)}; {len(wrong)} wrong")
    print(f"before: {before}\nafter:  {after}")
    leaks = after.leaks_since(before)
    print(leaks or "nothing leaked")
    return 1 if failures or wrong or leaks else 0


async def _counted(workers: int) -> list[str]:
    """What is wrong with the counts of so many workers, after a storm."""
    chance = random.Random(12)
    async with gateway_before_faults(workers=workers) as (gateway, _):
        results = await storm(gateway, [drawn(number, chance) for number in range(STORM)])
        wrong = await disagreements(gateway, results)
    print(f"{STORM} requests, {workers} worker(s): clients, log and /metrics {'disagree' if wrong else 'agree'}")
    return wrong


def _print_table(results: Sequence[Result]) -> None:
    print(f"{'fault':26}{'form':8}{'proper':>9}  {'slowest':>8}  told")
    for fault in FAULTS:
        for stream in (False, True):
            row = [result for result in results if result.case.fault == fault and result.case.stream == stream]
            told = Counter(str(result.told)[:40] for result in row)
            words = ", ".join(f"{what} ({count})" for what, count in told.most_common())
            proper = f"{sum(result.is_proper for result in row)}/{len(row)}"
            slowest = max(result.received.seconds for result in row)
            print(f"{fault.name:26}{'stream' if stream else 'whole':8}{proper:>9}  {slowest:6.1f} s  {words}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
