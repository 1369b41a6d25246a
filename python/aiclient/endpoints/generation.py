"""What all endpoints that generate answers have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiclient._native import read_head
from aiclient.dialect import Dialect
from aiclient.errors import MalformedError

__all__ = ["Framing", "Generation"]

Framing = Literal["sse", "json_array"]


@dataclass(frozen=True, slots=True)
class Generation:
    """A request for an answer, as far as its address tells.

    Gemini names model and stream in the path; the others in the body, where they are still to be read.
    """

    dialect: Dialect
    model: str | None = None
    stream: bool | None = None
    framing: Framing = "sse"

    def head(self, body: bytes) -> tuple[str, bool]:
        """The model as the client calls it, and whether a stream is asked for."""
        if self.model is not None and self.stream is not None:
            return self.model, self.stream
        head = read_head(self.dialect, body)
        if not head.model:
            raise MalformedError("/model: expected the name of a model", pointer="/model")
        return head.model, head.stream
