"""Messages replies as Anthropic writes them.

The stream: `message_start`, the blocks one after the other, each with start, deltas and stop, `message_delta` with
the final usage, `message_stop`. A ping follows the start of the first block. Every event has an `event:` line.
"""

import base64
import hashlib
import json
from collections.abc import Iterator

from tests.backends.exchange import Answer, Json, JsonValue, Question
from tests.backends.wire import pieces

ID = "msg_01XFDUDYJgAACzvnptvVoYEL"
REQUEST_ID = "req_018EeWyXxfu5pfWkrYcMdjWG"
STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
}


def write_whole(question: Question, answer: Answer) -> Json:
    """The reply in one piece; one that broke off is an error, with status 200."""
    if answer.cut == "error":
        return write_error(500, answer.complaint, None)
    return {
        **_message(question, _usage(answer)),
        "content": _blocks(answer),
        **_end(question, answer),
    }


def write_stream(question: Question, answer: Answer) -> list[bytes]:
    """The reply as events."""
    started = _usage(answer) | {"output_tokens": 1}
    events: list[Json] = [{"type": "message_start", "message": _message(question, started)}]
    for index, block in enumerate(_blocks(answer)):
        events.append({"type": "content_block_start", "index": index, "content_block": _opened(block)})
        if index == 0:
            events.append({"type": "ping"})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in _deltas(block)]
        events.append({"type": "content_block_stop", "index": index})
    events.append({"type": "message_delta", "delta": _end(question, answer), "usage": _usage(answer)})
    events.append({"type": "message_stop"})
    return [_frame(event) for event in events]


def seal(thinking: str) -> str:
    """The signature on a thought: good for this text only, and base64 with all its letters."""
    return base64.b64encode(b"\xfb\xff" + hashlib.sha256(thinking.encode()).digest()).decode()


def write_break(_question: Question, answer: Answer, _sent: int) -> list[bytes]:
    """How the vendor gives up: an event with the error."""
    return [_frame(write_error(500, answer.complaint, None))]


def write_error(status: int, message: str, _retry_after: int | None) -> Json:
    """The envelope of errors."""
    return {"type": "error", "error": {"type": ERRORS[status], "message": message}, "request_id": REQUEST_ID}


def _message(question: Question, usage: Json) -> Json:
    return {
        "id": ID,
        "type": "message",
        "role": "assistant",
        "model": question.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": usage,
    }


def _end(question: Question, answer: Answer) -> Json:
    reason, sequence, details = STOP_REASONS[answer.finish], None, None
    if answer.finish == "stop" and question.stop:
        reason, sequence = "stop_sequence", question.stop[0]
    elif answer.refusal:
        reason = "refusal"
    if reason == "refusal":
        details = {"type": "refusal", "category": None, "explanation": None}
    return {"stop_reason": reason, "stop_sequence": sequence, "stop_details": details}


def _usage(answer: Answer) -> Json:
    tokens = answer.tokens
    return {
        "input_tokens": tokens.input - tokens.cached - tokens.written,
        "cache_creation_input_tokens": tokens.written,
        "cache_creation": {"ephemeral_5m_input_tokens": tokens.written, "ephemeral_1h_input_tokens": 0},
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
        "output_tokens_details": {"thinking_tokens": tokens.reasoning},
        "service_tier": "standard",
    }


def _blocks(answer: Answer) -> list[Json]:
    blocks: list[Json] = []
    if answer.reasoning:
        blocks.append({"type": "thinking", "thinking": answer.reasoning, "signature": seal(answer.reasoning)})
    # A refusal in words is a text like any other.
    if answer.text or answer.refusal:
        blocks.append({"type": "text", "text": answer.text + answer.refusal})
    for index, call in enumerate(answer.calls):
        identifier = f"toolu_0{index + 1}A09q90qw90lq917835lq9"
        blocks.append({"type": "tool_use", "id": identifier, "name": call.name, "input": call.arguments})
    return blocks


def _opened(block: Json) -> Json:
    """The block as its start shows it: without what the deltas bring."""
    empty: Json = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {name: empty.get(name, value) for name, value in block.items()}


def _deltas(block: Json) -> Iterator[Json]:
    if block["type"] == "tool_use":
        # A first empty one comes with every call.
        for piece in ["", *pieces(_json(block["input"]))]:
            yield {"type": "input_json_delta", "partial_json": piece}
    elif block["type"] == "thinking":
        for piece in pieces(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        for piece in pieces(block["text"]):
            yield {"type": "text_delta", "text": piece}


def _frame(event: Json) -> bytes:
    return f"event: {event['type']}\ndata: {_json(event)}\n\n".encode()


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
