"""Conversations as requests of each dialect: written as clients do, read back as strictly as vendors do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiclient import Dialect
from tests.survival.conversation import Call, Result, Round, Text, as_json

__all__ = ["WRITERS", "Seen", "read"]

Json = dict[str, Any]
_SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}}


@dataclass
class Seen:
    """What an upstream sees."""

    asked: str = ""
    said: str = ""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    results: list[tuple[int, str, bool]] = field(default_factory=list)
    """Which call it answers, its text, and whether it is marked as an error."""


def _names(rounds: list[Round]) -> list[str]:
    return sorted({call.name for each in rounds for call in each.calls})


def _chat(rounds: list[Round]) -> Json:
    messages: list[Json] = []
    for each in rounds:
        messages.append({"role": "user", "content": each.asked})
        text = "".join(piece.text for piece in each.said if isinstance(piece, Text))
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": as_json(call.arguments)}}
            for call in each.calls
        ]
        more = {"tool_calls": calls} if calls else {}
        messages.append({"role": "assistant", "content": text or None, **more})
        for call, result in zip(each.calls, each.results, strict=True):
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result.text})
    tools = [{"type": "function", "function": {"name": name, "parameters": _SCHEMA}} for name in _names(rounds)]
    return {"messages": [*messages, {"role": "user", "content": "?"}], **({"tools": tools} if tools else {})}


def _responses(rounds: list[Round]) -> Json:
    items: list[Json] = []
    for each in rounds:
        items.append({"role": "user", "content": each.asked})
        for piece in each.said:
            if isinstance(piece, Text):
                content = [{"type": "output_text", "text": piece.text, "annotations": []}]
                items.append({"type": "message", "role": "assistant", "content": content})
            else:
                arguments = as_json(piece.arguments)
                items.append({"type": "function_call", "call_id": piece.id, "name": piece.name, "arguments": arguments})
        for call, result in zip(each.calls, each.results, strict=True):
            items.append({"type": "function_call_output", "call_id": call.id, "output": result.text})
    tools = [{"type": "function", "name": name, "parameters": _SCHEMA} for name in _names(rounds)]
    return {"input": [*items, {"role": "user", "content": "?"}], "tools": tools}


def _anthropic(rounds: list[Round]) -> Json:
    messages: list[Json] = []
    results: list[Json] = []
    for each in [*rounds, Round("?", (), ())]:
        messages.append({"role": "user", "content": [*results, {"type": "text", "text": each.asked}]})
        blocks = [
            {"type": "text", "text": piece.text}
            if isinstance(piece, Text)
            else {"type": "tool_use", "id": piece.id, "name": piece.name, "input": piece.arguments}
            for piece in each.said
        ]
        if blocks:
            messages.append({"role": "assistant", "content": blocks})
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": result.text, "is_error": result.is_error}
            for call, result in zip(each.calls, each.results, strict=True)
        ]
    tools = [{"name": name, "input_schema": _SCHEMA} for name in _names(rounds)]
    return {"max_tokens": 9, "messages": messages, "tools": tools}


def _gemini(rounds: list[Round], *, ids: bool = False) -> Json:
    contents: list[Json] = []
    for each in rounds:
        contents.append({"role": "user", "parts": [{"text": each.asked}]})
        parts = [
            {"text": piece.text}
            if isinstance(piece, Text)
            else {"functionCall": {"name": piece.name, "args": piece.arguments, **({"id": piece.id} if ids else {})}}
            for piece in each.said
        ]
        contents.append({"role": "model", "parts": parts})
        if each.results:
            responses = [_function_response(*pair, ids=ids) for pair in zip(each.calls, each.results, strict=True)]
            contents.append({"role": "user", "parts": responses})
    tools = [{"functionDeclarations": [{"name": name, "parametersJsonSchema": _SCHEMA} for name in _names(rounds)]}]
    return {"contents": [*contents, {"role": "user", "parts": [{"text": "?"}]}], "tools": tools}


def _function_response(call: Call, result: Result, *, ids: bool) -> Json:
    response = {"error" if result.is_error else "output": result.text}
    return {"functionResponse": {"name": call.name, "response": response, **({"id": call.id} if ids else {})}}


WRITERS: Mapping[Dialect, list[Callable[[list[Round]], Json]]] = {
    "openai_chat": [_chat],
    "openai_responses": [_responses],
    "anthropic": [_anthropic],
    "gemini": [_gemini, lambda rounds: _gemini(rounds, ids=True)],
}


class _Pairing:
    """Which calls wait for their results; vendors refuse a request in which one stays without."""

    def __init__(self, seen: Seen, *, once: bool = False) -> None:
        self.seen = seen
        self.open: dict[str, int] = {}
        self.used: set[str] = set()
        self.once = once
        """Whether an id may not come again in a later turn."""

    def call(self, call_id: str, name: str, arguments: Json) -> None:
        assert call_id not in (self.used if self.once else self.open), f"{call_id} again"
        self.used.add(call_id)
        self.open[call_id] = len(self.seen.calls)
        self.seen.calls.append((name, arguments))

    def result(self, call_id: str, text: str, is_error: bool) -> None:
        self.seen.results.append((self.open.pop(call_id), text, is_error))

    def none_open(self) -> None:
        assert not self.open, f"calls without results: {self.open}"


def _read_chat(body: Json) -> Seen:
    seen = Seen()
    pairs = _Pairing(seen)
    for message in body["messages"]:
        if message["role"] == "tool":
            pairs.result(message["tool_call_id"], *_unmarked(_flat(message["content"])))
            continue
        pairs.none_open()
        if message["role"] == "user":
            seen.asked += _flat(message["content"])
            continue
        seen.said += _flat(message.get("content") or "")
        for call in message.get("tool_calls", []):
            assert len(call["id"]) <= 40
            pairs.call(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
    pairs.none_open()
    return seen


def _read_responses(body: Json) -> Seen:
    seen = Seen()
    pairs = _Pairing(seen)
    for item in body["input"]:
        match item.get("type", "message"):
            case "function_call":
                assert len(item["call_id"]) <= 64
                pairs.call(item["call_id"], item["name"], json.loads(item["arguments"]))
            case "function_call_output":
                pairs.result(item["call_id"], *_unmarked(_flat(item["output"])))
            case _ if item["role"] == "user":
                pairs.none_open()
                seen.asked += _flat(item["content"])
            case _:
                seen.said += _flat(item["content"])
    pairs.none_open()
    return seen


def _read_anthropic(body: Json) -> Seen:
    seen = Seen()
    pairs = _Pairing(seen, once=True)
    role = "assistant"
    for message in body["messages"]:
        assert message["role"] != role, "two turns of one side"
        role = message["role"]
        blocks = message["content"]
        blocks = [{"type": "text", "text": blocks}] if isinstance(blocks, str) else blocks
        kinds = [block["type"] == "tool_result" for block in blocks]
        assert kinds == sorted(kinds, reverse=True), "results come first"
        for block in blocks:
            _read_block(block, role, pairs)
        if role == "user":
            pairs.none_open()
    return seen


def _read_block(block: Json, role: str, pairs: _Pairing) -> None:
    seen = pairs.seen
    match block["type"]:
        case "tool_result":
            pairs.result(block["tool_use_id"], _flat(block["content"]), block.get("is_error", False))
        case "tool_use":
            assert re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"])
            pairs.call(block["id"], block["name"], block["input"])
        case _ if role == "user":
            seen.asked += block["text"]
        case _:
            seen.said += block["text"]


def _read_gemini(body: Json) -> Seen:
    seen = Seen()
    waiting: list[tuple[int, str]] = []
    for content in body["contents"]:
        responses = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        assert len(responses) in {0, len(content["parts"])}, "nothing stands beside responses"
        assert [name for _, name in waiting] == [response["name"] for response in responses], "a response for each call"
        for (index, _), answer in zip(waiting, responses, strict=True):
            seen.results.append((index, *_of_response(answer["response"])))
        waiting = []
        for part in content["parts"]:
            if "functionCall" in part:
                waiting.append((len(seen.calls), part["functionCall"]["name"]))
                seen.calls.append((part["functionCall"]["name"], part["functionCall"].get("args", {})))
            elif "text" in part and content["role"] == "user":
                seen.asked += part["text"]
            elif "text" in part:
                seen.said += part["text"]
    assert not waiting
    return seen


def _of_response(response: Json) -> tuple[str, bool]:
    if set(response) == {"error"}:
        return response["error"], True
    return (response["output"] if set(response) == {"output"} else as_json(response)), False


def _flat(content: str | list[Json]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _unmarked(text: str) -> tuple[str, bool]:
    """OpenAI's dialects mark an error in its text alone."""
    return text.removeprefix("Error: "), text.startswith("Error: ")


def read(dialect: Dialect, body: Json) -> Seen:
    """What an upstream of this dialect sees in a request; an `AssertionError` where the vendor would refuse it."""
    readers: dict[Dialect, Callable[[Json], Seen]] = {
        "openai_chat": _read_chat,
        "openai_responses": _read_responses,
        "anthropic": _read_anthropic,
        "gemini": _read_gemini,
    }
    return readers[dialect](body)
