"""From a path to the dialect that it is of."""

from __future__ import annotations

from collections.abc import Mapping

from aiclient.asgi import Request
from aiclient.endpoints import anthropic, gemini, openai_chat, openai_responses
from aiclient.endpoints.generation import Generation

__all__ = ["WELL_KNOWN", "generation_of"]

_BY_PATH: Mapping[str, Generation] = openai_chat.PATHS | anthropic.PATHS | openai_responses.PATHS

WELL_KNOWN = {path: generation for path, generation in _BY_PATH.items() if path.startswith("/v1/")}
"""Those of most requests, and that no provider's name can begin."""


def generation_of(request: Request) -> Generation | None:
    """The request for an answer that a path stands for, if it is one of these."""
    return _BY_PATH.get(request.path) or gemini.match(request)
