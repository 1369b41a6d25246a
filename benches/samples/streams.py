"""Streams: one text in deltas of a word or two, as frames of server-sent events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from benches.samples.replies import chat_usage, gemini_reply, responses_message, responses_object, responses_usage
from benches.samples.said import CREATED, INPUT_TOKENS, MODEL, OUTPUT_TOKENS, Dialect, words


@dataclass(frozen=True)
class Stream:
    """The frames of one stream: what opens it, one for each delta, what closes it."""

    opening: bytes
    deltas: list[bytes]
    closing: bytes

    def chunks(self, events: int) -> Iterator[bytes]:
        """The stream as a network would deliver it, with so many deltas in a chunk."""
        yield self.opening
        for first in range(0, len(self.deltas), events):
            yield b"".join(self.deltas[first : first + events])
        yield self.closing


def stream(dialect: Dialect, events: int) -> Stream:
    """A stream of so many deltas."""
    return _BUILD[dialect](words(events))


def _frame(data: dict[str, Any], line_end: bytes = b"\n") -> bytes:
    return b"data: " + orjson.dumps(data) + line_end * 2


def _named(event: str, data: dict[str, Any]) -> bytes:
    return b"event: " + event.encode() + b"\n" + _frame({"type": event, **data})


def _chat(deltas: list[str]) -> Stream:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": MODEL}

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _frame({**head, "choices": [choice], "usage": None})

    usage = _frame({**head, "choices": [], "usage": chat_usage()})
    return Stream(
        chunk({"role": "assistant", "content": ""}),
        [chunk({"content": delta}) for delta in deltas],
        chunk({}, "stop") + usage + b"data: [DONE]\n\n",
    )


def _responses(deltas: list[str]) -> Stream:
    numbers = iter(range(len(deltas) + 9))

    def event(name: str, **data: Any) -> bytes:  # noqa: ANN401  # what JSON has
        return _named(name, {**data, "sequence_number": next(numbers)})

    def part(name: str, **data: Any) -> bytes:  # noqa: ANN401
        return event(name, item_id="msg_1", output_index=0, content_index=0, **data)

    def content(text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": []}

    text = "".join(deltas)
    item = responses_message("completed", [content(text)])
    opening = (
        event("response.created", response=responses_object("in_progress", [], None))
        + event("response.in_progress", response=responses_object("in_progress", [], None))
        + event("response.output_item.added", output_index=0, item=responses_message("in_progress", []))
        + part("response.content_part.added", part=content(""))
    )
    events = [part("response.output_text.delta", delta=delta, logprobs=[]) for delta in deltas]
    closing = (
        part("response.output_text.done", text=text, logprobs=[])
        + part("response.content_part.done", part=content(text))
        + event("response.output_item.done", output_index=0, item=item)
        + event("response.completed", response=responses_object("completed", [item], responses_usage()))
    )
    return Stream(opening, events, closing)


def _anthropic(deltas: list[str]) -> Stream:
    message: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": 1}}
    block = {"index": 0, "content_block": {"type": "text", "text": ""}}
    stop = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": OUTPUT_TOKENS}}
    return Stream(
        _named("message_start", {"message": message}) + _named("content_block_start", block),
        [_named("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}}) for text in deltas],
        _named("content_block_stop", {"index": 0}) + _named("message_delta", stop) + _named("message_stop", {}),
    )


def _gemini(deltas: list[str]) -> Stream:
    # Gemini ends its lines with CR LF.
    events = [_frame(gemini_reply(delta), b"\r\n") for delta in deltas]
    return Stream(b"", events, _frame(gemini_reply("", finishReason="STOP"), b"\r\n"))


_BUILD = {"openai_chat": _chat, "openai_responses": _responses, "anthropic": _anthropic, "gemini": _gemini}
