"""What all endpoints that generate answers have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from aiclient._native import read_head
from aiclient.dialect import Dialect
from aiclient.errors import MalformedError

__all__ = ["Framing", "Generation", "Head"]

Framing = Literal["sse", "json_array"]


class Head(NamedTuple):
    """What routing needs to know of a request."""

    model: str
    """As the client calls it."""
    stream: bool
    """Whether a stream is asked for."""
    conversation: int | None
    """The same for all requests of a conversation, by their bodies; if that was wanted and can be told."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A request for an answer, as far as its address tells.

    Gemini names model and stream in the path; the others in the body, where they are still to be read.
    """

    dialect: Dialect
    model: str | None = None
    stream: bool | None = None
    framing: Framing = "sse"

    def head(self, body: bytes, *, conversation: bool = False) -> Head:
        """What routing needs to know; `conversation`: whether that is wanted, too."""
        if self.model is not None and self.stream is not None:
            found = read_head(self.dialect, body, conversation=True).conversation if conversation else None
            return Head(self.model, self.stream, found)
        head = read_head(self.dialect, body, conversation=conversation)
        if not head.model:
            raise MalformedError("/model: expected the name of a model", pointer="/model")
        return Head(head.model, head.stream, head.conversation)
