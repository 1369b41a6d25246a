"""Which headers go on, in which words."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
from tests.application import Client, scope

SENT = [
    ("authorization", "Bearer client"),
    ("x-api-key", "client"),
    ("cookie", "a=b"),
    ("connection", "keep-alive"),
    ("x-forwarded-for", "10.0.0.1"),
    ("anthropic-version", "2026-10-21"),
    ("anthropic-beta", "context-1m"),
    ("openai-project", "p"),
    ("idempotency-key", "i"),
]


@pytest.mark.parametrize(
    ("client", "upstream", "passed"),
    [
        ("anthropic", "anthropic", {"anthropic-version", "anthropic-beta", "idempotency-key"}),
        ("openai_chat", "openai_chat", {"openai-project", "idempotency-key"}),
        ("gemini", "gemini", set()),
        ("anthropic", "openai_chat", set()),
        ("openai_chat", "anthropic", set()),
    ],
)
def test_an_upstream_of_the_same_dialect_hears_what_its_vendor_knows(
    client: Dialect, upstream: Dialect, passed: set[str]
) -> None:
    request = Request(scope("POST", "/", SENT), Client().receive)
    assert set(passed_to_upstream(request, client, upstream)) == {(n, v) for n, v in SENT if n in passed}


OPENAI = {
    "retry-after": "7",
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-requests": "6m0s",
    "x-ratelimit-limit-input-images": "3",
    "openai-processing-ms": "30",
    "set-cookie": "a=b",
    "server": "cloudflare",
    "content-length": "5",
}
ANTHROPIC = {
    "retry-after": "7",
    "anthropic-ratelimit-requests-limit": "60",
    "anthropic-ratelimit-input-tokens-limit": "9",
    "anthropic-ratelimit-tokens-remaining": "149984",
    "request-id": "req_1",
    "set-cookie": "a=b",
}


@pytest.mark.parametrize(
    ("headers", "client", "upstream", "expected"),
    [
        (OPENAI, "openai_chat", "openai_chat", {k: v for k, v in OPENAI.items() if k[:2] in {"re", "x-", "op"}}),
        (ANTHROPIC, "anthropic", "anthropic", {k: v for k, v in ANTHROPIC.items() if k != "set-cookie"}),
        (
            ANTHROPIC,
            "openai_chat",
            "anthropic",
            {"retry-after": "7", "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-tokens": "149984"},
        ),
        (OPENAI, "gemini", "openai_chat", {"retry-after": "7"}),
    ],
)
def test_a_client_hears_what_it_understands(
    headers: dict[str, str], client: Dialect, upstream: Dialect, expected: dict[str, str]
) -> None:
    passed = passed_to_client(headers, client, upstream)
    assert {name.decode(): value.decode() for name, value in passed} == expected


@pytest.mark.parametrize(
    ("duration", "seconds"), [("6m0s", 360), ("1h2m3s", 3723), ("1d", 86400), ("350ms", 0.35), ("1.5s", 1.5)]
)
def test_anthropic_clients_read_a_time(duration: str, seconds: float) -> None:
    """OpenAI says in how long a limit is reset, Anthropic when."""
    before = datetime.now(UTC)
    passed = dict(passed_to_client({"x-ratelimit-reset-tokens": duration}, "anthropic", "openai_chat"))
    reset = datetime.fromisoformat(passed[b"anthropic-ratelimit-tokens-reset"].decode())
    assert abs((reset - before).total_seconds() - seconds) < 5


def test_openai_clients_read_a_duration() -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    passed = dict(passed_to_client({"anthropic-ratelimit-requests-reset": moment}, "openai_chat", "anthropic"))
    assert re.fullmatch(rb"9\ds|100s", passed[b"x-ratelimit-reset-requests"])


@pytest.mark.parametrize("reset", ["", "soon", "2026-13-45", "-5"])
def test_a_reset_that_is_neither_goes_on_as_it_is(reset: str) -> None:
    passed = dict(passed_to_client({"anthropic-ratelimit-requests-reset": reset}, "openai_chat", "anthropic"))
    assert passed[b"x-ratelimit-reset-requests"] == reset.encode()
