"""OpenAI Chat Completions: `POST /v1/chat/completions`."""

from __future__ import annotations

from aiclient.asgi import Request
from aiclient.endpoints.generation import Generation

__all__ = ["match"]

PATHS = frozenset({"/v1/chat/completions", "/chat/completions"})
_GENERATION = Generation("openai_chat")


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    return _GENERATION if request.path in PATHS else None
