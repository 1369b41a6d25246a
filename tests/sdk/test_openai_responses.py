"""What only the Responses half of the `openai` SDK does."""

import http.client
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.backends.server import Backend
from tests.gateway import Gateway
from tests.sdk.sampling import TEMPERATURE, temperature_of

OPTIONS: dict[str, Any] = {"instructions": played.SYSTEM, "input": played.PROMPT, "max_output_tokens": 100}
TOOLS: list[Any] = [
    {"type": "function", "name": name, "parameters": schema, "strict": False} for name, schema in played.TOOLS.items()
]
NAMESPACE: Any = {"type": "namespace", "name": "world", "description": "What the world is like.", "tools": TOOLS}


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[openai.OpenAI]:
    """The synchronous client."""
    with openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY, max_retries=0) as sdk:
        yield sdk


@pytest.fixture
async def async_sdk(gateway: Gateway) -> AsyncIterator[openai.AsyncOpenAI]:
    """The asynchronous client."""
    async with openai.AsyncOpenAI(base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY, max_retries=0) as sdk:
        yield sdk


async def test_async_stream(async_sdk: openai.AsyncOpenAI, provider: str) -> None:
    """The asynchronous client reads the same text."""
    stream = await async_sdk.responses.create(model=f"{provider}/text", stream=True, **OPTIONS)
    pieces = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert "".join(pieces) == played.POEM
    # It came as it was written, not in one piece at the end.
    assert len(pieces) > 3


@pytest.mark.parametrize("model", ["text", "tools", "thinking", "refusal"])
def test_grammar_of_streams(sdk: openai.OpenAI, provider: str, model: str) -> None:
    """Each item opens, says what it says, says all of it again, and closes; Codex reads nothing but the ends."""
    options = OPTIONS
    if model != "text":
        options = {"input": played.TOOLS_PROMPT, "tools": TOOLS[:1] if model == "thinking" else TOOLS}
    if model == "thinking":
        options["reasoning"] = {"effort": "low", "summary": "auto"}
    events = list(sdk.responses.create(model=f"{provider}/{model}", stream=True, **options))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    last: Any = events[-1]
    done: list[Any] = [event for event in events if event.type == "response.output_item.done"]
    assert [event.item for event in done] == last.response.output
    assert [event.output_index for event in done] == list(range(len(done)))
    for event in done:
        assert said_in_pieces(events, event.item.id) == said_at_once(event.item)


def said_in_pieces(events: list[Any], item_id: str) -> str:
    """All deltas of an item."""
    return "".join(event.delta for event in events if event.type.endswith(".delta") and event.item_id == item_id)


def said_at_once(item: Any) -> str:  # noqa: ANN401  # any of the SDK's items
    """What an item says when it is done."""
    if item.type == "function_call":
        return str(item.arguments)
    parts = item.summary if item.type == "reasoning" else item.content
    return "".join(part.refusal if part.type == "refusal" else part.text for part in parts)


def test_tools_in_a_namespace(sdk: openai.OpenAI, provider: str) -> None:
    """Tools that share a namespace are called by both names, as their client declared them."""
    reply = sdk.responses.create(model=f"{provider}/namespace", input=played.TOOLS_PROMPT, tools=[NAMESPACE])
    (call,) = [item for item in reply.output if item.type == "function_call"]
    assert (call.to_dict()["namespace"], call.name) == ("world", "get_weather")


def test_sampling(sdk: openai.OpenAI, backends: dict[str, Backend], provider: str) -> None:
    """The temperature arrives in the vendor's own field."""
    sdk.responses.create(model=f"{provider}/text", temperature=TEMPERATURE, **OPTIONS)
    assert temperature_of(provider, backends[provider].arrivals[-1]) == TEMPERATURE


def test_a_stored_conversation(sdk: openai.OpenAI) -> None:
    """Before a backend of its own dialect a client may leave the conversation to the vendor."""
    first = sdk.responses.create(model="openai_responses/tools", input=played.TOOLS_PROMPT, tools=TOOLS)
    outputs: list[Any] = [
        {"type": "function_call_output", "call_id": item.call_id, "output": played.RESULTS[item.name]}
        for item in first.output
        if item.type == "function_call"
    ]
    second = sdk.responses.create(
        model="openai_responses/tools", input=outputs, previous_response_id=first.id, tools=TOOLS
    )
    assert second.output_text == played.TOOLS_ANSWER


@pytest.mark.parametrize("other", ["openai_chat", "anthropic", "gemini"])
def test_no_stored_conversation_elsewhere(sdk: openai.OpenAI, other: str) -> None:
    """No other vendor has it: the request is refused by the field's name, and the reply says it was not stored."""
    reply = sdk.responses.create(model=f"{other}/text", **OPTIONS)
    assert reply.to_dict()["store"] is False
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.responses.create(model=f"{other}/text", input="x", previous_response_id=reply.id)
    assert raised.value.param == "/previous_response_id"


def test_a_websocket_is_sent_elsewhere_at_once(gateway: Gateway) -> None:
    """Codex asks for one first, and falls back at the answer 426."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    headers = {"authorization": f"Bearer {CLIENT_KEY}", "connection": "Upgrade", "upgrade": "websocket"}
    connection.request("GET", "/v1/responses", headers=headers)
    assert connection.getresponse().status == 426
    connection.close()
