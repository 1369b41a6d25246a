"""Conversations through the `openai` SDK's Chat Completions."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.backends.exchange import Call, JsonValue, Tokens
from tests.sdk.clients.conversation import Finish, Reply, Setup

ERRORS: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
}


class OpenAIClient:
    """The SDK with nothing changed but base URL, key and retries."""

    dialect = "openai_chat"
    api_error: type[Exception] = openai.APIError

    def __init__(self, origin: str, key: str) -> None:
        self.sdk = openai.OpenAI(base_url=f"{origin}/v1", api_key=key, max_retries=0)

    def open(self, setup: Setup) -> "OpenAIConversation":
        """A conversation without a turn."""
        return OpenAIConversation(self.sdk, setup)

    def error_type(self, status: int) -> type[Exception]:
        """The SDK's class for a status."""
        return ERRORS[status]

    def describe(self, error: Exception) -> tuple[int | None, Mapping[str, str]]:
        """Status and headers behind an error."""
        assert isinstance(error, openai.APIStatusError)
        return error.status_code, error.response.headers

    def close(self) -> None:
        """Release the connections."""
        self.sdk.close()


class OpenAIConversation:
    """Messages, with the model's own appended as the SDK gives them."""

    def __init__(self, sdk: openai.OpenAI, setup: Setup) -> None:
        self._sdk = sdk
        self._setup = setup
        self._options = request_options(setup)
        self._messages: list[Any] = [{"role": "system", "content": setup.system}] if setup.system else []
        self._calls: Sequence[Call] = ()

    def ask(self, text: str, *, image: bytes | None = None, stream: bool) -> Reply:
        """The reply to the user."""
        content: Any = text
        if image is not None:
            url = f"data:image/png;base64,{base64.b64encode(image).decode()}"
            content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
        self._messages.append({"role": "user", "content": content})
        return self._reply(stream=stream)

    def return_results(self, results: Sequence[str], *, stream: bool) -> Reply:
        """The reply to what the tools returned."""
        for call, result in zip(self._calls, results, strict=True):
            self._messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return self._reply(stream=stream)

    def _reply(self, *, stream: bool) -> Reply:
        if self._setup.answer_type is not None:
            reply, message = self._parsed(stream=stream)
        elif stream:
            reply, message = fold(self._create(stream=True, stream_options={"include_usage": True}))
        else:
            reply, message = whole(self._create())
        self._calls = reply.calls
        self._messages.append(message)
        return reply

    def _create(self, **options: JsonValue) -> JsonValue:
        create = self._sdk.chat.completions.create
        return create(model=self._setup.model, messages=self._messages, **self._options, **options)

    def _parsed(self, *, stream: bool) -> tuple[Reply, Any]:
        """Structured output through the SDK's own helpers."""
        assert self._setup.answer_type is not None
        options = self._options | {"response_format": self._setup.answer_type, "messages": self._messages}
        if not stream:
            return whole(self._sdk.chat.completions.parse(model=self._setup.model, **options))
        options["stream_options"] = {"include_usage": True}
        with self._sdk.chat.completions.stream(model=self._setup.model, **options) as events:
            return whole(events.get_final_completion())


def request_options(setup: Setup) -> dict[str, Any]:
    """The keyword arguments that hold for all turns."""
    options: dict[str, Any] = {}
    if setup.max_tokens is not None:
        options["max_completion_tokens"] = setup.max_tokens
    if setup.tools:
        options["tools"] = [
            {"type": "function", "function": {"name": name, "parameters": schema}}
            for name, schema in setup.tools.items()
        ]
    if setup.think:
        options["reasoning_effort"] = "low"
    return options


def whole(completion: ChatCompletion) -> tuple[Reply, Any]:
    """A reply from a completion, and the message to send back."""
    (choice,) = completion.choices
    message = choice.message
    calls = [
        Call(call.function.name, json.loads(call.function.arguments), call.id)
        for call in message.tool_calls or []
        if call.type == "function"
    ]
    reply = Reply(
        text=message.content or "",
        finish=cast("Finish", choice.finish_reason),
        tokens=tokens(completion.usage),
        calls=calls,
        reasoning=getattr(message, "reasoning_content", None) or "",
        parsed=getattr(message, "parsed", None),
    )
    return reply, message


def fold(chunks: Iterable[ChatCompletionChunk]) -> tuple[Reply, Any]:
    """A reply from the chunks of a stream, and the message to send back, as a program without helpers would do it."""
    folded = _Fold()
    for chunk in chunks:
        folded.add(chunk)
    return folded.reply(), folded.message()


class _Fold:
    """Adds up deltas: strings join, calls and details of the same index belong together."""

    def __init__(self) -> None:
        self._text = ""
        self._reasoning = ""
        self._details: list[Any] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._finish: str | None = None
        self._usage: CompletionUsage | None = None
        self._identities: set[tuple[str, str]] = set()

    def add(self, chunk: ChatCompletionChunk) -> None:
        # Not by `created`: llama.cpp stamps each chunk anew, and its bytes go through.
        self._identities.add((chunk.id, chunk.model))
        self._usage = chunk.usage or self._usage
        for choice in chunk.choices:
            assert self._finish is None, "a choice ends once"
            self._finish = choice.finish_reason
            delta = choice.delta
            self._text += delta.content or ""
            self._reasoning += getattr(delta, "reasoning_content", None) or ""
            self._details += getattr(delta, "reasoning_details", None) or []
            for call in delta.tool_calls or []:
                self._add_call(call.to_dict())

    def _add_call(self, delta: Mapping[str, Any]) -> None:
        index = delta["index"]
        assert index <= len(self._calls), "calls are numbered without gaps"
        if index not in self._calls:
            self._calls[index] = {**delta, "function": {"name": delta["function"]["name"], "arguments": ""}}
            del self._calls[index]["index"]
        self._calls[index]["function"]["arguments"] += delta["function"].get("arguments") or ""

    def reply(self) -> Reply:
        assert len(self._identities) == 1, "all chunks are of one completion"
        calls = [
            Call(call["function"]["name"], json.loads(call["function"]["arguments"]), call["id"])
            for call in self._calls.values()
        ]
        return Reply(
            text=self._text,
            finish=cast("Finish", self._finish),
            tokens=tokens(self._usage),
            calls=calls,
            reasoning=self._reasoning,
        )

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._text or None}
        if self._calls:
            message["tool_calls"] = list(self._calls.values())
        if self._reasoning:
            message["reasoning_content"] = self._reasoning
        if self._details:
            message["reasoning_details"] = self._details
        return message


def tokens(usage: CompletionUsage | None) -> Tokens | None:
    """The SDK's usage in the tests' words."""
    if usage is None:
        return None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Tokens(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=(prompt.cached_tokens if prompt else None) or 0,
        reasoning=(completion.reasoning_tokens if completion else None) or 0,
    )
