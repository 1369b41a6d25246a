"""OpenAI Chat Completions: `POST /v1/chat/completions`."""

from __future__ import annotations

from aiclient.asgi import Request
from aiclient.endpoints.generation import Generation

__all__ = ["match"]

_GENERATION = Generation("openai_chat")
PATHS: dict[str, Generation] = {"/v1/chat/completions": _GENERATION, "/chat/completions": _GENERATION}


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    return PATHS.get(request.path)
