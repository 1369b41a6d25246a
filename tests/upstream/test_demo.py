"""The built-in demo: what it answers, how it is paced, and what it refuses."""

import asyncio
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiclient.errors import UpstreamProtocolError
from aiclient.upstream.client import Limits, UpstreamResponse
from aiclient.upstream.demo import DemoUpstream, is_demo
from aiclient.upstream.demo.instance import instance
from aiclient.upstream.demo.model import answer
from aiclient.upstream.demo.reply import words

LIMITS = Limits(connect=1, first_byte=1, idle=1)
SPRING = "你好，能帮我写一首关于春天的诗吗？"
ECHO = f"This is the aiclient demo, an echo and no language model. You said: {SPRING}"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 3}},
            "required": ["city", "days"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock"}}
CALLED = {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "clock"}}]}
RESULT = {"role": "tool", "tool_call_id": "1", "content": "noon"}
USER = {"role": "user", "content": SPRING}


def ask(messages: list[Any] | None = None, **more: object) -> tuple[int, Any]:
    """Status and body of an answer that is not streamed."""
    body = {"model": "echo", "messages": [USER] if messages is None else messages, **more}
    status, content_type, chunks = answer(json.dumps(body).encode(), created=7)
    assert content_type == "application/json"
    return status, json.loads(b"".join(chunks))


def said(messages: list[Any] | None = None, **more: object) -> dict[str, Any]:
    """The first choice of an answer."""
    status, body = ask(messages, **more)
    assert status == 200, body
    choice: dict[str, Any] = body["choices"][0]
    return choice


def streamed(**more: object) -> list[Any]:
    """The frames of a stream, which is closed as it should be."""
    body = {"model": "echo", "messages": [USER], "stream": True, **more}
    status, content_type, chunks = answer(json.dumps(body).encode(), created=7)
    assert (status, content_type) == (200, "text/event-stream")
    frames = re.findall(r"data: (.*)\n\n", b"".join(chunks).decode())
    assert frames.pop() == "[DONE]"
    return [json.loads(frame) for frame in frames]


