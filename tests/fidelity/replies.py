"""What upstreams can say."""

from __future__ import annotations

from typing import Any

from aiclient import Dialect
from tests.fidelity.bodies import PNG
from tests.fidelity.probe import Said

__all__ = ["SAID"]

C: Dialect = "openai_chat"
R: Dialect = "openai_responses"
A: Dialect = "anthropic"
G: Dialect = "gemini"


def _chat(message: dict[str, Any], finish: str = "stop", **more: object) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": "A!", **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return {**head, "choices": [choice], "usage": usage, **more}


def _responses(*items: dict[str, Any], status: str = "completed", **more: object) -> dict[str, Any]:
    usage = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 8,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 17,
    }
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status}
    return {**head, "output": list(items), "usage": usage, **more}


def _message(**part: object) -> dict[str, Any]:
    content = {"type": "output_text", "text": "A!", "annotations": [], **part}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}


def _anthropic(*blocks: dict[str, Any], stop: str = "end_turn", **more: object) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    usage = {"input_tokens": 9, "output_tokens": 8}
    return {**head, "content": list(blocks), "stop_reason": stop, "usage": usage, **more}


def _gemini(*parts: dict[str, Any], finish: str = "STOP", candidate: dict[str, Any] | None = None) -> dict[str, Any]:
    first = {
        "content": {"role": "model", "parts": list(parts)},
        "finishReason": finish,
        "index": 0,
        **(candidate or {}),
    }
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 8, "totalTokenCount": 17}
    return {"candidates": [first], "usageMetadata": usage, "modelVersion": "m", "responseId": "r"}


_TEXT = {"type": "text", "text": "A!"}
_SHOWN: dict[Dialect, dict[str, Any]] = {
    A: {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    R: {"reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"]},
    G: {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}},
}
_REASONING_ITEM = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "T!"}]}

