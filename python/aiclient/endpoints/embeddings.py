"""Embeddings: OpenAI's `POST /v1/embeddings`, Gemini's `:embedContent` and `:batchEmbedContents`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiclient._native import read_head
from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.endpoints import gemini
from aiclient.errors import MalformedError

__all__ = ["Embedding", "Form", "match"]

Form = Literal["openai", "gemini_one", "gemini_batch"]

_PATHS = frozenset({"/v1/embeddings", "/embeddings"})
_VERBS: dict[str, Form] = {"embedContent": "gemini_one", "batchEmbedContents": "gemini_batch"}


@dataclass(frozen=True, slots=True)
class Embedding:
    """A request for embeddings, as far as its address tells."""

    form: Form
    model: str | None = None

    @property
    def dialect(self) -> Dialect:
        """The dialect of the client."""
        return "openai_chat" if self.form == "openai" else "gemini"

    def model_of(self, body: bytes) -> str:
        """The model, as the client calls it."""
        model = self.model or read_head(self.dialect, body).model
        if not model:
            raise MalformedError("/model: expected the name of a model", pointer="/model")
        return model


def match(request: Request) -> Embedding | None:
    """The request, if its path is one for embeddings."""
    if request.path in _PATHS:
        return Embedding("openai")
    found = gemini.verb_of(request)
    return Embedding(_VERBS[found[1]], found[0]) if found is not None and found[1] in _VERBS else None
