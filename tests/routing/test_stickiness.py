"""How much of what is asked the vendors' prompt caches have seen before: sticky routing beside chance and load.

Simulated conversations go through a running gateway to upstreams that keep their caches as vendors do: apart for each
key, by the beginning of the prompt.
"""

import asyncio
import contextlib
import json
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

import pytest

from aiclient.app import Gateway
from tests.backends.exchange import Json, JsonValue
from tests.failover.faults import JSON, well
from tests.failover.gateway import ask, gateway, provider, repeating
from tests.scripted_server import Arrival, Script, ScriptedServer, answer

PROVIDERS, KEYS = 3, 3
PLACES = PROVIDERS * KEYS
CONVERSATIONS, TURNS = 40, 10
# Conversations that go on at a time; of each, one turn after the other.
AT_ONCE = 24
LIMITED = ["Bearer key-0"]
WELL = [0.01, *well("openai_chat", stream=False)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@dataclass(frozen=True)
class Found:
    """What the caches had."""

    turns: float
    """The share of turns, but for first ones, whose prompt was known up to the turn before."""
    text: float
    """The share of all characters that were asked."""


def prompt(number: int, turn: int) -> list[JsonValue]:
    """A conversation's messages at one of its turns; a task of its own, and an answer for each turn."""
    begins = f"Conversation {number}. " + "You are a careful engineer. " * 200
    said: list[JsonValue] = [{"role": "system", "content": begins}, {"role": "user", "content": f"Task {number}"}]
    for before in range(turn):
        said.append({"role": "assistant", "content": f"Answer {before} of {number}. " + "So it is. " * 60})
        said.append({"role": "user", "content": f"And what of part {before}?"})
    return said


def found(servers: Iterable[ScriptedServer], but: Sequence[Arrival] = ()) -> Found:
    """What caches that keep everything had of the requests that arrived; `but` were not answered."""
    known: set[tuple[int, str, str]] = set()
    hits = turns = cached = asked = 0
    for server in servers:
        for arrival in server.arrivals:
            if arrival in but:
                continue
            (key,) = arrival.header("authorization")
            messages = [json.dumps(message) for message in json.loads(arrival.body)["messages"]]
            beginnings = ["".join(messages[:count]) for count in range(1, len(messages) + 1)]
            seen = [text for text in beginnings if (server.port, key, text) in known]
            cached += max(map(len, seen), default=0)
            asked += len(beginnings[-1])
            if len(messages) > 2:
                turns += 1
                hits += len(seen) == len(messages) - 2
            known.update((server.port, key, text) for text in beginnings)
    return Found(hits / turns, cached / asked)


@contextlib.asynccontextmanager
async def serving(
    scripts: Iterable[Script | Callable[[], Script]], *, sticky: bool
) -> AsyncIterator[tuple[Gateway, list[ScriptedServer]]]:
    """A gateway with one model at several providers, which share its load, each with several keys."""
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(repeating(script)) for script in scripts]
        keys: list[JsonValue] = [f"key-{place}" for place in range(KEYS)]
        providers = {f"p{place}": provider("openai_chat", server, *keys) for place, server in enumerate(servers)}
        targets: list[JsonValue] = [{"target": f"{name}/m", "weight": 1} for name in providers]
        model: Json = {"targets": targets, "sticky": sticky}
        yield await stack.enter_async_context(gateway(providers, models={"m": model})), servers


async def talk(app: Gateway, *, named_by: str) -> None:
    """All conversations, many at a time."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        headers = [("session_id", f"session-{number}")] if named_by == "session header" else []
        more: Json = {"prompt_cache_key": f"conversation-{number}"} if named_by == "prompt_cache_key" else {}
        async with limit:
            for turn in range(TURNS):
                reply = await ask(app, "openai_chat", "m", *headers, messages=prompt(number, turn), **more)
                assert reply.status == 200

    await asyncio.gather(*map(one, range(CONVERSATIONS)))


async def rates(*, sticky: bool, named_by: str = "prompt") -> Found:
    """What the caches have of all conversations."""
    random.seed(6)
    async with serving([WELL] * PROVIDERS, sticky=sticky) as (app, servers):
        await talk(app, named_by=named_by)
        assert sum(len(server.arrivals) for server in servers) == CONVERSATIONS * TURNS
        return found(servers)


@pytest.mark.parametrize("named_by", ["prompt", "prompt_cache_key", "session header"])
async def test_a_conversation_finds_its_prompt_in_the_cache(named_by: str) -> None:
    """Every turn does; by chance and load, about one of as many as there are places. Figures of docs/routing.md."""
    kept, by_chance = await rates(sticky=True, named_by=named_by), await rates(sticky=False, named_by=named_by)
    assert kept.turns == 1
    assert kept.text == pytest.approx(0.86, abs=0.02)
    assert by_chance.turns == pytest.approx(1 / PLACES, abs=0.08)
    assert by_chance.text == pytest.approx(0.35, abs=0.05)


async def test_a_key_that_rests_takes_only_its_own_conversations_from_their_caches() -> None:
    """One of nine is limited halfway through: its conversations move once, and stay where they moved to."""
    limited = [answer(b'{"error":{"message":"slow down"}}', JSON, "retry-after: 60", status="429 Too Many Requests")]
    refused: list[Arrival] = []

    def script() -> Script:
        arrivals = servers[0].arrivals
        if len(arrivals) < CONVERSATIONS * TURNS / PROVIDERS / 2 or arrivals[-1].header("authorization") != LIMITED:
            return WELL
        refused.append(arrivals[-1])
        return limited

    async with serving([script, WELL, WELL], sticky=True) as (app, servers):
        await talk(app, named_by="prompt")
        found_again = found(servers, but=refused)
    assert 1 <= len(refused) <= AT_ONCE
    assert 1 - 2 / PLACES < found_again.turns < 1
