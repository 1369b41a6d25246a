"""Whole replies: one text."""

from typing import Any

import orjson

from benches.samples.said import ANSWER, CREATED, INPUT_TOKENS, MODEL, OUTPUT_TOKENS, Dialect


def reply(dialect: Dialect, size: int) -> bytes:
    """An answer of about `size` bytes, of one sentence at least."""
    build = _BUILD[dialect]
    one, two = (len(orjson.dumps(build(ANSWER * count))) for count in (1, 2))
    return orjson.dumps(build(ANSWER * (1 + max(0, (size - one) // (two - one)))))


def chat_usage() -> dict[str, int]:
    return {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }


def responses_object(status: str, output: list[dict[str, Any]], usage: dict[str, Any] | None) -> dict[str, Any]:
    """The `response` that events of a stream repeat and a whole reply is."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": MODEL,
        "output": output,
        "usage": usage,
    }


def responses_message(status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "status": status, "role": "assistant", "content": content}


def responses_usage() -> dict[str, Any]:
    return {
        "input_tokens": INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": OUTPUT_TOKENS,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }


def gemini_reply(text: str, **finish: str) -> dict[str, Any]:
    """An answer, and an event of a stream: Gemini has one form for both."""
    usage = {
        "promptTokenCount": INPUT_TOKENS,
        "candidatesTokenCount": OUTPUT_TOKENS,
        "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **finish}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": MODEL, "responseId": "r1"}


def _chat(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": CREATED, "model": MODEL}
    return {**head, "choices": [choice], "usage": chat_usage()}


def _responses(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return responses_object("completed", [responses_message("completed", content)], responses_usage())


def _anthropic(text: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
    }


def _gemini(text: str) -> dict[str, Any]:
    return gemini_reply(text, finishReason="STOP")


_BUILD = {"openai_chat": _chat, "openai_responses": _responses, "anthropic": _anthropic, "gemini": _gemini}
