"""Embeddings and counts of tokens go where answers go: by weight, past what rests, and on to the next that is well."""

import asyncio
import json
import os
from collections import Counter

import pytest

from aiclient.app import Gateway
from tests.application import Reply, call
from tests.backends.exchange import Json, JsonValue
from tests.failover.faults import chat_fault, faults
from tests.failover.gateway import ask, gateway, provider, repeating
from tests.scripted_server import Script, ScriptedServer, answer

JSON = "content-type: application/json"
EMBEDDED = [answer(b'{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"e"}', JSON)]
GEMINI_EMBEDDED = [answer(b'{"embeddings":[{"values":[0.25]}]}', JSON)]
COUNTED = [answer(b'{"input_tokens":14}', JSON)]
LIMITED = [answer(b'{"error":{"message":"slow down"}}', JSON, "retry-after: 30", status="429 Too Many Requests")]
KINDS = ["embeddings", "count_tokens"]
WELL: dict[str, Script] = {"embeddings": EMBEDDED, "count_tokens": COUNTED}
# What goes wrong in every dialect alike, but for what says that there is no such endpoint.
FAULTS = ["refused", "closed", "silent", "no HTTP", "HTML 502", "a redirect", "401", "403", "429", "500", "529", "400"]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def up(kind: str, server: ScriptedServer, *keys: JsonValue, **more: JsonValue) -> Json:
    """A provider that has such an endpoint."""
    return provider("openai_chat" if kind == "embeddings" else "anthropic", server, *keys, **more)


async def put(app: Gateway, kind: str, *headers: tuple[str, str], text: str = "hi", model: str = "m") -> Reply:
    """A question of such a kind."""
    said: Json = {"input": text} if kind == "embeddings" else {"messages": [{"role": "user", "content": text}]}
    path = "/v1/embeddings" if kind == "embeddings" else "/v1/messages/count_tokens"
    return await call(app, "POST", path, json.dumps({"model": model} | said).encode(), headers)


def keys(server: ScriptedServer) -> list[str]:
    """The keys that requests came with, in order."""
    names = ("authorization", "x-api-key")
    return [value.removeprefix("Bearer ") for one in server.arrivals for name in names for value in one.header(name)]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_what_fails_is_asked_of_the_next_and_a_few_times_only(kind: str, fault: str) -> None:
    script = faults("openai_chat", stream=False)[fault]
    async with repeating(script) as ill, repeating(WELL[kind]) as good:
        providers = {"ill": up(kind, ill), "well": up(kind, good)}
        async with gateway(providers, models={"m": {"targets": ["ill/m", "well/m"]}}) as app:
            replies = [await put(app, kind) for _ in range(10)]
            attempts = app.snapshot().counters["aiclient_attempts_total"]
    assert [(reply.status, reply.headers["x-aiclient-provider"]) for reply in replies] == [(200, "well")] * 10
    assert "x-aiclient-estimated" not in replies[0].headers
    assert len(good.arrivals) == 10
    assert len(ill.arrivals) <= 3
    # Each of them is an attempt in log and metrics.
    asked = {labels[0]: sum(n for other, n in attempts.items() if other[0] == labels[0]) for labels in attempts}
    assert asked["well"] == 10
    assert 1 <= asked["ill"] <= 3


async def test_targets_may_speak_another_dialect() -> None:
    async with repeating(chat_fault("500")) as ill, repeating(GEMINI_EMBEDDED) as good:
        providers = {"ill": provider("openai_chat", ill), "well": provider("gemini", good)}
        async with gateway(providers, models={"m": {"targets": ["ill/m", "well/m"]}}) as app:
            reply = await put(app, "embeddings")
    assert reply.json()["data"][0]["embedding"] == [0.25]


