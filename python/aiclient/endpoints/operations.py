"""For those who run the gateway: whether it is up, whether it can serve, and what it has counted.

None of this is an exchange: it is neither counted nor logged, and it does not wait for its turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import orjson

from aiclient.asgi import Answer, Request

__all__ = ["METRICS_PATH", "PATHS", "READY_PATH", "answer_health", "answer_metrics", "answer_ready"]

METRICS_PATH = "/metrics"
READY_PATH = "/readyz"
PATHS = frozenset({"/", "/health", READY_PATH, METRICS_PATH})
"""Claude Code knocks at `/` before its first request."""

_Shown = Callable[[str], Awaitable[tuple[bytes, str]]]
_JSON = [(b"content-type", b"application/json")]
_ALIVE = orjson.dumps({"status": "ok", "service": "aiclient"})


async def answer_health(answer: Answer) -> None:
    """Say that the process answers."""
    await answer.whole(200, _ALIVE, _JSON)


async def answer_ready(answer: Answer, problems: Iterable[str]) -> None:
    """Say whether requests can be served, and if not, why."""
    listed = list(problems)
    body = orjson.dumps({"status": "unavailable", "problems": listed} if listed else {"status": "ready"})
    await answer.whole(503 if listed else 200, body, _JSON)


async def answer_metrics(request: Request, answer: Answer, shown: _Shown) -> None:
    """Show what was counted, in the form that the client prefers; `shown` takes its `accept` header."""
    body, kind = await shown(request.header(b"accept") or "")
    await answer.whole(200, body, [(b"content-type", kind.encode("latin-1"))])
