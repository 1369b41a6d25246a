"""Chat Completions replies as OpenAI writes them; reasoning as the makers of reasoning models do.

The stream: a chunk with the role, one for each piece, one with the finish reason, one with the usage if the client
asked for it, `[DONE]`. There are no `event:` lines.
"""

import json

from tests.backends.exchange import Answer, Json, JsonValue, Question
from tests.backends.wire import pieces

ID = "chatcmpl-Bx7Qm2"
CREATED = 1760000000


def write_whole(question: Question, answer: Answer) -> Json:
    """The reply in one piece."""
    message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None, "annotations": []}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": _call_id(index),
                "type": "function",
                "function": {"name": call.name, "arguments": _json(call.arguments)},
            }
            for index, call in enumerate(answer.calls)
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
    return {
        **_head(question, "chat.completion"),
        "choices": [choice],
        "usage": _usage(answer),
    }


def write_stream(question: Question, answer: Answer) -> list[bytes]:
    """The reply as chunks, and what ends them."""
    deltas: list[Json] = [{"role": "assistant", "content": "", "refusal": None}]
    deltas += [{"reasoning_content": piece} for piece in pieces(answer.reasoning)]
    deltas += [{"content": piece} for piece in pieces(answer.text)]
    for index, call in enumerate(answer.calls):
        function = {"name": call.name, "arguments": ""}
        deltas.append(
            {"tool_calls": [{"index": index, "id": _call_id(index), "type": "function", "function": function}]}
        )
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in pieces(_json(call.arguments))
        ]
    frames = [_chunk(question, delta, None) for delta in deltas]
    frames.append(_chunk(question, {}, answer.finish))
    if question.include_usage:
        frames.append(_frame({**_head(question, "chat.completion.chunk"), "choices": [], "usage": _usage(answer)}))
    return [*frames, b"data: [DONE]\n\n"]


def write_error(status: int, message: str, _retry_after: int | None) -> Json:
    """The envelope of errors."""
    kind, code = {
        401: ("invalid_request_error", "invalid_api_key"),
        404: ("invalid_request_error", "model_not_found"),
        429: ("requests", "rate_limit_exceeded"),
        500: ("server_error", None),
    }.get(status, ("invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _head(question: Question, kind: str) -> Json:
    return {
        "id": ID,
        "object": kind,
        "created": CREATED,
        "model": question.model,
        "service_tier": "default",
        "system_fingerprint": "fp_50cad350e4",
    }


def _chunk(question: Question, delta: Json, finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    usage: Json = {"usage": None} if question.include_usage else {}
    return _frame({**_head(question, "chat.completion.chunk"), "choices": [choice], **usage, "obfuscation": "qT7"})


def _usage(answer: Answer) -> Json:
    tokens = answer.tokens
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
    }


def _call_id(index: int) -> str:
    return f"call_{'aB'[index]}9zXw4Yv3Ut2Sr1Qp0On5Mlk"


def _frame(data: Json) -> bytes:
    return f"data: {_json(data)}\n\n".encode()


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
