"""A client's request for an answer, with what every attempt to have it answered needs of it."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import Literal

from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.endpoints import Generation
from aiclient.errors import MalformedError
from aiclient.middleware.authentication import client_key
from aiclient.telemetry import Record

__all__ = ["ClientRequest"]


@functools.lru_cache(maxsize=256)
def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).digest()


@dataclass(slots=True)
class ClientRequest:
    """What a client asked, read but not translated."""

    request: Request
    generation: Generation
    body: bytes
    model: str
    """As the client calls it."""
    stream: bool
    conversation: int | None
    """The same for all requests of a conversation, if that is known."""
    record: Record

    @property
    def dialect(self) -> Dialect:
        """What the client speaks."""
        return self.generation.dialect

    def on_loss(self, default: Literal["report", "reject"]) -> Literal["report", "reject"]:
        """What is to be done with losses: the request's own word, else the configuration's."""
        match self.request.header(b"x-aiclient-on-loss"):
            case None:
                return default
            case "report":
                return "report"
            case "reject":
                return "reject"
            case _:
                raise MalformedError("the header x-aiclient-on-loss: expected report or reject")

    def memory_scope(self) -> bytes | None:
        """Whose reasoning is remembered: those who come with one key are one. Only Chat clients need a memory."""
        if self.dialect != "openai_chat":
            return None
        key = client_key(self.request)
        return _digest(key) if key else None

    @property
    def is_data_only(self) -> bool:
        """The legacy Gemini client for JavaScript takes nothing but data."""
        return (self.request.header(b"x-goog-api-client") or "").startswith("genai-js/")
