"""One pair in plain Python, as one would write it by hand: an Anthropic client in front of a Chat upstream.

The comparison is honest by being generous: what is here covers text, system prompts and tools, and none of the rest
that the native translator reads, checks, keeps and reports.
"""

from collections.abc import Callable, Iterator
from typing import Any

Loads = Callable[[bytes], Any]
Dumps = Callable[[Any], bytes]

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def request(body: bytes, loads: Loads, dumps: Dumps) -> bytes:
    """An Anthropic request as Chat says it."""
    asked = loads(body)
    messages = [{"role": message["role"], "content": _text(message["content"])} for message in asked["messages"]]
    if "system" in asked:
        messages.insert(0, {"role": "system", "content": _text(asked["system"])})
    out: dict[str, Any] = {"model": asked["model"], "messages": messages, "max_completion_tokens": asked["max_tokens"]}
    if tools := asked.get("tools"):
        out["tools"] = [{"type": "function", "function": _function(tool)} for tool in tools]
    for name in ("temperature", "top_p", "stream"):
        if name in asked:
            out[name] = asked[name]
    return dumps(out)


def response(body: bytes, loads: Loads, dumps: Dumps) -> bytes:
    """A Chat answer as Anthropic says it."""
    said = loads(body)
    choice = said["choices"][0]
    return dumps(
        {
            "id": said["id"],
            "type": "message",
            "role": "assistant",
            "model": said["model"],
            "content": [{"type": "text", "text": choice["message"]["content"]}],
            "stop_reason": STOP_REASONS.get(choice["finish_reason"]),
            "stop_sequence": None,
            "usage": _usage(said["usage"]),
        }
    )


class Stream:
    """A Chat stream as Anthropic says it, for chunks that hold whole frames."""

    def __init__(self, loads: Loads, dumps: Dumps) -> None:
        self._loads = loads
        self._dumps = dumps
        self._begun = False
        self._stop_reason: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        """What is due to the client after these bytes."""
        frames = (frame[6:] for frame in chunk.split(b"\n\n") if frame.startswith(b"data: "))
        return b"".join(event for frame in frames for event in self._events(frame))

    def _events(self, data: bytes) -> Iterator[bytes]:
        if data == b"[DONE]":
            yield self._event("message_stop", {})
            return
        chunk = self._loads(data)
        if not self._begun:
            self._begun = True
            yield from self._opening(chunk)
        for choice in chunk["choices"]:
            if text := choice["delta"].get("content"):
                delta = {"type": "text_delta", "text": text}
                yield self._event("content_block_delta", {"index": 0, "delta": delta})
            self._stop_reason = STOP_REASONS.get(choice["finish_reason"], self._stop_reason)
        if usage := chunk.get("usage"):
            delta = {"stop_reason": self._stop_reason, "stop_sequence": None}
            yield self._event("content_block_stop", {"index": 0})
            yield self._event("message_delta", {"delta": delta, "usage": _usage(usage)})

    def _opening(self, chunk: dict[str, Any]) -> Iterator[bytes]:
        message = {"id": chunk["id"], "type": "message", "role": "assistant", "model": chunk["model"], "content": []}
        yield self._event("message_start", {"message": message})
        yield self._event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})

    def _event(self, name: str, data: dict[str, Any]) -> bytes:
        return b"event: " + name.encode() + b"\ndata: " + self._dumps({"type": name, **data}) + b"\n\n"


def _text(content: str | list[dict[str, Any]]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    return {"name": tool["name"], "description": tool.get("description", ""), "parameters": tool["input_schema"]}


def _usage(usage: dict[str, int]) -> dict[str, int]:
    return {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]}
