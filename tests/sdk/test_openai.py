"""What only the `openai` SDK does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.backends.server import Backend
from tests.gateway import Gateway
from tests.sdk.sampling import TEMPERATURE, temperature_of

MESSAGES: list[Any] = [
    {"role": "system", "content": played.SYSTEM},
    {"role": "user", "content": played.PROMPT},
]
OPTIONS: dict[str, Any] = {"messages": MESSAGES, "max_tokens": 100}


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
    stream = await async_sdk.chat.completions.create(model=f"{provider}/text", stream=True, **OPTIONS)
    pieces = [choice.delta.content or "" async for chunk in stream for choice in chunk.choices]
    assert "".join(pieces) == played.POEM
    # It came as it was written, not in one piece at the end.
    assert len(pieces) > 3


def test_usage_only_on_request(sdk: openai.OpenAI, provider: str) -> None:
    """A client that did not ask for usage gets no chunk without choices, which older ones stumble over."""
    chunks = list(sdk.chat.completions.create(model=f"{provider}/text", stream=True, **OPTIONS))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


def test_stream_helper(sdk: openai.OpenAI, provider: str) -> None:
    """The helper that folds a stream comes to the same completion."""
    with sdk.chat.completions.stream(model=f"{provider}/text", **OPTIONS) as events:
        completion = events.get_final_completion()
    assert completion.choices[0].message.content == played.POEM
    assert completion.choices[0].finish_reason == "stop"


def test_the_model_is_called_what_the_client_calls_it(sdk: openai.OpenAI, provider: str) -> None:
    """The reply names a model that the client knows, or the one that the backend says if bytes go through."""
    completion = sdk.chat.completions.create(model=f"{provider}/text", **OPTIONS)
    assert completion.model in {f"{provider}/text", "text"}
    assert completion.object == "chat.completion"


def test_sampling(sdk: openai.OpenAI, backends: dict[str, Backend], provider: str) -> None:
    """The temperature arrives in the vendor's own field."""
    sdk.chat.completions.create(model=f"{provider}/text", temperature=TEMPERATURE, **OPTIONS)
    assert temperature_of(provider, backends[provider].arrivals[-1]) == TEMPERATURE


def test_a_loss_is_reported(sdk: openai.OpenAI) -> None:
    """A field that Anthropic lacks is left out, and the answer's head says so."""
    raw = sdk.chat.completions.with_raw_response.create(model="anthropic/text", seed=7, **OPTIONS)
    assert raw.headers["x-aiclient-dropped"] == "/seed"


def test_models(sdk: openai.OpenAI) -> None:
    """The list of models has the form that the SDK pages through."""
    assert sdk.models.list().object == "list"


async def test_many_at_once(async_sdk: openai.AsyncOpenAI, provider: str) -> None:
    """Streams that share the gateway share nothing else."""

    async def read(model: str) -> str:
        stream = await async_sdk.chat.completions.create(model=f"{provider}/{model}", stream=True, **OPTIONS)
        return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])

    async def fail(model: str) -> str:
        with pytest.raises(openai.APIError):
            await read(model)
        return "failed"

    texts = await asyncio.gather(*(read("text") if index % 4 else fail("cut-connection") for index in range(20)))
    assert texts == [played.POEM if index % 4 else "failed" for index in range(20)]