async def test_a_target_without_embeddings_is_passed_over() -> None:
    async with repeating(COUNTED) as none, repeating(EMBEDDED) as good:
        providers = {"none": provider("anthropic", none), "well": provider("openai_chat", good)}
        async with gateway(providers, models={"m": {"targets": ["none/m", "well/m"]}}) as app:
            assert (await put(app, "embeddings")).headers["x-aiclient-provider"] == "well"
    assert none.arrivals == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_failure_of_all_is_told_by_what_gives_most_hope(kind: str) -> None:
    async with repeating(chat_fault("400")) as never, repeating(chat_fault("503")) as later:
        providers = {"never": up(kind, never), "later": up(kind, later)}
        async with gateway(providers, models={"m": {"targets": ["later/m", "never/m"]}}) as app:
            reply = await put(app, kind)
    assert reply.headers["x-aiclient-provider"] == "later"
    assert reply.headers["x-aiclient-upstream-status"] == "503"
    assert reply.status in {503, 529}


@pytest.mark.parametrize("kind", KINDS)
async def test_no_question_goes_to_a_resting_key_while_another_is_free(kind: str) -> None:
    async with (
        repeating(lambda: LIMITED if keys(server)[-1] == "a" else WELL[kind]) as server,
        gateway({"up": up(kind, server, "a", "b")}, default_provider="up") as app,
    ):
        replies = [await put(app, kind) for _ in range(10)]
    assert {reply.status for reply in replies} == {200}
    assert Counter(keys(server))["a"] == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wait_that_the_upstream_asked_for_is_answered_at_once(kind: str) -> None:
    async with repeating(LIMITED) as server, gateway({"up": up(kind, server)}, default_provider="up") as app:
        replies = [await put(app, kind) for _ in range(2)]
    assert [reply.status for reply in replies] == [429, 429]
    assert len(server.arrivals) == 1
    assert 25 <= int(replies[1].headers["retry-after"]) <= 30


