"""What a target lays over the requests that go to it."""

import json
import os

import pytest

from aiclient.dialect import Dialect
from tests.backends.exchange import Json
from tests.failover.faults import DIALECTS, well
from tests.failover.gateway import ask, gateway, provider, repeating


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("client", DIALECTS)
async def test_a_target_has_its_own_model_defaults_members_and_headers(client: Dialect) -> None:
    """In its provider's dialect, whatever the client speaks."""
    target: Json = {
        "target": "up/their-name",
        "defaults": {"temperature": 0.25, "seed": 7},
        "body": {"provider_options": {"tier": 1.50}, "seed": None},
        "headers": {"X-Queue": "low"},
    }
    async with repeating(well("openai_chat", stream=False)) as server:
        providers = {"up": provider("openai_chat", server, headers={"x-team": "a", "x-queue": "high"})}
        async with gateway(providers, models={"m": {"targets": [target]}}) as app:
            assert (await ask(app, client)).status == 200
    (arrival,) = server.arrivals
    sent = json.loads(arrival.body)
    assert (sent["model"], sent["temperature"], sent["provider_options"]) == ("their-name", 0.25, {"tier": 1.5})
    assert "seed" not in sent
    assert (arrival.header("x-queue"), arrival.header("x-team")) == (["low"], ["a"])


async def test_a_request_overrules_defaults_and_not_the_members() -> None:
    target: Json = {"target": "up/m", "defaults": {"temperature": 0.25}, "body": {"top_p": 0.5}}
    async with (
        repeating(well("openai_chat", stream=False)) as server,
        gateway({"up": provider("openai_chat", server)}, models={"m": {"targets": [target]}}) as app,
    ):
        await ask(app, "openai_chat", temperature=0.75, top_p=0.75)
    sent = json.loads(server.arrivals[0].body)
    assert (sent["temperature"], sent["top_p"]) == (0.75, 0.5)
