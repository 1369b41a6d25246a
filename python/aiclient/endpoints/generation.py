"""What all endpoints that generate answers have in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from aiclient._native import RequestHead, read_head
from aiclient.dialect import Dialect
from aiclient.errors import MalformedError

__all__ = ["Framing", "Generation", "PathHead"]

Framing = Literal["sse", "json_array"]


@dataclass(frozen=True, slots=True)
class PathHead:
    """What an address says of a request by itself; the same as a `RequestHead`."""

    model: str
    stream: bool
    conversation: int | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """A request for an answer, as far as its address tells.

    Gemini names model and stream in the path; the others in the body, where they are still to be read.
    """

    dialect: Dialect
    told: PathHead | None = None
    framing: Framing = "sse"

    def head(self, body: bytes, *, conversation: bool = False) -> RequestHead | PathHead:
        """What routing needs to know; `conversation`: whether that is wanted, too."""
        if self.told is None:
            head = read_head(self.dialect, body, conversation=conversation)
            if not head.model:
                raise MalformedError("/model: expected the name of a model", pointer="/model")
            return head
        if not conversation:
            return self.told
        return replace(self.told, conversation=read_head(self.dialect, body, conversation=True).conversation)
