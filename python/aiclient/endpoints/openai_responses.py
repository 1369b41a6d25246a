"""OpenAI Responses: `POST /v1/responses`.

Codex first tries a websocket on the same path; 426 makes it fall back at once.
"""

from __future__ import annotations

from aiclient.asgi import Request
from aiclient.endpoints.generation import Generation
from aiclient.errors import RequestError

__all__ = ["match"]

_GENERATION = Generation("openai_responses")
PATHS: dict[str, Generation] = {"/v1/responses": _GENERATION, "/responses": _GENERATION}


class UpgradeError(RequestError):
    """A websocket was asked for, which is not spoken here."""

    status = 426


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    return PATHS.get(request.path)


def refuse_upgrade(request: Request) -> None:
    """Raise `UpgradeError` for a request to speak websocket."""
    if request.method == "GET" and (request.header(b"upgrade") or "").lower() == "websocket":
        raise UpgradeError("responses are served over HTTP, not over a websocket")
