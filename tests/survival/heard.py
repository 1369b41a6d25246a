"""Replies of each dialect, whole and streamed, as answers: read as clients do."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiclient import Dialect
from tests.survival.conversation import Answer, Call, Piece, Text, Thought

__all__ = ["read_stream", "read_whole"]

Json = dict[str, Any]


def _chat(reply: Json) -> Answer:
    choice = reply["choices"][0]
    message = choice["message"]
    pieces: list[Piece] = [Thought(message.get("reasoning_content") or ""), Text(message["content"] or "")]
    pieces += [
        Call(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in message.get("tool_calls", [])
    ]
    finish = choice["finish_reason"]
    assert finish == "length" or (finish == "tool_calls") == ("tool_calls" in message)
    usage = reply["usage"]
    return _answer(pieces, finish == "length", usage["prompt_tokens"], usage["completion_tokens"])


def _chat_stream(data: bytes) -> Json:
    """A stream as the whole reply it stands for."""
    *frames, done = _data(data)
    assert done == "[DONE]"
    chunks = [json.loads(frame) for frame in frames]
    message: Json = {"content": "", "reasoning_content": ""}
    calls: dict[int, Json] = {}
    finish = None
    for choice in itertools.chain.from_iterable(chunk["choices"] for chunk in chunks):
        delta = choice["delta"]
        message["content"] += delta.get("content") or ""
        message["reasoning_content"] += delta.get("reasoning_content") or ""
        for call in delta.get("tool_calls", []):
            begun = calls.setdefault(call["index"], call)
            if begun is not call:
                begun["function"]["arguments"] += call["function"]["arguments"]
        finish = choice["finish_reason"] or finish
    assert sorted(calls) == list(range(len(calls)))
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": chunks[-1]["usage"]}


def _responses(reply: Json) -> Answer:
    pieces: list[Piece] = []
    for item in reply["output"]:
        match item["type"]:
            case "message":
                pieces += [Text(part["text"]) for part in item["content"]]
            case "reasoning":
                pieces += [Thought(part["text"]) for part in item["summary"]]
            case _:
                pieces.append(Call(item["call_id"], item["name"], json.loads(item["arguments"])))
    usage = reply["usage"]
    cut = reply["status"] == "incomplete" and reply["incomplete_details"]["reason"] == "max_output_tokens"
    assert cut or reply["status"] == "completed"
    return _answer(pieces, cut, usage["input_tokens"], usage["output_tokens"])


def _responses_stream(data: bytes) -> Json:
    events = [json.loads(frame) for frame in _data(data)]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    whole: Json = events[-1]["response"]
    items: dict[int, str] = {}
    for event in events:
        if event["type"].endswith(".delta"):
            items[event["output_index"]] = items.get(event["output_index"], "") + event["delta"]
    for index, item in enumerate(whole["output"]):
        said = [part["text"] for part in [*item.get("content", []), *item.get("summary", [])]]
        assert items.get(index, "") == "".join(said) or items[index] == item["arguments"]
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == whole["output"]
    return whole


def _anthropic(reply: Json) -> Answer:
    pieces: list[Piece] = []
    for block in reply["content"]:
        match block["type"]:
            case "text":
                pieces.append(Text(block["text"]))
            case "thinking":
                pieces.append(Thought(block["thinking"]))
            case _:
                pieces.append(Call(block["id"], block["name"], block["input"]))
    stop, usage = reply["stop_reason"], reply["usage"]
    assert stop == "max_tokens" or (stop == "tool_use") == any(isinstance(piece, Call) for piece in pieces)
    return _answer(pieces, stop == "max_tokens", usage["input_tokens"], usage["output_tokens"])


def _anthropic_stream(data: bytes) -> Json:
    blocks: list[Json] = []
    reply: Json = {}
    is_open = False
    for event in (json.loads(frame) for frame in _data(data)):
        match event["type"]:
            case "message_start":
                reply = event["message"]
            case "content_block_start":
                assert event["index"] == len(blocks)
                assert not is_open
                is_open = True
                blocks.append({**event["content_block"], "json": ""})
            case "content_block_delta":
                assert event["index"] == len(blocks) - 1
                assert is_open
                _extend(blocks[-1], event["delta"])
            case "content_block_stop":
                is_open = False
            case "message_delta":
                reply |= event["delta"] | {"usage": reply["usage"] | event["usage"]}
    for block in blocks:
        block["input"] = json.loads(block["json"] or "{}")
    return reply | {"content": blocks}


def _extend(block: Json, delta: Json) -> None:
    for key in ("text", "thinking"):
        if key in delta:
            block[key] += delta[key]
    block["json"] += delta.get("partial_json", "")


def _gemini(reply: Json) -> Answer:
    candidate = reply["candidates"][0]
    pieces: list[Piece] = []
    for part in candidate["content"]["parts"]:
        if "functionCall" in part:
            call = part["functionCall"]
            pieces.append(Call(call.get("id", ""), call["name"], call.get("args", {})))
        else:
            pieces.append(Thought(part["text"]) if part.get("thought") else Text(part["text"]))
    usage = reply["usageMetadata"]
    output = usage["candidatesTokenCount"] + usage.get("thoughtsTokenCount", 0)
    assert candidate["finishReason"] in {"STOP", "MAX_TOKENS"}
    return _answer(pieces, candidate["finishReason"] == "MAX_TOKENS", usage["promptTokenCount"], output)


def _gemini_stream(data: bytes) -> Json:
    chunks = [json.loads(frame) for frame in _data(data)]
    candidates = [candidate for chunk in chunks for candidate in chunk["candidates"]]
    assert [("finishReason" in candidate) for candidate in candidates] == [False] * (len(candidates) - 1) + [True]
    parts = [part for candidate in candidates for part in candidate["content"]["parts"]]
    return {**chunks[-1], "candidates": [{**candidates[-1], "content": {"parts": parts}}]}


def _answer(pieces: list[Piece], is_cut: bool, into: int, out: int) -> Answer:
    said = [piece for piece in pieces if isinstance(piece, Call) or piece.text]
    return Answer(tuple(said), is_cut, into, out)


def _data(stream: bytes) -> list[str]:
    lines = stream.decode().replace("\r\n", "\n").split("\n")
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


_WHOLE: Mapping[Dialect, Callable[[Json], Answer]] = {
    "openai_chat": _chat,
    "openai_responses": _responses,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
_STREAMS: Mapping[Dialect, Callable[[bytes], Json]] = {
    "openai_chat": _chat_stream,
    "openai_responses": _responses_stream,
    "anthropic": _anthropic_stream,
    "gemini": _gemini_stream,
}


def read_whole(dialect: Dialect, body: bytes) -> Answer:
    """What a client of this dialect makes of a whole reply."""
    return _WHOLE[dialect](json.loads(body))


def read_stream(dialect: Dialect, data: bytes) -> Answer:
    """What a client of this dialect makes of a stream; an `AssertionError` where it would fail."""
    return _WHOLE[dialect](_STREAMS[dialect](data))
