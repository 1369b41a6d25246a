"""What clients can ask."""

from __future__ import annotations

from typing import Any

from aiclient import Dialect
from tests.fidelity.bodies import PDF, PNG, with_turns
from tests.fidelity.probe import Asked

__all__ = ["ASKED"]

C: Dialect = "openai_chat"
R: Dialect = "openai_responses"
A: Dialect = "anthropic"
G: Dialect = "gemini"

_SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": False}


def _chat(*parts: dict[str, Any]) -> dict[str, Any]:
    return with_turns(C, {"role": "user", "content": list(parts)}, before=False)


def _responses(*parts: dict[str, Any]) -> dict[str, Any]:
    return with_turns(R, {"role": "user", "content": list(parts)}, before=False)


def _anthropic(*blocks: dict[str, Any]) -> dict[str, Any]:
    return with_turns(A, {"role": "user", "content": list(blocks)}, before=False)


def _gemini(*parts: dict[str, Any]) -> dict[str, Any]:
    return with_turns(G, {"role": "user", "parts": list(parts)}, before=False)


def _config(**members: object) -> dict[str, Any]:
    return {"generationConfig": members}


def _tool(schema: object = _SCHEMA, name: str = "f", **more: object) -> dict[Dialect, dict[str, Any]]:
    """A tool in each dialect."""
    return {
        C: {"tools": [{"type": "function", "function": {"name": name, "parameters": schema, **more}}]},
        R: {"tools": [{"type": "function", "name": name, "parameters": schema, "strict": False, **more}]},
        A: {"tools": [{"name": name, "input_schema": schema, **more}]},
        G: {"tools": [{"functionDeclarations": [{"name": name, "parametersJsonSchema": schema}]}]},
    }


def _choosing(**choices: object) -> dict[Dialect, dict[str, Any]]:
    members = {"chat": C, "responses": R, "anthropic": A, "gemini": G}
    return {
        dialect: _tool()[dialect]
        | ({"toolConfig": {"functionCallingConfig": choices[name]}} if dialect == G else {"tool_choice": choices[name]})
        for name, dialect in members.items()
        if name in choices
    }


