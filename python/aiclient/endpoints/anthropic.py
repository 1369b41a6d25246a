"""Anthropic Messages: `POST /v1/messages`, with `?beta=true` or without."""

from __future__ import annotations

from aiclient.asgi import Request
from aiclient.endpoints.generation import Generation

__all__ = ["match"]

_GENERATION = Generation("anthropic")
PATHS: dict[str, Generation] = {"/v1/messages": _GENERATION, "/messages": _GENERATION}


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    return PATHS.get(request.path)
