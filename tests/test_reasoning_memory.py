"""Stock Chat clients give back calls without the state that a vendor wants with them; the gateway remembers it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiclient import Dialect, ReasoningMemory, Translator

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Q"}], "reasoning_effort": "high"}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]

# What each vendor replies, whole.
REPLIES: dict[Dialect, Any] = {
    "anthropic": {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [
            {"type": "thinking", "thinking": "T", "signature": "c2Vhb+/="},
            {"type": "redacted_thinking", "data": "c2VjcmV0"},
            {"type": "text", "text": "A"},
            {"type": "tool_use", "id": "call_1", "name": "f", "input": {}},
            {"type": "tool_use", "id": "call_2", "name": "f", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "gemini": {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2Vhb+/="},
                        {"functionCall": {"name": "f", "args": {}}},
                    ],
                },
                "finishReason": "STOP",
            }
        ],
    },
    "openai_responses": {
        "id": "r",
        "object": "response",
        "status": "completed",
        "model": "m",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2Vhb+/="},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"},
            {"type": "function_call", "id": "fc_2", "call_id": "call_2", "name": "f", "arguments": "{}"},
        ],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    },
}
# The end of a stream that begins with such a reply.
STREAMS: dict[Dialect, list[str]] = {
    "anthropic": [
        '{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"usage":{}}}',
        '{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}',
        '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"T"}}',
        '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2Vhb+/="}}',
        '{"type":"content_block_stop","index":0}',
        '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}}',
        '{"type":"content_block_stop","index":1}',
        '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}',
        '{"type":"message_stop"}',
    ],
    "gemini": [json.dumps(REPLIES["gemini"])],
    "openai_responses": [json.dumps({"type": "response.completed", "response": REPLIES["openai_responses"]})],
}
STATE = {"anthropic": ["signature"], "gemini": ["thoughtSignature"], "openai_responses": ["encrypted_content"]}
MODELS = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-3-pro-preview", "openai_responses": "gpt-5"}
UPSTREAMS = list(REPLIES)


def translator(upstream: Dialect, memory: ReasoningMemory, created: int = 1, scope: bytes = b"ann") -> Translator:
    return Translator(
        client="openai_chat", upstream=upstream, exchange_id="x", created=created, memory=memory, scope=scope
    )


def first_turn(upstream: Dialect, memory: ReasoningMemory, *, stream: bool) -> list[str]:
    """The ids of the calls that the client is given."""
    asking = translator(upstream, memory)
    asking.request(json.dumps({**ASKED, "tools": TOOLS}).encode(), model=MODELS[upstream], stream=stream)
    if not stream:
        message = json.loads(asking.response(json.dumps(REPLIES[upstream]).encode()))["choices"][0]["message"]
        return [call["id"] for call in message["tool_calls"]]
    streaming = asking.stream()
    out = b"".join(streaming.feed(f"data: {data}\n\n".encode()) for data in STREAMS[upstream]) + streaming.finish()
    deltas = [json.loads(line[6:]) for line in out.decode().splitlines() if line.startswith("data: {")]
    calls = [call for delta in deltas for choice in delta["choices"] for call in choice["delta"].get("tool_calls", [])]
    return [call["id"] for call in calls if "id" in call]


def second_turn(upstream: Dialect, memory: ReasoningMemory, ids: list[str], **exchange: Any) -> str:  # noqa: ANN401
    """What the vendor is sent when the client gives back the calls and nothing else."""
    calls = [{"id": id_, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id_ in ids]
    messages = [
        *ASKED["messages"],
        {"role": "assistant", "content": "A", "tool_calls": calls},
        *({"role": "tool", "tool_call_id": id_, "content": "R"} for id_ in ids),
    ]
    asking = translator(upstream, memory, **exchange)
    body = json.dumps({**ASKED, "tools": TOOLS, "messages": messages}).encode()
    return asking.request(body, model=MODELS[upstream], stream=False).decode()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_state_comes_back_with_the_call(upstream: Dialect, stream: bool) -> None:
    memory = ReasoningMemory(capacity=1 << 20, lifetime=60)
    ids = first_turn(upstream, memory, stream=stream)
    sent = second_turn(upstream, memory, ids)
    assert f'"{STATE[upstream][0]}":"c2Vhb+/="' in sent
    assert "skip_thought_signature_validator" not in sent


def test_thoughts_stand_in_front_of_their_turn() -> None:
    memory = ReasoningMemory(capacity=1 << 20, lifetime=60)
    sent = json.loads(second_turn("anthropic", memory, first_turn("anthropic", memory, stream=False)))
    kinds = [block["type"] for block in sent["messages"][1]["content"]]
    assert kinds == ["thinking", "redacted_thinking", "text", "tool_use", "tool_use"]
    assert sent["thinking"]["type"] == "enabled"


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_nothing_comes_back_to_others_or_too_late(upstream: Dialect) -> None:
    memory = ReasoningMemory(capacity=1 << 20, lifetime=60)
    ids = first_turn(upstream, memory, stream=False)
    assert "c2Vhb" not in second_turn(upstream, memory, ids, scope=b"bob")
    assert "c2Vhb" not in second_turn(upstream, memory, ids, created=100)
    assert len(memory) == 0


def test_state_of_one_vendor_does_not_go_to_another() -> None:
    memory = ReasoningMemory(capacity=1 << 20, lifetime=60)
    ids = first_turn("anthropic", memory, stream=False)
    assert "c2Vhb" not in second_turn("gemini", memory, ids)


def test_the_memory_is_bounded() -> None:
    memory = ReasoningMemory(capacity=1000, lifetime=60)
    for _ in range(3):
        first_turn("anthropic", memory, stream=False)
    assert 0 < memory.size <= 1000
