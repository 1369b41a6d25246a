"""Conversations stay where their prompts are cached."""

import json
import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from aiclient import read_head
from aiclient.dialect import Dialect
from aiclient.pools import Credential, Health
from aiclient.routing import Target, ordered, session_of
from aiclient.routing.order import nearest
from tests.backends.exchange import Json

LONG = "You are a careful engineer. " * 200


def conversation(number: int, turns: int, dialect: Dialect = "openai_chat") -> Json:
    """A conversation after so many turns."""
    said = [f"Task {number}: begin.", *(f"Answer and question {turn}" for turn in range(2 * turns))]
    roles = ("user", "model" if dialect == "gemini" else "assistant")
    if dialect == "gemini":
        contents = [{"role": roles[turn % 2], "parts": [{"text": text}]} for turn, text in enumerate(said)]
        return {"contents": contents, "systemInstruction": {"parts": [{"text": LONG}]}}
    messages: list[Json] = [{"role": roles[turn % 2], "content": text} for turn, text in enumerate(said)]
    match dialect:
        case "openai_chat":
            return {"model": "m", "messages": [{"role": "system", "content": LONG}, *messages]}
        case "openai_responses":
            return {"model": "m", "input": messages, "instructions": LONG}
        case _:
            # The marker of what is to be cached moves from turn to turn.
            text = {"type": "text", "text": messages[-1]["content"], "cache_control": {"type": "ephemeral"}}
            messages[-1] = {"role": "user", "content": [text]}
            return {"model": "m", "max_tokens": 9, "system": LONG, "messages": messages}


def fingerprint(dialect: Dialect, body: Json) -> int | None:
    return read_head(dialect, json.dumps(body).encode(), conversation=True).conversation


@pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses", "anthropic", "gemini"])
def test_every_turn_of_a_conversation_has_its_number(dialect: Dialect) -> None:
    numbers = {
        number: {fingerprint(dialect, conversation(number, turns, dialect)) for turns in range(4)}
        for number in range(20)
    }
    assert all(len(found) == 1 and None not in found for found in numbers.values())
    assert len(set.union(*numbers.values())) == 20


def test_what_is_too_short_to_be_cached_has_none() -> None:
    """So that weights hold for it, too."""
    body: Json = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert fingerprint("openai_chat", body) is None
    assert fingerprint("openai_chat", body | {"prompt_cache_key": "k"}) is not None


@pytest.mark.parametrize(
    "name",
    [b"x-claude-code-session-id", b"session-id", b"session_id", b"x-session-id", b"x-session-affinity", b"thread-id"],
)
def test_agent_programs_name_their_sessions(name: bytes) -> None:
    assert session_of({name: b"one"}) == session_of({name: b"one", b"x-request-id": b"2"})
    assert session_of({name: b"one"}) != session_of({name: b"two"})
    assert session_of({name: b""}) is None


def hit_rate(health: Health, *, sticky: bool, chance: random.Random) -> float:
    """How often a turn meets a credential that has seen the turn before, of 50 conversations of 20 turns each."""
    seen: dict[int, Credential] = {}
    hits = turns = 0
    for _ in range(1000):
        number = chance.randrange(50)
        known = fingerprint("openai_chat", conversation(number, 1)) if sticky else None
        credential = health.free("m", known, (), 0.0)
        assert credential is not None
        if number in seen:
            turns += 1
            hits += seen[number] is credential
        seen[number] = credential
    return hits / turns


def test_prompts_are_found_in_the_cache() -> None:
    """With four credentials every turn meets its cache; by load alone one of four does."""
    chance = random.Random(6)  # noqa: S311  # no secret
    keys = [Credential(str(place), f"key-{place}") for place in range(4)]
    assert hit_rate(Health("p", keys), sticky=True, chance=chance) == 1
    assert 0.15 < hit_rate(Health("p", keys), sticky=False, chance=chance) < 0.35


def test_conversations_are_spread_by_weight() -> None:
    things = [Target("a", "m", weight=3), Target("b", "m", weight=1), Target("c", "m", weight=1)]
    first = Counter(nearest(things, number * 2**40).provider for number in range(5000))
    assert first["a"] == pytest.approx(3000, rel=0.05)
    assert first["b"] == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("weights", [(1, 1, 1), (3, 1, 2)], ids=str)
@pytest.mark.parametrize("numbers", ["sessions", "in a row", "by chance"])
def test_whatever_the_names_the_load_is_as_the_weights_are(numbers: str, weights: tuple[float, ...]) -> None:
    """Of a hundred groups of targets none is off by more than chance would have it."""
    chance = random.Random(6)  # noqa: S311  # no secret
    conversations = [conversation_number(numbers, place, chance) for place in range(1, 1201)]
    worst = 0.0
    for group in range(100):
        things = [Target(f"{name}-{group}", "m", weight) for name, weight in zip("abc", weights, strict=True)]
        found = Counter(nearest(things, number).provider for number in conversations)
        wanted = [1200 * thing.weight / sum(weights) for thing in things]
        worst = max(
            worst, sum((found[one.provider] - share) ** 2 / share for one, share in zip(things, wanted, strict=True))
        )
    # Chi squared with two degrees of freedom is beyond 25 once in 270,000 groups.
    assert worst < 25


def conversation_number(numbers: str, place: int, chance: random.Random) -> int:
    """A number as conversations have them: of a session's name, of a test, or of a prompt."""
    if numbers == "sessions":
        return session_of({b"session-id": b"session-%d" % place}) or 1
    return place if numbers == "in a row" else chance.getrandbits(64)


def test_every_process_finds_the_same_place() -> None:
    """Whatever the seed of its hashes."""
    program = (
        "from aiclient.routing import Target, ordered\n"
        "things = [Target(name, 'm', weight) for name, weight in zip('abc', (1, 1, 2))]\n"
        "print([[one.provider for one in ordered(things[:n], c)] for n in (2, 3) for c in (1, 2**40, 2**64 - 1)])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@pytest.mark.parametrize("weights", [(1, 1, 1, 1), (3, 1, 2, 1), (3, 1, 1, 1)], ids=str)
def test_when_one_is_away_only_its_own_conversations_move(weights: tuple[float, ...]) -> None:
    things = [Target(name, "m", weight) for name, weight in zip("abcd", weights, strict=True)]
    for number in range(200):
        order = [target.provider for target in ordered(things, number)]
        without = [target.provider for target in ordered(things[1:], number)]
        assert without == [name for name in order if name != "a"]
        assert nearest(things, number).provider == order[0]


def test_without_a_conversation_the_weights_decide() -> None:
    random.seed(6)
    things = [Target("a", "m", weight=3), Target("b", "m", weight=1)]
    assert Counter(next(iter(ordered(things, None))).provider for _ in range(4000))["a"] == pytest.approx(
        3000, rel=0.05
    )


def test_a_credential_that_is_far_ahead_lets_a_conversation_go() -> None:
    keys = [Credential(str(place), f"key-{place}") for place in range(2)]
    health = Health("p", keys)
    own = health.free("m", 1, (), 0.0)
    assert own is not None
    own.in_flight = 16
    assert health.free("m", 1, (), 0.0) is own
    own.in_flight = 17
    assert health.free("m", 1, (), 0.0) is not own
