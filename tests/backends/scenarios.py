"""What the backends play, by the name of the model: the question each part expects, and the answer to it.

What stands before `--` says which model of the vendor's it is like: `gemini-3-pro--tools`.
A question that did not arrive as it should is refused, so a test sees in its client's own error what got lost.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel

from tests.backends.checks import Invalid, require
from tests.backends.exchange import Answer, Call, Fault, Json, JsonValue, Question, Result, Tokens

SYSTEM = "Answer as a poet. 你是一位诗人。"
PROMPT = "你好，能帮我写一首关于春天的诗吗？"
# Four bytes of UTF-8, joined emoji, everything that JSON escapes.
POEM = '春眠不觉晓，处处闻啼鸟。🌸\nSpring wakes late; the café\'s “birds” sing 🐦‍⬛ \\o/ "la"\t♪'

TOOLS: dict[str, Json] = {
    "get_weather": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name of a city, 城市"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    },
    "get_time": {
        "type": "object",
        "properties": {"zone": {"type": "string", "enum": ["Asia/Tokyo", "Europe/Oslo"]}},
        "required": ["zone"],
        "additionalProperties": False,
    },
}
TOOLS_PROMPT = "What is the weather in 东京, and what time is it in Oslo?"
TOOLS_PREFACE = "Let me look: 看一看。"
WEATHER_CALL = Call("get_weather", {"city": '东京 "Tokyo" 🗼', "days": 2})
TIME_CALL = Call("get_time", {"zone": "Europe/Oslo"})
# How the AI SDK and pydantic-ai wrap what a tool of theirs returned to Gemini.
WRAPPED = ('{"name":', '{"return_value":')
RESULTS = {"get_weather": "晴, 7 °C 🌤", "get_time": "14:05"}
TOOLS_ANSWER = "It is 晴, 7 °C 🌤 there, and 14:05 here."

# One pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
IMAGE_PROMPT = "What does the picture show?"
IMAGE_ANSWER = hashlib.sha256(PNG).hexdigest()

# A page with nothing on it.
PDF = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n\xff\xfe\x00"
)
PDF_PROMPT = "What does the document say?"
PDF_ANSWER = hashlib.sha256(PDF).hexdigest()

CHART_TEXT = "the weather as a picture"
CLOCK_ERROR = "the clock of Oslo has stopped: 停了"
ERROR_ANSWER = "It is 晴 there; what time it is here, nobody knows."

LATE_SYSTEM = "From here on, rhyme. 押韵。"
LATE_PROMPT = "And one about autumn?"
LATE_ANSWER = "Leaves fall, that is all. 🍂"

STOP = "</poem>"
CUSTOM_TOOL = "run_sql"
CUSTOM_CALL = Call(CUSTOM_TOOL, {"input": "SELECT \"城市\", temp\nFROM weather\tWHERE note = '\\o/ 🌦';"})
CUSTOM_RESULT = "Oslo|7"
CUSTOM_PROMPT = "How warm is it in Oslo? Ask the database."
CUSTOM_ANSWER = "Seven degrees."

REFUSAL = "I'm sorry, but I can't help with that. 抱歉。"

CACHE_TOKENS = Tokens(input=1000, output=60, cached=300, written=200, reasoning=25)

# The least that OpenAI's Responses takes.
LENGTH_TOKENS = 16
LENGTH_ANSWER = "One two three four five"

FILTERED_ANSWER = "First you take a"

REASONING = "The user asks for the weather. 先查天气。"
MORE_REASONING = "Warm enough. 再查时间。"
THINKING_ANSWER = "Take a coat: 晴, 7 °C 🌤."

RETRY_AFTER = 7
# What a backend says in the middle of a stream.
BREAKDOWN = Fault(500, "something broke while answering")
FAULTS = {
    "rate-limited": Fault(429, "slow down, please", RETRY_AFTER),
    "broken": Fault(500, "something broke in here"),
    "refused": Fault(400, "that is not for me"),
}


class Wind(BaseModel):
    """A part of the forecast with a schema of its own."""

    speed: float
    gusts: bool


class Forecast(BaseModel):
    """What the structured answer is an instance of."""

    city: str
    celsius: int
    sky: Literal["clear", "cloudy"]
    wind: Wind
    advice: list[str]


JSON_PROMPT = "The forecast for 奥斯陆, as JSON."
FORECAST = Forecast(
    city="奥斯陆 🏔", celsius=-7, sky="clear", wind=Wind(speed=3.5, gusts=False), advice=["mittens", "帽子"]
)


def fresh(model: str) -> str:
    """A name that nobody has asked yet for a model: the gateway holds the failures of one against it."""
    return f"{uuid.uuid4().hex}--{model}"


def play(question: Question) -> Answer | Fault:
    """The answer of the model that the question names; raises `Invalid` if something of the question is missing."""
    name = question.model.rpartition("--")[2]
    if name in FAULTS:
        return FAULTS[name]
    part = _PARTS.get(name)
    if part is None:
        return Fault(404, f"model {question.model} does not exist")
    return part(question)


def _expect(what: str, found: JsonValue, expected: JsonValue) -> None:
    if found != expected:
        raise Invalid(what, f"{expected!r}, not {found!r}")


def _text(question: Question) -> Answer:
    _expect("system", question.system, SYSTEM)
    _expect("prompt", question.prompt, PROMPT)
    _expect("max_tokens", question.max_tokens, 100)
    return Answer(text=POEM)


def _cut_connection(_: Question) -> Answer:
    return Answer(text=POEM, cut="connection")


def _cut_body(_: Question) -> Answer:
    return Answer(text=POEM, cut="body")


def _cut_error(_: Question) -> Answer:
    return Answer(text=POEM, cut="error", complaint=BREAKDOWN.message)


def _tools(question: Question) -> Answer:
    _expect_tools(question, *TOOLS)
    _expect("prompt", question.prompt, TOOLS_PROMPT)
    if not question.calls:
        return Answer(text=TOOLS_PREFACE, calls=(WEATHER_CALL, TIME_CALL), finish="tool_calls")
    _expect_history(question, WEATHER_CALL, TIME_CALL)
    return Answer(text=TOOLS_ANSWER)


def _expect_tools(question: Question, *names: str) -> None:
    _expect("names of the tools", list(question.tools), list(names))
    for name, schema in question.tools.items():
        expected = TOOLS[name]
        _expect(f"arguments of {name}", list(schema["properties"]), list(expected["properties"]))
        _expect(f"required arguments of {name}", schema.get("required"), expected["required"])


def _expect_history(question: Question, *calls: Call) -> None:
    _expect("calls", [(call.name, call.arguments) for call in question.calls], [(c.name, c.arguments) for c in calls])
    results = [replace(result, text=_said(result.text)) for result in question.results]
    _expect("results", results, [Result(call.name, RESULTS[call.name]) for call in calls])


def _said(text: str) -> str:
    """What a tool said; some clients of Gemini's put it into an object of their own making."""
    if not text.startswith(WRAPPED):
        return text
    wrapped = json.loads(text)
    return str(wrapped.get("content", wrapped.get("return_value")))


