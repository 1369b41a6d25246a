"""Anthropic Messages: `POST /v1/messages`, with `?beta=true` or without."""

from __future__ import annotations

from aiclient.asgi import Request
from aiclient.endpoints.generation import Generation

__all__ = ["match"]

PATHS = frozenset({"/v1/messages", "/messages"})
_GENERATION = Generation("anthropic")


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    return _GENERATION if request.path in PATHS else None
