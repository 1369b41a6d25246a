"""generateContent requests, read as strictly as Google does: one unknown name anywhere, and all is refused."""

import base64
import itertools
from dataclasses import replace
from typing import Literal

from tests.backends.checks import (
    Invalid,
    a_count,
    a_number,
    a_text,
    an_array,
    an_object,
    bytes_of_any_base64,
    one_of,
    require,
    words,
)
from tests.backends.exchange import Arrival, Call, Json, JsonValue, Question, Result
from tests.backends.gemini.names import in_camel_case
from tests.backends.gemini.replies import sign
from tests.backends.gemini.schemas import check_json_schema, check_schema
from tests.backends.reminders import hear

FUNCTION = words("name description parameters parametersJsonSchema response responseJsonSchema behavior")
TOP_LEVEL = words(
    """
    contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent serviceTier store
    """
)
GENERATION = words(
    """
    temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty
    frequencyPenalty seed responseMimeType responseSchema responseJsonSchema responseModalities mediaResolution
    speechConfig thinkingConfig
    """
)
DATA = words("text inlineData fileData functionCall functionResponse executableCode codeExecutionResult")
PART = DATA | {"thought", "thoughtSignature", "videoMetadata", "mediaResolution"}
MOST_STOPS = 5
FILES = words("image/png image/jpeg image/webp application/pdf")
NAME = r"[A-Za-z_][A-Za-z0-9_:.-]{0,127}"
# Any object will do for Google; the tools of the scenarios say texts, and the AI SDK repeats their names.
SAID = ("output", "result", "content", "return_value", "error", "name")
# What Gemini's own command line sends for a call whose signature it does not have.
SENTINEL = base64.urlsafe_b64decode("skip_thought_signature_validator")


def read(arrival: Arrival) -> Question:
    """What the request asks; raises `Invalid` for what Google would refuse."""
    model, _, verb = arrival.path.rpartition("/")[2].partition(":")
    one_of(verb, "method", {"generateContent", "streamGenerateContent"})
    stream = verb == "streamGenerateContent"
    body = an_object(in_camel_case(arrival.body), "", TOP_LEVEL)
    framing: Literal["sse", "json_array"] = "sse" if arrival.query.get("alt") == "sse" else "json_array"
    question = Question(model=model, stream=stream, framing=framing)
    if "systemInstruction" in body:
        system = an_object(body["systemInstruction"], "/systemInstruction", {"role", "parts"})
        question.system = "\n".join(part["text"] for part in _parts(system, "/systemInstruction"))
    _read_settings(an_object(body.get("generationConfig", {}), "/generationConfig", GENERATION), question)
    _read_tools(body, question)
    _read_contents(an_array(body.get("contents"), "/contents"), question)
    return question


def _read_settings(config: Json, question: Question) -> None:
    if "maxOutputTokens" in config:
        question.max_tokens = a_count(config["maxOutputTokens"], "/generationConfig/maxOutputTokens")
    question.stop = config.get("stopSequences", [])
    require(len(question.stop) <= MOST_STOPS, "/generationConfig/stopSequences", f"at most {MOST_STOPS} of them")
    if "temperature" in config:
        a_number(config["temperature"], "/generationConfig/temperature", low=0, high=2)
    fields = {"includeThoughts", "thinkingBudget", "thinkingLevel"}
    thinking = an_object(config.get("thinkingConfig", {}), "/generationConfig/thinkingConfig", fields)
    require(len(fields & thinking.keys() - {"includeThoughts"}) < 2, "/generationConfig/thinkingConfig", "one of both")
    question.thinking = thinking.get("includeThoughts") is True
    _read_format(config, question)


def _read_format(config: Json, question: Question) -> None:
    where = "/generationConfig"
    require(not {"responseSchema", "responseJsonSchema"} <= config.keys(), f"{where}/responseSchema", "the only one")
    question.schema = config.get("responseJsonSchema", config.get("responseSchema"))
    if question.schema is not None:
        require(config.get("responseMimeType") == "application/json", f"{where}/responseMimeType", "application/json")
    if "responseJsonSchema" in config:
        check_json_schema(question.schema, f"{where}/responseJsonSchema")
    elif "responseSchema" in config:
        check_schema(question.schema, f"{where}/responseSchema")


