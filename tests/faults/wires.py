"""The least that each dialect says: a request, an answer, a stream, an error; and how to tell one from the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.backends.exchange import Json
from tests.backends.keys import CLIENT_KEY
from tests.conftest import BASE_PATHS


@dataclass(frozen=True)
class Wire:
    """One dialect, as client and as upstream."""

    dialect: str
    path: str
    """Where a client asks; `{model}` and `{verb}` are Gemini's."""
    question: Json
    whole: bytes
    """An answer."""
    frames: tuple[bytes, ...]
    """The same as a stream; the last one says that it is complete."""
    error_frame: bytes
    """How the vendor breaks off a stream."""
    finished: bytes
    """What stands in a stream that is complete, and in no other."""

    @property
    def base_path(self) -> str:
        """What the vendor's SDK takes as base URL, after the origin."""
        return BASE_PATHS[self.dialect]

    def error(self, status: int, message: str, *, retry_seconds: int | None = None) -> bytes:
        """The vendor's envelope of an error."""
        openai, anthropic, gemini = _ERROR_TYPES.get(status, ("server_error", "api_error", "UNAVAILABLE"))
        if self.dialect == "anthropic":
            return json.dumps({"type": "error", "error": {"type": anthropic, "message": message}}).encode()
        if self.dialect == "gemini":
            hint = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_seconds}s"}
            details = [] if retry_seconds is None else [hint]
            error = {"code": status, "message": message, "status": gemini, "details": details}
            return json.dumps({"error": error}).encode()
        return json.dumps({"error": {"message": message, "type": openai, "param": None, "code": None}}).encode()

    def request(self, model: str, *, stream: bool) -> bytes:
        """A client's request, head and body."""
        question = dict(self.question)
        if self.dialect != "gemini":
            question |= {"model": model, "stream": stream}
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body = json.dumps(question).encode()
        lines = [
            f"POST {self.path.format(model=model, verb=verb)} HTTP/1.1",
            "host: gateway",
            f"authorization: Bearer {CLIENT_KEY}",
            "content-type: application/json",
            f"content-length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def is_envelope(self, body: bytes) -> bool:
        """Whether a body is an error in this dialect."""
        try:
            value = json.loads(body)
        except ValueError:
            return False
        return isinstance(value, dict) and self._is_error(value, in_stream=False)

    def has_error_event(self, body: bytes) -> bool:
        """Whether a stream ends with an error in this dialect."""
        events = list(events_of(body))
        return bool(events) and self._is_error(events[-1], in_stream=True)

    def _is_error(self, value: Json, *, in_stream: bool) -> bool:
        if self.dialect == "openai_responses" and in_stream:
            return value.get("type") in {"error", "response.failed"}
        error = value.get("error")
        if not (isinstance(error, dict) and isinstance(error.get("message"), str)):
            return False
        if self.dialect == "anthropic":
            return value.get("type") == "error" and isinstance(error.get("type"), str)
        if self.dialect == "gemini":
            return isinstance(error.get("code"), int) and isinstance(error.get("status"), str)
        return isinstance(error.get("type"), str) and {"param", "code"} <= error.keys()


# By status, the words of OpenAI, Anthropic and Gemini.
_ERROR_TYPES = {
    400: ("invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
    401: ("invalid_request_error", "authentication_error", "UNAUTHENTICATED"),
    403: ("invalid_request_error", "permission_error", "PERMISSION_DENIED"),
    404: ("invalid_request_error", "not_found_error", "NOT_FOUND"),
    408: ("timeout", "timeout_error", "DEADLINE_EXCEEDED"),
    409: ("invalid_request_error", "invalid_request_error", "ABORTED"),
    429: ("rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"),
    500: ("server_error", "api_error", "INTERNAL"),
    529: ("server_error", "overloaded_error", "UNAVAILABLE"),
}


def events_of(body: bytes) -> Iterator[Json]:
    """The data of a stream's events; one that is no JSON object is passed over."""
    for line in body.replace(b"\r\n", b"\n").split(b"\n"):
        if line.startswith(b"data: {"):
            yield json.loads(line[6:])


def _json(value: Json) -> str:
    """As vendors write it, without spaces."""
    return json.dumps(value, separators=(",", ":"))


def _sse(data: str, event: str = "") -> bytes:
    return (f"event: {event}\n" if event else "").encode() + f"data: {data}\n\n".encode()


def _named(data: Json) -> bytes:
    return _sse(_json(data), str(data["type"]))


def _chat_chunk(delta: Json, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return _sse(_json(chunk))


def _gemini_chunk(text: str, finish_reason: str | None = None) -> Json:
    candidate: Json = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if finish_reason:
        candidate["finishReason"] = finish_reason
    return {"candidates": [candidate], "modelVersion": "m", "responseId": "r-1"}


def _response(status: str, output: list[Json]) -> Json:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": "m",
        "output": output,
        "error": None,
        "incomplete_details": None,
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3} if status == "completed" else None,
    }


def _item(status: str, *texts: str) -> Json:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content}


