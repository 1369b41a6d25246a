"""What the benchmarks translate: a request, a reply and a text stream in each dialect, built rather than recorded.

Every dialect's sample says the same, so that the numbers of two pairs can be compared.
"""

from typing import Literal

import orjson

Dialect = Literal["openai_chat", "anthropic", "gemini"]
DIALECTS: tuple[Dialect, ...] = ("openai_chat", "anthropic", "gemini")

SYSTEM = "You are a travel guide. Answer in the language of the question."
QUESTION = "Which three cities would you visit in spring, and why? 春天去哪里？\n"
ANSWER = 'Kyoto, for the cherry trees; Granada, "before the heat"; Suzhou, 因为园林。\n'
WORDS = "Kyoto, for the cherry trees; "

PLACE = {"type": "string", "description": "A city and its country"}
PARAMETERS = {"type": "object", "properties": {"place": PLACE}, "required": ["place"]}
TOOL = {"name": "weather", "description": "The weather of a place, today"}

ANTHROPIC_USAGE = {"input_tokens": 40, "output_tokens": 1}
CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m"}
GEMINI_USAGE = {"promptTokenCount": 40, "candidatesTokenCount": 20, "totalTokenCount": 60}


def request(dialect: Dialect, size: int) -> bytes:
    """A conversation with one tool, of at least `size` bytes."""
    turns = 1
    while len(body := orjson.dumps(_request(dialect, turns))) < size:
        turns += 1 + (size - len(body)) // 256
    return body


def reply(dialect: Dialect) -> bytes:
    """A whole answer in text."""
    return orjson.dumps(_reply(dialect))


def stream_start(dialect: Dialect) -> bytes:
    """What opens a stream, up to the first text."""
    match dialect:
        case "openai_chat":
            return _chat_frame({"role": "assistant", "content": ""})
        case "anthropic":
            message: dict[str, object] = {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [],
            }
            message |= {"stop_reason": None, "stop_sequence": None, "usage": ANTHROPIC_USAGE}
            block = {"index": 0, "content_block": {"type": "text", "text": ""}}
            return _anthropic_frame("message_start", {"message": message}) + _anthropic_frame(
                "content_block_start", block
            )
        case "gemini":
            return stream_event(dialect)


def stream_event(dialect: Dialect) -> bytes:
    """One more piece of text."""
    match dialect:
        case "openai_chat":
            return _chat_frame({"content": WORDS})
        case "anthropic":
            return _anthropic_frame("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": WORDS}})
        case "gemini":
            return b"data: " + orjson.dumps(_gemini_reply(WORDS, {})) + b"\r\n\r\n"


def _request(dialect: Dialect, turns: int) -> dict[str, object]:
    texts = [QUESTION, *[text for _ in range(turns - 1) for text in (ANSWER, QUESTION)]]
    match dialect:
        case "openai_chat":
            messages = [{"role": role, "content": text} for role, text in _roles(texts, "assistant")]
            return {
                "model": "m",
                "messages": [{"role": "system", "content": SYSTEM}, *messages],
                "tools": [{"type": "function", "function": {**TOOL, "parameters": PARAMETERS}}],
                "max_tokens": 1000,
            }
        case "anthropic":
            return {
                "model": "m",
                "system": SYSTEM,
                "messages": [{"role": role, "content": text} for role, text in _roles(texts, "assistant")],
                "tools": [{**TOOL, "input_schema": PARAMETERS}],
                "max_tokens": 1000,
            }
        case "gemini":
            return {
                "systemInstruction": {"parts": [{"text": SYSTEM}]},
                "contents": [{"role": role, "parts": [{"text": text}]} for role, text in _roles(texts, "model")],
                "tools": [{"functionDeclarations": [{**TOOL, "parametersJsonSchema": PARAMETERS}]}],
                "generationConfig": {"maxOutputTokens": 1000},
            }


def _roles(texts: list[str], model: str) -> list[tuple[str, str]]:
    return [("user" if index % 2 == 0 else model, text) for index, text in enumerate(texts)]


def _reply(dialect: Dialect) -> dict[str, object]:
    text = ANSWER * 10
    match dialect:
        case "openai_chat":
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 40, "completion_tokens": 20, "total_tokens": 60}
            return {**CHUNK, "object": "chat.completion", "choices": [choice], "usage": usage}
        case "anthropic":
            return {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [{"type": "text", "text": text}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 40, "output_tokens": 20},
            }
        case "gemini":
            return _gemini_reply(text, {"finishReason": "STOP"})


def _gemini_reply(text: str, finish: dict[str, str]) -> dict[str, object]:
    candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **finish}
    return {"candidates": [candidate], "usageMetadata": GEMINI_USAGE, "modelVersion": "m", "responseId": "r1"}


def _chat_frame(delta: dict[str, str]) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return b"data: " + orjson.dumps({**CHUNK, "choices": [choice]}) + b"\n\n"


def _anthropic_frame(event: str, data: dict[str, object]) -> bytes:
    return b"event: " + event.encode() + b"\ndata: " + orjson.dumps({"type": event, **data}) + b"\n\n"