def _image(question: Question) -> Answer:
    _expect("prompt", question.prompt, IMAGE_PROMPT)
    _expect("number of images", len(question.images), 1)
    return Answer(text=hashlib.sha256(question.images[0]).hexdigest())


def _json(question: Question) -> Answer:
    _expect("prompt", question.prompt, JSON_PROMPT)
    if question.schema is None:
        raise Invalid("schema of the answer", "there, but it did not arrive")
    properties = question.schema["properties"]
    _expect("properties of the answer", list(properties), list(Forecast.model_fields))
    _expect("choices of the sky", properties["sky"].get("enum"), ["clear", "cloudy"])
    wind = _resolve(properties["wind"], question.schema)
    _expect("properties of the wind", list(wind["properties"]), list(Wind.model_fields))
    return Answer(text=json.dumps(FORECAST.model_dump(), ensure_ascii=False))


def _resolve(schema: Json, root: Json) -> Json:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found = root
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


def _length(question: Question) -> Answer:
    _expect("max_tokens", question.max_tokens, LENGTH_TOKENS)
    return Answer(text=LENGTH_ANSWER, finish="length", tokens=Tokens(input=120, output=LENGTH_TOKENS, cached=20))


def _thinking(question: Question) -> Answer:
    _expect_tools(question, "get_weather")
    _expect("thinking", question.thinking, True)
    if not question.calls:
        tokens = Tokens(input=120, output=45, cached=20, reasoning=15)
        return Answer(reasoning=REASONING, calls=(WEATHER_CALL,), finish="tool_calls", tokens=tokens)
    _expect_history(question, WEATHER_CALL)
    require(question.signed is not False, "signature of the reasoning", "the one that came with the call")
    return Answer(text=THINKING_ANSWER)


