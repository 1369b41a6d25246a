"""Nothing that fails before the first byte is the client's business, as long as another target is well."""

import asyncio
import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Sequence

import pytest

from aiclient.dialect import Dialect
from tests.application import Reply
from tests.failover.faults import DIALECTS, chat_fault, faults, well
from tests.failover.gateway import ask, gateway, provider, repeating

AT_ONCE = 16


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


async def all_answered(client: Dialect, models: Sequence[str], requests: int, *, stream: bool) -> None:
    """So many requests, spread over models of a gateway whose first targets all fail, succeed."""
    # Nothing is learnt of a failing target, so that every request meets it.
    health = {"failures": 1000, "pause": 0.001, "max_pause": 0.001}
    async with contextlib.AsyncExitStack() as stack:
        upstreams = itertools.cycle(DIALECTS)
        providers = {"well": provider(client, await stack.enter_async_context(repeating(well(client, stream=stream))))}
        routes = {}
        for place, fault in enumerate(models):
            upstream = next(upstreams)
            script = faults(upstream, stream=stream).get(fault) or faults(upstream, stream=stream)["refused"]
            server = await stack.enter_async_context(repeating(script))
            providers[f"ill-{place}"] = provider(upstream, server, health=health)
            routes[f"m{place}"] = {"targets": [f"ill-{place}/m", "well/m"]}
        app = await stack.enter_async_context(gateway(providers, models=routes))
        names = itertools.islice(itertools.cycle(routes), requests)
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(model: str) -> tuple[str, Reply]:
            async with limit:
                return model, await ask(app, client, model, stream=stream)

        replies = await asyncio.gather(*(one(model) for model in names))
    failed = Counter(models[int(name[1:])] for name, reply in replies if not is_well(reply))
    assert failed == {}
    assert len(replies) == requests


def is_well(reply: Reply) -> bool:
    """Whether the well target's answer came whole."""
    whole = reply.status == 200 and reply.complete and b"well met" in reply.body and b'"error":{' not in reply.body
    return whole and reply.headers["x-aiclient-provider"] == "well"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", DIALECTS)
async def test_every_fault_of_one_target_is_made_good_by_another(client: Dialect, stream: bool) -> None:
    """Whatever dialect the failing one speaks."""
    kinds = list(faults(client, stream=stream))
    await all_answered(client, kinds, len(kinds), stream=stream)


@pytest.mark.slow
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("client", DIALECTS)
async def test_a_thousand_of_a_thousand_succeed(client: Dialect, stream: bool) -> None:
    await all_answered(client, list(faults(client, stream=stream)), 1000, stream=stream)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "fault", ["closed", "500", "HTML 200", "empty 200", "an error in a 200", "400", "404", "429 with a wait", "401"]
)
async def test_a_failing_target_is_asked_a_few_times_not_a_hundred(fault: str, stream: bool) -> None:
    async with (
        repeating(faults("openai_chat", stream=stream)[fault]) as ill,
        repeating(well("openai_chat", stream=stream)) as good,
    ):
        providers = {"ill": provider("openai_chat", ill), "well": provider("openai_chat", good)}
        async with gateway(providers, models={"m": {"targets": ["ill/m", "well/m"]}}) as app:
            replies = [await ask(app, "anthropic", stream=stream) for _ in range(100)]
    assert [reply.status for reply in replies] == [200] * 100
    assert 1 <= len(ill.arrivals) <= 8


async def test_a_failure_of_all_is_told_by_what_gives_most_hope() -> None:
    """A request that is refused for good by one target may still be served by one that fails for now."""
    kinds = faults("openai_chat", stream=False)
    async with repeating(kinds["400"]) as never, repeating(kinds["503"]) as later, repeating(kinds["closed"]) as gone:
        servers = {"never": never, "later": later, "gone": gone}
        providers = {name: provider("openai_chat", server, retries=0) for name, server in servers.items()}
        for order in itertools.permutations(servers):
            async with gateway(providers, models={"m": {"targets": [f"{name}/m" for name in order]}}) as app:
                reply = await ask(app, "openai_chat")
            assert (reply.status, reply.headers["x-aiclient-provider"]) == (503, "later")


async def test_what_a_dialect_cannot_say_is_asked_of_another() -> None:
    async with (
        repeating(well("anthropic", stream=False)) as first,
        repeating(well("openai_chat", stream=False)) as second,
    ):
        providers = {"first": provider("anthropic", first), "second": provider("openai_chat", second)}
        async with gateway(providers, models={"m": {"targets": ["first/m", "second/m"]}}) as app:
            reply = await ask(app, "openai_chat", "m", ("x-aiclient-on-loss", "reject"), logit_bias={"1": 2})
            refused = await ask(app, "openai_chat", "first/m", ("x-aiclient-on-loss", "reject"), logit_bias={"1": 2})
    assert (reply.status, reply.headers["x-aiclient-provider"]) == (200, "second")
    assert (refused.status, refused.json()["error"]["param"]) == (400, "/logit_bias")
    assert first.arrivals == []


@pytest.mark.parametrize(
    ("fault", "arrivals"),
    [
        ("500", 2),
        ("429", 2),
        ("closed", 2),
        ("refused", 0),
        ("500, not to be retried", 1),
        ("429 with a wait", 1),
        ("400", 1),
        ("401", 1),
    ],
)
async def test_an_only_target_is_asked_again_where_that_may_help(fault: str, arrivals: int) -> None:
    async with repeating(faults("openai_chat", stream=False)[fault]) as server:
        async with gateway({"up": provider("openai_chat", server)}, default_provider="up") as app:
            reply = await ask(app, "openai_chat")
        assert reply.status >= 400
        assert len(server.arrivals) == arrivals


async def test_an_only_target_that_recovers_has_lost_no_request() -> None:
    scripts = iter([chat_fault("503"), well("openai_chat", stream=False)])
    async with (
        repeating(lambda: next(scripts)) as server,
        gateway({"up": provider("openai_chat", server)}, default_provider="up") as app,
    ):
        assert (await ask(app, "gemini")).status == 200


async def test_all_attempts_have_one_deadline() -> None:
    silent = faults("openai_chat", stream=True)["silent"]
    async with repeating(silent) as first, repeating(silent) as second, repeating(silent) as third:
        servers = {"a": first, "b": second, "c": third}
        providers = {name: provider("openai_chat", server) for name, server in servers.items()}
        model = {"targets": ["a/m", "b/m", "c/m"], "deadline": 0.8}
        async with gateway(providers, models={"m": model}) as app:
            reply = await ask(app, "anthropic", stream=True)
        assert (reply.status, reply.json()["error"]["type"]) == (504, "timeout_error")
        assert [len(server.arrivals) for server in servers.values()] == [1, 1, 0]
