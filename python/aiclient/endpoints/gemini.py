"""Gemini: `POST /{version}/models/{model}:generateContent` and `:streamGenerateContent`.

SDKs call `/v1beta` or, with a base URL of one's own, `/v1`; Vertex clients name project, location and publisher.
Some take a name with a slash, such as `provider/model`, for a path of its own, and leave `models/` out.
A stream is server-sent events with `alt=sse`, else one JSON array.
"""

from __future__ import annotations

import functools
import re
from urllib.parse import parse_qsl

from aiclient.asgi import Request
from aiclient.endpoints.generation import Framing, Generation, PathHead

__all__ = ["match", "verb_of"]

_PATH = re.compile(
    r"/v1(?:beta1?)?/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?"
    r"(?:(?:models|tunedModels|endpoints)/|(?=[^/:]+/[^/:]))(?P<model>.+):(?P<verb>\w+)"
)
# Most characters of an address that is kept: clients may invent any number of them.
KEPT_LENGTH = 300
_GENERATES = frozenset({"generateContent", "streamGenerateContent"})


def match(request: Request) -> Generation | None:
    """The request, if its path is of this dialect."""
    path, query = request.path, request.query_string
    return (_match if len(path) + len(query) <= KEPT_LENGTH else _match.__wrapped__)(path, query)


# Most requests come for few models.
@functools.lru_cache(maxsize=1024)
def _match(path: str, query: str) -> Generation | None:
    found = _PATH.fullmatch(path)
    if found is None or found["verb"] not in _GENERATES:
        return None
    stream = found["verb"] == "streamGenerateContent"
    framing: Framing = "sse" if ("alt", "sse") in parse_qsl(query) else "json_array"
    return Generation("gemini", PathHead(found["model"], stream), framing)


def verb_of(request: Request) -> tuple[str, str] | None:
    """Model and verb of a path of this dialect, whatever is asked of the model."""
    found = _PATH.fullmatch(request.path)
    return None if found is None else (found["model"], found["verb"])