REPLIES = [
    Said(
        "Text",
        {C: _chat({}), R: _responses(_message()), A: _anthropic(_TEXT), G: _gemini({"text": "A!"})},
        native=dict.fromkeys((C, R, A, G), '"A!"'),
    ),
    Said(
        "Call of a tool",
        {
            C: _chat(
                {
                    "content": None,
                    "tool_calls": [
                        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x":1.50}'}}
                    ],
                },
                "tool_calls",
            ),
            R: _responses(
                {
                    "type": "function_call",
                    "id": "fc_1",
                    "call_id": "call_1",
                    "name": "f",
                    "arguments": '{"x":1.50}',
                    "status": "completed",
                }
            ),
            A: _anthropic({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1.5}}, stop="tool_use"),
            G: _gemini({"functionCall": {"name": "f", "args": {"x": 1.5}}}),
        },
        native={C: '"tool_calls":[', R: '"function_call"', A: '"tool_use"', G: '"functionCall"'},
    ),
    Said(
        "Thoughts",
        {
            C: _chat({"reasoning_content": "T!"}),
            R: _responses(_REASONING_ITEM, _message()),
            A: _anthropic({"type": "thinking", "thinking": "T!", "signature": "s"}, _TEXT),
            G: _gemini({"text": "T!", "thought": True}, {"text": "A!"}),
        },
        native=dict.fromkeys((C, R, A, G), "T!"),
        asked=_SHOWN,
    ),
    Said(
        "Seal on thoughts, encrypted thoughts",
        {
            R: _responses({**_REASONING_ITEM, "encrypted_content": "c2VhbA=="}, _message()),
            A: _anthropic({"type": "thinking", "thinking": "T!", "signature": "c2VhbA=="}, _TEXT),
            G: _gemini({"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2VhbA=="}),
        },
        native={C: '"thought_signature":"c2VhbA=="'},
        emulated={C: "aic1.", R: "aic1.", A: "aic1.", G: "YWljMS"},
        asked=_SHOWN,
        note="In an envelope, which the client sends back as it is; see `reasoning_memory` for Chat clients that do not.",
    ),
    Said(
        "Refusal in the model's words",
        {
            C: _chat({"content": None, "refusal": "No!"}),
            R: _responses(
                {
                    "type": "message",
                    "id": "msg_1",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "refusal", "refusal": "No!"}],
                }
            ),
        },
        native={C: '"refusal":"No!"', R: '"refusal":"No!"'},
        emulated={A: '"stop_reason":"refusal"', G: '"finishReason":"SAFETY"'},
    ),
    Said(
        "Answer that was filtered",
        {
            C: _chat({}, "content_filter"),
            R: _responses(_message(), status="incomplete", incomplete_details={"reason": "content_filter"}),
            A: _anthropic(_TEXT, stop="refusal"),
            G: _gemini({"text": "A!"}, finish="SAFETY"),
        },
        native={
            C: '"content_filter"',
            R: '"content_filter"',
            A: '"stop_reason":"refusal"',
            G: '"finishReason":"SAFETY"',
        },
    ),
    Said(
        "End at the limit",
        {
            C: _chat({}, "length"),
            R: _responses(_message(), status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            A: _anthropic(_TEXT, stop="max_tokens"),
            G: _gemini({"text": "A!"}, finish="MAX_TOKENS"),
        },
        native={C: '"length"', R: '"max_output_tokens"', A: '"max_tokens"', G: '"MAX_TOKENS"'},
    ),
    Said(
        "Which stop sequence came",
        {A: _anthropic(_TEXT, stop="stop_sequence", stop_sequence="E!")},
        note="Only Anthropic says which; the others say that the answer is complete.",
    ),
    Said(
        "Turn that is to be continued (`pause_turn`)",
        {A: _anthropic(_TEXT, stop="pause_turn")},
    ),
    Said(
        "Sources of the answer",
        {
            C: _chat(
                {
                    "annotations": [
                        {
                            "type": "url_citation",
                            "url_citation": {
                                "url": "https://example.com",
                                "title": "T",
                                "start_index": 0,
                                "end_index": 2,
                            },
                        }
                    ]
                }
            ),
            R: _responses(
                _message(
                    annotations=[
                        {
                            "type": "url_citation",
                            "url": "https://example.com",
                            "title": "T",
                            "start_index": 0,
                            "end_index": 2,
                        }
                    ]
                )
            ),
            A: _anthropic(
                {
                    **_TEXT,
                    "citations": [
                        {
                            "type": "web_search_result_location",
                            "url": "https://example.com",
                            "title": "T",
                            "cited_text": "c",
                            "encrypted_index": "e",
                        }
                    ],
                }
            ),
            G: _gemini(
                {"text": "A!"},
                candidate={
                    "groundingMetadata": {
                        "groundingChunks": [{"web": {"uri": "https://example.com", "title": "T"}}],
                        "groundingSupports": [
                            {"segment": {"startIndex": 0, "endIndex": 2, "text": "A!"}, "groundingChunkIndices": [0]}
                        ],
                    }
                },
            ),
        },
        native=dict.fromkeys((C, R, A, G), "https://example.com"),
    ),
    Said(
        "Probabilities of tokens",
        {
            C: {
                **_chat({}),
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": "A!"},
                        "finish_reason": "stop",
                        "logprobs": {
                            "content": [{"token": "A!", "logprob": -0.25, "bytes": [65, 33], "top_logprobs": []}],
                            "refusal": None,
                        },
                    }
                ],
            },
            R: _responses(
                _message(logprobs=[{"token": "A!", "logprob": -0.25, "bytes": [65, 33], "top_logprobs": []}])
            ),
            G: _gemini(
                {"text": "A!"},
                candidate={"logprobsResult": {"chosenCandidates": [{"token": "A!", "logProbability": -0.25}]}},
            ),
        },
        native=dict.fromkeys((C, R, G), "-0.25"),
        note="Never asked of Anthropic; its clients cannot ask for them.",
    ),
    Said(
        "Image",
        {
            C: _chat({"images": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}]}),
            R: _responses({"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PNG}),
            G: _gemini({"inlineData": {"mimeType": "image/png", "data": PNG}}),
        },
        native={R: PNG, G: PNG},
        emulated={C: PNG},
        note="In `images`, as OpenRouter has them, for Chat; Anthropic's replies have no images.",
    ),
    Said(
        "Tokens read from a cache, tokens of thoughts",
        {
            C: _chat(
                {},
                usage={
                    "prompt_tokens": 90,
                    "completion_tokens": 80,
                    "total_tokens": 170,
                    "prompt_tokens_details": {"cached_tokens": 55},
                    "completion_tokens_details": {"reasoning_tokens": 66},
                },
            ),
            R: _responses(
                _message(),
                usage={
                    "input_tokens": 90,
                    "input_tokens_details": {"cached_tokens": 55},
                    "output_tokens": 80,
                    "output_tokens_details": {"reasoning_tokens": 66},
                    "total_tokens": 170,
                },
            ),
            A: _anthropic(
                _TEXT,
                usage={
                    "input_tokens": 35,
                    "cache_read_input_tokens": 55,
                    "output_tokens": 80,
                    "output_tokens_details": {"thinking_tokens": 66},
                },
            ),
            G: {
                **_gemini({"text": "A!"}),
                "usageMetadata": {
                    "promptTokenCount": 90,
                    "cachedContentTokenCount": 55,
                    "candidatesTokenCount": 14,
                    "thoughtsTokenCount": 66,
                    "totalTokenCount": 170,
                },
            },
        },
        native={
            C: '"cached_tokens":55',
            R: '"cached_tokens":55',
            A: '"cache_read_input_tokens":55',
            G: '"cachedContentTokenCount":55',
        },
        note="Each dialect's own way to count is kept: Anthropic's input leaves cached tokens out, Gemini's output thoughts.",
    ),
    Said(
        "Tool that the vendor ran",
        {
            R: _responses({"type": "web_search_call", "id": "ws_1", "status": "completed"}, _message()),
            A: _anthropic(
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
                _TEXT,
            ),
            G: _gemini({"executableCode": {"language": "PYTHON", "code": "1"}}, {"text": "A!"}),
        },
        note="What the model says about it arrives; the call itself is reported.",
    ),
]

SAID: dict[str, list[Said]] = {"Replies": REPLIES}
