"""What is asked of every server."""

from dataclasses import dataclass

from benches.load.behaviour import Behaviour


@dataclass(frozen=True)
class Scenario:
    """One kind of load."""

    name: str
    says: str
    behaviour: Behaviour
    request_bytes: int
    stream: bool
    connections: int
    warm_up: int
    # The measurement ends by the first of these that is not 0.
    seconds: float = 0.0
    answers: int = 0


SCENARIOS = (
    Scenario("alone", "1 KB in and out, one connection", Behaviour(), 1_000, False, 1, 20, 1.0),
    Scenario("small", "1 KB in and out, 16 connections", Behaviour(), 1_000, False, 16, 64, 1.5),
    Scenario("large", "65 KB in, 8 KB out, 8 connections", Behaviour(reply_bytes=8_000), 65_000, False, 8, 32, 1.5),
    Scenario("burst", "200 events without a gap, 4 connections", Behaviour(), 1_000, True, 4, 12, 1.5),
    Scenario(
        "paced",
        "100 events 10 ms apart, 50 connections",
        Behaviour(events=100, gap_ms=10),
        1_000,
        True,
        50,
        warm_up=50,
        answers=100,
    ),
)
