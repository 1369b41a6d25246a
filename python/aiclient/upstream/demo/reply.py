"""What the demo said, as Chat Completions writes it: whole, or as a stream.

Reference: platform.openai.com/docs/api-reference/chat/object and .../chat-streaming.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import orjson

__all__ = ["Call", "Reply", "Said", "words"]

Json = dict[str, object]

# A word with the white space before it; of Chinese, Japanese and Korean one character.
_WORD = re.compile(
    r"\s*(?:[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]|[^\s\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+)|\s+"
)


def words(text: str) -> list[str]:
    """The pieces of a text, which together are the text. They are the demo's tokens."""
    return _WORD.findall(text)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool; `arguments` are JSON."""

    id: str
    name: str
    arguments: str

    def __iter__(self) -> Iterator[Call]:
        """The call in pieces, of which only the first has the id and the name."""
        yield replace(self, arguments="")
        for piece in re.findall(r".{1,12}", self.arguments, re.DOTALL):
            yield Call("", "", piece)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: a text or a call."""

    text: str = ""
    finish: Literal["stop", "length"] = "stop"
    call: Call | None = None

    @property
    def tokens(self) -> int:
        """How much that was."""
        return len(words(self.text if self.call is None else self.call.arguments))


@dataclass(frozen=True, slots=True)
class Reply:
    """The same said as often as asked for."""

    said: Said
    input_tokens: int
    choices: int
    created: int
    model: str

    def whole(self) -> bytes:
        """The body of an answer that is not streamed."""
        said = self.said
        message: Json = {"role": "assistant", "content": said.text if said.call is None else None, "refusal": None}
        if said.call is not None:
            message["tool_calls"] = [_call(said.call)]
        answers = [self._choice(index, "message", message, self._finish) for index in range(self.choices)]
        return orjson.dumps(self._envelope("chat.completion", answers) | {"usage": self._usage})

    def stream(self, *, usage: bool) -> Iterator[bytes]:
        """The frames of a stream, in pieces as they are written."""
        yield self._frames({"role": "assistant", "content": "" if self.said.call is None else None})
        for word in words(self.said.text):
            yield self._frames({"content": word})
        for piece in self.said.call or ():
            yield self._frames({"tool_calls": [{"index": 0, **_piece(piece)}]})
        last = self._frames({}, self._finish)
        if usage:
            last += _frame(self._envelope("chat.completion.chunk", []) | {"usage": self._usage})
        yield last + b"data: [DONE]\n\n"

    @property
    def _finish(self) -> str:
        return self.said.finish if self.said.call is None else "tool_calls"

    @property
    def _usage(self) -> Json:
        output = self.said.tokens * self.choices
        total = self.input_tokens + output
        return {"prompt_tokens": self.input_tokens, "completion_tokens": output, "total_tokens": total}

    def _frames(self, delta: Json, finish: str | None = None) -> bytes:
        """One step of every choice."""
        steps = (self._choice(index, "delta", delta, finish) for index in range(self.choices))
        return b"".join(_frame(self._envelope("chat.completion.chunk", [step])) for step in steps)

    @staticmethod
    def _choice(index: int, kind: str, content: Json, finish: str | None) -> Json:
        return {"index": index, kind: content, "logprobs": None, "finish_reason": finish}

    def _envelope(self, kind: str, choices: list[Json]) -> Json:
        head = {"id": f"chatcmpl-demo-{self.created}", "object": kind, "created": self.created, "model": self.model}
        return {**head, "choices": choices}


def _frame(body: Json) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"


def _call(call: Call) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _piece(call: Call) -> Json:
    return _call(call) if call.id else {"function": {"arguments": call.arguments}}
