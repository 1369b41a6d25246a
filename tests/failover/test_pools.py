"""Which credential is asked, which rests and for how long, as the upstreams see it."""

import asyncio
import logging
import os
from collections import Counter
from email.utils import formatdate
from time import time

import pytest

from aiclient.dialect import Dialect
from tests.application import call
from tests.backends.exchange import Json
from tests.failover.faults import chat_fault, faults, well
from tests.failover.gateway import ask, gateway, provider, repeating
from tests.scripted_server import Script, ScriptedServer, answer

WELL = well("openai_chat", stream=False)
JSON = "content-type: application/json"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def keys(server: ScriptedServer) -> list[str]:
    """The keys that requests came with, in order."""
    return [value.removeprefix("Bearer ") for arrival in server.arrivals for value in arrival.header("authorization")]


def limited(*headers: str, body: bytes = b'{"error":{"message":"slow down"}}') -> Script:
    return [answer(body, JSON, *headers, status="429 Too Many Requests")]


async def test_keys_share_the_load_by_weight() -> None:
    async with repeating([0.05, *WELL]) as server:
        up = provider("openai_chat", server, "a", {"key": "b", "weight": 3})
        async with gateway({"up": up}, default_provider="up") as app:
            await asyncio.gather(*(ask(app, "openai_chat") for _ in range(40)))
    assert 8 <= Counter(keys(server))["a"] <= 12


async def test_no_request_goes_to_a_resting_key_while_another_is_free() -> None:
    """And a key rests for one model only."""
    script: Script = WELL
    async with repeating(lambda: script) as server:
        up = provider("openai_chat", server, "a", "b")
        async with gateway({"up": up}, default_provider="up") as app:
            script = limited("retry-after: 30")
            await ask(app, "openai_chat", "small")
            script = WELL
            # Both rest for the small model: whichever was asked first, and then the other.
            assert sorted(keys(server)) == ["a", "b"]
            refused = await ask(app, "openai_chat", "small")
            assert (refused.status, len(server.arrivals)) == (429, 2)
            assert 25 <= int(refused.headers["retry-after"]) <= 30
            assert [(await ask(app, "openai_chat", "large")).status for _ in range(4)] == [200] * 4
    assert Counter(keys(server)) == {"a": 3, "b": 3}


async def test_one_limited_key_leaves_the_others_to_work() -> None:
    async with repeating(lambda: limited("retry-after: 30") if keys(server)[-1] == "a" else WELL) as server:
        up = provider("openai_chat", server, "a", "b", "c")
        async with gateway({"up": up}, default_provider="up") as app:
            replies = [await ask(app, "anthropic") for _ in range(30)]
    assert {reply.status for reply in replies} == {200}
    assert Counter(keys(server))["a"] == 1


@pytest.mark.parametrize(
    ("upstream", "script", "seconds"),
    [
        ("openai_chat", limited("retry-after: 7"), 7),
        ("openai_chat", limited("retry-after-ms: 6500"), 7),
        ("openai_chat", limited(f"retry-after: {formatdate(time() + 3000, usegmt=True)}"), 3000),
        ("openai_chat", limited("x-ratelimit-remaining-requests: 0", "x-ratelimit-reset-requests: 1m30s"), 90),
        (
            "openai_chat",
            limited("x-ratelimit-remaining-tokens: 5", "x-ratelimit-reset-tokens: 9h", "retry-after: 3"),
            3,
        ),
        ("gemini", faults("gemini", stream=False)["429 with RetryInfo"], 32),
    ],
)
async def test_a_rest_is_as_long_as_the_upstream_says(upstream: Dialect, script: Script, seconds: int) -> None:
    async with repeating(script) as server, gateway({"up": provider(upstream, server)}, default_provider="up") as app:
        first = await ask(app, "openai_chat")
        again = await ask(app, "openai_chat")
    assert (first.status, again.status, len(server.arrivals)) == (429, 429, 1)
    # The case of a date was made when the tests were collected.
    assert seconds - 300 * (seconds > 1000) <= int(again.headers["retry-after"]) <= seconds
    assert again.json()["error"]["type"] == "rate_limit_error"


async def test_a_rest_by_guess_refuses_nobody_who_has_nowhere_else_to_go() -> None:
    async with repeating(limited()) as server:
        up = provider("openai_chat", server, retries=0)
        async with gateway({"up": up}, default_provider="up") as app:
            assert [(await ask(app, "openai_chat")).status for _ in range(3)] == [429] * 3
    assert len(server.arrivals) == 3


async def test_an_open_circuit_refuses_nobody_who_has_nowhere_else_to_go() -> None:
    async with repeating(chat_fault("500")) as server:
        up = provider("openai_chat", server, retries=0)
        async with gateway({"up": up}, default_provider="up") as app:
            assert [(await ask(app, "openai_chat")).status for _ in range(6)] == [500] * 6
    assert len(server.arrivals) == 6