def text_of(frames: list[Any], index: int = 0) -> str:
    """What one choice of a stream says."""
    choices = [choice for frame in frames for choice in frame["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@pytest.mark.parametrize(("url", "meant"), [("demo:", True), ("demo:/", True), ("http://demo", False), ("demo", False)])
def test_its_address(url: str, meant: bool) -> None:
    assert is_demo(url) is meant


def test_it_repeats_what_was_said() -> None:
    status, body = ask([{"role": "system", "content": "Be brief."}, USER])
    assert status == 200
    assert body["choices"][0]["message"] == {"role": "assistant", "content": ECHO, "refusal": None}
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["created"] == 7
    assert body["usage"] == {"prompt_tokens": 19, "completion_tokens": len(words(ECHO)), "total_tokens": 49}


def test_a_stream_says_the_same() -> None:
    frames = streamed(stream_options={"include_usage": True})
    assert text_of(frames) == ECHO
    assert frames[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert frames[-2]["choices"][0]["finish_reason"] == "stop"
    assert (frames[-1]["choices"], frames[-1]["usage"]) == ([], ask()[1]["usage"])
    assert not any("usage" in frame for frame in streamed())


def test_it_counts_images() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    parts = [{"type": "text", "text": "See"}, image, image]
    assert "I received 2 images. You said: See" in said([{"role": "user", "content": parts}])["message"]["content"]
    assert "I received 1 image." in said([{"role": "user", "content": parts[:2]}])["message"]["content"]


def test_it_does_not_repeat_without_end() -> None:
    assert len(said([{"role": "user", "content": "a" * 100_000}])["message"]["content"]) < 3_000


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        (None, "weather"),
        ("auto", "weather"),
        ("required", "weather"),
        ({"type": "function", "function": {"name": "clock"}}, "clock"),
        ("none", None),
    ],
)
def test_it_calls_tools(choice: object, called: str | None) -> None:
    answered = said(tools=[WEATHER, CLOCK], tool_choice=choice)
    calls = answered["message"].get("tool_calls")
    if called is None:
        assert (calls, answered["finish_reason"]) == (None, "stop")
        return
    [call] = calls
    assert (call["type"], call["function"]["name"], answered["finish_reason"]) == ("function", called, "tool_calls")
    assert json.loads(call["function"]["arguments"]) == ({"city": "demo", "days": 3} if called == "weather" else {})
    assert answered["message"]["content"] is None


def test_a_streamed_call_is_the_same() -> None:
    frames = streamed(tools=[WEATHER])
    pieces = [piece for frame in frames for piece in frame["choices"][0]["delta"].get("tool_calls", ())]
    [call] = said(tools=[WEATHER])["message"]["tool_calls"]
    assert pieces[0] == {"index": 0, **call, "function": {"name": "weather", "arguments": ""}}
    assert "".join(piece["function"]["arguments"] for piece in pieces) == call["function"]["arguments"]
    assert len(pieces) > 2
    assert frames[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("messages", "choice", "expected"),
    [
        ([USER, CALLED, RESULT], "auto", "The tool says: noon"),
        ([USER, CALLED, RESULT], "required", "The tool says: noon"),
        ([USER, CALLED, RESULT, RESULT], "auto", "The tool says: noon | noon"),
        # A client of another dialect may send text together with the result.
        ([USER, CALLED, RESULT, {"role": "user", "content": "Thanks"}], "auto", "The tool says: noon"),
        ([USER, CALLED, RESULT, {"role": "assistant", "content": "It is noon."}, USER], "auto", ECHO),
    ],
)
def test_a_result_is_answered_in_words(messages: list[Any], choice: str, expected: str) -> None:
    """Or an agent would go round for ever."""
    assert said(messages, tools=[CLOCK], tool_choice=choice)["message"]["content"] == expected


def test_calls_of_a_conversation_have_different_ids() -> None:
    first = said(tools=[CLOCK])["message"]["tool_calls"][0]["id"]
    later = [USER, CALLED, RESULT, {"role": "assistant", "content": "It is noon."}, USER]
    second = said(later, tools=[CLOCK], tool_choice="required")["message"]["tool_calls"][0]["id"]
    assert first != second


def test_structured_output() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "poem", "schema": schema}}
    assert json.loads(said(response_format=response_format)["message"]["content"]) == {"title": "demo"}
    answered = said(response_format={"type": "json_object"})
    assert json.loads(answered["message"]["content"]) == {"echo": SPRING}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_limit_is_kept(name: str) -> None:
    limited: dict[str, Any] = {name: 5}
    answered = said(**limited)
    assert (answered["message"]["content"], answered["finish_reason"]) == ("This is the aiclient demo,", "length")
    frames = streamed(**limited)
    assert (text_of(frames), frames[-1]["choices"][0]["finish_reason"]) == ("This is the aiclient demo,", "length")
    assert ask(**limited)[1]["usage"]["completion_tokens"] == 5
    unlimited: dict[str, Any] = {name: 1_000}
    assert said(**unlimited)["finish_reason"] == "stop"


@pytest.mark.parametrize("stop", [" demo", ["never", " demo"]])
def test_a_stop_sequence_is_heeded(stop: object) -> None:
    answered = said(stop=stop)
    assert (answered["message"]["content"], answered["finish_reason"]) == ("This is the aiclient", "stop")


def test_several_choices() -> None:
    body = ask(n=3)[1]
    assert [choice["index"] for choice in body["choices"]] == [0, 1, 2]
    assert {choice["message"]["content"] for choice in body["choices"]} == {ECHO}
    assert body["usage"]["completion_tokens"] == 3 * len(words(ECHO))
    frames = streamed(n=3)
    assert {text_of(frames, index) for index in range(3)} == {ECHO}


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [3]}, "messages[0]"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [3]}]}, "messages[0].content[0]"),
        ({"model": 3}, "model"),
        ({"n": "x"}, "n"),
        ({"n": 0}, "n"),
        ({"n": 1_000}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop": [3]}, "stop[0]"),
        ({"tools": 3}, "tools"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tool_choice": "perhaps"}, "tool_choice.type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [CLOCK], "tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice"),
        ({"response_format": "json"}, "response_format"),
        ({"stream_options": 3}, "stream_options"),
    ],
)
def test_a_wrong_request_is_refused(wrong: dict[str, Any], param: str) -> None:
    """As OpenAI does it, naming the field."""
    status, body = ask(**wrong)
    assert (status, body["error"]["type"], body["error"]["param"]) == (400, "invalid_request_error", param)
    assert body["error"].keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"3"])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    assert answer(body, created=7)[0] == 400


