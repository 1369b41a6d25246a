"""What the demo says: a function from the body of a request to the chunks of its answer."""

from __future__ import annotations

import orjson

from aiclient.upstream.demo.instance import instance
from aiclient.upstream.demo.reply import Call, Reply, Said, words
from aiclient.upstream.demo.request import BadRequestError, Function, Message, Request, read_request

__all__ = ["MODEL", "answer"]

MODEL = "echo"
# Most characters of somebody's text that are repeated; the pace would make more of them tiresome.
QUOTED = 2_000


def answer(body: bytes, *, created: int) -> tuple[int, str, list[bytes]]:
    """Status, content type and chunks of the answer; `created` is the time in seconds since 1970."""
    try:
        request = read_request(body)
        if request.model != MODEL:
            return (
                404,
                _JSON,
                [_error(f"the demo has no model {request.model[:100]!r}, only `echo`", "model", _UNKNOWN)],
            )
        reply = Reply(_say(request), _input_tokens(request), choices=request.n or 1, created=created, model=MODEL)
    except BadRequestError as error:
        return 400, _JSON, [_error(str(error), error.param or None)]
    if request.stream:
        return 200, "text/event-stream", list(reply.stream(usage=request.wants_usage))
    return 200, _JSON, [reply.whole()]


_JSON = "application/json"
_UNKNOWN = "model_not_found"


def _error(message: str, param: str | None, code: str | None = None) -> bytes:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return orjson.dumps({"error": error})


def _say(request: Request) -> Said:
    """A tool's result in words, a call of a tool, structured output, or the echo of what was said last."""
    results = _new_results(request.messages)
    function = _function_to_call(request)
    if results:
        return _bounded("The tool says: " + _quoted(" | ".join(result.text for result in results)), request)
    if function is not None:
        arguments = instance(function.parameters or {})
        text = orjson.dumps(arguments if isinstance(arguments, dict) else {}).decode()
        # Unique in the conversation, and the same for the same conversation.
        return Said(call=Call(f"call_demo_{len(request.messages)}", function.name, text))
    return _bounded(_structured(request) or _echo(request), request)


def _new_results(messages: list[Message]) -> list[Message]:
    """What tools have said since the last answer."""
    answers = [index for index, message in enumerate(messages) if message.role == "assistant"]
    return [message for message in messages[answers[-1] + 1 if answers else 0 :] if message.role == "tool"]


def _function_to_call(request: Request) -> Function | None:
    """The function that is named, or the first; none once a tool has said something, unless a call is required."""
    functions, choice = request.functions, request.tool_choice
    kind = choice.type if choice else "auto"
    if kind in {"required", "function"} and not functions:
        raise BadRequestError("tool_choice: there are no tools to choose from", "tool_choice")
    if choice is not None and choice.function is not None:
        named = [function for function in functions if function.name == choice.function.name]
        if not named:
            raise BadRequestError(f"tool_choice: there is no tool {choice.function.name[:100]!r}", "tool_choice")
        return named[0]
    has_results = any(message.role == "tool" for message in request.messages)
    if not functions or kind == "none" or (has_results and kind != "required"):
        return None
    return functions[0]


def _structured(request: Request) -> str | None:
    """JSON, if that is asked for."""
    response_format = request.response_format
    if response_format is None or response_format.type == "text":
        return None
    if response_format.json_schema is None:
        return orjson.dumps({"echo": _quoted(_last_of_user(request).text)}).decode()
    return orjson.dumps(instance(response_format.json_schema.schema_ or {})).decode()


def _echo(request: Request) -> str:
    message = _last_of_user(request)
    images = message.count("image_url")
    seen = f" I received {images} image{'s' if images > 1 else ''}." if images else ""
    return f"This is the aiclient demo, an echo and no language model.{seen} You said: {_quoted(message.text)}"


def _last_of_user(request: Request) -> Message:
    said = [message for message in request.messages if message.role == "user"]
    return (said or request.messages)[-1]


def _quoted(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}..."


def _bounded(text: str, request: Request) -> Said:
    """The text up to a stop sequence and to the limit, whichever comes first."""
    for sequence in request.stop or ():
        text = text.partition(sequence)[0] if sequence else text
    allowed = words(text)
    if request.limit is not None and len(allowed) > request.limit:
        return Said("".join(allowed[: request.limit]), finish="length")
    return Said(text)


def _input_tokens(request: Request) -> int:
    return sum(len(words(message.text)) for message in request.messages)