_AT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
_CHAT_USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
_MESSAGE: Json = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
_ERROR: Json = {"message": "the model broke", "type": "server_error", "param": None, "code": "server_error"}

CHAT = Wire(
    dialect="openai_chat",
    path="/v1/chat/completions",
    question={"messages": [{"role": "user", "content": "hello"}]},
    whole=_json(
        {
            "id": "c-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "one two"}, "finish_reason": "stop"}],
            "usage": _CHAT_USAGE,
        }
    ).encode(),
    frames=(
        _chat_chunk({"role": "assistant", "content": "one"}),
        _chat_chunk({"content": " two"}),
        _chat_chunk({}, "stop"),
        _sse("[DONE]"),
    ),
    error_frame=_sse(_json({"error": _ERROR})),
    finished=b'"finish_reason":"',
)
RESPONSES = Wire(
    dialect="openai_responses",
    path="/v1/responses",
    question={"input": "hello"},
    whole=_json(_response("completed", [_item("completed", "one two")])).encode(),
    frames=(
        _named({"type": "response.created", "sequence_number": 0, "response": _response("in_progress", [])})
        + _named(
            {
                "type": "response.output_item.added",
                "sequence_number": 1,
                "output_index": 0,
                "item": _item("in_progress"),
            }
        )
        + _named(
            {
                "type": "response.content_part.added",
                "sequence_number": 2,
                "part": {"type": "output_text", "text": "", "annotations": []},
            }
            | _AT
        )
        + _named({"type": "response.output_text.delta", "sequence_number": 3, "delta": "one"} | _AT),
        _named({"type": "response.output_text.delta", "sequence_number": 4, "delta": " two"} | _AT),
        _named({"type": "response.output_text.done", "sequence_number": 5, "text": "one two"} | _AT)
        + _named(
            {
                "type": "response.content_part.done",
                "sequence_number": 6,
                "part": {"type": "output_text", "text": "one two", "annotations": []},
            }
            | _AT
        )
        + _named(
            {
                "type": "response.output_item.done",
                "sequence_number": 7,
                "output_index": 0,
                "item": _item("completed", "one two"),
            }
        ),
        _named(
            {
                "type": "response.completed",
                "sequence_number": 8,
                "response": _response("completed", [_item("completed", "one two")]),
            }
        ),
    ),
    error_frame=_named({"type": "error", "sequence_number": 5, "code": "server_error", "message": "it broke"}),
    finished=b"response.completed",
)
ANTHROPIC = Wire(
    dialect="anthropic",
    path="/v1/messages",
    question={"max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]},
    whole=_json(
        _MESSAGE
        | {
            "content": [{"type": "text", "text": "one two"}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 2},
        }
    ).encode(),
    frames=(
        _named(
            {
                "type": "message_start",
                "message": _MESSAGE
                | {
                    "content": [],
                    "stop_reason": None,
                    "stop_sequence": None,
                    "usage": {"input_tokens": 1, "output_tokens": 1},
                },
            }
        )
        + _named({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
        + _named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "one"}}),
        _named({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " two"}}),
        _named({"type": "content_block_stop", "index": 0})
        + _named(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 2},
            }
        ),
        _named({"type": "message_stop"}),
    ),
    error_frame=_named({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    finished=b"message_stop",
)
GEMINI = Wire(
    dialect="gemini",
    path="/v1beta/models/{model}:{verb}",
    question={"contents": [{"role": "user", "parts": [{"text": "hello"}]}]},
    whole=_json(_gemini_chunk("one two", "STOP")).encode(),
    frames=tuple(
        _sse(_json(chunk)) for chunk in (_gemini_chunk("one"), _gemini_chunk(" two"), _gemini_chunk("", "STOP"))
    ),
    error_frame=_sse(_json({"error": {"code": 503, "message": "it broke", "status": "UNAVAILABLE"}})),
    finished=b'"finishReason":',
)
WIRES = {wire.dialect: wire for wire in (CHAT, RESPONSES, ANTHROPIC, GEMINI)}
