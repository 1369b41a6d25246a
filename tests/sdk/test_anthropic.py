"""What only the `anthropic` SDK does."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic
import pytest

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.backends.server import Backend
from tests.gateway import Gateway
from tests.sdk.sampling import TEMPERATURE, temperature_of

OPTIONS: dict[str, Any] = {
    "max_tokens": 100,
    "system": played.SYSTEM,
    "messages": [{"role": "user", "content": played.PROMPT}],
}

BLOCKS = {"text": ["text"], "tools": ["text", "tool_use", "tool_use"], "thinking": ["tool_use"]}


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[anthropic.Anthropic]:
    """The synchronous client."""
    with anthropic.Anthropic(base_url=gateway.origin, api_key=CLIENT_KEY, max_retries=0) as sdk:
        yield sdk


@pytest.fixture
async def async_sdk(gateway: Gateway) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """The asynchronous client."""
    async with anthropic.AsyncAnthropic(base_url=gateway.origin, api_key=CLIENT_KEY, max_retries=0) as sdk:
        yield sdk


async def test_async_stream(async_sdk: anthropic.AsyncAnthropic, provider: str) -> None:
    """The asynchronous client reads the same text."""
    async with async_sdk.messages.stream(model=f"{provider}/text", **OPTIONS) as stream:
        pieces = [piece async for piece in stream.text_stream]
    assert "".join(pieces) == played.POEM
    # It came as it was written, not in one piece at the end.
    assert len(pieces) > 3


@pytest.mark.parametrize("model", ["text", "tools", "thinking"])
def test_grammar_of_streams(sdk: anthropic.Anthropic, provider: str, model: str) -> None:
    """One block at a time, numbered without gaps; a doubled stop has made programs call a tool twice."""
    options = OPTIONS
    if model != "text":
        tools = played.TOOLS if model == "tools" else {"get_weather": played.TOOLS["get_weather"]}
        options = {
            "max_tokens": 4096,
            "messages": [{"role": "user", "content": played.TOOLS_PROMPT}],
            "tools": [{"name": name, "input_schema": schema} for name, schema in tools.items()],
        }
    if model == "thinking":
        options["thinking"] = {"type": "enabled", "budget_tokens": 2048}
    events = list(sdk.messages.create(model=f"{provider}/{model}", stream=True, **options))
    first, *blocks, delta, last = events
    assert [event.type for event in (first, delta, last)] == ["message_start", "message_delta", "message_stop"]
    written = " ".join(f"{event.type.removeprefix('content_block_')}:{event.to_dict()['index']}" for event in blocks)
    started = [event.content_block.type for event in blocks if event.type == "content_block_start"]
    one_after_the_other = "".join(rf"start:{index} (?:delta:{index} )*stop:{index} " for index in range(len(started)))
    assert re.fullmatch(one_after_the_other, f"{written} ")
    # Signatures of Gemini's calls travel in blocks of their own.
    assert [kind for kind in started if kind != "thinking"] == BLOCKS[model]


def test_older_version(gateway: Gateway, backends: dict[str, Backend], provider: str) -> None:
    """Clients of the first version show their key in a header of their own and may sample."""
    headers: dict[str, str | anthropic.Omit] = {
        "anthropic-version": "2023-06-01",
        "x-api-key": CLIENT_KEY,
        "authorization": anthropic.Omit(),
    }
    with anthropic.Anthropic(base_url=gateway.origin, api_key="unused", max_retries=0) as sdk:
        message = sdk.messages.create(
            model=f"{provider}/text",
            extra_headers=headers,
            extra_body={"temperature": TEMPERATURE},
            **OPTIONS,
        )
    assert message.content[0].to_dict()["text"] == played.POEM
    assert temperature_of(provider, backends[provider].arrivals[-1]) == TEMPERATURE


def test_beta_path(sdk: anthropic.Anthropic, provider: str) -> None:
    """The beta half of the SDK calls `?beta=true` and names betas that other vendors never heard of."""
    message = sdk.beta.messages.create(model=f"{provider}/text", betas=["fine-grained-2026-01-01"], **OPTIONS)
    assert message.content[0].to_dict()["text"] == played.POEM


def test_models(sdk: anthropic.Anthropic) -> None:
    """The list of models has the form that the SDK pages through."""
    assert not sdk.models.list().has_more