def _read_tools(body: Json, question: Question) -> None:
    for index, tool in enumerate(body.get("tools", [])):
        where = f"/tools/{index}/functionDeclarations"
        an_object(tool, f"/tools/{index}", {"functionDeclarations"})
        for function in an_array(tool.get("functionDeclarations"), where):
            an_object(function, where, FUNCTION)
            require(not {"parameters", "parametersJsonSchema"} <= function.keys(), where, "one schema, not both")
            if "parametersJsonSchema" in function:
                check_json_schema(function["parametersJsonSchema"], f"{where}/parametersJsonSchema")
            elif "parameters" in function:
                check_schema(function["parameters"], f"{where}/parameters")
            schema = function.get("parametersJsonSchema", function.get("parameters", {"properties": {}}))
            question.tools[a_text(function.get("name"), f"{where}/name", pattern=NAME)] = schema
    config = an_object(body.get("toolConfig", {}), "/toolConfig", {"functionCallingConfig"})
    calling = config.get("functionCallingConfig", {"mode": "AUTO"})
    an_object(calling, "/toolConfig/functionCallingConfig", {"mode", "allowedFunctionNames"})
    mode = one_of(calling.get("mode"), "/toolConfig/functionCallingConfig/mode", {"AUTO", "ANY", "NONE", "VALIDATED"})
    named = "allowedFunctionNames" in calling
    require(not named or mode in {"ANY", "VALIDATED"}, "/toolConfig/functionCallingConfig/mode", "ANY with names")


def _parts(content: Json, where: str) -> list[Json]:
    parts = an_array(content.get("parts"), f"{where}/parts")
    for index, part in enumerate(parts):
        an_object(part, f"{where}/parts/{index}", PART)
        require(len(DATA & part.keys()) == 1, f"{where}/parts/{index}", "a part with one kind of data")
    return parts


def _read_contents(contents: list[JsonValue], question: Question) -> None:
    for index, content in enumerate(contents):
        an_object(content, f"/contents/{index}", {"role", "parts"})
        one_of(content.get("role", "user"), f"/contents/{index}/role", {"user", "model"})
    pending: list[Call] = []
    require(contents[0].get("role", "user") == "user", "/contents/0/role", "user")
    # The SDK keeps each chunk of a streamed turn as a content of its own; a turn is all of them.
    for role, turn in itertools.groupby(enumerate(contents), key=lambda pair: pair[1].get("role", "user")):
        parts = [_parts(content, f"/contents/{index}") for index, content in turn]
        if role == "model":
            require(not pending, "/contents", "function responses right after the function calls")
            pending = _read_model(list(itertools.chain(*parts)), question)
        else:
            if pending:
                _read_responses(parts.pop(0), pending, question)
            pending = []
            _read_user(list(itertools.chain(*parts)), question)
    require(not pending, "/contents", "closed by the function responses")


def _read_model(parts: list[Json], question: Question) -> list[Call]:
    """Read a turn of the model; return its calls."""
    calls = [part for part in parts if "functionCall" in part]
    for part in calls:
        call = an_object(part["functionCall"], "functionCall", {"id", "name", "args"})
        require(isinstance(call.get("args", {}), dict), "functionCall/args", "an object")
        name = a_text(call.get("name"), "functionCall/name", pattern=NAME)
        question.calls.append(Call(name, call.get("args", {}), call.get("id", "")))
    if calls:
        # With parallel calls the first one carries it for all.
        where = "the first functionCall's thoughtSignature"
        issued = sign(question.calls[-len(calls)])
        signature = bytes_of_any_base64(calls[0].get("thoughtSignature"), where)
        require(signature in {issued, SENTINEL}, where, "the one that came with this call")
        question.sign(signature == issued)
    return question.calls[len(question.calls) - len(calls) :]


def _read_responses(parts: list[Json], pending: list[Call], question: Question) -> None:
    """Read the content that answers calls: exactly as many responses as calls, in their order, and nothing else."""
    expected = f"a content of {len(pending)} function responses and nothing else"
    responses = [part["functionResponse"] for part in parts if "functionResponse" in part]
    require(len(parts) == len(responses) == len(pending), "/contents/parts", expected)
    for call, response in zip(pending, responses, strict=True):
        an_object(response, "functionResponse", {"id", "name", "response", "parts"})
        require(response.get("name") == call.name, "functionResponse/name", call.name)
        require(response.get("id", "") in {"", call.id}, "functionResponse/id", f"{call.id!r} or absent")
        value = an_object(response.get("response"), "functionResponse/response", SAID)
        told = Result.told(call.name, next(value[name] for name in SAID if name in value))
        question.results.append(replace(told, failed=True) if "error" in value else told)
        for part in response.get("parts", []):
            _read_file(an_object(part, "functionResponse/parts", {"inlineData"})["inlineData"], question)


def _read_user(parts: list[Json], question: Question) -> None:
    texts = [hear(part["text"], question) for part in parts if "text" in part]
    question.prompt = "".join(texts) or question.prompt
    for part in parts:
        if "functionResponse" in part:
            raise Invalid("functionResponse", "the answer to a function call right before it")
        if "inlineData" in part:
            _read_file(part["inlineData"], question)


def _read_file(value: JsonValue, question: Question) -> None:
    blob = an_object(value, "inlineData", {"mimeType", "data", "displayName"})
    data = bytes_of_any_base64(blob.get("data"), "inlineData/data")
    is_image = one_of(blob.get("mimeType"), "inlineData/mimeType", FILES).startswith("image/")
    (question.images if is_image else question.documents).append(data)
