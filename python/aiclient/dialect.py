"""The names of the wire formats."""

from __future__ import annotations

from typing import Literal

__all__ = ["Dialect"]

Dialect = Literal["openai_chat", "openai_responses", "anthropic", "gemini"]
"""OpenAI Chat Completions, OpenAI Responses, Anthropic Messages, Gemini generateContent."""
