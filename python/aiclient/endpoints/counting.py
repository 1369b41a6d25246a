"""Token counting: Anthropic's `count_tokens`, Responses' `input_tokens`, Gemini's `:countTokens`."""

from __future__ import annotations

from dataclasses import dataclass

from aiclient._native import read_head
from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.endpoints import gemini
from aiclient.errors import MalformedError

__all__ = ["Counting", "match"]

_PATHS: dict[str, Dialect] = {
    "/v1/messages/count_tokens": "anthropic",
    "/messages/count_tokens": "anthropic",
    "/v1/responses/input_tokens": "openai_responses",
    "/responses/input_tokens": "openai_responses",
}


@dataclass(frozen=True, slots=True)
class Counting:
    """A request to count tokens, as far as its address tells."""

    dialect: Dialect
    model: str | None = None

    def model_of(self, body: bytes) -> str:
        """The model whose tokens are counted, as the client calls it."""
        model = self.model or read_head(self.dialect, body).model
        if not model:
            raise MalformedError("/model: expected the name of a model", pointer="/model")
        return model


def match(request: Request) -> Counting | None:
    """The request, if its path is one that counts."""
    if request.path in _PATHS:
        return Counting(_PATHS[request.path])
    found = gemini.verb_of(request)
    return Counting("gemini", found[0]) if found is not None and found[1] == "countTokens" else None
