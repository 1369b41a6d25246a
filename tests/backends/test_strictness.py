"""The backends refuse what the vendors refuse: a test that they pass has shown something."""

import pytest

from tests.backends.anthropic.wire import WIRE as ANTHROPIC
from tests.backends.checks import Invalid
from tests.backends.exchange import Arrival, Json, JsonValue
from tests.backends.gemini.wire import WIRE as GEMINI
from tests.backends.openai_chat.wire import WIRE as OPENAI_CHAT
from tests.backends.openai_responses.seal import seal
from tests.backends.openai_responses.wire import WIRE as OPENAI_RESPONSES
from tests.backends.wire import Wire

ASKED: Json = {"role": "user", "content": "hi"}


def chat_turns(*results: Json) -> list[Json]:
    """Two calls in Chat Completions, then what follows them."""
    calls: list[Json] = [
        {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}} for name in ("call_a", "call_b")
    ]
    return [ASKED, {"role": "assistant", "content": None, "tool_calls": calls}, *results]


def chat_result(call: str) -> Json:
    return {"role": "tool", "tool_call_id": call, "content": "x"}


def anthropic_turns(*turns: Json) -> list[Json]:
    """Two calls in Messages, then what follows them."""
    calls: list[Json] = [{"type": "tool_use", "id": name, "name": "f", "input": {}} for name in ("toolu_a", "toolu_b")]
    return [ASKED, {"role": "assistant", "content": calls}, *turns]


def anthropic_result(*calls: str, after: JsonValue = ()) -> Json:
    blocks = [{"type": "tool_result", "tool_use_id": call, "content": "x"} for call in calls]
    return {"role": "user", "content": [*after, *blocks]}


def gemini_turns(*responses: Json, signature: str | None = "skip_thought_signature_validator") -> list[Json]:
    """Two calls in generateContent, then the content that follows them."""
    parts: list[Json] = [{"functionCall": {"name": "f", "args": {}}}, {"functionCall": {"name": "g", "args": {}}}]
    if signature is not None:
        parts[0]["thoughtSignature"] = signature
    asked = {"role": "user", "parts": [{"text": "hi"}]}
    return [asked, {"role": "model", "parts": parts}, {"role": "user", "parts": list(responses)}]


def gemini_response(name: str) -> Json:
    return {"functionResponse": {"name": name, "response": {"output": "x"}}}


def responses_items(*items: Json, **call: JsonValue) -> list[Json]:
    """Two calls in Responses, the first with more to it, then what follows them."""
    calls: list[Json] = [
        {"type": "function_call", "call_id": name, "name": "f", "arguments": "{}"} for name in ("call_a", "call_b")
    ]
    calls[0].update(call)
    return [ASKED, *calls, *items]


def responses_output(call: str, kind: str = "function_call_output") -> Json:
    return {"type": kind, "call_id": call, "output": "x"}


def responses_tool(**more: JsonValue) -> Json:
    """A tool that takes anything: it cannot be strict."""
    return {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, **more}


