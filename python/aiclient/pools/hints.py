"""What an upstream's headers say of when to come again, in seconds.

References: platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers, docs.claude.com/en/api/rate-limits,
RFC 9110, 10.2.3 (Retry-After).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["asked_wait", "reset_wait", "should_retry"]

# Longer waits are looked into all the same: limits are raised, clocks are wrong.
MOST = 3600.0

_LIMIT = re.compile(r"(?:(?P<openai>x-ratelimit-remaining-)(?P<unit>.+)|(?P<family>anthropic-ratelimit-.+)-remaining)")
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_UNITS = (86_400.0, 3600.0, 60.0, 1.0, 0.001)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """What `retry-after-ms` or `retry-after` says."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(MOST, milliseconds / 1000)
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    return min(MOST, seconds) if seconds is not None else _until(_http_date(text))


def reset_wait(headers: Mapping[str, str]) -> float | None:
    """When the limits that are used up are lifted: the last of them."""
    return max(_resets(headers), default=None)


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What `x-should-retry` says."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", ""))


def _resets(headers: Mapping[str, str]) -> Iterator[float]:
    for name, left in headers.items():
        found = _LIMIT.fullmatch(name) if "ratelimit" in name else None
        if found is None or left.strip() != "0":
            continue
        if found["openai"]:
            seconds = _duration(headers.get(f"x-ratelimit-reset-{found['unit']}", ""))
        else:
            seconds = _until(_rfc3339(headers.get(f"{found['family']}-reset", "")))
        if seconds is not None:
            yield seconds


def _number(text: str | None) -> float | None:
    """A number of zero and up."""
    if text is None or not re.fullmatch(r"\s*\d{1,12}(\.\d{0,9})?\s*", text):
        return None
    return float(text)


def _duration(text: str) -> float | None:
    """`6m0s`, `120ms`; some servers write bare seconds."""
    if (seconds := _number(text)) is not None:
        return min(MOST, seconds)
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    try:
        return min(MOST, sum(float(part) * unit for part, unit in zip(found.groups(), _UNITS, strict=True) if part))
    except ValueError:
        return None


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def _rfc3339(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _until(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(MOST, max(0.0, (aware - datetime.now(UTC)).total_seconds()))