@pytest.mark.parametrize("kind", KINDS)
async def test_targets_and_keys_share_the_load(kind: str) -> None:
    async with repeating([0.02, *WELL[kind]]) as one, repeating([0.02, *WELL[kind]]) as other:
        providers = {"one": up(kind, one, "a", "b"), "other": up(kind, other)}
        targets: list[JsonValue] = [{"target": "one/m", "weight": 1}, {"target": "other/m", "weight": 1}]
        async with gateway(providers, models={"m": {"targets": targets}}) as app:
            await asyncio.gather(*(put(app, kind) for _ in range(60)))
    assert 15 <= len(one.arrivals) <= 45
    found = Counter(keys(one))
    assert abs(found["a"] - found["b"]) <= 2


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_is_known_to_be_busy(kind: str) -> None:
    async with repeating([0.2, *WELL[kind]]) as server, gateway({"up": up(kind, server)}, default_provider="up") as app:
        asked = [asyncio.create_task(put(app, kind)) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert busy(app) == 3
        await asyncio.gather(*asked)
        assert busy(app) == 0


def busy(app: Gateway) -> int:
    """Requests that the first key of the provider has under way."""
    return app.standing()["providers"]["up"]["credentials"][0]["in_flight"]


async def test_a_count_goes_where_its_conversation_goes() -> None:
    """The tokens are those of the model that answers."""
    async with repeating(COUNTED) as one, repeating(COUNTED) as other:
        providers = {"one": provider("anthropic", one), "other": provider("anthropic", other)}
        targets: list[JsonValue] = [{"target": "one/m", "weight": 1}, {"target": "other/m", "weight": 1}]
        async with gateway(providers, models={"m": {"targets": targets}}) as app:
            for number in range(8):
                text = f"{number} " + "You are a careful engineer. " * 200
                counted = [(await put(app, "count_tokens", text=text)).headers["x-aiclient-provider"] for _ in range(3)]
                messages: list[JsonValue] = [{"role": "user", "content": text}]
                answered = await ask(app, "anthropic", messages=messages)
                assert set(counted) == {answered.headers["x-aiclient-provider"]}
            named = {(await put(app, "count_tokens", ("session_id", "s"))).headers["x-aiclient-provider"] for _ in "ab"}
    assert len(named) == 1
    assert one.arrivals
    assert other.arrivals


async def test_counting_says_nothing_of_answering() -> None:
    """Vendors limit it by itself; a model may count that does not answer."""
    script: Script = LIMITED
    async with repeating(lambda: script) as server:
        up = provider("anthropic", server, health={"failures": 2}, retries=0)
        async with gateway({"up": up}, default_provider="up") as app:
            assert (await put(app, "count_tokens")).status == 429
            script = chat_fault("500")
            assert (await ask(app, "anthropic")).status == 500
            circuits = app.standing()["providers"]["up"]["circuits"]
            script = COUNTED
            assert (await put(app, "count_tokens", model="n")).status == 200
            assert app.standing()["providers"]["up"]["circuits"] == circuits
            (key,) = app.standing()["providers"]["up"]["credentials"]
    assert [pause["model"] for pause in key["pauses"]] == ["m (count_tokens)"]


async def test_what_a_target_lays_over_embeddings() -> None:
    target: Json = {
        "target": "up/their-name",
        "defaults": {"user": "gateway"},
        "body": {"dimensions": 256, "input_type": "query"},
        "headers": {"X-Queue": "low"},
    }
    async with (
        repeating(EMBEDDED) as server,
        gateway({"up": provider("openai_chat", server)}, models={"m": {"targets": [target]}}) as app,
    ):
        assert (await put(app, "embeddings")).status == 200
    (arrival,) = server.arrivals
    wanted = {"model": "their-name", "input": "hi", "user": "gateway", "dimensions": 256, "input_type": "query"}
    assert json.loads(arrival.body) == wanted
    assert arrival.header("x-queue") == ["low"]


async def test_a_target_lays_headers_over_counts_and_nothing_else() -> None:
    """Vendors refuse in a count what is no part of a prompt."""
    target: Json = {"target": "up/m", "body": {"temperature": 1}, "headers": {"X-Queue": "low"}}
    async with (
        repeating(COUNTED) as server,
        gateway({"up": provider("anthropic", server)}, models={"m": {"targets": [target]}}) as app,
    ):
        assert (await put(app, "count_tokens")).status == 200
    (arrival,) = server.arrivals
    assert "temperature" not in json.loads(arrival.body)
    assert arrival.header("x-queue") == ["low"]


async def test_what_cannot_count_is_estimated_and_no_failure() -> None:
    async with repeating(chat_fault("404")) as server:
        up = provider("openai_responses", server, health={"failures": 1})
        async with gateway({"up": up}, default_provider="up") as app:
            replies = [await put(app, "count_tokens") for _ in range(3)]
            assert app.standing()["providers"]["up"]["circuits"] == []
    assert [reply.headers["x-aiclient-estimated"] for reply in replies] == ["true"] * 3
    assert len(server.arrivals) == 3


async def test_one_deadline_is_for_all() -> None:
    async with repeating([9.0]) as first, repeating([9.0]) as second:
        providers = {"first": provider("openai_chat", first), "second": provider("openai_chat", second)}
        model: Json = {"targets": ["first/m", "second/m"], "deadline": 0.2}
        async with gateway(providers, models={"m": model}) as app:
            assert (await put(app, "embeddings")).status == 504
    assert second.arrivals == []


async def test_who_answers_for_one_is_of_use_for_all() -> None:
    """A key that embeds is accepted; a chat model may refuse it all the same."""
    async with (
        repeating(lambda: EMBEDDED if b"/embeddings" in server.arrivals[-1].line.encode() else REFUSAL) as server,
        gateway({"up": provider("openai_chat", server, retries=0)}, default_provider="up") as app,
    ):
        assert (await ask(app, "openai_chat", "odd")).status == 502
        assert (await put(app, "embeddings", model="e")).status == 200
        (key,) = app.standing()["providers"]["up"]["credentials"]
    assert [(pause["model"], pause["reason"]) for pause in key["pauses"]] == [("odd", "refused")]


REFUSAL = chat_fault("401")
