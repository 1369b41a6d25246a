"""Messages requests, read as strictly as Anthropic does."""

import re
from dataclasses import replace

from tests.backends.anthropic.replies import seal
from tests.backends.checks import (
    Invalid,
    a_count,
    a_number,
    a_text,
    an_array,
    an_object,
    bytes_of_base64,
    closed_schema,
    one_of,
    require,
    words,
)
from tests.backends.exchange import Arrival, Call, Json, JsonValue, Question, Result
from tests.backends.reminders import hear

TOP_LEVEL = words(
    """
    model max_tokens messages system tools tool_choice thinking output_config stop_sequences stream metadata
    service_tier speed cache_control container inference_geo
    """
)
SAMPLING = frozenset({"temperature", "top_p", "top_k"})
# What a beta of that name adds.
BETAS = {"context-management": "context_management"}
VERSIONS = {"2023-06-01": TOP_LEVEL | SAMPLING, "2026-10-21": TOP_LEVEL}
BLOCK_FIELDS = {
    "text": {"type", "text", "citations", "cache_control"},
    "image": {"type", "source", "cache_control"},
    "document": {"type", "source", "title", "context", "citations", "cache_control"},
    "thinking": {"type", "thinking", "signature"},
    "tool_use": {"type", "id", "name", "input", "caller", "cache_control", "toolset_name"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"},
}
BLOCKS = {
    "user": {"text", "image", "document", "tool_result"},
    "system": {"text"},
    "assistant": {"text", "thinking", "tool_use"},
}
TOOL_FIELDS = words(
    """
    type name description input_schema strict cache_control defer_loading input_examples allowed_callers
    eager_input_streaming
    """
)
SEARCH_FIELDS = words("type name max_uses allowed_domains blocked_domains user_location cache_control")
# Of the models that are played, the one that takes turns of the system's, right after the user's.
TAKES_SYSTEM_TURNS = "claude-opus-4-8"
IMAGES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
ID = r"[A-Za-z0-9_-]+"
NAME = r"[A-Za-z0-9_-]{1,128}"


def read(arrival: Arrival) -> Question:
    """What the request asks; raises `Invalid` for what Anthropic would refuse."""
    version = one_of(arrival.headers.get("anthropic-version"), "anthropic-version", VERSIONS)
    betas = arrival.headers.get("anthropic-beta", "")
    body = an_object(arrival.body, "", VERSIONS[version] | {field for beta, field in BETAS.items() if beta in betas})
    question = Question(model=a_text(body.get("model"), "/model"), stream=body.get("stream") is True)
    question.max_tokens = a_count(body.get("max_tokens"), "/max_tokens")
    question.system = _read_system(body.get("system", ""))
    _read_tools(body, question)
    stop = body.get("stop_sequences", [])
    question.stop = [a_text(text, "/stop_sequences", pattern=r"(?s).*\S.*") for text in stop]
    _read_thinking(body, question)
    _read_format(body.get("output_config", {}), question)
    if body.get("temperature") is not None:
        a_number(body["temperature"], "/temperature", low=0, high=1)
    _read_messages(an_array(body.get("messages"), "/messages"), question)
    return question


def _read_system(system: JsonValue) -> str:
    if isinstance(system, str):
        return system
    blocks = [_block(block, f"/system/{index}", {"text"}) for index, block in enumerate(an_array(system, "/system"))]
    return "\n".join(block["text"] for block in blocks)


def _read_tools(body: Json, question: Question) -> None:
    if not body.get("tools"):
        require("tool_choice" not in body, "/tool_choice", "absent without tools")
        return
    for index, tool in enumerate(an_array(body["tools"], "/tools")):
        where = f"/tools/{index}"
        if tool.get("type") == "web_search_20250305":
            # Run by the vendor.
            an_object(tool, where, SEARCH_FIELDS)
            continue
        schema = an_object(tool, where, TOOL_FIELDS).get("input_schema") or {}
        one_of(tool.get("type", "custom"), f"{where}/type", {"custom"})
        require(schema.get("type") == "object", f"{where}/input_schema/type", "object")
        if tool.get("strict"):
            closed_schema(schema, f"{where}/input_schema", all_required=False)
        question.tools[a_text(tool.get("name"), f"{where}/name", pattern=NAME)] = schema
    choice = body.get("tool_choice", {"type": "auto"})
    fields = {"auto": {"disable_parallel_tool_use"}, "any": {"disable_parallel_tool_use"}, "none": set()}
    fields["tool"] = {"disable_parallel_tool_use", "name"}
    an_object(choice, "/tool_choice", {"type", *fields[one_of(choice.get("type"), "/tool_choice/type", fields)]})


def _read_thinking(body: Json, question: Question) -> None:
    thinking = body.get("thinking", {"type": "disabled"})
    kind = one_of(thinking.get("type"), "/thinking/type", {"enabled", "disabled", "adaptive"})
    question.thinking = kind != "disabled"
    if kind == "enabled":
        budget = a_count(thinking.get("budget_tokens"), "/thinking/budget_tokens", least=1024)
        require(budget < body["max_tokens"], "/thinking/budget_tokens", "less than max_tokens")
        require(body.get("temperature", 1) == 1, "/temperature", "1 with thinking")
    forced = body.get("tool_choice", {}).get("type") in {"any", "tool"}
    require(not (question.thinking and forced), "/tool_choice/type", "auto or none with thinking")


def _read_format(config: JsonValue, question: Question) -> None:
    an_object(config, "/output_config", {"effort", "format"})
    form = config.get("format")
    if form is not None:
        an_object(form, "/output_config/format", {"type", "schema"})
        one_of(form.get("type"), "/output_config/format/type", {"json_schema"})
        closed_schema(form.get("schema"), "/output_config/format/schema", all_required=False)
        question.schema = form["schema"]


def _read_messages(messages: list[JsonValue], question: Question) -> None:
    require(messages[0].get("role") == "user", "/messages/0/role", "user")
    pending: dict[str, str] = {}
    turn = ""
    for index, message in enumerate(messages):
        where = f"/messages/{index}"
        role = one_of(an_object(message, where, {"role", "content"}).get("role"), f"{where}/role", BLOCKS)
        blocks = _blocks(message.get("content"), f"{where}/content", BLOCKS[role])
        if role == "system":
            allowed = question.model.startswith(TAKES_SYSTEM_TURNS) and turn == "user" and not pending
            require(allowed, f"{where}/role", "user or assistant")
            question.late_system += [block["text"] for block in blocks]
        elif role == "user":
            require(role != turn or not pending, where, "the one turn with all results")
            pending = _read_results(blocks, where, pending, question)
            _read_user(blocks, where, question)
        else:
            require(not pending, where, f"a turn with results of {list(pending)}")
            pending = _read_assistant(blocks, where, question)
        turn = role
    require(not pending, "/messages", f"closed by results of {list(pending)}")


def _blocks(content: JsonValue, where: str, kinds: set[str]) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": a_text(content, where)}]
    return [_block(block, f"{where}/{index}", kinds) for index, block in enumerate(an_array(content, where))]


def _block(block: JsonValue, where: str, kinds: set[str]) -> Json:
    require(isinstance(block, dict), where, "an object")
    kind = one_of(block.get("type"), f"{where}/type", kinds)
    if kind == "text":
        a_text(block.get("text"), f"{where}/text")
    return an_object(block, where, BLOCK_FIELDS[kind])


def _read_results(blocks: list[Json], where: str, pending: dict[str, str], question: Question) -> dict[str, str]:
    """Read the results that open a turn; return the calls that have none."""
    kinds = "".join("r" if block["type"] == "tool_result" else "-" for block in blocks)
    require(re.fullmatch("r*-*", kinds), where, "results first, then anything else")
    results = [block for block in blocks if block["type"] == "tool_result"]
    left = dict(pending)
    for block in results:
        name = left.pop(a_text(block.get("tool_use_id"), f"{where}/tool_use_id", pattern=ID), None)
        if name is None:
            raise Invalid(f"{where}/tool_use_id", "the id of a call of the turn before")
        told = _blocks(block.get("content"), f"{where}/content", {"text", "image", "document"})
        _read_files(told, where, question)
        text = Result.told(name, "".join(part.get("text", "") for part in told))
        question.results.append(replace(text, failed=True) if block.get("is_error") is True else text)
    require(not left, where, f"a turn with results of {list(left)}")
    return {}


def _read_user(blocks: list[Json], where: str, question: Question) -> None:
    texts = [hear(block["text"], question) for block in blocks if block["type"] == "text"]
    question.prompt = "".join(texts) or question.prompt
    _read_files(blocks, where, question)


def _read_files(blocks: list[Json], where: str, question: Question) -> None:
    """Read the pictures and the PDFs of some content."""
    for block in blocks:
        if block["type"] not in {"image", "document"}:
            continue
        source = an_object(block["source"], f"{where}/source", {"type", "media_type", "data"})
        one_of(source.get("type"), f"{where}/source/type", {"base64"})
        is_image = block["type"] == "image"
        one_of(source.get("media_type"), f"{where}/source/media_type", IMAGES if is_image else {"application/pdf"})
        data = bytes_of_base64(source.get("data"), f"{where}/source/data")
        (question.images if is_image else question.documents).append(data)


def _read_assistant(blocks: list[Json], where: str, question: Question) -> dict[str, str]:
    """Read a turn of the model; return its calls' names by their ids."""
    names: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "thinking":
            sealed = seal(a_text(block.get("thinking"), f"{where}/thinking"))
            require(block.get("signature") == sealed, f"{where}/signature", "the one that was issued for this thought")
        elif block["type"] == "tool_use":
            identifier = a_text(block.get("id"), f"{where}/id", pattern=ID)
            require(identifier not in names, f"{where}/id", "unique")
            require(isinstance(block.get("input"), dict), f"{where}/input", "an object")
            names[identifier] = a_text(block.get("name"), f"{where}/name", pattern=NAME)
            question.calls.append(Call(names[identifier], block["input"], identifier))
    if names:
        question.sign(blocks[0]["type"] == "thinking")
    lost = question.thinking and names and blocks[0]["type"] != "thinking"
    require(not lost, where, "a turn that starts with the thinking that led to its calls")
    return names
