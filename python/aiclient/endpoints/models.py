"""Which models there are, in the shape each dialect lists them in.

References: platform.openai.com/docs/api-reference/models, docs.claude.com/en/api/models-list,
ai.google.dev/api/models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from aiclient.asgi import Answer, Request
from aiclient.dialect import Dialect
from aiclient.errors import UnknownModelError

__all__ = ["answer_models", "match"]

_PATH = re.compile(r"/(?P<version>v1|v1beta1?)/models(?:/(?P<model>.+))?")
# What ends like this does something with a model (`:countTokens`); what does not is a name (`llama3:8b`).
_VERB = re.compile(r":[a-z]+[A-Z]\w*$")
# When a model came into being means nothing for a name of one's own; clients want a date all the same.
_EPOCH = "1970-01-01T00:00:00Z"


def match(request: Request) -> tuple[Dialect, str | None] | None:
    """Dialect of the list, and the single model that is asked for, if the path is one of these.

    OpenAI and Anthropic share `/v1/models`; only clients of Anthropic send `anthropic-version`, and only those of
    Gemini `x-goog-api-key`.
    """
    found = _PATH.fullmatch(request.path)
    if found is None or _VERB.search(request.path):
        return None
    model = found["model"]
    if found["version"] != "v1" or b"x-goog-api-key" in request.headers or b"x-goog-api-client" in request.headers:
        return "gemini", model
    return ("anthropic" if b"anthropic-version" in request.headers else "openai_chat"), model


async def answer_models(answer: Answer, dialect: Dialect, model: str | None, names: Sequence[str]) -> None:
    """List the models, or describe one; raises `UnknownModelError`."""
    entry = _ENTRIES[dialect]
    if model is None:
        body = _LISTS[dialect]([entry(name) for name in names])
    elif model in names:
        body = entry(model)
    else:
        raise UnknownModelError(f"the model {model[:100]!r} is not known")
    await answer.whole(200, orjson.dumps(body), [(b"content-type", b"application/json")])


def _openai_entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": name.partition("/")[0]}


def _openai_list(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": entries}


def _anthropic_entry(name: str) -> dict[str, Any]:
    return {"type": "model", "id": name, "display_name": name, "created_at": _EPOCH}


def _anthropic_list(entries: list[dict[str, Any]]) -> dict[str, Any]:
    first, last = (entries[0]["id"], entries[-1]["id"]) if entries else (None, None)
    return {"data": entries, "has_more": False, "first_id": first, "last_id": last}


def _gemini_entry(name: str) -> dict[str, Any]:
    methods = ["generateContent", "streamGenerateContent"]
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": methods}


def _gemini_list(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"models": entries}


_ENTRIES: dict[Dialect, Callable[[str], dict[str, Any]]] = {
    "openai_chat": _openai_entry,
    "anthropic": _anthropic_entry,
    "gemini": _gemini_entry,
}
_LISTS: dict[Dialect, Callable[[list[dict[str, Any]]], dict[str, Any]]] = {
    "openai_chat": _openai_list,
    "anthropic": _anthropic_list,
    "gemini": _gemini_list,
}
