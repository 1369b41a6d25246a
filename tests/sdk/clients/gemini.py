"""Conversations through the `google-genai` SDK's generateContent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google import genai
from google.genai import errors, types

from tests.backends.exchange import Call, Tokens
from tests.sdk.clients.conversation import Attachment, Finish, Reply, Returned, Setup

FINISHES: dict[types.FinishReason, Finish] = {
    types.FinishReason.STOP: "stop",
    types.FinishReason.MAX_TOKENS: "length",
    types.FinishReason.SAFETY: "content_filter",
}


class GeminiClient:
    """The SDK with nothing changed but base URL and key."""

    dialect = "gemini"
    api_error: type[Exception] = errors.APIError

    def __init__(self, origin: str, key: str) -> None:
        self.sdk = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=origin))

    def open(self, setup: Setup) -> "GeminiConversation":
        """A conversation without a turn."""
        return GeminiConversation(self.sdk, setup)

    def error_type(self, status: int) -> type[Exception]:
        """The SDK's class for a status."""
        return errors.ClientError if status < 500 else errors.ServerError

    def describe(self, error: Exception) -> tuple[int | None, Mapping[str, str]]:
        """Status and headers behind an error."""
        assert isinstance(error, errors.APIError)
        return error.code, error.response.headers

    def close(self) -> None:
        """Release the connections."""
        self.sdk.close()


class GeminiConversation:
    """Contents, with the model's appended as the SDK gives them: of a stream, one for each chunk."""

    def __init__(self, sdk: genai.Client, setup: Setup) -> None:
        self._sdk = sdk
        self._setup = setup
        self._config = request_config(setup)
        self._contents: list[Any] = []
        self._calls: Sequence[Call] = ()

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user."""
        assert not then, "the vendor knows no such turns"
        parts = [types.Part.from_text(text=text)]
        if attachment is not None:
            parts.insert(0, types.Part.from_bytes(data=attachment.data, mime_type=attachment.media_type))
        self._contents.append(types.Content(role="user", parts=parts))
        return self._reply(stream=stream)

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned."""
        responses = [function_response(call, result) for call, result in zip(self._calls, results, strict=True)]
        parts = [types.Part(function_response=response) for response in responses]
        self._contents.append(types.Content(role="user", parts=parts))
        return self._reply(stream=stream)

    def _reply(self, *, stream: bool) -> Reply:
        models = self._sdk.models
        arguments: dict[str, Any] = {
            "model": self._setup.model,
            "contents": self._contents,
            "config": self._config,
        }
        chunks = [*models.generate_content_stream(**arguments)] if stream else [models.generate_content(**arguments)]
        reply = read(chunks, self._setup)
        self._calls = reply.calls
        self._contents += [content for chunk in chunks if (content := content_of(chunk)) is not None]
        return reply


def function_response(call: Call, result: Returned) -> types.FunctionResponse:
    """What a tool returned to a call."""
    response = types.FunctionResponse(
        id=call.id or None, name=call.name, response={"error" if result.failed else "output": result.text}
    )
    if result.attachment is not None:
        blob = types.FunctionResponseBlob(data=result.attachment.data, mime_type=result.attachment.media_type)
        response.parts = [types.FunctionResponsePart(inline_data=blob)]
    return response


def request_config(setup: Setup) -> types.GenerateContentConfig:
    """What holds for all turns."""
    config = types.GenerateContentConfig(max_output_tokens=setup.max_tokens)
    if setup.system:
        config.system_instruction = setup.system
    if setup.tools:
        declarations = [
            types.FunctionDeclaration(name=name, parameters_json_schema=schema) for name, schema in setup.tools.items()
        ]
        config.tools = [types.Tool(function_declarations=declarations)]
    if setup.stop:
        config.stop_sequences = list(setup.stop)
    if setup.answer_type is not None:
        config.response_mime_type = "application/json"
        config.response_schema = setup.answer_type
    if setup.think:
        config.thinking_config = types.ThinkingConfig(include_thoughts=True, thinking_budget=2048)
    return config


def content_of(chunk: types.GenerateContentResponse) -> types.Content | None:
    """What the model says in a reply or a chunk."""
    (candidate,) = chunk.candidates or [types.Candidate()]
    return candidate.content


def read(chunks: Iterable[types.GenerateContentResponse], setup: Setup) -> Reply:
    """A reply from the chunks of a stream, or from a whole reply."""
    chunks = list(chunks)
    parts = [part for chunk in chunks if (content := content_of(chunk)) for part in content.parts or []]
    calls = [
        Call(part.function_call.name or "", part.function_call.args or {}, part.function_call.id or "")
        for part in parts
        if part.function_call is not None
    ]
    text = "".join(part.text or "" for part in parts if not part.thought)
    finishes = [c.finish_reason for chunk in chunks for c in chunk.candidates or [] if c.finish_reason is not None]
    assert len(finishes) == 1, "the reply ends once"
    finish = finishes[0]
    parsed = chunks[0].parsed if len(chunks) == 1 else None
    if parsed is None and setup.answer_type is not None:
        # The SDK parses whole replies only.
        parsed = setup.answer_type.model_validate_json(text)
    return Reply(
        text=text,
        finish="tool_calls" if calls and finish is types.FinishReason.STOP else FINISHES[finish],
        tokens=tokens(chunks[-1].usage_metadata),
        calls=calls,
        reasoning="".join(part.text or "" for part in parts if part.thought),
        parsed=parsed,
    )


def tokens(usage: types.GenerateContentResponseUsageMetadata | None) -> Tokens | None:
    """The SDK's usage in the tests' words: here the output leaves out the thoughts."""
    if usage is None:
        return None
    reasoning = usage.thoughts_token_count or 0
    count = Tokens(
        input=usage.prompt_token_count or 0,
        output=(usage.candidates_token_count or 0) + reasoning,
        cached=usage.cached_content_token_count or 0,
        reasoning=reasoning,
    )
    assert usage.total_token_count == count.input + count.output
    return count
