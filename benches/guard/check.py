"""The guard: compare with the last accepted figures, and fail on a regression beyond noise.

    python -m benches.guard.check [--accept] [--ratios]

Counts instructions where valgrind is installed, and otherwise measures ratios to orjson; `--ratios` measures these in
any case. `--accept` makes the figures of this run the accepted ones.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benches.guard import instructions, ratios

ACCEPTED = Path(__file__).parents[1] / "accepted.json"


def regressions(figures: dict[str, float], accepted: dict[str, float], tolerance: float) -> Iterator[str]:
    """What is wrong with the figures, a line each."""
    for name, before in accepted.items():
        now = figures.get(name)
        if now is None:
            yield f"{name}: accepted at {before:,.5g}, and not measured"
        elif now > before * (1 + tolerance):
            yield f"{name}: {before:,.5g} -> {now:,.5g} ({now / before - 1:+.1%}, tolerated {tolerance:.0%})"
    for name in figures.keys() - accepted.keys():
        yield f"{name}: measured, and no figure is accepted"


def gains(figures: dict[str, float], accepted: dict[str, float], tolerance: float) -> int:
    """How many cases are so much better that the accepted figures guard them poorly."""
    return sum(now < accepted.get(name, 0) * (1 - tolerance) for name, now in figures.items())


def main() -> int:
    """Run the guard; returns the exit status."""
    options = _options()
    counting = instructions.possible() and not options.ratios
    kind, method = ("instructions", instructions) if counting else ("ratios", ratios)
    accepted: dict[str, Any] = json.loads(ACCEPTED.read_bytes()) if ACCEPTED.exists() else {}
    figures = method.measure()
    if options.accept:
        accepted[kind] = {"circumstances": method.circumstances(), "figures": figures}
        ACCEPTED.write_text(json.dumps(accepted, indent=1) + "\n")
        print(f"accepted {len(figures)} figures ({kind})")
        return 0
    before = accepted.get(kind, {"circumstances": "nothing", "figures": {}})
    return _report(kind, figures, before, method.TOLERANCE, method.circumstances())


def _report(kind: str, figures: dict[str, float], before: dict[str, Any], tolerance: float, today: str) -> int:
    worse = list(regressions(figures, before["figures"], tolerance))
    print(f"{len(figures)} cases ({kind}), {len(worse)} worse, {gains(figures, before['figures'], tolerance)} better")
    if worse and today != before["circumstances"]:
        print(f"the accepted figures are from {before['circumstances']}; this is {today}")
    print("\n".join(worse))
    if worse:
        print("If this is meant, accept it: make bench-accept")
    return 1 if worse else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare with the accepted figures")
    parser.add_argument("--accept", action="store_true", help="make the figures of this run the accepted ones")
    parser.add_argument("--ratios", action="store_true", help="measure ratios to orjson even if valgrind is installed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
