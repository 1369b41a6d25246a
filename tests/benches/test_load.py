"""What the benchmarks under load count, and how they compare it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benches import samples
from benches.load import measurement, servers
from benches.load.behaviour import Behaviour
from benches.load.measurement import Measurement
from benches.load.scenarios import SCENARIOS, Scenario
from benches.load.servers import Server
from benches.load.summary import rows
from benches.samples import DIALECTS, Dialect

QUICK = [replace(each, warm_up=2, seconds=0, answers=8, connections=2) for each in SCENARIOS if each.name != "paced"]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.mock(tmp_path_factory.mktemp("mock")) as mock:
        yield mock


@pytest.mark.parametrize("scenario", QUICK, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_mock_answers_every_dialect_whole(upstream: Server, dialect: Dialect, scenario: Scenario) -> None:
    measurement.behave(upstream, scenario.behaviour)
    found = measurement.measure(upstream, upstream, (dialect, dialect), scenario)
    assert found.errors == {}
    assert found.answers == 8
    assert (found.events > 8) == scenario.stream


def test_an_answer_of_the_wrong_kind_is_an_error(upstream: Server) -> None:
    asked, said = QUICK[0], replace(QUICK[0].behaviour, reply_bytes=100)
    measurement.behave(upstream, said)
    large = replace(asked, behaviour=Behaviour(reply_bytes=8_000))
    found = measurement.measure(upstream, upstream, ("anthropic", "anthropic"), large)
    assert found.answers == 0
    assert sum(found.errors.values()) == 8


def test_ratios_are_of_the_same_round() -> None:
    def took(server: str, microseconds: float) -> Measurement:
        none = (0.0, 0.0)
        return Measurement(server, "a>b", "small", 1, 0, {}, 1.0, microseconds, None, none, none, none, 0, 0, [])

    # The machine was three times as busy in the second round.
    slow = [[took("nginx", 10), took("ours", 30)], [took("nginx", 30), took("ours", 90)]]
    assert rows(slow)[1].ratio == (3, 3, 3)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("size", [1_000, 65_000])
def test_samples_are_as_large_as_they_say(dialect: Dialect, size: int) -> None:
    for body in (samples.request(dialect, size), samples.reply(dialect, size)):
        assert size * 0.5 < len(body) < size * 1.3