async def test_a_target_that_recovers_is_found_by_a_trial() -> None:
    script: Script = chat_fault("500")
    health: Json = {"failures": 2, "pause": 0.2, "max_pause": 0.2}
    async with repeating(lambda: script) as ill, repeating(WELL) as good:
        providers = {"ill": provider("openai_chat", ill, health=health), "well": provider("openai_chat", good)}
        async with gateway(providers, models={"m": {"targets": ["ill/m", "well/m"]}}) as app:
            for _ in range(5):
                assert (await ask(app, "openai_chat")).headers["x-aiclient-provider"] == "well"
            assert len(ill.arrivals) == 2
            script = WELL
            await asyncio.sleep(0.25)
            assert (await ask(app, "openai_chat")).headers["x-aiclient-provider"] == "ill"
            assert (await ask(app, "openai_chat")).headers["x-aiclient-provider"] == "ill"


@pytest.mark.parametrize("status", ["401", "402", "403"])
async def test_a_refused_key_is_out_of_use_with_an_alarm(status: str, caplog: pytest.LogCaptureFixture) -> None:
    refusal = [answer(b'{"error":{"message":"your key sk-b is bad"}}', JSON, status=f"{status} No")]
    async with repeating(lambda: refusal if keys(server)[-1] == "sk-b" else WELL) as server:
        up = provider("openai_chat", server, "sk-a", {"key": "sk-b", "name": "spare"})
        async with gateway({"up": up}, default_provider="up") as app:
            replies = [await ask(app, "openai_chat") for _ in range(10)]
    assert {reply.status for reply in replies} == {200}
    assert Counter(keys(server))["sk-b"] == 1
    (alarm,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "provider up refuses the credential spare" in alarm.message
    assert not [record for record in caplog.records if "sk-" in record.message]


async def test_an_only_key_that_is_refused_is_still_asked() -> None:
    """It may have been renewed at the vendor's."""
    async with (
        repeating(chat_fault("401")) as server,
        gateway({"up": provider("openai_chat", server)}, default_provider="up") as app,
    ):
        assert [(await ask(app, "openai_chat")).status for _ in range(3)] == [502] * 3
    assert len(server.arrivals) == 3


async def test_a_refusal_that_depends_on_the_model_is_not_asked_for_again() -> None:
    """Though its key serves another model, which is a success of the key."""

    def script() -> Script:
        return chat_fault("401") if b'"odd"' in server.arrivals[-1].body else WELL

    async with repeating(script) as server:
        up = provider("openai_chat", server)
        async with gateway({"up": up}, models={"m": {"targets": ["up/odd", "up/well"]}}) as app:
            replies = [await ask(app, "openai_chat") for _ in range(20)]
            (key,) = app.standing()["providers"]["up"]["credentials"]
    assert {reply.status for reply in replies} == {200}
    assert sum(b'"odd"' in arrival.body for arrival in server.arrivals) == 1
    assert [(pause["model"], pause["reason"]) for pause in key["pauses"]] == [("odd", "refused")]


async def test_it_is_not_ready_while_its_only_provider_cannot_be_reached() -> None:
    """And ready when a trial is due, since nothing but a request can tell."""
    health: Json = {"failures": 2, "pause": 0.4, "max_pause": 0.4}
    async with repeating(None) as server:
        up = provider("openai_chat", server, health=health, retries=0)
        async with gateway({"up": up}, default_provider="up") as app:
            assert (await call(app, "GET", "/readyz")).status == 200
            for _ in range(2):
                assert (await ask(app, "openai_chat")).status == 502
            unready = await call(app, "GET", "/readyz")
            assert (unready.status, unready.json()["problems"]) == (503, ["the provider up cannot be reached"])
            await asyncio.sleep(0.45)
            assert (await call(app, "GET", "/readyz")).status == 200
            assert app.snapshot().gauges["aiclient_provider_up"] == {("up",): 0}


async def test_it_is_not_ready_while_every_key_is_refused() -> None:
    script = chat_fault("401")
    async with repeating(lambda: script) as server:
        up = provider("openai_chat", server, "a", "b", retries=0)
        async with gateway({"up": up}, default_provider="up") as app:
            assert (await ask(app, "openai_chat")).status == 502
            assert (await call(app, "GET", "/readyz")).json()["problems"] == [
                "the provider up refuses every credential"
            ]
            script = WELL
            assert (await ask(app, "openai_chat")).status == 200
            assert (await call(app, "GET", "/readyz")).status == 200


async def test_a_probe_ends_what_is_over_and_sees_what_is_down() -> None:
    script: Script = chat_fault("500")
    health: Json = {"failures": 1, "pause": 3600, "max_pause": 3600, "probe_every": 0.05}
    async with repeating(lambda: script) as ill, repeating(WELL) as good:
        providers = {"ill": provider("openai_chat", ill, health=health), "well": provider("openai_chat", good)}
        async with gateway(providers, models={"m": {"targets": ["ill/m", "well/m"]}}) as app:
            await asyncio.sleep(0.15)
            assert ill.arrivals[0].line.startswith("GET /v1/models ")
            await ask(app, "openai_chat")
            # It was down before anybody asked.
            assert {arrival.line.partition(" ")[0] for arrival in ill.arrivals} == {"GET"}
            script = WELL
            await asyncio.sleep(0.15)
            assert (await ask(app, "openai_chat")).headers["x-aiclient-provider"] == "ill"
