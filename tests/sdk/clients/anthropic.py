"""Conversations through the `anthropic` SDK's Messages."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import anthropic
from anthropic.types import Message

from tests.backends.exchange import Call, Tokens
from tests.sdk.clients.conversation import Attachment, Finish, Reply, Returned, Setup

ERRORS: dict[int, type[anthropic.APIStatusError]] = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    404: anthropic.NotFoundError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    502: anthropic.InternalServerError,
}
FINISHES: dict[str | None, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
# The dialect insists on a limit.
MAX_TOKENS = 4096
THINKING_BUDGET = 2048


class AnthropicClient:
    """The SDK with nothing changed but base URL, key and retries."""

    dialect = "anthropic"
    api_error: type[Exception] = anthropic.APIError

    def __init__(self, origin: str, key: str) -> None:
        self.sdk = anthropic.Anthropic(base_url=origin, api_key=key, max_retries=0)

    def open(self, setup: Setup) -> "AnthropicConversation":
        """A conversation without a turn."""
        return AnthropicConversation(self.sdk, setup)

    def error_type(self, status: int) -> type[Exception]:
        """The SDK's class for a status."""
        return ERRORS[status]

    def describe(self, error: Exception) -> tuple[int | None, Mapping[str, str]]:
        """Status and headers behind an error."""
        assert isinstance(error, anthropic.APIStatusError)
        return error.status_code, error.response.headers

    def close(self) -> None:
        """Release the connections."""
        self.sdk.close()


class AnthropicConversation:
    """Turns, with the model's blocks appended as the SDK gives them."""

    def __init__(self, sdk: anthropic.Anthropic, setup: Setup) -> None:
        self._sdk = sdk
        self._setup = setup
        self._options = request_options(setup)
        self._turns: list[Any] = []
        self._calls: Sequence[Call] = ()

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user."""
        content: Any = text
        if attachment is not None:
            content = [attached(attachment), {"type": "text", "text": text}]
        self._turns.append({"role": "user", "content": content})
        if then:
            self._turns.append({"role": "system", "content": then})
        return self._reply(stream=stream)

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned."""
        blocks = [result_block(call, result) for call, result in zip(self._calls, results, strict=True)]
        self._turns.append({"role": "user", "content": blocks})
        return self._reply(stream=stream)

    def _reply(self, *, stream: bool) -> Reply:
        options = self._options | {"messages": self._turns}
        messages = self._sdk.messages
        if stream:
            with messages.stream(**options) as events:
                message: Any = events.get_final_message()
        elif self._setup.answer_type is not None:
            message = messages.parse(**options)
        else:
            message = messages.create(**options)
        reply = read(message)
        self._calls = reply.calls
        self._turns.append({"role": "assistant", "content": message.content})
        return reply


def attached(attachment: Attachment) -> dict[str, Any]:
    """A picture or a document as a block."""
    data = base64.b64encode(attachment.data).decode()
    source = {"type": "base64", "media_type": attachment.media_type, "data": data}
    if attachment.media_type.startswith("image/"):
        return {"type": "image", "source": source}
    return {"type": "document", "source": source, "title": attachment.name}


def result_block(call: Call, result: Returned) -> dict[str, Any]:
    """What a tool returned to a call."""
    content: Any = result.text
    if result.attachment is not None:
        content = [{"type": "text", "text": result.text}, attached(result.attachment)]
    block = {"type": "tool_result", "tool_use_id": call.id, "content": content}
    return block | {"is_error": True} if result.failed else block


def request_options(setup: Setup) -> dict[str, Any]:
    """The keyword arguments that hold for all turns."""
    options: dict[str, Any] = {"model": setup.model, "max_tokens": setup.max_tokens or MAX_TOKENS}
    if setup.system:
        options["system"] = setup.system
    if setup.tools:
        options["tools"] = [{"name": name, "input_schema": schema} for name, schema in setup.tools.items()]
    if setup.stop:
        options["stop_sequences"] = list(setup.stop)
    if setup.answer_type is not None:
        options["output_format"] = setup.answer_type
    if setup.think:
        options["thinking"] = {"type": "enabled", "budget_tokens": THINKING_BUDGET}
    return options


def read(message: Message) -> Reply:
    """A reply from a message."""
    calls, text, reasoning = [], "", ""
    for block in message.content:
        if block.type == "tool_use":
            calls.append(Call(block.name, dict(block.input), block.id))
        elif block.type == "text":
            text += block.text
        elif block.type == "thinking":
            reasoning += block.thinking
    return Reply(
        text=text,
        finish=FINISHES[message.stop_reason],
        tokens=tokens(message),
        calls=calls,
        reasoning=reasoning,
        parsed=getattr(message, "parsed_output", None),
    )


def tokens(message: Message) -> Tokens:
    """The SDK's usage in the tests' words: here the input leaves out what was cached."""
    usage = message.usage
    cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    details = usage.output_tokens_details
    return Tokens(
        input=usage.input_tokens + cached + written,
        output=usage.output_tokens,
        cached=cached,
        written=written,
        reasoning=details.thinking_tokens if details else 0,
    )
