"""The smallest request of each dialect, and how a probe changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiclient import Dialect

__all__ = ["DIALECTS", "MODELS", "PDF", "PNG", "asking", "with_turns"]

Body = dict[str, Any]

DIALECTS: tuple[Dialect, ...] = ("openai_chat", "openai_responses", "anthropic", "gemini")
# Models of which the built-in table knows what they take.
MODELS: dict[Dialect, str] = {
    "openai_chat": "gpt-4o",
    "openai_responses": "gpt-4o",
    "anthropic": "claude-sonnet-4-5",
    "gemini": "gemini-2.5-pro",
}
PNG = "iVBORw0KGgo="
PDF = "JVBERi0xLjQ="

_MINIMAL: dict[Dialect, Body] = {
    "openai_chat": {"model": "m", "messages": [{"role": "user", "content": "Q"}]},
    "openai_responses": {"model": "m", "input": [{"role": "user", "content": "Q"}]},
    "anthropic": {"model": "m", "max_tokens": 4096, "messages": [{"role": "user", "content": "Q"}]},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Q"}]}]},
}
_TURNS: dict[Dialect, str] = {
    "openai_chat": "messages",
    "openai_responses": "input",
    "anthropic": "messages",
    "gemini": "contents",
}


def asking(dialect: Dialect, change: Mapping[str, Any]) -> Body:
    """The smallest request with these members."""
    return _MINIMAL[dialect] | dict(change)


def with_turns(dialect: Dialect, *turns: Mapping[str, Any], before: bool = True) -> Body:
    """The smallest request with these turns, after its question if there is to be one before them."""
    key = _TURNS[dialect]
    question = _MINIMAL[dialect][key] if before else []
    return {key: [*question, *turns]}
