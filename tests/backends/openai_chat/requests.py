"""Chat Completions requests, read as strictly as OpenAI does."""

import json

from tests.backends.checks import (
    Invalid,
    a_count,
    a_number,
    a_text,
    an_array,
    an_object,
    bytes_of_data_url,
    closed_schema,
    one_of,
    require,
    words,
)
from tests.backends.exchange import Arrival, Call, Json, JsonValue, Question, Result

TOP_LEVEL = words(
    """
    model messages audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata
    modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key reasoning_effort response_format
    safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools
    top_logprobs top_p user verbosity web_search_options
    """
)
EFFORTS = words("none minimal low medium high xhigh max")
MOST_STOPS = 4
FREE_TEXT: Json = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
NAME = r"[A-Za-z0-9_-]{1,64}"
MESSAGE_FIELDS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    # The second line: what servers of reasoning models say and take back.
    "assistant": {
        *("role", "content", "name", "refusal", "tool_calls", "audio", "annotations", "function_call"),
        *("reasoning_content", "reasoning_details", "parsed", "extra_content"),
    },
    "tool": {"role", "content", "tool_call_id", "name"},
}


def read(arrival: Arrival) -> Question:
    """What the request asks; raises `Invalid` for what OpenAI would refuse."""
    body = an_object(arrival.body, "", TOP_LEVEL)
    question = Question(model=a_text(body.get("model"), "/model"), stream=body.get("stream") is True)
    _read_settings(body, question)
    _read_tools(body, question)
    _read_format(body.get("response_format"), question)
    _read_messages(an_array(body.get("messages"), "/messages"), question)
    return question


def _read_settings(body: Json, question: Question) -> None:
    require(not {"max_tokens", "max_completion_tokens"} <= body.keys(), "/max_tokens", "absent beside the newer one")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    question.max_tokens = None if limit is None else a_count(limit, "/max_completion_tokens")
    stop = body.get("stop") or []
    question.stop = [stop] if isinstance(stop, str) else stop
    require(len(question.stop) <= MOST_STOPS, "/stop", f"at most {MOST_STOPS} of them")
    if "temperature" in body:
        a_number(body["temperature"], "/temperature", low=0, high=2)
    if "reasoning_effort" in body:
        question.thinking = one_of(body["reasoning_effort"], "/reasoning_effort", EFFORTS) != "none"
    options = body.get("stream_options")
    require(options is None or question.stream, "/stream_options", "absent without stream")
    fields = an_object(options or {}, "/stream_options", {"include_usage", "include_obfuscation"})
    question.include_usage = not question.stream or fields.get("include_usage") is True


def _read_tools(body: Json, question: Question) -> None:
    if "tools" not in body:
        require("tool_choice" not in body, "/tool_choice", "absent without tools")
        require("parallel_tool_calls" not in body, "/parallel_tool_calls", "absent without tools")
        return
    for index, tool in enumerate(an_array(body["tools"], "/tools")):
        where = f"/tools/{index}"
        kind = one_of(tool.get("type"), f"{where}/type", {"function", "custom"})
        an_object(tool, where, {"type", kind})
        if kind == "function":
            _read_function(tool["function"], f"{where}/function", question)
        else:
            custom = an_object(tool["custom"], f"{where}/custom", {"name", "description", "format"})
            name = a_text(custom.get("name"), f"{where}/custom/name", pattern=NAME)
            question.custom.add(name)
            question.tools[name] = FREE_TEXT


def _read_function(function: JsonValue, where: str, question: Question) -> None:
    an_object(function, where, {"name", "description", "parameters", "strict"})
    schema = function.get("parameters", {"type": "object", "properties": {}})
    require(schema.get("type") == "object", f"{where}/parameters/type", "object")
    if function.get("strict"):
        closed_schema(schema, f"{where}/parameters", all_required=True)
    question.tools[a_text(function.get("name"), f"{where}/name", pattern=NAME)] = schema


def _read_format(value: JsonValue, question: Question) -> None:
    if value is None:
        return
    kind = one_of(value.get("type"), "/response_format/type", {"text", "json_object", "json_schema"})
    if kind != "json_schema":
        return
    where = "/response_format/json_schema"
    described = an_object(value.get("json_schema"), where, {"name", "description", "schema", "strict"})
    a_text(described.get("name"), f"{where}/name", pattern=NAME)
    if described.get("strict"):
        closed_schema(described["schema"], f"{where}/schema", all_required=True)
    question.schema = described["schema"]


