"""pydantic-ai with its four providers, unmodified: tool loops that it runs by itself, in front of every backend.

Run in an environment of its own (`make test-pydantic-ai`).
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic_ai import Agent, RunContext
from pydantic_ai.messages import ModelResponse, ThinkingPart
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import RunUsage

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.frameworks.tools import get_time, get_weather
from tests.gateway import Gateway

# Two requests, each as a backend counts it; thoughts come with the first one only.
TOKENS = (2, 240, 90, 40)


def chat(gateway: Gateway, model: str) -> Model:
    return OpenAIChatModel(model, provider=OpenAIProvider(base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY))


def responses(gateway: Gateway, model: str) -> Model:
    # It goes by the model's name, of which it knows OpenAI's: of others it does not ask for thoughts to send back.
    profile = OpenAIModelProfile(openai_supports_encrypted_reasoning_content=True)
    provider = OpenAIProvider(base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY)
    return OpenAIResponsesModel(model, provider=provider, profile=profile)


def anthropic(gateway: Gateway, model: str) -> Model:
    return AnthropicModel(model, provider=AnthropicProvider(base_url=gateway.origin, api_key=CLIENT_KEY))


def gemini(gateway: Gateway, model: str) -> Model:
    return GoogleModel(model, provider=GoogleProvider(base_url=gateway.origin, api_key=CLIENT_KEY))


MODELS: list[Callable[[Gateway, str], Model]] = [chat, responses, anthropic, gemini]
THINKING: dict[str, Any] = {
    "chat": {"openai_reasoning_effort": "low"},
    "responses": {"openai_reasoning_effort": "low", "openai_reasoning_summary": "auto"},
    "anthropic": {"anthropic_thinking": {"type": "enabled", "budget_tokens": 2048}},
    "gemini": {"google_thinking_config": {"include_thoughts": True, "thinking_budget": 2048}},
}
every_dialect = pytest.mark.parametrize("connect", MODELS, ids=lambda connect: connect.__name__)


async def watch(_: RunContext[None], events: AsyncIterator[Any]) -> None:
    """Read a reply as it comes; without somebody who does, whole replies are asked for."""
    async for _event in events:
        pass


def counts(usage: RunUsage) -> tuple[int, int, int, int]:
    """Requests, and tokens of input, output and cache."""
    return usage.requests, usage.input_tokens, usage.output_tokens, usage.cache_read_tokens


@every_dialect
async def test_tools(connect: Callable[..., Model], gateway: Gateway, prefix: str, stream: bool) -> None:
    """Two calls at once, both results, the answer that needs them, and what all of it cost."""
    agent = Agent(connect(gateway, f"{prefix}tools"), tools=[get_weather, get_time])
    async with agent:
        ran = await agent.run(played.TOOLS_PROMPT, event_stream_handler=watch if stream else None)
    assert (ran.output, counts(ran.usage)) == (played.TOOLS_ANSWER, TOKENS)


@every_dialect
async def test_thinking(connect: Callable[..., Model], gateway: Gateway, prefix: str, stream: bool) -> None:
    """Thoughts are told, and go back to the vendor that had them with what belongs to them."""
    settings = {"max_tokens": 4096, **THINKING[connect.__name__]}
    agent = Agent(connect(gateway, f"{prefix}thinking"), tools=[get_weather], model_settings=settings)
    async with agent:
        ran = await agent.run(played.TOOLS_PROMPT, event_stream_handler=watch if stream else None)
    assert (ran.output, counts(ran.usage)) == (played.THINKING_ANSWER, TOKENS)
    replies = [message for message in ran.all_messages() if isinstance(message, ModelResponse)]
    thoughts = [part.content for part in replies[0].parts if isinstance(part, ThinkingPart)]
    assert "".join(thoughts) == played.REASONING


@every_dialect
async def test_nothing_is_said_before_a_call(connect: Callable[..., Model], gateway: Gateway, prefix: str) -> None:
    """The first text that `run_stream` sees is the final answer to it: a text of the gateway's would end the run."""
    settings = {"max_tokens": 4096, **THINKING[connect.__name__]}
    agent = Agent(connect(gateway, f"{prefix}thinking"), tools=[get_weather], model_settings=settings)
    async with agent, agent.run_stream(played.TOOLS_PROMPT) as ran:
        assert await ran.get_output() == played.THINKING_ANSWER
