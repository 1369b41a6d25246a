"""Responses replies as OpenAI writes them.

The stream: `response.created` and `response.in_progress`, each output item with all its parts from `added` to `done`,
then the whole response in `response.completed` or `response.incomplete`. Each event names itself in an `event:` line
and again inside, and is numbered from 0. There is no end mark.
"""

import json
from collections.abc import Iterator

from tests.backends.exchange import Answer, Call, Json, JsonValue, Question
from tests.backends.openai_responses.seal import seal
from tests.backends.openai_responses.store import identify, keep
from tests.backends.wire import pieces

CREATED = 1760000000
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
# What a response repeats of its request, and what it says where the request did not.
ECHOED: Json = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
}


def write_whole(question: Question, answer: Answer) -> Json:
    """The reply in one piece; one that broke off says why, with status 200."""
    response = _response(question, answer)
    return _failed(response, answer) if answer.cut == "error" else response


def write_stream(question: Question, answer: Answer) -> list[bytes]:
    """The reply as events."""
    whole = _response(question, answer)
    return _frames([*_opening(whole), *_items(whole["output"]), {"type": _ending(whole), "response": whole}])


def write_break(question: Question, answer: Answer, sent: int) -> list[bytes]:
    """How the vendor gives up after so many frames: an event with the error, then the failed response."""
    response = _response(question, answer)
    error = {"type": "server_error", "code": "server_error", "message": answer.complaint, "param": None}
    return _frames(
        [
            {"type": "error", "error": error},
            {"type": "response.failed", "response": _failed(response, answer)},
        ],
        first=sent,
    )


def write_error(status: int, message: str, _retry_after: int | None) -> Json:
    """The envelope of errors."""
    kind, code = {
        401: ("invalid_request_error", "invalid_api_key"),
        404: ("invalid_request_error", "model_not_found"),
        429: ("requests", "rate_limit_exceeded"),
        500: ("server_error", "server_error"),
    }.get(status, ("invalid_request_error", None))
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _response(question: Question, answer: Answer) -> Json:
    asked, output = question.body["input"], _output(question, answer)
    identifier = identify("resp_", [asked, output])
    if question.body.get("store") is not False:
        keep(identifier, asked, output)
    echoed = {name: value for name in ECHOED if (value := question.body.get(name)) is not None}
    reason = INCOMPLETE.get(answer.finish)
    return {
        "id": identifier,
        "object": "response",
        "created_at": CREATED,
        "completed_at": CREATED + 2 if reason is None else None,
        "status": "completed" if reason is None else "incomplete",
        "background": False,
        "error": None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "model": question.model,
        "output": output,
        "service_tier": "default",
        "usage": _usage(answer),
        "user": None,
        **ECHOED,
        **echoed,
    }


def _failed(response: Json, answer: Answer) -> Json:
    error = {"code": "server_error", "message": answer.complaint}
    return response | {"status": "failed", "error": error, "output": [], "usage": None, "completed_at": None}


def _usage(answer: Answer) -> Json:
    tokens = answer.tokens
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.written},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.input + tokens.output,
    }


def _output(question: Question, answer: Answer) -> list[Json]:
    items: list[Json] = []
    if answer.reasoning:
        items.append(_reasoning(question, answer.reasoning))
    parts: list[Json] = []
    if answer.text:
        parts.append({"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text})
    if answer.refusal:
        parts.append({"type": "refusal", "refusal": answer.refusal})
    if parts:
        items.append({"type": "message", "status": _item_status(answer), "role": "assistant", "content": parts})
    items += [_call(question, call, index) for index, call in enumerate(answer.calls)]
    prefixes = {"reasoning": "rs_", "message": "msg_", "function_call": "fc_", "custom_tool_call": "ctc_"}
    return [{"id": identify(prefixes[item["type"]], item), **item} for item in items]


def _item_status(answer: Answer) -> str:
    return "incomplete" if answer.finish in INCOMPLETE else "completed"


def _reasoning(question: Question, text: str) -> Json:
    """Its text is shown, and its opaque state given away, only on request."""
    body = question.body
    shown = (body.get("reasoning") or {}).get("summary") is not None
    item: Json = {"type": "reasoning", "summary": [{"type": "summary_text", "text": text}] if shown else []}
    if "reasoning.encrypted_content" in (body.get("include") or []):
        item["encrypted_content"] = seal(text)
    return item


def _call(question: Question, call: Call, index: int) -> Json:
    call_id = f"call_{'aB'[index]}9zXw4Yv3Ut2Sr1Qp0On5Mlk"
    said: Json = {"type": "function_call", "arguments": _json(call.arguments)}
    if call.name in question.custom:
        said = {"type": "custom_tool_call", "input": call.arguments["input"]}
    namespace, dot, name = call.name.rpartition(".")
    where = {"namespace": namespace} if dot else {}
    return {**said, "status": "completed", "call_id": call_id, "name": name, **where}


def _opening(whole: Json) -> list[Json]:
    started = whole | {
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    return [{"type": "response.created", "response": started}, {"type": "response.in_progress", "response": started}]


def _ending(whole: Json) -> str:
    return f"response.{whole['status']}"


def _items(output: list[Json]) -> Iterator[Json]:
    for index, item in enumerate(output):
        yield {"type": "response.output_item.added", "output_index": index, "item": _started(item)}
        for event in _inside(item):
            yield {**event, "item_id": item["id"], "output_index": index}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _started(item: Json) -> Json:
    """An item as it is added: without what its events bring."""
    empty: Json = {"content": [], "summary": [], "arguments": "", "input": "", "status": "in_progress"}
    return {name: empty.get(name, value) for name, value in item.items()}


def _inside(item: Json) -> Iterator[Json]:
    if item["type"] == "function_call":
        yield from _growing("response.function_call_arguments", "arguments", item["arguments"], name=item["name"])
    elif item["type"] == "custom_tool_call":
        yield from _growing("response.custom_tool_call_input", "input", item["input"])
    elif item["type"] == "reasoning":
        for index, part in enumerate(item["summary"]):
            yield from _summary(part, index)
    else:
        for index, part in enumerate(item["content"]):
            yield from _content(part, index)


def _summary(part: Json, index: int) -> Iterator[Json]:
    at = {"summary_index": index}
    yield {"type": "response.reasoning_summary_part.added", **at, "part": part | {"text": ""}}
    yield from ({**event, **at} for event in _growing("response.reasoning_summary_text", "text", part["text"]))
    yield {"type": "response.reasoning_summary_part.done", **at, "part": part}


def _content(part: Json, index: int) -> Iterator[Json]:
    name = "refusal" if part["type"] == "refusal" else "text"
    at: Json = {"content_index": index}
    yield {"type": "response.content_part.added", **at, "part": part | {name: ""}}
    if name == "text":
        at["logprobs"] = []
    stem = f"response.{part['type']}"
    yield from ({**event, **at} for event in _growing(stem, name, part[name]))
    yield {"type": "response.content_part.done", "content_index": index, "part": part}


def _growing(stem: str, field: str, value: str, **said: str) -> Iterator[Json]:
    """A value bit by bit, each bit padded to hide its length, then all of it."""
    for piece in pieces(value):
        yield {"type": f"{stem}.delta", "delta": piece, "obfuscation": "qT7"}
    yield {"type": f"{stem}.done", field: value, **said}


def _frames(events: list[Json], first: int = 0) -> list[bytes]:
    return [_frame({"sequence_number": number, **event}) for number, event in enumerate(events, first)]


def _frame(event: Json) -> bytes:
    return f"event: {event['type']}\ndata: {_json(event)}\n\n".encode()


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
