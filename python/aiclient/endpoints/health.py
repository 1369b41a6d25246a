"""Whether the gateway is up. Claude Code knocks at `/` before its first request."""

from __future__ import annotations

import orjson

from aiclient.asgi import Answer

__all__ = ["PATHS", "answer_health"]

PATHS = frozenset({"/", "/health"})

_BODY = orjson.dumps({"status": "ok", "service": "aiclient"})


async def answer_health(answer: Answer) -> None:
    """Say that it is."""
    await answer.whole(200, _BODY, [(b"content-type", b"application/json")])