def test_it_has_one_model() -> None:
    status, body = ask(model="gpt-5")
    assert (status, body["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "demo"),
        ({"const": None}, None),
        ({"enum": ["c", "f"]}, "c"),
        ({"type": ["string", "null"]}, "demo"),
        ({"type": "null"}, None),
        ({"type": "boolean"}, True),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "maximum": -2}, -2),
        ({"type": "integer", "minimum": 11, "multipleOf": 5}, 15),
        ({"type": "number", "minimum": 0.5}, 0.5),
        ({"type": "string", "minLength": 6}, "demo.."),
        ({"type": "string", "maxLength": 2}, "de"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"type": "array", "items": {}, "maxItems": 0}, []),
        ({"type": "array", "prefixItems": [{"const": 1}], "minItems": 2, "items": {"const": 2}}, [1, 2]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 1),
        ({"properties": {"a": {}, "b": {}}}, {"a": "demo", "b": "demo"}),
        ({"properties": {"a": {}, "b": {}}, "required": ["b"]}, {"b": "demo"}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}}, 1),
        ({"$ref": "#/$defs/none"}, "demo"),
        (
            {
                "allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": {"const": 2}}}],
                "$defs": {"a": {"properties": {"a": {}}}},
            },
            {"a": "demo", "b": 2},
        ),
    ],
)
def test_an_instance_is_what_the_schema_allows(schema: dict[str, Any], expected: object) -> None:
    assert instance(schema) == expected


def test_a_schema_may_contain_itself() -> None:
    assert instance({"type": "object", "properties": {"next": {"$ref": "#"}}})
    instance({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]})
    assert instance({"$ref": "#"}) is None


KEYWORDS = "type $ref allOf anyOf enum items prefixItems minItems maxItems minimum multipleOf properties required"
WORDS = st.sampled_from(["object", "array", "string", "integer", "#", "#/items", "a"])
PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS.split()), inner, max_size=4),
    max_leaves=8,
)
SCHEMAS = st.dictionaries(st.sampled_from(KEYWORDS.split()), PIECES, max_size=4)


@given(SCHEMAS)
def test_no_schema_is_too_odd(schema: dict[str, Any]) -> None:
    """Whatever a tool calls its parameters, there is an answer."""
    instance(schema)


@given(st.text())
def test_words_are_the_text(text: str) -> None:
    """Nothing is lost between them."""
    assert "".join(words(text)) == text


async def open_stream(body: dict[str, Any]) -> UpstreamResponse:
    """An answer by the interface of every upstream."""
    return await DemoUpstream().open("POST", "demo:/chat/completions", [], json.dumps(body).encode(), LIMITS)


async def test_a_stream_is_paced() -> None:
    response = await open_stream({"model": "echo", "messages": [USER], "stream": True, "max_tokens": 5})
    assert (response.status, response.headers["content-type"]) == (200, "text/event-stream")
    since, seconds = time.monotonic(), []
    while await response.chunk():
        seconds.append(time.monotonic() - since)
    # The role, five words, the end.
    assert len(seconds) == 7
    assert seconds[0] < 0.02
    assert 6 * 0.02 <= seconds[-1] < 1


async def test_it_stops_at_once_when_nobody_listens() -> None:
    response = await open_stream({"model": "echo", "messages": [USER], "stream": True})
    await response.chunk()
    waiting = asyncio.ensure_future(response.chunk())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    response.close()
    assert await response.chunk() == b""


async def test_a_whole_answer_does_not_wait() -> None:
    response = await open_stream({"model": "echo", "messages": [USER]})
    assert json.loads(await response.read(10_000))["choices"][0]["message"]["content"] == ECHO
    with pytest.raises(UpstreamProtocolError, match="longer than 10 bytes"):
        await (await open_stream({"model": "echo", "messages": [USER]})).read(10)