def _read_messages(messages: list[JsonValue], question: Question) -> None:
    pending: dict[str, str] = {}
    system: list[str] = []
    talked = False
    for index, message in enumerate(messages):
        where = f"/messages/{index}"
        role = one_of(message.get("role"), f"{where}/role", MESSAGE_FIELDS)
        an_object(message, where, MESSAGE_FIELDS[role])
        require(role == "tool" or not pending, where, f"a result of each call first: {list(pending)} have none")
        if role == "tool":
            name = pending.pop(a_text(message.get("tool_call_id"), f"{where}/tool_call_id"), None)
            if name is None:
                raise Invalid(f"{where}/tool_call_id", "the id of a call of the message before")
            question.results.append(Result.told(name, _read_text(message.get("content"), f"{where}/content")))
        elif role == "assistant":
            pending = _read_assistant(message, where, question)
        elif role == "user":
            question.prompt = _read_user(message.get("content"), f"{where}/content", question) or question.prompt
        else:
            text = _read_text(message.get("content"), f"{where}/content")
            (question.late_system if talked else system).append(text)
        talked = talked or role not in {"system", "developer"}
    require(not pending, "/messages", f"closed by results of {list(pending)}")
    question.system = "\n".join(system)


def _read_assistant(message: Json, where: str, question: Question) -> dict[str, str]:
    """Read a turn of the model; return its calls' names by their ids."""
    calls = message.get("tool_calls")
    if calls is None and message.get("refusal") is not None:
        a_text(message["refusal"], f"{where}/refusal")
        return {}
    if calls is None or message.get("content") is not None:
        _read_text(message.get("content"), f"{where}/content")
    names: dict[str, str] = {}
    for index, value in enumerate([] if calls is None else an_array(calls, f"{where}/tool_calls")):
        call = _read_call(value, f"{where}/tool_calls/{index}")
        require(call.id not in names, f"{where}/tool_calls/{index}/id", "unique")
        names[call.id] = call.name
        question.calls.append(call)
    return names


def _read_call(call: JsonValue, where: str) -> Call:
    kind = one_of(call.get("type"), f"{where}/type", {"function", "custom"})
    an_object(call, where, {"id", "type", kind, "extra_content"})
    identifier = a_text(call.get("id"), f"{where}/id", pattern=r"\S{1,40}")
    field = {"function": "arguments", "custom": "input"}[kind]
    called = an_object(call[kind], f"{where}/{kind}", {"name", field})
    name = a_text(called.get("name"), f"{where}/{kind}/name", pattern=NAME)
    said = a_text(called.get(field), f"{where}/{kind}/{field}")
    return Call(name, {"input": said} if kind == "custom" else json.loads(said), identifier)


def _read_text(content: JsonValue, where: str) -> str:
    if isinstance(content, str):
        return content
    parts = an_array(content, where)
    for index, part in enumerate(parts):
        one_of(an_object(part, f"{where}/{index}", {"type", "text"}).get("type"), f"{where}/{index}/type", {"text"})
    return "".join(a_text(part.get("text"), where) for part in parts)


def _read_user(content: JsonValue, where: str, question: Question) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for index, part in enumerate(an_array(content, where)):
        at = f"{where}/{index}"
        kind = one_of(part.get("type"), f"{at}/type", {"text", "image_url", "file"})
        an_object(part, at, {"type", kind})
        if kind == "text":
            texts.append(a_text(part["text"], f"{at}/text"))
        elif kind == "image_url":
            image = an_object(part["image_url"], f"{at}/image_url", {"url", "detail"})
            question.images.append(bytes_of_data_url(image.get("url"), f"{at}/image_url/url", "image/png"))
        else:
            file = an_object(part["file"], f"{at}/file", {"filename", "file_data"})
            a_text(file.get("filename"), f"{at}/file/filename")
            data = bytes_of_data_url(file.get("file_data"), f"{at}/file/file_data", "application/pdf")
            question.documents.append(data)
    return "".join(texts)
