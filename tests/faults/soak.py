"""Mixed load with faults for a long time: `make soak`. Everybody is answered properly, and memory ends flat."""

import asyncio
import random
import statistics
import sys
import time

from tests.faults.leaks import Usage, at_rest, usage_of
from tests.faults.storm import drawn, faults_of, storm
from tests.faults.table import gateway_before_faults

# Requests between two looks at the gateway.
ROUND = 2000
# Bytes by which the last quarter may be above the second one: what allocators keep.
SLACK = 8 << 20


async def main(minutes: float) -> int:
    """Go on for so many minutes; 1 if anything is not as it should be."""
    chance = random.Random(5)
    number = wrong = 0
    seen: list[Usage] = []
    until = time.monotonic() + minutes * 60
    async with gateway_before_faults() as (gateway, upstream):
        while time.monotonic() < until or len(seen) < 8:
            results = await storm(gateway, [drawn(number + place, chance) for place in range(ROUND)])
            number += ROUND
            for words in faults_of(results, upstream):
                wrong += 1
                print(words)
            upstream.asked.clear()
            seen.append(usage_of(gateway.pid))
            print(f"{number} requests, {wrong} wrong, {seen[-1]}", flush=True)
        rest = await at_rest(gateway.pid, upstream)
    growth = _growth(seen)
    print(f"at rest: {rest}; from the second quarter to the last: {growth / (1 << 20):+.1f} MiB")
    return 1 if wrong or growth > SLACK else 0


def _growth(seen: list[Usage]) -> float:
    quarter = len(seen) // 4
    early, late = seen[quarter : 2 * quarter], seen[-quarter:]
    return statistics.mean(one.resident for one in late) - statistics.mean(one.resident for one in early)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]))))
