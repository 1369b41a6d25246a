"""Rules for system prompts: what the operator puts before, after or in place of what a client says.

They work on the client's own body, before it is translated, so that they hold for every pair of dialects and for
bodies that pass through. Only the member that holds the system prompt is written anew. A body whose shape is wrong is
left as it is: whoever reads it next says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from aiclient._native import overlay
from aiclient.dialect import Dialect
from aiclient.errors import AIClientError

__all__ = ["Mode", "PromptRules"]

Mode = Literal["append", "prepend", "override"]
_Json = dict[str, Any]

# Between two texts that become one.
_GAP = "\n\n"
_SYSTEM_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class PromptRules:
    """First the replacements, in what the client says; then the operator's own text."""

    mode: Mode = "append"
    text: str | None = None
    replacements: tuple[tuple[str, str], ...] = ()
    """What is found, as it stands, and what it becomes; one after the other."""

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return self.text is not None or bool(self.replacements)

    def applied(self, dialect: Dialect, body: bytes) -> bytes:
        """A request with its system prompt as it is to be."""
        try:
            asked = orjson.loads(body)
        except orjson.JSONDecodeError:
            return body
        if not isinstance(asked, dict):
            return body
        changed = _WRITERS[dialect](self, asked)
        if not changed:
            return body
        try:
            return overlay(body, orjson.dumps(changed).decode(), default=False)
        except AIClientError:
            return body

    def replaced(self, text: str) -> str:
        """A text after all replacements."""
        for found, instead in self.replacements:
            text = text.replace(found, instead)
        return text

    def joined(self, text: str) -> str:
        """A client's text with the operator's."""
        if self.text is None:
            return text
        if self.mode == "override" or not text:
            return self.text
        return f"{self.text}{_GAP}{text}" if self.mode == "prepend" else f"{text}{_GAP}{self.text}"

    def listed(self, said: Sequence[Any], own: Any) -> list[Any]:  # noqa: ANN401  # blocks, parts or messages
        """What a client says in pieces, with the operator's own piece."""
        if self.text is None:
            return list(said)
        if self.mode == "override":
            return [own]
        return [own, *said] if self.mode == "prepend" else [*said, own]


def _texts_replaced(rules: PromptRules, pieces: Sequence[Any]) -> list[Any]:
    """Blocks or parts, with the replacements in those that hold text."""
    return [
        piece | {"text": rules.replaced(piece["text"])}
        if isinstance(piece, dict) and isinstance(piece.get("text"), str)
        else piece
        for piece in pieces
    ]


def _content_replaced(rules: PromptRules, message: _Json) -> _Json:
    content = message.get("content")
    if isinstance(content, str):
        return message | {"content": rules.replaced(content)}
    return message | {"content": _texts_replaced(rules, content)} if isinstance(content, list) else message


def _anthropic(rules: PromptRules, asked: Mapping[str, Any]) -> _Json:
    said = asked.get("system", "")
    if isinstance(said, str):
        return _said("system", said, rules.joined(rules.replaced(said)))
    if not isinstance(said, list):
        return {}
    # A block of its own: what the client has marked for the cache stays as it is.
    return {"system": rules.listed(_texts_replaced(rules, said), {"type": "text", "text": rules.text})}


def _gemini(rules: PromptRules, asked: Mapping[str, Any]) -> _Json:
    name = "system_instruction" if "system_instruction" in asked else "systemInstruction"
    said = asked.get(name, {})
    if isinstance(said, str):
        said = {"parts": [{"text": said}]}
    parts = said.get("parts", []) if isinstance(said, dict) else None
    if isinstance(parts, dict):
        parts = [parts]
    if not isinstance(parts, list):
        return {}
    changed = rules.listed(_texts_replaced(rules, parts), {"text": rules.text})
    return {name: {"parts": changed}} if changed else {}


def _openai_chat(rules: PromptRules, asked: Mapping[str, Any]) -> _Json:
    messages = asked.get("messages")
    return {"messages": _with_system(rules, messages)} if isinstance(messages, list) else {}


def _openai_responses(rules: PromptRules, asked: Mapping[str, Any]) -> _Json:
    said, items = asked.get("instructions") or "", asked.get("input")
    if not isinstance(said, str):
        return {}
    if not isinstance(items, list) or not _leading(items):
        return _said("instructions", said, rules.joined(rules.replaced(said)))
    if rules.mode == "override" and rules.text is not None:
        return {"instructions": rules.text, "input": items[_leading(items) :]}
    changed: _Json = {"input": _with_system(rules, items)}
    return changed | _said("instructions", said, rules.replaced(said))


def _said(name: str, before: str, after: str) -> _Json:
    return {name: after} if after != before else {}


def _with_system(rules: PromptRules, messages: Sequence[Any]) -> list[Any]:
    """Messages with the operator's own beside those of the system that they begin with."""
    count = _leading(messages)
    rest = [_content_replaced(rules, one) if _is_system(one) else one for one in messages[count:]]
    leading = [_content_replaced(rules, one) for one in messages[:count]]
    role = leading[0]["role"] if leading else "system"
    return [*rules.listed(leading, {"role": role, "content": rules.text}), *rest]


def _leading(messages: Sequence[Any]) -> int:
    """How many messages of the system a conversation begins with."""
    return next((place for place, one in enumerate(messages) if not _is_system(one)), len(messages))


def _is_system(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") in _SYSTEM_ROLES


_WRITERS: dict[Dialect, Callable[[PromptRules, Mapping[str, Any]], _Json]] = {
    "anthropic": _anthropic,
    "gemini": _gemini,
    "openai_chat": _openai_chat,
    "openai_responses": _openai_responses,
}
