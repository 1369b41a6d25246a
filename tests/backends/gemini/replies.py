"""generateContent replies as Google writes them.

The stream: chunks that each have the form of a whole reply, with usage, model version and response id on every one and
the finish reason on the last. Lines end with CR LF; there is no end mark. Function calls come whole. Without `alt=sse`
the chunks are the elements of one JSON array.
"""

import base64
import hashlib
import json

from tests.backends.exchange import Answer, Call, Json, JsonValue, Question
from tests.backends.wire import pieces

RESPONSE_ID = "kQ4PacGhK5-t1MkPx6uH4Aw"
FINISH_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}


def sign(call: Call) -> bytes:
    """The signature of the thoughts that led to a call."""
    called = json.dumps([call.name, call.arguments], sort_keys=True).encode()
    return b"\x12\xa5\x01 of Gemini's \xff\xfe\xfb" + hashlib.sha384(called).digest()


def write_whole(question: Question, answer: Answer) -> Json:
    """The reply in one piece; one that broke off is an error, with status 200."""
    if answer.cut == "error":
        return write_error(500, answer.complaint, None)
    return _chunk(question, answer, _parts(answer, whole=True), finish=_finish(answer))


def write_stream(question: Question, answer: Answer) -> list[bytes]:
    """The reply as chunks; parallel calls share one."""
    parts = _parts(answer, whole=False)
    calls = [part for part in parts if "functionCall" in part]
    chunks = [_chunk(question, answer, [part]) for part in parts if "functionCall" not in part]
    if calls:
        chunks.append(_chunk(question, answer, calls))
    chunks.append(_chunk(question, answer, [{"text": ""}], finish=_finish(answer)))
    if question.framing == "sse":
        return [f"data: {_json(chunk)}\r\n\r\n".encode() for chunk in chunks]
    marks = ["[", *[",\r\n"] * (len(chunks) - 1)]
    return [*(f"{mark}{_json(chunk)}\r\n".encode() for mark, chunk in zip(marks, chunks, strict=True)), b"]"]


def write_break(question: Question, answer: Answer, _sent: int) -> list[bytes]:
    """How the vendor gives up: the error in place of a chunk."""
    error = _json(write_error(500, answer.complaint, None))
    return [f"data: {error}\r\n\r\n".encode() if question.framing == "sse" else f",\r\n{error}\r\n]".encode()]


def write_error(status: int, message: str, retry_after: int | None) -> Json:
    """The envelope of errors; how long to wait is in the body, not in a header."""
    error: Json = {"code": status, "message": message, "status": STATUSES[status]}
    if retry_after is not None:
        retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"}
        error["details"] = [retry]
    return {"error": error}


def _chunk(question: Question, answer: Answer, parts: list[Json], *, finish: str | None = None) -> Json:
    candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": _usage(answer),
        "modelVersion": question.model,
        "responseId": RESPONSE_ID,
    }


def _finish(answer: Answer) -> str:
    return "SAFETY" if answer.refusal else FINISH_REASONS[answer.finish]


def _usage(answer: Answer) -> Json:
    tokens = answer.tokens
    usage: Json = {
        "promptTokenCount": tokens.input,
        "candidatesTokenCount": tokens.output - tokens.reasoning,
        "totalTokenCount": tokens.input + tokens.output,
        "cachedContentTokenCount": tokens.cached,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.input}],
    }
    if tokens.reasoning:
        usage["thoughtsTokenCount"] = tokens.reasoning
    return usage


def _parts(answer: Answer, *, whole: bool) -> list[Json]:
    cut = (lambda text: [text] if text else []) if whole else pieces
    parts: list[Json] = [{"text": piece, "thought": True} for piece in cut(answer.reasoning)]
    # A refusal in words is a text like any other.
    parts += [{"text": piece} for piece in cut(answer.text + answer.refusal)]
    calls: list[Json] = [{"functionCall": {"name": call.name, "args": call.arguments}} for call in answer.calls]
    if calls:
        calls[0]["thoughtSignature"] = base64.b64encode(sign(answer.calls[0])).decode()
    return parts + calls


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