def _rethinking(question: Question) -> Answer:
    """Two steps, each with thoughts of its own and a call that they led to."""
    _expect_tools(question, *TOOLS)
    _expect("thinking", question.thinking, True)
    steps = [(REASONING, WEATHER_CALL), (MORE_REASONING, TIME_CALL)]
    _expect_history(question, *(call for _, call in steps[: len(question.calls)]))
    require(question.signed is not False, "signature of the reasoning", "the one that came with the call")
    if len(question.calls) == len(steps):
        return Answer(text=THINKING_ANSWER)
    reasoning, call = steps[len(question.calls)]
    return Answer(reasoning=reasoning, calls=(call,), finish="tool_calls")


def _tool_image(question: Question) -> Answer:
    if not question.calls:
        return Answer(calls=(WEATHER_CALL,), finish="tool_calls")
    (result,) = question.results
    # Where results are texts, the text says where the picture is.
    require(result.text.startswith(CHART_TEXT), "text of the result", CHART_TEXT)
    _expect("images", question.images, [PNG])
    return Answer(text=IMAGE_ANSWER)


def _tool_error(question: Question) -> Answer:
    if not question.calls:
        return Answer(calls=(WEATHER_CALL, TIME_CALL), finish="tool_calls")
    fine, failed = Result("get_weather", RESULTS["get_weather"]), Result("get_time", CLOCK_ERROR, failed=True)
    _expect("results", question.results, [fine, failed])
    return Answer(text=ERROR_ANSWER)


def _document(question: Question) -> Answer:
    _expect("prompt", question.prompt, PDF_PROMPT)
    _expect("documents", question.documents, [PDF])
    return Answer(text=PDF_ANSWER)


def _late_system(question: Question) -> Answer:
    _expect("system", question.system, SYSTEM)
    if question.prompt == PROMPT:
        return Answer(text=POEM)
    _expect("prompt", question.prompt, LATE_PROMPT)
    _expect("what the system says late", question.late_system, [LATE_SYSTEM])
    return Answer(text=LATE_ANSWER)


def _stop(question: Question) -> Answer:
    _expect("stop sequences", question.stop, [STOP])
    return Answer(text=POEM)


def _custom(question: Question) -> Answer:
    _expect("names of the tools", list(question.tools), [CUSTOM_TOOL])
    if not question.calls:
        return Answer(calls=(CUSTOM_CALL,), finish="tool_calls")
    _expect("calls", [(call.name, call.arguments) for call in question.calls], [(CUSTOM_TOOL, CUSTOM_CALL.arguments)])
    _expect("results", question.results, [Result(CUSTOM_TOOL, CUSTOM_RESULT)])
    return Answer(text=CUSTOM_ANSWER)


def _namespace(question: Question) -> Answer:
    name = next(name for name in question.tools if name.endswith(WEATHER_CALL.name))
    return Answer(calls=(Call(name, WEATHER_CALL.arguments),), finish="tool_calls")


def _refusal(_: Question) -> Answer:
    return Answer(refusal=REFUSAL)


def _filtered(_: Question) -> Answer:
    return Answer(text=FILTERED_ANSWER, finish="content_filter")


def _cache(_: Question) -> Answer:
    return Answer(text=POEM, tokens=CACHE_TOKENS)


_PARTS: dict[str, Callable[[Question], Answer]] = {
    "text": _text,
    "tools": _tools,
    "image": _image,
    "json": _json,
    "length": _length,
    "thinking": _thinking,
    "rethinking": _rethinking,
    "tool-image": _tool_image,
    "tool-error": _tool_error,
    "document": _document,
    "late-system": _late_system,
    "stop": _stop,
    "custom": _custom,
    "namespace": _namespace,
    "refusal": _refusal,
    "filtered": _filtered,
    "cache": _cache,
    "cut-connection": _cut_connection,
    "cut-body": _cut_body,
    "cut-error": _cut_error,
}