BOTH_OUTPUTS = [responses_output("call_a"), responses_output("call_b")]
REASONING: Json = {"type": "reasoning", "summary": [], "encrypted_content": seal("")}
TEXT_BLOCK = {"type": "text", "text": "first"}
CHAT_TOOL = {"type": "function", "function": {"name": "f"}}
REFUSED: list[tuple[Wire, str, Json]] = [
    (OPENAI_CHAT, "an unknown field", {"messages": [ASKED], "top_k": 5}),
    (OPENAI_CHAT, "no tools at all", {"messages": [ASKED], "tools": []}),
    (OPENAI_CHAT, "a choice without tools", {"messages": [ASKED], "tool_choice": "auto"}),
    (OPENAI_CHAT, "usage without a stream", {"messages": [ASKED], "stream_options": {"include_usage": True}}),
    (OPENAI_CHAT, "a result missing", {"messages": chat_turns(chat_result("call_a")), "tools": [CHAT_TOOL]}),
    (OPENAI_CHAT, "a result of nothing", {"messages": [ASKED, chat_result("call_a")]}),
    (OPENAI_CHAT, "a user between", {"messages": chat_turns(chat_result("call_a"), ASKED, chat_result("call_b"))}),
    (OPENAI_RESPONSES, "an unknown field", {"input": "hi", "stop": ["x"]}),
    (OPENAI_RESPONSES, "several answers", {"input": "hi", "n": 2}),
    (OPENAI_RESPONSES, "nothing", {"input": []}),
    (OPENAI_RESPONSES, "no tools at all", {"input": "hi", "tools": []}),
    (OPENAI_RESPONSES, "a choice without tools", {"input": "hi", "tool_choice": "required"}),
    (OPENAI_RESPONSES, "a strict tool", {"input": "hi", "tools": [responses_tool(strict=True)]}),
    (OPENAI_RESPONSES, "a tool one level in", {"input": "hi", "tools": [CHAT_TOOL]}),
    (OPENAI_RESPONSES, "a small limit", {"input": "hi", "max_output_tokens": 15}),
    (OPENAI_RESPONSES, "a foreign id of a call", {"input": responses_items(*BOTH_OUTPUTS, id="toolu_1")}),
    (OPENAI_RESPONSES, "a long id of a call", {"input": responses_items(*BOTH_OUTPUTS, id="fc_" + "0" * 62)}),
    (
        OPENAI_RESPONSES,
        "a foreign id of a message",
        {"input": [{"role": "assistant", "id": "chatcmpl-1", "content": "x"}]},
    ),
    (OPENAI_RESPONSES, "a long id of both", {"input": responses_items(*BOTH_OUTPUTS, call_id="c" * 65)}),
    (OPENAI_RESPONSES, "a result missing", {"input": responses_items(responses_output("call_b"))}),
    (OPENAI_RESPONSES, "a result of nothing", {"input": [ASKED, responses_output("call_a")]}),
    (OPENAI_RESPONSES, "a result twice", {"input": responses_items(*BOTH_OUTPUTS, responses_output("call_a"))}),
    (OPENAI_RESPONSES, "a null as a result", {"input": responses_items(BOTH_OUTPUTS[0] | {"output": None})}),
    (
        OPENAI_RESPONSES,
        "an answer as a question",
        {"input": [{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]},
    ),
    (OPENAI_RESPONSES, "a foreign seal", {"input": [ASKED, REASONING | {"encrypted_content": "aic1.x"}, ASKED]}),
    (OPENAI_RESPONSES, "reasoning to no end", {"input": [ASKED, REASONING]}),
    (OPENAI_RESPONSES, "reasoning of the user", {"input": [REASONING, ASKED]}),
    (OPENAI_RESPONSES, "an item not kept", {"input": [{"type": "item_reference", "id": "msg_unheard_of"}]}),
    (OPENAI_RESPONSES, "a response not kept", {"input": "hi", "previous_response_id": "resp_unheard_of"}),
    (ANTHROPIC, "no limit", {"messages": [ASKED]}),
    (ANTHROPIC, "an empty text", {"max_tokens": 9, "messages": [{"role": "user", "content": ""}]}),
    (ANTHROPIC, "the model first", {"max_tokens": 9, "messages": [{"role": "assistant", "content": "hi"}]}),
    (ANTHROPIC, "a system turn", {"max_tokens": 9, "messages": [{"role": "system", "content": "x"}, ASKED]}),
    (ANTHROPIC, "too hot", {"max_tokens": 9, "messages": [ASKED], "temperature": 1.5}),
    (ANTHROPIC, "a result missing", {"max_tokens": 9, "messages": anthropic_turns(anthropic_result("toolu_a"))}),
    (
        ANTHROPIC,
        "results apart",
        {"max_tokens": 9, "messages": anthropic_turns(anthropic_result("toolu_a"), anthropic_result("toolu_b"))},
    ),
    (
        ANTHROPIC,
        "text before results",
        {"max_tokens": 9, "messages": anthropic_turns(anthropic_result("toolu_a", "toolu_b", after=[TEXT_BLOCK]))},
    ),
    (GEMINI, "an unknown field", {"contents": gemini_turns()[:1], "model": "x"}),
    (GEMINI, "a response missing", {"contents": gemini_turns(gemini_response("f"))}),
    (GEMINI, "another order", {"contents": gemini_turns(gemini_response("g"), gemini_response("f"))}),
    (
        GEMINI,
        "a text beside responses",
        {"contents": gemini_turns(gemini_response("f"), gemini_response("g"), {"text": "and"})},
    ),
    (
        GEMINI,
        "no signature",
        {"contents": gemini_turns(gemini_response("f"), gemini_response("g"), signature=None)},
    ),
    (
        GEMINI,
        "a foreign schema",
        {
            "contents": gemini_turns()[:1],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT", "additionalProperties": False},
            },
        },
    ),
]

TAKEN: list[tuple[Wire, Json]] = [
    (OPENAI_CHAT, {"messages": chat_turns(chat_result("call_b"), chat_result("call_a"), ASKED), "tools": [CHAT_TOOL]}),
    (OPENAI_RESPONSES, {"input": responses_items(*reversed(BOTH_OUTPUTS)), "tools": [responses_tool(strict=False)]}),
    (OPENAI_RESPONSES, {"input": [ASKED, REASONING, {"role": "assistant", "content": "x"}, ASKED]}),
    (ANTHROPIC, {"max_tokens": 9, "messages": anthropic_turns(anthropic_result("toolu_b", "toolu_a"))}),
    (GEMINI, {"contents": gemini_turns(gemini_response("f"), gemini_response("g"))}),
]


def arrive(wire: Wire, body: Json) -> Arrival:
    """The body as a request that is right in everything else."""
    if wire is GEMINI:
        return Arrival("/v1beta/models/text:generateContent", {}, {}, body)
    return Arrival(wire.route, {}, {"anthropic-version": "2023-06-01"}, {"model": "text", **body})


@pytest.mark.parametrize(("wire", "what", "body"), REFUSED, ids=[f"{wire.dialect}-{what}" for wire, what, _ in REFUSED])
def test_refused(wire: Wire, what: str, body: Json) -> None:  # noqa: ARG001  # the name of the case
    """A request that the vendor would not take is not taken here."""
    with pytest.raises(Invalid):
        wire.read(arrive(wire, body))


@pytest.mark.parametrize(
    ("wire", "body"), TAKEN, ids=[f"{wire.dialect}-{number}" for number, (wire, _) in enumerate(TAKEN)]
)
def test_taken(wire: Wire, body: Json) -> None:
    """The same with nothing wrong is taken."""
    wire.read(arrive(wire, body))
