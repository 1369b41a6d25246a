"""The guard of the translator's speed fails on what it should, and only on that."""

import pytest

from benches.guard.check import gains, regressions

ACCEPTED = {"request": 1000.0, "stream": 500.0}


@pytest.mark.parametrize(
    ("figures", "worse"),
    [
        ({"request": 1000.0, "stream": 500.0}, []),
        ({"request": 1019.0, "stream": 100.0}, []),
        ({"request": 1021.0, "stream": 500.0}, ["request: 1,000 -> 1,021 (+2.1%, tolerated 2%)"]),
        ({"request": 1000.0}, ["stream: accepted at 500, and not measured"]),
        ({"request": 1000.0, "stream": 500.0, "head": 1.0}, ["head: measured, and no figure is accepted"]),
    ],
    ids=["the same", "within the tolerance, or better", "worse", "gone", "new"],
)
def test_what_is_a_regression(figures: dict[str, float], worse: list[str]) -> None:
    assert list(regressions(figures, ACCEPTED, 0.02)) == worse


def test_gains_are_counted_so_that_they_can_be_accepted() -> None:
    assert gains({"request": 900.0, "stream": 499.0}, ACCEPTED, 0.02) == 1
