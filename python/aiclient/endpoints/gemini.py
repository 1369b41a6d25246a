"""Gemini: `POST /{version}/models/{model}:generateContent` and `:streamGenerateContent`.

SDKs call `/v1beta` or, with a base URL of one's own, `/v1`; Vertex clients name project, location and publisher.
Some take a name with a slash, such as `provider/model`, for a path of its own, and leave `models/` out.
A stream is server-sent events with `alt=sse`, else one JSON array.
"""

from __future__ import annotations

import re

from aiclient.asgi import Request
from aiclient.endpoints.generation import Framing, Generation

__all__ = ["match"]

_PATH = re.compile(
    r"/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?"
    r"(?:(?:models|tunedModels|endpoints)/|(?=[^/:]+/[^/:]))(?P<model>.+):(?P<verb>generateContent|streamGenerateContent)"
)


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    found = _PATH.fullmatch(request.path)
    if found is None:
        return None
    stream = found["verb"] == "streamGenerateContent"
    framing: Framing = "sse" if ("alt", "sse") in request.query() else "json_array"
    return Generation("gemini", model=found["model"], stream=stream, framing=framing)