def _result(chat: str, responses: object, anthropic: dict[str, Any], gemini: dict[str, Any]) -> dict[Dialect, Any]:
    """A call and its result."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return {
        C: with_turns(
            C,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": chat},
        ),
        R: with_turns(
            R,
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": responses},
        ),
        A: with_turns(
            A,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", **anthropic}]},
        ),
        G: with_turns(
            G,
            {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "f", **gemini}}]},
        ),
    }


def _only(table: dict[Dialect, Any], *dialects: Dialect) -> dict[Dialect, Any]:
    return {dialect: table[dialect] for dialect in dialects}


_PNG_URL = f"data:image/png;base64,{PNG}"
_PDF_URL = f"data:application/pdf;base64,{PDF}"
_IMAGE: dict[Dialect, dict[str, Any]] = {
    C: {"type": "image_url", "image_url": {"url": _PNG_URL}},
    R: {"type": "input_image", "image_url": _PNG_URL, "detail": "auto"},
    A: {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    G: {"inlineData": {"mimeType": "image/png", "data": PNG}},
}

MESSAGES = [
    Asked(
        "System prompt",
        {
            C: {"messages": [{"role": "system", "content": "S!"}, {"role": "user", "content": "Q"}]},
            R: {"instructions": "S!"},
            A: {"system": "S!"},
            G: {"systemInstruction": {"parts": [{"text": "S!"}]}},
        },
        native={
            C: '"role":"system","content":"S!"',
            R: '"role":"system","content":"S!"',
            A: '"system":[',
            G: '"systemInstruction"',
        },
    ),
    Asked(
        "System message inside the conversation",
        {
            C: with_turns(C, {"role": "system", "content": "S!"}, {"role": "user", "content": "R"}),
            R: with_turns(R, {"role": "system", "content": "S!"}, {"role": "user", "content": "R"}),
            A: with_turns(A, {"role": "system", "content": "S!"}, {"role": "user", "content": "R"}),
        },
        native={C: '"role":"system","content":"S!"', R: '"role":"system","content":"S!"'},
        emulated={A: "<system-reminder>S!", G: "<system-reminder>S!"},
        note="Carried to Anthropic's models that take it (`mid_system`).",
    ),
    Asked(
        "Beginning of the answer (prefill)",
        {
            C: with_turns(C, {"role": "assistant", "content": "P!"}),
            R: with_turns(R, {"role": "assistant", "content": "P!"}),
            A: with_turns(A, {"role": "assistant", "content": "P!"}),
            G: with_turns(G, {"role": "model", "parts": [{"text": "P!"}]}),
        },
        native={A: '"P!"', G: '"P!"', C: '"P!"', R: '"P!"'},
        note="OpenAI's models read it and answer anew.",
    ),
    Asked(
        "Conversation that the assistant begins",
        {
            C: with_turns(C, {"role": "assistant", "content": "P!"}, {"role": "user", "content": "Q"}, before=False),
            R: with_turns(R, {"role": "assistant", "content": "P!"}, {"role": "user", "content": "Q"}, before=False),
            G: with_turns(
                G,
                {"role": "model", "parts": [{"text": "P!"}]},
                {"role": "user", "parts": [{"text": "Q"}]},
                before=False,
            ),
        },
        native={C: '"P!"', R: '"P!"', G: '"P!"'},
    ),
    Asked("Name of a speaker", {C: {"messages": [{"role": "user", "name": "ann", "content": "Q"}]}}),
    Asked(
        "Refusal in the history",
        {
            C: with_turns(
                C, {"role": "assistant", "content": None, "refusal": "No!"}, {"role": "user", "content": "R"}
            ),
            R: with_turns(
                R,
                {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No!"}]},
                {"role": "user", "content": "R"},
            ),
        },
        native={C: '"refusal":"No!"'},
        emulated=dict.fromkeys((R, A, G), '"No!"'),
    ),
    Asked(
        "Thoughts with the upstream's own seal",
        {
            C: with_turns(
                C,
                {
                    "role": "assistant",
                    "content": "B",
                    "reasoning_content": "T!",
                    "reasoning_details": [{"type": "reasoning.text", "text": "T!", "signature": "aic1.as.c2VhbA=="}],
                },
                {"role": "user", "content": "R"},
            ),
            R: with_turns(
                R,
                {
                    "type": "reasoning",
                    "summary": [{"type": "summary_text", "text": "T!"}],
                    "encrypted_content": "aic1.as.c2VhbA==",
                },
                {"role": "assistant", "content": "B"},
                {"role": "user", "content": "R"},
            ),
        },
        native={A: '"signature":"c2VhbA=="'},
        note="A seal of Anthropic's here; every vendor's state returns to it alone, byte for byte. Others are reported.",
    ),
    Asked(
        "Mark for the prompt cache",
        {A: _anthropic({"type": "text", "text": "Q", "cache_control": {"type": "ephemeral"}})},
        native={A: '"cache_control"'},
    ),
]

CONTENT = [
    Asked(
        "Image as data",
        {C: _chat(_IMAGE[C]), R: _responses(_IMAGE[R]), A: _anthropic(_IMAGE[A]), G: _gemini(_IMAGE[G])},
        native=dict.fromkeys((C, R, A, G), PNG),
    ),
    Asked(
        "Image of another type than JPEG, PNG, GIF, WebP",
        {
            G: _gemini({"inlineData": {"mimeType": "image/heic", "data": PNG}}),
            C: _chat({"type": "image_url", "image_url": {"url": f"data:image/heic;base64,{PNG}"}}),
        },
        native=dict.fromkeys((C, R, G), PNG),
    ),
    Asked(
        "Image by its address",
        {
            C: _chat({"type": "image_url", "image_url": {"url": "https://example.com/i.png"}}),
            R: _responses({"type": "input_image", "image_url": "https://example.com/i.png", "detail": "auto"}),
            A: _anthropic({"type": "image", "source": {"type": "url", "url": "https://example.com/i.png"}}),
        },
        native=dict.fromkeys((C, R, A, G), "https://example.com/i.png"),
        note="Gemini takes bytes only: see `media` in the configuration for fetching them.",
    ),
    Asked(
        "How closely to look at an image",
        {
            C: _chat({"type": "image_url", "image_url": {"url": _PNG_URL, "detail": "low"}}),
            R: _responses({"type": "input_image", "image_url": _PNG_URL, "detail": "low"}),
        },
        native={C: '"detail":"low"', R: '"detail":"low"'},
    ),
    Asked(
        "File that is stored at the vendor",
        {
            C: _chat({"type": "file", "file": {"file_id": "file-1"}}),
            R: _responses({"type": "input_file", "file_id": "file-1"}),
            A: _anthropic({"type": "document", "source": {"type": "file", "file_id": "file_1"}}),
            G: _gemini(
                {
                    "fileData": {
                        "mimeType": "application/pdf",
                        "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/1",
                    }
                }
            ),
        },
    ),
    Asked(
        "PDF as data",
        {
            C: _chat({"type": "file", "file": {"filename": "a.pdf", "file_data": _PDF_URL}}),
            R: _responses({"type": "input_file", "filename": "a.pdf", "file_data": _PDF_URL}),
            A: _anthropic(
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}}
            ),
            G: _gemini({"inlineData": {"mimeType": "application/pdf", "data": PDF}}),
        },
        native=dict.fromkeys((C, R, A, G), PDF),
    ),
    Asked(
        "PDF by its address",
        {
            R: _responses({"type": "input_file", "file_url": "https://example.com/a.pdf"}),
            A: _anthropic({"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}),
        },
        native=dict.fromkeys((C, R, A, G), "https://example.com/a.pdf"),
    ),
    Asked(
        "Text document",
        {
            A: _anthropic(
                {"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "D!"}}
            )
        },
        native={A: '"D!"'},
        emulated=dict.fromkeys((C, R, G), "<document title="),
    ),
    Asked(
        "Context of a document, and citing it",
        {
            A: _anthropic(
                {
                    "type": "document",
                    "context": "N!",
                    "citations": {"enabled": True},
                    "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
                }
            )
        },
    ),
    Asked(
        "Search result",
        {
            A: _anthropic(
                {
                    "type": "search_result",
                    "source": "https://example.com",
                    "title": "T!",
                    "content": [{"type": "text", "text": "F"}],
                }
            )
        },
        emulated=dict.fromkeys((C, R, G), "T!"),
    ),
    Asked(
        "Sound (WAV, MP3)",
        {
            C: _chat({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}),
            G: _gemini({"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}),
        },
        native={C: "UklGRg==", G: "UklGRg=="},
    ),
    Asked("Video", {G: _gemini({"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}})}),
]

TOOLS = [
    Asked(
        "Function",
        _tool(),
        native={C: '"parameters":{', R: '"parameters":{', A: '"input_schema":{', G: '"parametersJsonSchema":{'},
    ),
    Asked(
        "Name that the upstream does not allow",
        _only(_tool(name="a.b"), A, G),
        native={G: '"name":"a.b"'},
        emulated=dict.fromkeys((C, R, A), '"name":"a_b_'),
        note="Renamed, and restored in the reply.",
    ),
    Asked(
        "Calls held to the schema (`strict`)",
        _only(_tool(strict=True), C, R, A),
        native={C: '"strict":true', R: '"strict":true', A: '"strict":true', G: '"VALIDATED"'},
        note="OpenAI takes `strict` only for closed schemas with every property required; otherwise it is reported.",
    ),
    Asked(
        "Constraint in a schema (`pattern`)",
        _tool({"type": "object", "properties": {"x": {"type": "string", "pattern": "^a"}}}),
        native=dict.fromkeys((C, R, A), '"pattern":"^a"'),
        emulated={G: "[pattern: "},
        note="What Gemini does not enforce is told in the description.",
    ),
    Asked(
        "Tool with free text as input",
        {
            C: {"tools": [{"type": "custom", "custom": {"name": "f", "description": "D"}}]},
            R: {"tools": [{"type": "custom", "name": "f", "description": "D"}]},
        },
        native={C: '"custom"', R: '"custom"'},
        emulated={A: '"input":{"type":"string"}', G: '"input":{"type":"string"}'},
        note="A function with one string, taken apart again in the reply; a grammar is told, not enforced.",
    ),
    Asked(
        "Group of tools (`namespace`)",
        {
            R: {
                "tools": [
                    {
                        "type": "namespace",
                        "name": "ns",
                        "tools": [{"type": "function", "name": "f", "parameters": _SCHEMA}],
                    }
                ]
            }
        },
        emulated=dict.fromkeys((C, A, G), "ns__f"),
    ),
    Asked(
        "Choice: must call one",
        _choosing(chat="required", responses="required", anthropic={"type": "any"}, gemini={"mode": "ANY"}),
        native={C: '"tool_choice":"required"', R: '"tool_choice":"required"', A: '"type":"any"', G: '"mode":"ANY"'},
    ),
    Asked(
        "Choice: must call this one",
        _choosing(
            chat={"type": "function", "function": {"name": "f"}},
            responses={"type": "function", "name": "f"},
            anthropic={"type": "tool", "name": "f"},
            gemini={"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
        native={
            C: '"tool_choice":{"type":"function"',
            R: '"tool_choice":{"type":"function"',
            A: '"type":"tool"',
            G: '"allowedFunctionNames":["f"]',
        },
    ),
    Asked(
        "Choice: some of the tools",
        _choosing(
            chat={
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
            },
            responses={"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        ),
        native={C: '"allowed_tools"', R: '"allowed_tools"', G: '"allowedFunctionNames":["f"]'},
        emulated={A: '"tool_choice":{"type":"auto"}'},
        note="Anthropic is sent those tools alone, which changes what its prompt cache holds.",
    ),
    Asked(
        "No calls in parallel",
        {
            C: _tool()[C] | {"parallel_tool_calls": False},
            R: _tool()[R] | {"parallel_tool_calls": False},
            A: _tool()[A] | {"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        },
        native={
            C: '"parallel_tool_calls":false',
            R: '"parallel_tool_calls":false',
            A: '"disable_parallel_tool_use":true',
        },
    ),
    Asked(
        "Web search by the vendor",
        {
            C: {"web_search_options": {}},
            R: {"tools": [{"type": "web_search"}]},
            A: {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
            G: {"tools": [{"googleSearch": {}}]},
        },
        native={C: '"web_search_options"', R: '"web_search"', A: '"web_search_20250305"', G: '"googleSearch"'},
        models={C: "gpt-4o-search-preview"},
        note="To Chat only for models made for it. Where the backend does not have it: dropped, and refused if it must be called.",
    ),
    Asked(
        "Code run by the vendor",
        {
            R: {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
            A: {"tools": [{"type": "code_execution_20250825", "name": "code_execution"}]},
            G: {"tools": [{"codeExecution": {}}]},
        },
        note="Refused if it must be called.",
    ),
    Asked(
        "Tools with access to data (`mcp`, `file_search`), and those a model was trained on (`bash_...`)",
        {
            R: {"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]},
            A: {"tools": [{"type": "bash_20250124", "name": "bash"}]},
        },
    ),
    Asked(
        "Result of a tool",
        _result("R!", "R!", {"content": "R!"}, {"response": {"output": "R!"}}),
        native=dict.fromkeys((C, R, A, G), "R!"),
    ),
    Asked(
        "Result that is an error",
        _only(_result("", "", {"content": "R!", "is_error": True}, {"response": {"error": "R!"}}), A, G),
        native={A: '"is_error":true', G: '"error":"R!"'},
        emulated=dict.fromkeys((C, R), "Error: R!"),
    ),
    Asked(
        "Result with an image",
        _only(_result("", [_IMAGE[R]], {"content": [_IMAGE[A]]}, {}), R, A),
        native={R: PNG, A: PNG, G: '"functionResponse"'},
        emulated={C: "attached below"},
        note="Chat's tool messages hold text: the image follows in a user message.",
    ),
]

SETTINGS = [
    Asked(
        "Limit on output tokens",
        {
            C: {"max_completion_tokens": 77},
            R: {"max_output_tokens": 77},
            A: {"max_tokens": 77},
            G: _config(maxOutputTokens=77),
        },
        native=dict.fromkeys((C, R, A, G), ":77"),
        note="Less than 16 is raised to 16 for Responses, and reported; 0 is refused.",
    ),
    Asked(
        "Temperature",
        {C: {"temperature": 0.3}, R: {"temperature": 0.3}, A: {"temperature": 0.3}, G: _config(temperature=0.3)},
        native=dict.fromkeys((C, R, A, G), '"temperature":0.3'),
        note="Reported where the model cannot be set (`sampling`).",
    ),
    Asked(
        "Temperature above 1",
        {C: {"temperature": 1.5}, R: {"temperature": 1.5}, G: _config(temperature=1.5)},
        native=dict.fromkeys((C, R, G), '"temperature":1.5') | {A: '"temperature":1'},
    ),
    Asked(
        "Nucleus sampling",
        {C: {"top_p": 0.3}, R: {"top_p": 0.3}, A: {"top_p": 0.3}, G: _config(topP=0.3)},
        native=dict.fromkeys((C, R, A, G), ":0.3"),
    ),
    Asked(
        "Sampling among the k most likely",
        {A: {"top_k": 7}, G: _config(topK=7)},
        native={A: '"top_k":7', G: '"topK":7'},
    ),
    Asked("Seed", {C: {"seed": 7}, G: _config(seed=7)}, native={C: '"seed":7', G: '"seed":7'}),
    Asked(
        "Penalties",
        {C: {"presence_penalty": 0.7}, G: _config(presencePenalty=0.7)},
        native={C: '"presence_penalty":0.7', G: '"presencePenalty":0.7'},
    ),
    Asked("Weights on tokens (`logit_bias`)", {C: {"logit_bias": {"7": 1}}}),
    Asked(
        "Probabilities of tokens",
        {
            C: {"logprobs": True, "top_logprobs": 3},
            R: {"include": ["message.output_text.logprobs"], "top_logprobs": 3},
            G: _config(responseLogprobs=True, logprobs=3),
        },
        native={C: '"logprobs":true', R: '"message.output_text.logprobs"', G: '"responseLogprobs":true'},
    ),
    Asked("Several answers", {C: {"n": 3}, G: _config(candidateCount=3)}, native={C: '"n":3', G: '"candidateCount":3'}),
    Asked(
        "Stop sequences",
        {C: {"stop": ["E!"]}, A: {"stop_sequences": ["E!"]}, G: _config(stopSequences=["E!"])},
        native=dict.fromkeys((C, A, G), '["E!"]'),
        note="More than 4 to Chat and 5 to Gemini are refused.",
    ),
    Asked(
        "Effort of thinking",
        {
            C: {"reasoning_effort": "high"},
            R: {"reasoning": {"effort": "high"}},
            A: {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}},
            G: _config(thinkingConfig={"thinkingLevel": "HIGH"}),
        },
        native={
            C: '"reasoning_effort":"high"',
            R: '"effort":"high"',
            A: '"effort":"high"',
            G: '"thinkingLevel":"HIGH"',
        },
        models={C: "gpt-5", R: "gpt-5", A: "claude-opus-4-8", G: "gemini-3-pro-preview"},
        note="A budget for models that want one; an effort that a model does not know becomes the nearest, and is reported.",
    ),
    Asked(
        "Budget of thinking",
        {
            A: {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            G: _config(thinkingConfig={"thinkingBudget": 2048}),
        },
        native={A: '"budget_tokens":2048', G: '"thinkingBudget":2048'},
        emulated={C: '"reasoning_effort":"low"', R: '"effort":"low"'},
        models={C: "gpt-5", R: "gpt-5"},
    ),
    Asked(
        "JSON without a schema",
        {
            C: {"response_format": {"type": "json_object"}},
            R: {"text": {"format": {"type": "json_object"}}},
            G: _config(responseMimeType="application/json"),
        },
        native={C: '"json_object"', R: '"json_object"', G: '"responseMimeType":"application/json"'},
        emulated={A: "Reply with one JSON object only."},
    ),
    Asked(
        "JSON by a schema",
        {
            C: {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": _SCHEMA, "strict": True},
                }
            },
            R: {"text": {"format": {"type": "json_schema", "name": "n", "schema": _SCHEMA, "strict": True}}},
            A: {"output_config": {"format": {"type": "json_schema", "schema": _SCHEMA}}},
            G: _config(responseMimeType="application/json", responseJsonSchema=_SCHEMA),
        },
        native={C: '"json_schema"', R: '"json_schema"', A: '"json_schema"', G: '"responseJsonSchema"'},
        note="Older models of Anthropic's are made to call a tool with it; together with tools or thinking that is refused.",
    ),
    Asked(
        "A list by a schema",
        {
            G: _config(
                responseMimeType="application/json", responseSchema={"type": "ARRAY", "items": {"type": "STRING"}}
            )
        },
        emulated=dict.fromkeys((C, R, A), '"properties":{"value":{"type":"array"'),
        note="A member of an object, and taken out of it in the reply.",
    ),
    Asked(
        "One of several words (`text/x.enum`)",
        {G: _config(responseMimeType="text/x.enum", responseSchema={"type": "STRING", "enum": ["a", "b"]})},
        emulated=dict.fromkeys((C, R, A), '"properties":{"value":{"type":"string"'),
    ),
    Asked(
        "How wordy",
        {C: {"verbosity": "low"}, R: {"text": {"verbosity": "low"}}},
        native=dict.fromkeys((C, R), '"verbosity":"low"'),
    ),
    Asked(
        "Cheaper service (`flex`)",
        {C: {"service_tier": "flex"}, R: {"service_tier": "flex"}, G: {"serviceTier": "FLEX"}},
        native={C: '"service_tier":"flex"', R: '"service_tier":"flex"', G: '"serviceTier":"FLEX"'},
    ),
    Asked(
        "End user",
        {C: {"user": "u-1"}, R: {"safety_identifier": "u-1"}, A: {"metadata": {"user_id": "u-1"}}},
        native={C: '"user":"u-1"', R: '"user":"u-1"', A: '"user_id":"u-1"'},
        note="Longer than 64 characters: hashed for OpenAI.",
    ),
    Asked(
        "Metadata, key of the prompt cache",
        {C: {"metadata": {"k": "v"}, "prompt_cache_key": "k"}, R: {"metadata": {"k": "v"}, "prompt_cache_key": "k"}},
        native=dict.fromkeys((C, R), '"prompt_cache_key":"k"'),
        note="To OpenAI's own models only: strict compatible hosts refuse what they do not know.",
    ),
    Asked(
        "Storing the answer at the vendor",
        {C: {"store": True}, R: {"store": True}},
        note="Nothing is stored; an answer in Responses says `store: false`.",
    ),
    Asked("Prediction of the answer", {C: {"prediction": {"type": "content", "content": "x"}}}),
    Asked(
        "Moderation, safety settings",
        {C: {"moderation": {"model": "omni"}}, G: {"safetySettings": [{"category": "C", "threshold": "T"}]}},
    ),
    Asked(
        "Shortening of the conversation by the vendor",
        {R: {"truncation": "auto"}, A: {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}},
    ),
    Asked(
        "What is stored at the vendor (`previous_response_id`, `conversation`, `cachedContent`, `container`)",
        {R: {"previous_response_id": "resp_1"}, A: {"container": "c_1"}, G: {"cachedContent": "cachedContents/1"}},
    ),
    Asked(
        "Sound as output",
        {
            C: {"modalities": ["text", "audio"], "audio": {"voice": "v", "format": "wav"}},
            G: _config(responseModalities=["AUDIO"]),
        },
    ),
    Asked(
        "A field that is not known", {C: {"new_field": 1}, R: {"new_field": 1}, A: {"new_field": 1}, G: {"newField": 1}}
    ),
]

ASKED: dict[str, list[Asked]] = {"Messages": MESSAGES, "Content": CONTENT, "Tools": TOOLS, "Settings": SETTINGS}
