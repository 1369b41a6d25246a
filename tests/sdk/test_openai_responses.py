"""The Responses client of the `openai` SDK, in front of backends of other dialects."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from openai.types.responses import Response

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.gateway import Gateway

TOOLS: list[Any] = [
    {"type": "function", "name": name, "parameters": schema, "strict": False} for name, schema in played.TOOLS.items()
]


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[openai.OpenAI]:
    """The synchronous client."""
    with openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY, max_retries=0) as sdk:
        yield sdk


def ask(sdk: openai.OpenAI, stream: bool, **request: Any) -> Response:  # noqa: ANN401  # what the SDK takes
    """The whole response; of a stream, what the SDK's helper puts together."""
    if not stream:
        whole: Response = sdk.responses.create(**request)
        return whole
    with sdk.responses.stream(**request) as events:
        numbers = [event.sequence_number for event in events]
        assert numbers == list(range(len(numbers)))
        return events.get_final_response()


def test_text(sdk: openai.OpenAI, provider: str, stream: bool) -> None:
    """The poem arrives, with its system prompt, limit and token counts."""
    reply = ask(
        sdk,
        stream,
        model=f"{provider}/text",
        instructions=played.SYSTEM,
        input=played.PROMPT,
        max_output_tokens=100,
    )
    assert reply.output_text == played.POEM
    assert reply.status == "completed"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens > 0


def test_two_parallel_calls(sdk: openai.OpenAI, provider: str, stream: bool) -> None:
    """Both calls arrive, their results go back as items, and the answer quotes them."""
    request: dict[str, Any] = {"model": f"{provider}/tools", "tools": TOOLS, "max_output_tokens": 100}
    items: list[Any] = [{"role": "user", "content": played.TOOLS_PROMPT}]
    reply = ask(sdk, stream, input=items, **request)
    calls = [item for item in reply.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [
        (call.name, call.arguments) for call in (played.WEATHER_CALL, played.TIME_CALL)
    ]
    items += [item.model_dump(exclude_none=True) for item in reply.output]
    items += [
        {"type": "function_call_output", "call_id": call.call_id, "output": played.RESULTS[call.name]} for call in calls
    ]
    assert ask(sdk, stream, input=items, **request).output_text == played.TOOLS_ANSWER


@pytest.mark.parametrize("how", ["cut-connection", "cut-body"])
def test_a_cut_stream_is_an_error(sdk: openai.OpenAI, provider: str, how: str) -> None:
    """A stream that breaks off never looks complete."""
    with pytest.raises(openai.APIError):
        list(sdk.responses.create(model=f"{provider}/{how}", instructions=played.SYSTEM, input="x", stream=True))


def test_stop_sequences_and_stored_responses_are_refused_by_name(sdk: openai.OpenAI) -> None:
    """What another dialect cannot say names its field."""
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.responses.create(model="anthropic/text", input="x", previous_response_id="resp_1")
    assert raised.value.param == "/previous_response_id"


def test_a_websocket_is_sent_elsewhere_at_once(gateway: Gateway) -> None:
    """Codex asks for one first, and falls back at the answer 426."""
    address = urlsplit(gateway.origin)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as connection:
        head = f"GET /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {CLIENT_KEY}\r\n"
        connection.sendall(f"{head}connection: Upgrade\r\nupgrade: websocket\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 426 ")
