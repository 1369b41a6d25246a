"""Conversations through the `openai` SDK's Chat Completions."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.backends.exchange import ERROR_PREFIX, Call, JsonValue, Tokens
from tests.sdk.clients.conversation import Attachment, Finish, Reply, Returned, Setup

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

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user."""
        content: Any = text
        if attachment is not None:
            content = [{"type": "text", "text": text}, attached(attachment)]
        self._messages.append({"role": "user", "content": content})
        if then:
            self._messages.append({"role": "system", "content": then})
        return self._reply(stream=stream)

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned; pictures, for which results have no place, follow them."""
        for call, result in zip(self._calls, results, strict=True):
            # Nor is there a field that says it is an error.
            text = f"{ERROR_PREFIX}{result.text}" if result.failed else result.text
            self._messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
        parts = [attached(result.attachment) for result in results if result.attachment is not None]
        if parts:
            self._messages.append({"role": "user", "content": parts})
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


def attached(attachment: Attachment) -> dict[str, Any]:
    """A picture or a document as a part of a message."""
    url = f"data:{attachment.media_type};base64,{base64.b64encode(attachment.data).decode()}"
    if attachment.media_type.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "file": {"filename": attachment.name, "file_data": url}}


def request_options(setup: Setup) -> dict[str, Any]:
    """The keyword arguments that hold for all turns."""
    options: dict[str, Any] = {}
    if setup.max_tokens is not None:
        options["max_completion_tokens"] = setup.max_tokens
    tools: list[Any] = [
        {"type": "function", "function": {"name": name, "parameters": schema}}
        for name, schema in (setup.tools or {}).items()
    ]
    tools += [{"type": "custom", "custom": {"name": name}} for name in setup.custom]
    if tools:
        options["tools"] = tools
    if setup.stop:
        options["stop"] = list(setup.stop)
    if setup.think:
        options["reasoning_effort"] = "low"
    return options


def whole(completion: ChatCompletion) -> tuple[Reply, Any]:
    """A reply from a completion, and the message to send back."""
    (choice,) = completion.choices
    message = choice.message
    reply = Reply(
        text=message.content or "",
        finish=finish_of(choice.finish_reason, message.refusal),
        tokens=tokens(completion.usage),
        calls=[call_of(call.to_dict()) for call in message.tool_calls or []],
        refusal=message.refusal or "",
        reasoning=getattr(message, "reasoning_content", None) or "",
        parsed=getattr(message, "parsed", None),
    )
    return reply, message


def finish_of(reason: str | None, refusal: str | None) -> Finish:
    """How the reply ended; a refusal of the model's own making is an ordinary end."""
    if reason == "content_filter" or (reason == "stop" and refusal):
        return "content_filter"
    assert reason in {"stop", "length", "tool_calls"}
    return cast("Finish", reason)


def call_of(call: Mapping[str, Any]) -> Call:
    """A call of a tool of either kind."""
    if call["type"] == "custom":
        return Call(call["custom"]["name"], {"input": call["custom"]["input"]}, call["id"])
    return Call(call["function"]["name"], json.loads(call["function"]["arguments"]), call["id"])


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
        self._refusal = ""
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
            self._refusal += delta.refusal or ""
            self._reasoning += getattr(delta, "reasoning_content", None) or ""
            self._details += getattr(delta, "reasoning_details", None) or []
            for call in delta.tool_calls or []:
                self._add_call(call.to_dict())

    def _add_call(self, delta: dict[str, Any]) -> None:
        index = delta.pop("index")
        assert index <= len(self._calls), "calls are numbered without gaps"
        if index not in self._calls:
            self._calls[index] = delta
            return
        for kind, field in (("function", "arguments"), ("custom", "input")):
            if kind in delta:
                self._calls[index][kind][field] += delta[kind].get(field) or ""

    def reply(self) -> Reply:
        assert len(self._identities) == 1, "all chunks are of one completion"
        return Reply(
            text=self._text,
            finish=finish_of(self._finish, self._refusal),
            tokens=tokens(self._usage),
            calls=[call_of(call) for call in self._calls.values()],
            refusal=self._refusal,
            reasoning=self._reasoning,
        )

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._text or None}
        if self._calls:
            message["tool_calls"] = list(self._calls.values())
        if self._refusal:
            message["refusal"] = self._refusal
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
        # The SDK's older versions have no such field, but keep what they do not know.
        written=getattr(prompt, "cache_write_tokens", None) or 0,
        reasoning=(completion.reasoning_tokens if completion else None) or 0,
    )
