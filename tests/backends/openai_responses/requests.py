"""Responses requests, read as strictly as OpenAI does."""

from tests.backends.checks import (
    Invalid,
    a_count,
    a_number,
    a_text,
    an_array,
    an_object,
    closed_schema,
    one_of,
    require,
    words,
)
from tests.backends.exchange import Arrival, Json, JsonValue, Question
from tests.backends.openai_chat.requests import FREE_TEXT
from tests.backends.openai_responses.items import read_items
from tests.backends.openai_responses.store import kept_conversation

# No `stop`, `n`, `seed`, penalties, `messages` or `response_format`: those are of Chat Completions.
TOP_LEVEL = words(
    """
    model input instructions background client_metadata context_management conversation include max_output_tokens
    max_tool_calls metadata moderation parallel_tool_calls previous_response_id prompt prompt_cache_key
    prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options
    temperature text tool_choice tools top_logprobs top_p truncation user
    """
)
INCLUDABLE = words(
    """
    code_interpreter_call.outputs computer_call_output.output.image_url file_search_call.results
    message.input_image.image_url message.output_text.logprobs reasoning.encrypted_content
    web_search_call.action.sources web_search_call.results
    """
)
EFFORTS = words("none minimal low medium high xhigh max")
HOSTED = words(
    """
    web_search web_search_2025_08_26 web_search_preview file_search computer computer_use_preview code_interpreter
    image_generation mcp local_shell shell apply_patch tool_search
    """
)
TOOL_FIELDS = {
    "function": words("type name parameters strict description defer_loading async output_schema"),
    "custom": words("type name description format defer_loading"),
    "namespace": words("type name description tools"),
}
NAME = r"[A-Za-z0-9_-]{1,64}"
LEAST_OUTPUT_TOKENS = 16


def read(arrival: Arrival) -> Question:
    """What the request asks; raises `Invalid` for what OpenAI would refuse."""
    body = an_object(arrival.body, "", TOP_LEVEL)
    question = Question(model=a_text(body.get("model"), "/model"), stream=body.get("stream") is True, body=body)
    _read_settings(body, question)
    _read_reasoning(body, question)
    _read_tools(body, question)
    _read_format(body.get("text"), question)
    asked = _asked(body)
    # Read anew by the writer of the reply, which keeps it.
    question.body = body | {"input": asked}
    instructions = body.get("instructions")
    require(instructions is None or isinstance(instructions, str), "/instructions", "a string")
    read_items(asked, question, [instructions] if instructions else [])
    return question


def _asked(body: Json) -> list[JsonValue]:
    """All items of the conversation, those of earlier responses first."""
    items = body.get("input")
    if isinstance(items, str):
        items = [{"role": "user", "content": a_text(items, "/input")}]
    asked = an_array(items, "/input")
    previous = body.get("previous_response_id")
    if previous is None:
        return asked
    kept = kept_conversation(a_text(previous, "/previous_response_id", pattern="resp_.+"))
    if kept is None:
        raise Invalid("/previous_response_id", "the id of a response that was stored")
    return [*kept, *asked]


def _read_settings(body: Json, question: Question) -> None:
    if body.get("max_output_tokens") is not None:
        limit = a_count(body["max_output_tokens"], "/max_output_tokens", least=LEAST_OUTPUT_TOKENS)
        question.max_tokens = limit
    if body.get("temperature") is not None:
        a_number(body["temperature"], "/temperature", low=0, high=2)
    if body.get("top_p") is not None:
        a_number(body["top_p"], "/top_p", low=0, high=1)
    for index, name in enumerate(body.get("include") or []):
        one_of(name, f"/include/{index}", INCLUDABLE)
    options = body.get("stream_options")
    require(options is None or question.stream, "/stream_options", "absent without stream")
    an_object(options or {}, "/stream_options", {"include_obfuscation"})


