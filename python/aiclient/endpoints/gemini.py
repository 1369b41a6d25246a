"""Gemini: `POST /{version}/models/{model}:generateContent` and `:streamGenerateContent`.

SDKs call `/v1beta` or, with a base URL of one's own, `/v1`; Vertex clients name project, location and publisher.
Some take a name with a slash, such as `provider/model`, for a path of its own, and leave `models/` out.
A stream is server-sent events with `alt=sse`, else one JSON array.
"""

from __future__ import annotations

import re

from aiclient.asgi import Request
from aiclient.endpoints.generation import Framing, Generation

__all__ = ["counted_model", "match"]

_PATH = re.compile(
    r"/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?"
    r"(?:(?:models|tunedModels|endpoints)/|(?=[^/:]+/[^/:]))(?P<model>.+):(?P<verb>generateContent|streamGenerateContent|countTokens)"
)


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    found = _PATH.fullmatch(request.path)
    if found is None or found["verb"] == "countTokens":
        return None
    stream = found["verb"] == "streamGenerateContent"
    framing: Framing = "sse" if ("alt", "sse") in request.query() else "json_array"
    return Generation("gemini", model=found["model"], stream=stream, framing=framing)


def counted_model(request: Request) -> str | None:
    """The model whose tokens are to be counted, if the path asks for that."""
    found = _PATH.fullmatch(request.path)
    return found["model"] if found is not None and found["verb"] == "countTokens" else None
