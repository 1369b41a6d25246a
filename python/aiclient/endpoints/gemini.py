"""Gemini: `POST /{version}/models/{model}:generateContent` and `:streamGenerateContent`.

SDKs call `/v1beta` or, with a base URL of one's own, `/v1`; Vertex clients name project, location and publisher.
Some take a name with a slash, such as `provider/model`, for a path of its own, and leave `models/` out.
A stream is server-sent events with `alt=sse`, else one JSON array.
"""

from __future__ import annotations

import re

from aiclient.asgi import Request
from aiclient.endpoints.generation import Framing, Generation

__all__ = ["match", "verb_of"]

_PATH = re.compile(
    r"/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?"
    r"(?:(?:models|tunedModels|endpoints)/|(?=[^/:]+/[^/:]))(?P<model>.+):(?P<verb>\w+)"
)
_GENERATES = frozenset({"generateContent", "streamGenerateContent"})


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    found = _PATH.fullmatch(request.path)
    if found is None or found["verb"] not in _GENERATES:
        return None
    stream = found["verb"] == "streamGenerateContent"
    framing: Framing = "sse" if ("alt", "sse") in request.query() else "json_array"
    return Generation("gemini", model=found["model"], stream=stream, framing=framing)


def verb_of(request: Request) -> tuple[str, str] | None:
    """Model and verb of a path of this dialect, whatever is asked of the model."""
    found = _PATH.fullmatch(request.path)
    return None if found is None else (found["model"], found["verb"])
