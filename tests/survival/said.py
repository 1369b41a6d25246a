"""Answers as replies of each dialect, whole and streamed: written as upstreams do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiclient import Dialect
from tests.survival.conversation import Answer, Call, Piece, Text, Thought, as_json

__all__ = ["STREAMS", "WHOLE"]

Json = dict[str, Any]


def _pieces(text: str, dice: random.Random) -> Iterator[str]:
    """The text in pieces of any length."""
    while text:
        length = dice.randint(1, 8)
        yield text[:length]
        text = text[length:]


def _chat_usage(answer: Answer) -> Json:
    into, out = answer.input_tokens, answer.output_tokens
    return {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out}


def _chat_finish(answer: Answer) -> str:
    return "length" if answer.is_cut else "tool_calls" if answer.calls else "stop"


def _chat(answer: Answer) -> Json:
    calls = [
        {"id": piece.id, "type": "function", "function": {"name": piece.name, "arguments": as_json(piece.arguments)}}
        for piece in answer.pieces
        if isinstance(piece, Call)
    ]
    message = {
        "role": "assistant",
        "content": answer.joined(Text) or None,
        "reasoning_content": answer.joined(Thought) or None,
        **({"tool_calls": calls} if calls else {}),
    }
    choice = {"index": 0, "message": message, "finish_reason": _chat_finish(answer)}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return {**head, "choices": [choice], "usage": _chat_usage(answer)}


def _chat_deltas(piece: Piece, index: int, dice: random.Random) -> Iterator[Json]:
    if isinstance(piece, Call):
        begun = {"id": piece.id, "type": "function", "function": {"name": piece.name, "arguments": ""}}
        yield {"tool_calls": [{"index": index, **begun}]}
        for part in _pieces(as_json(piece.arguments), dice):
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
    else:
        key = "content" if isinstance(piece, Text) else "reasoning_content"
        yield from ({key: part} for part in _pieces(piece.text, dice))


def _interleaved(streams: list[list[Json]], dice: random.Random) -> Iterator[Json]:
    """All of them, each in its order; they begin in their order, and go on in any order among them."""
    begun = 0
    while any(streams):
        at = dice.choice([index for index, stream in enumerate(streams[: begun + 1]) if stream])
        begun = max(begun, at + 1)
        yield streams[at].pop(0)


def _chat_stream(answer: Answer, dice: random.Random) -> bytes:
    calls = [piece for piece in answer.pieces if isinstance(piece, Call)]
    prose = [piece for piece in answer.pieces if not isinstance(piece, Call)]
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [delta for piece in prose for delta in _chat_deltas(piece, 0, dice)]
    deltas += _interleaved([list(_chat_deltas(call, index, dice)) for index, call in enumerate(calls)], dice)
    chunks: list[Json] = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks += [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": _chat_finish(answer)}]},
        {"choices": [], "usage": _chat_usage(answer)},
    ]
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return _frames([("", {**head, **chunk}) for chunk in chunks]) + b"data: [DONE]\n\n"


def _responses(answer: Answer) -> Json:
    into, out = answer.input_tokens, answer.output_tokens
    usage = {
        "input_tokens": into,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": into + out,
    }
    ending: Json = {"status": "completed", "incomplete_details": None}
    if answer.is_cut:
        ending = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "error": None}
    return {**head, **ending, "output": [_item(*each) for each in enumerate(answer.pieces)], "usage": usage}


def _item(index: int, piece: Piece) -> Json:
    match piece:
        case Text(text):
            content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
            return {"type": "message", "id": f"msg_{index}", "role": "assistant", "content": content}
        case Thought(text):
            return {"type": "reasoning", "id": f"rs_{index}", "summary": [{"type": "summary_text", "text": text}]}
        case Call(call_id, name, arguments):
            call = {"call_id": call_id, "name": name, "arguments": as_json(arguments)}
            return {"type": "function_call", "id": f"fc_{index}", **call}


_RESPONSES_DELTAS: dict[type[Piece], tuple[str, Json]] = {
    Text: ("response.output_text.delta", {"content_index": 0}),
    Thought: ("response.reasoning_summary_text.delta", {"summary_index": 0}),
    Call: ("response.function_call_arguments.delta", {}),
}


def _item_events(index: int, piece: Piece, dice: random.Random) -> Iterator[Json]:
    item = _item(index, piece)
    empty: Json = {"content": []} if isinstance(piece, Text) else {"summary": []}
    if isinstance(piece, Call):
        empty = {"arguments": ""}
    at = {"output_index": index, "item_id": item["id"]}
    yield {"type": "response.output_item.added", "output_index": index, "item": {**item, **empty}}
    kind, where = _RESPONSES_DELTAS[type(piece)]
    text = as_json(piece.arguments) if isinstance(piece, Call) else piece.text
    yield from ({"type": kind, **at, **where, "delta": part} for part in _pieces(text, dice))
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _responses_stream(answer: Answer, dice: random.Random) -> bytes:
    whole = _responses(answer)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    events: list[Json] = [{"type": f"response.{kind}", "response": begun} for kind in ("created", "in_progress")]
    for index, piece in enumerate(answer.pieces):
        events += _item_events(index, piece, dice)
    events.append({"type": f"response.{whole['status']}", "response": whole})
    return _frames([(event["type"], {"sequence_number": n, **event}) for n, event in enumerate(events)])


def _anthropic_stop(answer: Answer) -> str:
    return "max_tokens" if answer.is_cut else "tool_use" if answer.calls else "end_turn"


def _anthropic(answer: Answer) -> Json:
    usage = {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    blocks = [_block(piece) for piece in answer.pieces]
    return {**head, "content": blocks, "stop_reason": _anthropic_stop(answer), "usage": usage}


def _block(piece: Piece) -> Json:
    match piece:
        case Text(text):
            return {"type": "text", "text": text}
        case Thought(text):
            return {"type": "thinking", "thinking": text, "signature": "c2ln"}
        case Call(call_id, name, arguments):
            return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


_ANTHROPIC_DELTAS: dict[type[Piece], tuple[Json, str, str]] = {
    Text: ({"text": ""}, "text_delta", "text"),
    Thought: ({"thinking": "", "signature": ""}, "thinking_delta", "thinking"),
    Call: ({"input": {}}, "input_json_delta", "partial_json"),
}


def _block_events(index: int, piece: Piece, dice: random.Random) -> Iterator[Json]:
    empty, kind, key = _ANTHROPIC_DELTAS[type(piece)]
    # A call without arguments has no pieces.
    text = (as_json(piece.arguments) if piece.arguments else "") if isinstance(piece, Call) else piece.text
    yield {"type": "content_block_start", "index": index, "content_block": {**_block(piece), **empty}}
    deltas = [{"type": kind, key: part} for part in _pieces(text, dice)]
    if isinstance(piece, Thought):
        deltas.append({"type": "signature_delta", "signature": "c2ln"})
    yield from ({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
    yield {"type": "content_block_stop", "index": index}


def _anthropic_stream(answer: Answer, dice: random.Random) -> bytes:
    whole = _anthropic(answer)
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": begun}]
    for index, piece in enumerate(answer.pieces):
        events += _block_events(index, piece, dice)
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": answer.output_tokens}})
    events.append({"type": "message_stop"})
    return _frames([(event["type"], event) for event in events])


def _gemini_usage(answer: Answer) -> Json:
    into, out = answer.input_tokens, answer.output_tokens
    return {"promptTokenCount": into, "candidatesTokenCount": out, "totalTokenCount": into + out}


def _part(piece: Piece) -> Json:
    match piece:
        case Text(text):
            return {"text": text}
        case Thought(text):
            return {"text": text, "thought": True}
        case Call(_, name, arguments):
            return {"functionCall": {"name": name, "args": arguments}}


def _gemini_reply(answer: Answer, parts: list[Json], *, last: bool) -> Json:
    ending = {"finishReason": "MAX_TOKENS" if answer.is_cut else "STOP"} if last else {}
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0, **ending}
    usage = {"usageMetadata": _gemini_usage(answer)}
    return {"candidates": [candidate], **usage, "modelVersion": "m", "responseId": "r"}


def _gemini(answer: Answer) -> Json:
    return _gemini_reply(answer, [_part(piece) for piece in answer.pieces], last=True)


def _gemini_stream(answer: Answer, dice: random.Random) -> bytes:
    parts: list[Json] = []
    for piece in answer.pieces:
        if isinstance(piece, Call):
            parts.append(_part(piece))
        else:
            parts += [{**_part(piece), "text": part} for part in _pieces(piece.text, dice)]
    chunks: list[Json] = []
    while parts:
        count = dice.randint(1, 3)
        chunks.append(_gemini_reply(answer, parts[:count], last=count >= len(parts)))
        parts = parts[count:]
    return _frames([("", chunk) for chunk in chunks]).replace(b"\n", b"\r\n")


def _frames(events: list[tuple[str, Json]]) -> bytes:
    named = [(f"event: {name}\n" if name else "", json.dumps(data)) for name, data in events]
    return "".join(f"{name}data: {data}\n\n" for name, data in named).encode()


WHOLE: Mapping[Dialect, Callable[[Answer], Json]] = {
    "openai_chat": _chat,
    "openai_responses": _responses,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
STREAMS: Mapping[Dialect, Callable[[Answer, random.Random], bytes]] = {
    "openai_chat": _chat_stream,
    "openai_responses": _responses_stream,
    "anthropic": _anthropic_stream,
    "gemini": _gemini_stream,
}
