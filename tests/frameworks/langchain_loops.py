"""LangChain with its packages for the four dialects, unmodified: tool loops in front of every backend.

Run in an environment of its own (`make test-langchain`).
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool, tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI

from tests.backends import scenarios as played
from tests.backends.exchange import Tokens
from tests.backends.keys import CLIENT_KEY
from tests.frameworks.tools import get_time, get_weather
from tests.gateway import Gateway

TOKENS = Tokens(input=120, output=45, cached=20)


def chat(gateway: Gateway, model: str, *, think: bool) -> BaseChatModel:
    options: dict[str, Any] = {"reasoning_effort": "low"} if think else {}
    return ChatOpenAI(
        model=model, base_url=f"{gateway.origin}/v1", api_key=CLIENT_KEY, max_retries=0, stream_usage=True, **options
    )


def responses(gateway: Gateway, model: str, *, think: bool) -> BaseChatModel:
    options: dict[str, Any] = {}
    if think:
        options = {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
    return ChatOpenAI(
        model=model,
        base_url=f"{gateway.origin}/v1",
        api_key=CLIENT_KEY,
        max_retries=0,
        use_responses_api=True,
        store=False,
        **options,
    )


def anthropic(gateway: Gateway, model: str, *, think: bool) -> BaseChatModel:
    options: dict[str, Any] = {"thinking": {"type": "enabled", "budget_tokens": 2048}} if think else {}
    return ChatAnthropic(
        model=model, base_url=gateway.origin, api_key=CLIENT_KEY, max_retries=0, max_tokens=4096, **options
    )


def gemini(gateway: Gateway, model: str, *, think: bool) -> BaseChatModel:
    options: dict[str, Any] = {"include_thoughts": True, "thinking_budget": 2048} if think else {}
    return ChatGoogleGenerativeAI(model=model, base_url=gateway.origin, api_key=CLIENT_KEY, max_retries=1, **options)


MODELS: list[Callable[..., BaseChatModel]] = [chat, responses, anthropic, gemini]
every_dialect = pytest.mark.parametrize("connect", MODELS, ids=lambda connect: connect.__name__)


def ask(model: Runnable[Any, Any], messages: list[BaseMessage], *, stream: bool) -> AIMessage:
    """The reply, which is added to the messages."""
    reply: Any = None
    if stream:
        for chunk in model.stream(messages):
            reply = chunk if reply is None else reply + chunk
    else:
        reply = model.invoke(messages)
    messages.append(reply)
    assert isinstance(reply, AIMessage)
    return reply


def call(reply: AIMessage, tools: list[BaseTool]) -> list[BaseMessage]:
    """What the tools return to a reply's calls."""
    named = {each.name: each for each in tools}
    return [named[each["name"]].invoke(each) for each in reply.tool_calls]


def tokens(reply: AIMessage) -> Tokens:
    """The framework's usage in the tests' words."""
    usage = reply.usage_metadata
    assert usage is not None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    return Tokens(
        input=usage["input_tokens"],
        output=usage["output_tokens"],
        cached=usage.get("input_token_details", {}).get("cache_read", 0),
        reasoning=usage.get("output_token_details", {}).get("reasoning", 0),
    )


@every_dialect
def test_tools(connect: Callable[..., BaseChatModel], gateway: Gateway, prefix: str, stream: bool) -> None:
    """Two calls at once, both results, the answer that needs them, and what all of it cost."""
    tools = [tool(get_weather), tool(get_time)]
    model = connect(gateway, f"{prefix}tools", think=False).bind_tools(tools)
    messages: list[BaseMessage] = [HumanMessage(played.TOOLS_PROMPT)]
    asked = ask(model, messages, stream=stream)
    assert (asked.text, tokens(asked)) == (played.TOOLS_PREFACE, TOKENS)
    messages += call(asked, tools)
    answered = ask(model, messages, stream=stream)
    assert (answered.text, answered.tool_calls, tokens(answered)) == (played.TOOLS_ANSWER, [], TOKENS)


@every_dialect
def test_thinking(connect: Callable[..., BaseChatModel], gateway: Gateway, prefix: str, stream: bool) -> None:
    """Thoughts go back to the vendor that had them, with what belongs to them."""
    tools = [tool(get_weather)]
    model = connect(gateway, f"{prefix}thinking", think=True).bind_tools(tools)
    messages: list[BaseMessage] = [HumanMessage(played.TOOLS_PROMPT)]
    asked = ask(model, messages, stream=stream)
    assert tokens(asked) == dataclasses.replace(TOKENS, reasoning=15)
    messages += call(asked, tools)
    assert ask(model, messages, stream=stream).text == played.THINKING_ANSWER
