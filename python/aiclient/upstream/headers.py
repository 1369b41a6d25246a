"""Which headers go on, in which words.

From a client to an upstream of the same dialect: what its vendor gives a meaning. From an upstream to a client: when
to come again, and how much is left, which OpenAI and Anthropic say in different words.
References: platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers,
docs.claude.com/en/api/rate-limits#response-headers.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from aiclient.asgi import Headers, Request, header_value
from aiclient.dialect import Dialect

__all__ = ["passed_to_client", "passed_to_upstream"]

_OF_OPENAI = frozenset({b"openai-organization", b"openai-project", b"openai-beta", b"idempotency-key"})
_TO_UPSTREAM: dict[Dialect, frozenset[bytes]] = {
    "openai_chat": _OF_OPENAI,
    "openai_responses": _OF_OPENAI,
    "anthropic": frozenset({b"anthropic-version", b"anthropic-beta", b"idempotency-key"}),
    "gemini": frozenset(),
}
# Beginnings of names.
_ALWAYS = ("retry-after", "x-should-retry")
_LIMITS = ("x-ratelimit-", "anthropic-ratelimit-")
_OWN_WORDS = (*_ALWAYS, *_LIMITS, "openai-", "anthropic-", "request-id", "x-gemini-")
_LIMIT = re.compile(r"(x|anthropic)-ratelimit-(.+)")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


def passed_to_upstream(request: Request, client: Dialect, upstream: Dialect) -> Sequence[tuple[str, str]]:
    """Headers of the client that mean something to an upstream of its own dialect."""
    if client != upstream or (names := _TO_UPSTREAM[client]).isdisjoint(request.headers):
        return ()
    return [(name.decode(), value.decode("latin-1")) for name, value in request.headers.items() if name in names]


def passed_to_client(headers: Mapping[str, str], client: Dialect, upstream: Dialect) -> Headers:
    """Headers of the upstream that mean something to a client of this dialect."""
    names, limits = _meaningful(tuple(headers), client == upstream)
    if not names and not limits:
        return []
    passed = [(name, headers[name]) for name in names]
    passed += _rate_limits({name: headers[name] for name in limits}, client)
    return [(name.encode("latin-1"), header_value(value)) for name, value in passed]


# An upstream's answers have the same headers again and again.
@functools.lru_cache(maxsize=256)
def _meaningful(names: tuple[str, ...], is_own: bool) -> tuple[Sequence[str], Sequence[str]]:
    """Which go on as they are, and which are limits in another dialect's words."""
    beginnings = _OWN_WORDS if is_own else _ALWAYS
    limits = () if is_own else tuple(name for name in names if name.startswith(_LIMITS))
    return tuple(name for name in names if name.startswith(beginnings)), limits


def _rate_limits(headers: Mapping[str, str], client: Dialect) -> Iterator[tuple[str, str]]:
    """`x-ratelimit-remaining-tokens: 5` is `anthropic-ratelimit-tokens-remaining: 5`, and the other way round."""
    for name, value in headers.items():
        found = _LIMIT.fullmatch(name)
        if found is None:
            continue
        family, words = found.groups()
        if family == "x" and client == "anthropic":
            what, _, unit = words.partition("-")
            if unit in {"requests", "tokens"}:
                yield f"anthropic-ratelimit-{unit}-{what}", _at_time(value) if what == "reset" else value
        elif family == "anthropic" and client in {"openai_chat", "openai_responses"}:
            unit, _, what = words.rpartition("-")
            if unit in {"requests", "tokens"}:
                yield f"x-ratelimit-{what}-{unit}", _in_time(value) if what == "reset" else value


def _at_time(duration: str) -> str:
    """A duration from now ("6m0s") as a time (RFC 3339)."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        return duration
    days, hours, minutes, seconds, milliseconds = (float(part) if part else 0.0 for part in found.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
    return (datetime.now(UTC) + span).strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_time(moment: str) -> str:
    """A time (RFC 3339) as a duration from now ("360s")."""
    try:
        span = datetime.fromisoformat(moment) - datetime.now(UTC)
    except (ValueError, TypeError):
        return moment
    return f"{max(0, round(span.total_seconds()))}s"
