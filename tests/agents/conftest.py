"""Prints what the rows of the matrix came to: programs down, dialects of backends across."""

from pathlib import Path
from typing import Any

import pytest

# Holds no more than its heading where no way leads out.
ROUTES = Path("/proc/net/route")
_ROWS: dict[str, dict[str, Any]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what a row's test said of itself, and whether all of it passed."""
    row = dict(report.user_properties)
    if "program" in row and report.when == "call":
        _ROWS[report.nodeid] = {**row, "passed": report.passed, "seconds": report.duration}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table, what was lost in each row, and how far the programs could have reached."""
    if not _ROWS:
        return
    backends = list(dict.fromkeys(row["backend"] for row in _ROWS.values()))
    programs = list(dict.fromkeys(row["program"] for row in _ROWS.values()))
    cells = {(row["program"], row["backend"]): _cell(row) for row in _ROWS.values()}
    terminalreporter.section("agent programs (down) in front of backends (across)")
    for head, *texts in [
        ["", *backends],
        *([name, *(cells.get((name, b), "") for b in backends)] for name in programs),
    ]:
        terminalreporter.line(f"{head:<20}" + "".join(f"{text:<18}" for text in texts))
    for row in _ROWS.values():
        if row["lost"]:
            terminalreporter.line(f"reported as lost, {row['program']} to {row['backend']}: {', '.join(row['lost'])}")
    reach = "only loopback" if _is_isolated() else "whatever this machine can reach"
    terminalreporter.line(f"within reach of the programs: {reach}")


def _cell(row: dict[str, Any]) -> str:
    return f"{'ok' if row['passed'] else 'FAILED'} ({row['seconds']:.0f} s)"


def _is_isolated() -> bool:
    return ROUTES.exists() and len(ROUTES.read_text("utf-8").splitlines()) <= 1
