"""What routing, pools, counts and the log add to a request: python -m benches.cost.parts.

Each part by itself, as often as it takes, in CPU time of this process; the least of many rounds, because whatever else
the machine does can only add. Three routes: one target with one key, one target with three keys, three targets with
three keys each and a conversation that stays.
"""

import time
from collections.abc import Callable

from aiclient import Translator
from aiclient.candidates import Candidates
from aiclient.pools import Credential, Health
from aiclient.routing import Policy, Route, Router, Rule, Target, session_of
from aiclient.telemetry import Metrics, Record
from aiclient.upstream.client import Limits
from aiclient.upstream.demo import DemoUpstream
from aiclient.upstream.providers import Provider

ROUNDS = 200
CALLS = 500
# What the whole may cost, in microseconds.
BUDGET = 10.0
HEADERS = {b"x-claude-code-session-id": b"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", b"content-type": b"application/json"}
REQUEST = b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'
REPLY = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"hi"}}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}'
)


def microseconds(call: Callable[[], object]) -> float:
    """The CPU time of a call."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        for _ in range(CALLS):
            call()
        best = min(best, (time.process_time_ns() - started) / CALLS / 1000)
    return best


def providers(keys: int) -> dict[str, Provider]:
    """Three providers, each with so many keys."""
    limits = Limits(10, 600, 300)
    return {
        name: Provider(
            name=name,
            dialect="openai_chat",
            base_url="http://127.0.0.1",
            health=Health(name, [Credential(str(number), f"{name}-{number}") for number in range(keys)]),
            limits=limits,
            headers=(),
            client=DemoUpstream(),
        )
        for name in ("a", "b", "c")
    }


def first_candidate(targets: int, keys: int, conversation: int | None) -> Callable[[], object]:
    """The choice of whom to ask first."""
    known = providers(keys)
    tier = tuple(Target(name, "m") for name in list(known)[:targets])
    route = Route("m", (tier,), Policy())

    def choose() -> object:
        sole = known["a"].health.untroubled() if len(route.targets) == 1 else None
        return sole or next(iter(Candidates(route, known, conversation)))

    return choose


def record(translator: Translator) -> Record:
    """The record of an exchange that went well."""
    made = Record("0" * 32, "POST", "/v1/messages")
    made.read = time.perf_counter()
    made.dialect, made.operation, made.model, made.route, made.target = "anthropic", "chat", "m", "m", "a/m"
    made.status = made.upstream_status = 200
    attempt = made.asks("a", "m", "1")
    attempt.answered = time.perf_counter()
    made.served, made.replied = attempt, time.perf_counter()
    made.usage, made.finish_reason = translator.usage, translator.finish_reason
    made.ended = time.perf_counter()
    return made


def parts() -> dict[str, float]:
    """Each part in microseconds, by name; those of the choice by their route."""
    translator = Translator(client="anthropic", upstream="openai_chat", exchange_id="x" * 16, created=1)
    translator.request(REQUEST, model="m", stream=False)
    translator.response(REPLY)
    router = Router({"m": Rule.to("a/m")}, ["a"], None)
    made, metrics = record(translator), Metrics()
    health = providers(1)["a"].health
    return {
        "the route of a model": microseconds(lambda: router.route("m")),
        "the session of a request": microseconds(lambda: session_of(HEADERS)),
        "whom to ask, 1 target x 1 key": microseconds(first_candidate(1, 1, None)),
        "whom to ask, 1 target x 3 keys": microseconds(first_candidate(1, 3, 7)),
        "whom to ask, 3 targets x 3 keys": microseconds(first_candidate(3, 3, 7)),
        "that it answered": microseconds(lambda: health.succeeded("m", health.credentials[0])),
        "the record": microseconds(lambda: record(translator)),
        "the counts, and the line of the log": microseconds(lambda: metrics.finish(made, 0.0)),
    }


def main() -> int:
    """Print the parts; 1 if those of the plain route cost more than they may."""
    found = parts()
    for name, cost in found.items():
        print(f"{name:36}{cost:6.2f} us")
    choices = {name: cost for name, cost in found.items() if name.startswith("whom")}
    rest = sum(cost for name, cost in found.items() if name not in choices)
    for name, cost in choices.items():
        print(f"all of it with {name.removeprefix('whom to ask, '):22}{rest + cost:6.2f} us")
    return 1 if rest + min(choices.values()) > BUDGET else 0


if __name__ == "__main__":
    raise SystemExit(main())
