"""Chat Completions replies as OpenAI writes them; reasoning as the makers of reasoning models do.

The stream: a chunk with the role, one for each piece, one with the finish reason, one with the usage if the client
asked for it, `[DONE]`. There are no `event:` lines.
"""

import json

from tests.backends.exchange import Answer, Call, Json, JsonValue, Question
from tests.backends.wire import pieces

ID = "chatcmpl-Bx7Qm2"
CREATED = 1760000000


def write_whole(question: Question, answer: Answer) -> Json:
    """The reply in one piece; one that broke off is an error, with status 200."""
    if answer.cut == "error":
        return write_error(500, answer.complaint, None)
    message: Json = {
        "role": "assistant",
        "content": answer.text or None,
        "refusal": answer.refusal or None,
        "annotations": [],
    }
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.calls:
        message["tool_calls"] = [_call(question, call, index) for index, call in enumerate(answer.calls)]
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
    deltas += [{"refusal": piece} for piece in pieces(answer.refusal)]
    for index, call in enumerate(answer.calls):
        deltas += _call_deltas(_call(question, call, index), index)
    frames = [_chunk(question, delta, None) for delta in deltas]
    frames.append(_chunk(question, {}, answer.finish))
    if question.include_usage:
        frames.append(_frame({**_head(question, "chat.completion.chunk"), "choices": [], "usage": _usage(answer)}))
    return [*frames, b"data: [DONE]\n\n"]


def write_break(_question: Question, answer: Answer, _sent: int) -> list[bytes]:
    """How the vendor gives up: an error in place of a chunk, and no end mark."""
    return [_frame(write_error(500, answer.complaint, None))]


def write_error(status: int, message: str, _retry_after: int | None) -> Json:
    """The envelope of errors."""
    kind, code = {
        401: ("invalid_request_error", "invalid_api_key"),
        404: ("invalid_request_error", "model_not_found"),
        429: ("requests", "rate_limit_exceeded"),
        500: ("server_error", None),
    }.get(status, ("invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _call(question: Question, call: Call, index: int) -> Json:
    identifier = f"call_{'aB'[index]}9zXw4Yv3Ut2Sr1Qp0On5Mlk"
    if call.name in question.custom:
        return {"id": identifier, "type": "custom", "custom": {"name": call.name, "input": call.arguments["input"]}}
    function = {"name": call.name, "arguments": _json(call.arguments)}
    return {"id": identifier, "type": "function", "function": function}


def _call_deltas(call: Json, index: int) -> list[Json]:
    """A call with nothing in it, then what is in it."""
    kind = call["type"]
    field = {"function": "arguments", "custom": "input"}[kind]
    started = {"index": index, **call, kind: call[kind] | {field: ""}}
    grown = [{"index": index, kind: {field: piece}} for piece in pieces(call[kind][field])]
    return [{"tool_calls": [delta]} for delta in [started, *grown]]


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
        "prompt_tokens_details": {
            "cached_tokens": tokens.cached,
            "cache_write_tokens": tokens.written,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
    }


def _frame(data: Json) -> bytes:
    return f"data: {_json(data)}\n\n".encode()


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
