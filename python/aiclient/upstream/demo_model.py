"""What the built-in demo answers: a function from a Chat Completions request to the chunks of its answer.

Reference: platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ["answer_request"]

_WORD = re.compile(r"\s*[^\s\u3000-\u9fff]+|\s*[\u3000-\u9fff]|\s+$")
_STREAM = "text/event-stream"
_JSON = "application/json"


@dataclass(slots=True)
class _Said:
    """One answer."""

    text: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    finish: str = "stop"


def answer_request(body: bytes) -> tuple[int, str, list[bytes]]:
    """Status, content type and chunks of the answer."""
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        request = None
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list) or not request["messages"]:
        return 400, _JSON, [_error("messages: expected an array with at least one message", "messages")]
    model = str(request.get("model", "echo"))
    if model != "echo":
        return 404, _JSON, [_error(f"the demo has one model, `echo`, and no {model!r}", "model", "model_not_found")]
    said = _say(request)
    prompt = sum(_tokens(_text(message.get("content"))) for message in request["messages"])
    completion = _tokens(said.text) + sum(_tokens(call["function"]["arguments"]) for call in said.calls)
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    choices = max(1, min(int(request.get("n") or 1), 8))
    if request.get("stream"):
        wanted = bool((request.get("stream_options") or {}).get("include_usage"))
        return 200, _STREAM, list(_stream(said, model, choices, usage if wanted else None))
    return 200, _JSON, [_whole(said, model, choices, usage)]


def _say(request: dict[str, Any]) -> _Said:
    """What to answer: a result's echo, a call, an instance of a schema, or the echo of the last message."""
    last = request["messages"][-1]
    tool = _chosen_tool(request)
    schema = ((request.get("response_format") or {}).get("json_schema") or {}).get("schema")
    if last.get("role") == "tool":
        said = _Said(f"The tool answered: {_text(last.get('content'))}")
    elif tool is not None:
        arguments = orjson.dumps(_instance(tool.get("parameters") or {})).decode()
        function = {"name": tool.get("name", ""), "arguments": arguments}
        return _Said(calls=[{"id": "call_demo_0", "type": "function", "function": function}], finish="tool_calls")
    elif schema is not None:
        said = _Said(orjson.dumps(_instance(schema)).decode())
    elif (request.get("response_format") or {}).get("type") == "json_object":
        said = _Said(orjson.dumps({"echo": _text(last.get("content"))}).decode())
    else:
        said = _Said(_echo(last))
    return _bounded(said, request)


def _echo(message: dict[str, Any]) -> str:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    images = sum(part.get("type") == "image_url" for part in parts if isinstance(part, dict))
    seen = f" I received {images} image{'s' if images > 1 else ''}." if images else ""
    return f"This is the aiclient demo, an echo without a language model.{seen} You said: {_text(content)}"


def _chosen_tool(request: dict[str, Any]) -> dict[str, Any] | None:
    """The function to call, if any: the one that is chosen, else the first."""
    functions = [t["function"] for t in request.get("tools") or [] if isinstance(t, dict) and "function" in t]
    choice = request.get("tool_choice")
    if not functions or choice == "none":
        return None
    if isinstance(choice, dict):
        name = (choice.get("function") or {}).get("name")
        return next((function for function in functions if function.get("name") == name), functions[0])
    first: dict[str, Any] = functions[0]
    return first


def _instance(schema: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911  # one line a keyword
    """A small value that a JSON Schema allows."""
    if not isinstance(schema, dict) or depth > 8:
        return None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return _instance(schema[several][0], depth + 1)
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            properties = schema.get("properties") or {}
            return {name: _instance(inner, depth + 1) for name, inner in properties.items()}
        case "array":
            return [_instance(schema.get("items"), depth + 1)] * int(schema.get("minItems") or 1)
        case "integer":
            return int(schema.get("minimum") or 1)
        case "number":
            return schema.get("minimum") or 1.5
        case "boolean":
            return True
        case "string":
            return "demo"
    return {} if "properties" not in schema else _instance({**schema, "type": "object"}, depth)


def _bounded(said: _Said, request: dict[str, Any]) -> _Said:
    """Cut at a stop sequence and at the limit, whichever comes first."""
    stop = request.get("stop") or []
    for sequence in [stop] if isinstance(stop, str) else stop:
        said.text = said.text.partition(sequence)[0]
    limit = request.get("max_completion_tokens") or request.get("max_tokens")
    words = _WORD.findall(said.text)
    if isinstance(limit, int) and len(words) > limit:
        return _Said("".join(words[:limit]), finish="length")
    return said


def _stream(said: _Said, model: str, choices: int, usage: dict[str, int] | None) -> Iterator[bytes]:
    def chunk(index: int, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _frame(model, [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}])

    for index in range(choices):
        yield chunk(index, {"role": "assistant", "content": ""})
    for word in _WORD.findall(said.text):
        for index in range(choices):
            yield chunk(index, {"content": word})
    for index in range(choices):
        for number, call in enumerate(said.calls):
            empty = {**call, "function": {**call["function"], "arguments": ""}}
            yield chunk(index, {"tool_calls": [{"index": number, **empty}]})
            for piece in re.findall(r".{1,12}", call["function"]["arguments"], re.DOTALL):
                yield chunk(index, {"tool_calls": [{"index": number, "function": {"arguments": piece}}]})
        yield chunk(index, {}, said.finish)
    if usage is not None:
        yield _frame(model, [], usage=usage)
    yield b"data: [DONE]\n\n"


def _frame(model: str, choices: list[dict[str, Any]], **more: Any) -> bytes:
    body = {"id": "chatcmpl-demo", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": choices}
    return b"data: " + orjson.dumps(body | more) + b"\n\n"


def _whole(said: _Said, model: str, choices: int, usage: dict[str, int]) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None, "refusal": None}
    if said.calls:
        message["tool_calls"] = said.calls
    answers = [
        {"index": index, "message": message, "logprobs": None, "finish_reason": said.finish} for index in range(choices)
    ]
    body = {"id": "chatcmpl-demo", "object": "chat.completion", "created": 0, "model": model, "choices": answers}
    return orjson.dumps(body | {"usage": usage})


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(str(part.get("text", "")) for part in parts if isinstance(part, dict)).strip()


def _tokens(text: str) -> int:
    """Words, which is what this model counts in."""
    return len(_WORD.findall(text))


def _error(message: str, param: str, code: str | None = None) -> bytes:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return orjson.dumps({"error": error})