def _read_reasoning(body: Json, question: Question) -> None:
    fields = {"effort", "summary", "generate_summary", "mode", "context"}
    reasoning = an_object(body.get("reasoning") or {}, "/reasoning", fields)
    if reasoning.get("effort") is not None:
        one_of(reasoning["effort"], "/reasoning/effort", EFFORTS)
    summary = reasoning.get("summary")
    if summary is not None:
        one_of(summary, "/reasoning/summary", {"auto", "concise", "detailed"})
    question.thinking = bool(reasoning) and reasoning.get("effort") != "none"


def _read_tools(body: Json, question: Question) -> None:
    choice = body.get("tool_choice")
    if body.get("tools") is None:
        require(choice in {None, "none", "auto"}, "/tool_choice", "absent without tools")
        return
    for index, tool in enumerate(an_array(body["tools"], "/tools")):
        _read_tool(tool, f"/tools/{index}", question, HOSTED | TOOL_FIELDS.keys())
    if isinstance(choice, dict):
        _read_choice(choice, question)
    elif choice is not None:
        one_of(choice, "/tool_choice", {"none", "auto", "required"})


def _read_tool(tool: JsonValue, where: str, question: Question, kinds: frozenset[str], prefix: str = "") -> None:
    require(isinstance(tool, dict), where, "an object")
    kind = one_of(tool.get("type"), f"{where}/type", kinds)
    if kind in HOSTED:
        return
    an_object(tool, where, TOOL_FIELDS[kind])
    name = prefix + a_text(tool.get("name"), f"{where}/name", pattern=NAME)
    if kind == "namespace":
        for index, inner in enumerate(an_array(tool.get("tools"), f"{where}/tools")):
            _read_tool(inner, f"{where}/tools/{index}", question, frozenset({"function", "custom"}), f"{name}.")
    elif kind == "custom":
        form = an_object(tool.get("format") or {"type": "text"}, f"{where}/format", words("type syntax definition"))
        one_of(form.get("type"), f"{where}/format/type", {"text", "grammar"})
        question.custom.add(name)
        question.tools[name] = FREE_TEXT
    else:
        question.tools[name] = _schema_of(tool, where)


def _schema_of(function: Json, where: str) -> Json:
    schema: Json = function.get("parameters") or {"type": "object", "properties": {}}
    require(schema.get("type") == "object", f"{where}/parameters/type", "object")
    # A tool that does not say has its schema closed by the vendor, which no client of another dialect wants.
    if function.get("strict"):
        closed_schema(schema, f"{where}/parameters", all_required=True)
    return schema


def _read_choice(choice: Json, question: Question) -> None:
    kind = one_of(choice.get("type"), "/tool_choice/type", HOSTED | {"function", "custom", "allowed_tools"})
    if kind == "allowed_tools":
        an_object(choice, "/tool_choice", {"type", "mode", "tools"})
        one_of(choice.get("mode"), "/tool_choice/mode", {"auto", "required"})
        an_array(choice.get("tools"), "/tool_choice/tools")
    elif kind in {"function", "custom"}:
        an_object(choice, "/tool_choice", {"type", "name"})
        one_of(choice.get("name"), "/tool_choice/name", question.tools)


def _read_format(text: JsonValue, question: Question) -> None:
    form = an_object(text or {}, "/text", {"format", "verbosity"}).get("format") or {"type": "text"}
    where = "/text/format"
    kind = one_of(form.get("type"), f"{where}/type", {"text", "json_object", "json_schema"})
    if kind != "json_schema":
        return
    # The description of the schema stands beside the type, not one level further in as in Chat Completions.
    an_object(form, where, {"type", "name", "description", "schema", "strict"})
    a_text(form.get("name"), f"{where}/name", pattern=NAME)
    require(isinstance(form.get("schema"), dict), f"{where}/schema", "a JSON Schema")
    if form.get("strict"):
        closed_schema(form["schema"], f"{where}/schema", all_required=True)
    question.schema = form["schema"]
