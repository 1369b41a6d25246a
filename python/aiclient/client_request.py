"""A client's request for an answer, with what every attempt to have it answered needs of it."""

from __future__ import annotations

import functools
import hashlib
from typing import Literal

from aiclient.asgi import Request
from aiclient.dialect import Dialect
from aiclient.endpoints import Generation, PathHead
from aiclient.errors import MalformedError
from aiclient.middleware.authentication import client_key
from aiclient.routing import session_of
from aiclient.telemetry import Record

__all__ = ["ClientRequest"]


@functools.lru_cache(maxsize=256)
def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).digest()


class ClientRequest:
    """What a client asked, read but not translated."""

    __slots__ = ("body", "conversation", "dialect", "generation", "head", "model", "record", "request", "stream")

    def __init__(
        self, request: Request, generation: Generation, body: bytes, record: Record, *, is_of_a_conversation: bool
    ) -> None:
        """`is_of_a_conversation`: whether it matters of which.

        Raises `MalformedError` for a body that does not say whom it asks.
        """
        self.request = request
        self.generation = generation
        self.body = body
        self.record = record
        self.dialect: Dialect = generation.dialect
        """What the client speaks."""
        session = session_of(request.headers) if is_of_a_conversation else None
        head = generation.head(body, conversation=is_of_a_conversation and session is None)
        self.head = None if isinstance(head, PathHead) else head
        """What was read of the body."""
        self.model = record.model = head.model or ""
        """As the client calls it."""
        self.stream = record.stream = head.stream
        self.conversation: int | None = head.conversation if session is None else session
        """The same for all requests of a conversation, if that is known."""

    @property
    def on_loss(self) -> Literal["report", "reject"] | None:
        """What the request says is to be done with losses, if it does."""
        match self.request.headers.get(b"x-aiclient-on-loss"):
            case None:
                return None
            case b"report":
                return "report"
            case b"reject":
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
        return self.request.headers.get(b"x-goog-api-client", b"").startswith(b"genai-js/")
