"""What an exchange leaves behind goes at once: a cycle would keep it, however large, until the collector comes by."""

import gc
import os
from collections.abc import Iterator

import pytest

from tests.failover.faults import faults, well
from tests.failover.gateway import ask, gateway, provider, repeating
from tests.scripted_server import Script

SCRIPTS: dict[str, Script | None] = {
    f"{name}, {form}": script
    for form in ("whole", "stream")
    for name, script in {
        "well": well("openai_chat", stream=form == "stream"),
        **faults("openai_chat", stream=form == "stream"),
    }.items()
}
# A few kilobytes, and nothing of what an exchange held.
OF_A_CLOSED_CONNECTION = {"ClientWatch", "Connection", "Deadline", "ResponseReader", "_Unconnected"}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.mark.parametrize("name", SCRIPTS)
async def test_an_exchange_leaves_no_cycle(name: str) -> None:
    async with repeating(SCRIPTS[name]) as server:
        said = provider("openai_chat", server, retries=0, health={"failures": 1000})
        async with gateway({"up": said}, default_provider="up") as app:
            await ask(app, "anthropic", stream=name.endswith("stream"))
            gc.collect()
            gc.set_debug(gc.DEBUG_SAVEALL)
            await ask(app, "anthropic", "other", stream=name.endswith("stream"))
            gc.collect()
    left = {type(one).__qualname__ for one in gc.garbage if type(one).__module__.startswith("aiclient")}
    assert left <= OF_A_CLOSED_CONNECTION
