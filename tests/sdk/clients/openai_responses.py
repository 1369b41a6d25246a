"""Conversations through the `openai` SDK's Responses."""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import openai
from openai.types.responses import Response, ResponseUsage

from tests.backends.exchange import ERROR_PREFIX, Call, Tokens
from tests.sdk.clients.conversation import Attachment, Finish, Reply, Returned, Setup
from tests.sdk.clients.openai import OpenAIClient

FINISHES: dict[str | None, Finish] = {"max_output_tokens": "length", "content_filter": "content_filter"}


class OpenAIResponsesClient(OpenAIClient):
    """The same SDK's newer half."""

    dialect = "openai_responses"

    def open(self, setup: Setup) -> "OpenAIResponsesConversation":  # type: ignore[override]  # the other half's kind
        """A conversation without a turn."""
        return OpenAIResponsesConversation(self.sdk, setup)


class OpenAIResponsesConversation:
    """Items, with the model's own appended as the SDK gives them."""

    def __init__(self, sdk: openai.OpenAI, setup: Setup) -> None:
        self._sdk = sdk
        self._options = request_options(setup)
        self._parses = setup.answer_type is not None
        self._items: list[Any] = []
        self._calls: list[Any] = []

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user."""
        content: Any = text
        if attachment is not None:
            content = [attached(attachment), {"type": "input_text", "text": text}]
        self._items.append({"role": "user", "content": content})
        if then:
            self._items.append({"role": "developer", "content": then})
        return self._reply(stream=stream)

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned."""
        for call, result in zip(self._calls, results, strict=True):
            kind = f"{call.type}_output" if call.type == "custom_tool_call" else "function_call_output"
            self._items.append({"type": kind, "call_id": call.call_id, "output": output_of(result)})
        return self._reply(stream=stream)

    def _reply(self, *, stream: bool) -> Reply:
        options = self._options | {"input": self._items}
        if stream:
            response: Any = self._streamed(options)
        elif self._parses:
            response = self._sdk.responses.parse(**options)
        else:
            response = self._sdk.responses.create(**options)
        self._calls = [item for item in response.output if item.type in {"function_call", "custom_tool_call"}]
        self._items += response.output
        return read(response)

    def _streamed(self, options: dict[str, Any]) -> Any:  # noqa: ANN401  # as the SDK parses it
        """The response that the last event holds.

        The SDK's own `get_final_response` knows no end but `response.completed`: it raises for an answer that the
        limit cut short.
        """
        with self._sdk.responses.stream(**options) as stream:
            events: list[Any] = list(stream)
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[-1].type in {"response.completed", "response.incomplete"}
        return events[-1].response


def attached(attachment: Attachment) -> dict[str, str]:
    """A picture or a document as a part of the input."""
    url = f"data:{attachment.media_type};base64,{base64.b64encode(attachment.data).decode()}"
    if attachment.media_type.startswith("image/"):
        return {"type": "input_image", "image_url": url, "detail": "auto"}
    return {"type": "input_file", "filename": attachment.name, "file_data": url}


def output_of(result: Returned) -> Any:  # noqa: ANN401  # what the SDK takes
    """What a tool returned; there is no field that says it is an error."""
    text = f"{ERROR_PREFIX}{result.text}" if result.failed else result.text
    if result.attachment is None:
        return text
    return [{"type": "input_text", "text": text}, attached(result.attachment)]


def request_options(setup: Setup) -> dict[str, Any]:
    """The keyword arguments that hold for all turns."""
    options: dict[str, Any] = {"model": setup.model}
    if setup.system:
        options["instructions"] = setup.system
    if setup.max_tokens is not None:
        options["max_output_tokens"] = setup.max_tokens
    tools: list[Any] = [
        {"type": "function", "name": name, "parameters": schema, "strict": False}
        for name, schema in (setup.tools or {}).items()
    ]
    tools += [{"type": "custom", "name": name} for name in setup.custom]
    if tools:
        options["tools"] = tools
    if setup.answer_type is not None:
        options["text_format"] = setup.answer_type
    if setup.think:
        options["reasoning"] = {"effort": "low", "summary": "auto"}
        # Nothing is kept for the client, so the model's sealed thoughts go back and forth.
        options |= {"store": False, "include": ["reasoning.encrypted_content"]}
    return options


def read(response: Response) -> Reply:
    """A reply from a response."""
    calls = list(calls_of(response))
    reason = response.incomplete_details.reason if response.incomplete_details else None
    assert response.status == ("completed" if reason is None else "incomplete")
    refusals = [part.refusal for part in parts_of(response) if part.type == "refusal"]
    return Reply(
        text=response.output_text,
        finish=FINISHES[reason] if reason else "tool_calls" if calls else "content_filter" if refusals else "stop",
        tokens=tokens(response.usage),
        calls=calls,
        refusal="".join(refusals),
        reasoning="".join(part.text for item in response.output if item.type == "reasoning" for part in item.summary),
        parsed=getattr(response, "output_parsed", None),
    )


def calls_of(response: Response) -> Iterator[Call]:
    """The calls of tools of both kinds."""
    for item in response.output:
        if item.type == "function_call":
            yield Call(item.name, json.loads(item.arguments), item.call_id)
        elif item.type == "custom_tool_call":
            yield Call(item.name, {"input": item.input}, item.call_id)


def parts_of(response: Response) -> Iterator[Any]:
    """What the messages are made of."""
    for item in response.output:
        if item.type == "message":
            yield from item.content


def tokens(usage: ResponseUsage | None) -> Tokens | None:
    """The SDK's usage in the tests' words."""
    if usage is None:
        return None
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    return Tokens(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cached=usage.input_tokens_details.cached_tokens,
        # The SDK's older versions have no such field, but keep what they do not know.
        written=getattr(usage.input_tokens_details, "cache_write_tokens", None) or 0,
        reasoning=usage.output_tokens_details.reasoning_tokens,
    )
