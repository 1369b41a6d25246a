"""Requests: a system prompt, a conversation, one tool."""

from typing import Any

import orjson

from benches.samples.said import MAX_TOKENS, MODEL, PARAMETERS, SYSTEM, TOOL, Dialect, turns


def request(dialect: Dialect, size: int, *, model: str = MODEL, stream: bool = False) -> bytes:
    """A request whose conversation is as long as fits into `size` bytes, of one turn at least."""
    build = _BUILD[dialect]
    one, three = (len(orjson.dumps(build(model, stream, count))) for count in (1, 3))
    count = 1 + 2 * max(0, (size - one) // (three - one))
    return orjson.dumps(build(model, stream, count))


def _chat(model: str, stream: bool, count: int) -> dict[str, Any]:
    system = {"role": "system", "content": SYSTEM}
    return {
        "model": model,
        "messages": [system, *({"role": role, "content": text} for role, text in turns(count))],
        "tools": [{"type": "function", "function": {**TOOL, "parameters": PARAMETERS}}],
        "max_tokens": MAX_TOKENS,
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    }


def _responses(model: str, stream: bool, count: int) -> dict[str, Any]:
    return {
        "model": model,
        "instructions": SYSTEM,
        "input": [{"role": role, "content": text} for role, text in turns(count)],
        "tools": [{"type": "function", **TOOL, "parameters": PARAMETERS, "strict": False}],
        "max_output_tokens": MAX_TOKENS,
        "store": False,
        **({"stream": True} if stream else {}),
    }


def _anthropic(model: str, stream: bool, count: int) -> dict[str, Any]:
    return {
        "model": model,
        "system": SYSTEM,
        "messages": [{"role": role, "content": text} for role, text in turns(count)],
        "tools": [{**TOOL, "input_schema": PARAMETERS}],
        "max_tokens": MAX_TOKENS,
        **({"stream": True} if stream else {}),
    }


def _gemini(_model: str, _stream: bool, count: int) -> dict[str, Any]:
    # Model and streaming are in the path.
    roles = {"user": "user", "assistant": "model"}
    return {
        "systemInstruction": {"parts": [{"text": SYSTEM}]},
        "contents": [{"role": roles[role], "parts": [{"text": text}]} for role, text in turns(count)],
        "tools": [{"functionDeclarations": [{**TOOL, "parametersJsonSchema": PARAMETERS}]}],
        "generationConfig": {"maxOutputTokens": MAX_TOKENS},
    }


_BUILD = {"openai_chat": _chat, "openai_responses": _responses, "anthropic": _anthropic, "gemini": _gemini}
