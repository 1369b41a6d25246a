"""What becomes of what is known of a provider, step by step, by a clock that is told."""

import logging

import pytest

from aiclient.errors import FailureKind, UpstreamAnswerError, UpstreamConnectError, UpstreamTimeoutError
from aiclient.pools import Credential, Fault, Health, Pauses, fault_of
from aiclient.pools.circuit import FAILURE_KEPT, FORGET_EVERY, OPEN_KEPT, TIMES_KEPT, Circuits, State
from aiclient.pools.health import RENEWABLE

PAUSE = Pauses(first=8.0, most=8.0)
UNREACHED = fault_of(UpstreamConnectError("refused"))
LATE = fault_of(UpstreamTimeoutError("late"))


def told(status: int, kind: FailureKind) -> Fault:
    """What an answer with an error stands for."""
    return fault_of(UpstreamAnswerError("no", status=status, kind=kind, upstream_status=status, headers={}))


REFUSED = told(401, "authentication")
FORBIDDEN = told(403, "permission")
BROKEN = told(500, "server")


def health(keys: int = 1, failures: int = 3) -> Health:
    """A provider with keys, of which nothing is known."""
    credentials = [Credential(str(place), f"key-{place}") for place in range(keys)]
    return Health("p", credentials, failures=failures, pauses=PAUSE)


def reached(known: Health) -> bool:
    """Whether the provider could be reached when it was last asked."""
    return known.circuits.is_reachable


def refusals(one: Credential) -> dict[str | None, int]:
    """For what a credential is refused, and how often it was in a row."""
    return {model: rest.number for model, rest in one.rests.items() if rest.is_refusal}


def test_a_refusal_that_depends_on_the_model_is_of_that_model() -> None:
    """Once another has an answer, also for keys that the same model was asked with."""
    known = health(keys=2)
    one, other = known.credentials
    for credential in known.credentials:
        known.failed("odd", credential, REFUSED, 0.0)
    assert known.free("well", None, (), 1.0) is None
    known.succeeded("well", one)
    assert (refusals(one), refusals(other)) == ({"odd": 1}, {"odd": 1})
    assert known.free("well", 7, (), 1.0) is not None
    assert known.free("odd", None, (), 1.0) is None
    # Asked again after its time it is refused for that one, and longer, without a word on the others.
    known.failed("odd", one, REFUSED, 4000.0)
    assert refusals(one) == {"odd": 2}
    known.succeeded("odd", one)
    assert refusals(one) == {}


def test_a_refusal_for_another_reason_stays() -> None:
    """A key that is refused for something else than the model that was odd, is."""
    known = health(keys=2)
    one, other = known.credentials
    known.failed("odd", one, REFUSED, 0.0)
    known.failed("well", other, REFUSED, 0.0)
    known.succeeded("well", one)
    assert (refusals(one), refusals(other)) == ({"odd": 1}, {None: 1})


def test_a_key_that_is_accepted_again_is_free_for_all(caplog: pytest.LogCaptureFixture) -> None:
    known = health()
    (one,) = known.credentials
    known.failed("m", one, REFUSED, 0.0)
    known.failed("m", one, REFUSED, 1.0)
    assert refusals(one) == {None: 2}
    known.succeeded("m", one)
    assert refusals(one) == {}
    assert "accepted again" in caplog.messages[-1]


def test_it_is_said_for_which_model_a_key_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    known = health(keys=2)
    for credential in known.credentials:
        known.failed("odd", credential, REFUSED, 0.0)
    known.succeeded("well", known.credentials[1])
    assert caplog.messages[-1] == "provider p: it is only for odd that the credential 1, 0 is refused"


def test_a_provider_that_cannot_be_reached_is_of_no_use_until_a_trial_is_due() -> None:
    known = health()
    (one,) = known.credentials
    for _ in range(3):
        assert known.obstacle(0.0) is None
        known.failed("m", one, UNREACHED, 0.0)
    assert known.obstacle(1.0) == "cannot be reached"
    assert not reached(known)
    # Whoever waits for it to be ready may send a request now: only that can tell.
    assert known.obstacle(8.0) is None
    assert not reached(known)
    assert known.circuits.admits("m", 8.0)
    known.failed("m", one, UNREACHED, 8.0)
    assert known.obstacle(9.0) == "cannot be reached"
    known.succeeded("other", one)
    assert known.obstacle(9.0) is None
    assert reached(known)


@pytest.mark.parametrize("fault", [BROKEN, FORBIDDEN], ids=["500", "403"])
def test_whoever_answers_can_be_reached(fault: Fault) -> None:
    known = health(failures=1)
    known.failed("m", known.credentials[0], UNREACHED, 0.0)
    known.failed("other", known.credentials[0], fault, 0.0)
    assert reached(known)
    assert known.obstacle(0.0) is None


def test_what_is_late_has_been_reached() -> None:
    known = health(failures=1)
    known.failed("m", known.credentials[0], LATE, 0.0)
    assert reached(known)


def test_refused_keys_are_of_no_use_until_they_may_have_been_renewed() -> None:
    known = health(keys=2)
    known.failed("m", known.credentials[0], REFUSED, 0.0)
    assert known.obstacle(1.0) is None
    known.failed("m", known.credentials[1], REFUSED, 1.0)
    assert known.obstacle(2.0) == "refuses every credential"
    assert known.obstacle(RENEWABLE + 1) is None
    known.succeeded("well", known.credentials[1])
    assert known.obstacle(2.0) is None


def test_keys_refused_for_a_model_leave_the_others_of_use() -> None:
    known = health()
    known.failed("m", known.credentials[0], FORBIDDEN, 0.0)
    assert known.obstacle(1.0) is None


def test_an_open_circuit_whose_time_is_over_waits_for_its_trial() -> None:
    circuits = Circuits(1, PAUSE)
    seconds = circuits.failed("m", 0.0)
    assert seconds is not None
    assert [state for _, state, _ in circuits.states(seconds - 1)] == [State.OPEN]
    assert [state for _, state, _ in circuits.states(seconds)] == [State.HALF_OPEN]
    # To look at it is not the trial.
    assert circuits.admits("m", seconds)
    assert not circuits.admits("m", seconds)


@pytest.mark.parametrize(("wait", "kept"), [(None, OPEN_KEPT), (100.0, TIMES_KEPT * 100.0)])
def test_what_nobody_asks_again_is_forgotten(wait: float | None, kept: float) -> None:
    circuits = Circuits(1, PAUSE)
    seconds = circuits.failed("m", 0.0, wait, is_unreached=True)
    assert seconds is not None
    assert [*circuits.states(seconds + kept - 1)] != []
    assert [*circuits.states(seconds + kept)] == []
    assert circuits.is_reachable
    assert not circuits.known


def test_what_has_failed_once_is_forgotten_though_nobody_looks() -> None:
    """Whoever asks another model meets it."""
    circuits = Circuits(3, PAUSE)
    circuits.failed("m", 0.0)
    assert circuits.admits("other", FAILURE_KEPT - FORGET_EVERY)
    assert circuits.known
    assert circuits.admits("other", FAILURE_KEPT)
    assert not circuits.known
