"""What a conversation in each scenario has to bring, whatever SDK has it and whatever backend is behind it.

The backends check the other half: that everything arrived which the client sent.
"""

import dataclasses
from collections.abc import Callable, Sequence

from tests.backends import scenarios as played
from tests.backends.exchange import Call, Tokens
from tests.sdk.clients.conversation import Client, Reply, Setup

TOKENS = Tokens(input=120, output=45, cached=20)


def text(client: Client, prefix: str, *, stream: bool) -> None:
    """A system prompt and a limit go in; a text comes back unharmed, whatever its characters are."""
    setup = Setup(f"{prefix}text", system=played.SYSTEM, max_tokens=100)
    reply = client.open(setup).ask(played.PROMPT, stream=stream)
    assert reply == Reply(text=played.POEM, finish="stop", tokens=TOKENS, calls=[])


def tools(client: Client, prefix: str, *, stream: bool) -> None:
    """Two calls at once, both results, and the answer that needs them."""
    conversation = client.open(Setup(f"{prefix}tools", tools=played.TOOLS))
    asked = conversation.ask(played.TOOLS_PROMPT, stream=stream)
    assert (asked.text, asked.finish, asked.tokens) == (played.TOOLS_PREFACE, "tool_calls", TOKENS)
    assert without_ids(asked.calls) == [played.WEATHER_CALL, played.TIME_CALL]
    answered = conversation.return_results([played.RESULTS[call.name] for call in asked.calls], stream=stream)
    assert answered == Reply(text=played.TOOLS_ANSWER, finish="stop", tokens=TOKENS, calls=[])


def image(client: Client, prefix: str, *, stream: bool) -> None:
    """A picture arrives byte for byte."""
    reply = client.open(Setup(f"{prefix}image")).ask(played.IMAGE_PROMPT, image=played.PNG, stream=stream)
    assert reply.text == played.IMAGE_ANSWER


def structured(client: Client, prefix: str, *, stream: bool) -> None:
    """The schema arrives, and the SDK makes an object of the answer."""
    setup = Setup(f"{prefix}json", answer_type=played.Forecast)
    reply = client.open(setup).ask(played.JSON_PROMPT, stream=stream)
    assert reply.parsed == played.FORECAST


def length(client: Client, prefix: str, *, stream: bool) -> None:
    """An answer that was cut short by the limit says so."""
    setup = Setup(f"{prefix}length", max_tokens=played.LENGTH_TOKENS)
    reply = client.open(setup).ask(played.PROMPT, stream=stream)
    assert (reply.text, reply.finish) == (played.LENGTH_ANSWER, "length")


def thinking(client: Client, prefix: str, *, stream: bool) -> None:
    """Reasoning is shown, and its opaque state goes back to the vendor with the result of the call it led to."""
    conversation = client.open(Setup(f"{prefix}thinking", tools=_only("get_weather"), think=True))
    asked = conversation.ask(played.TOOLS_PROMPT, stream=stream)
    assert (asked.reasoning, asked.finish) == (played.REASONING, "tool_calls")
    assert asked.tokens == dataclasses.replace(TOKENS, reasoning=15)
    assert without_ids(asked.calls) == [played.WEATHER_CALL]
    answered = conversation.return_results([played.RESULTS["get_weather"]], stream=stream)
    assert answered.text == played.THINKING_ANSWER


def without_ids(calls: Sequence[Call]) -> list[Call]:
    """The calls, whose ids are anybody's choice but distinct."""
    identifiers = [call.id for call in calls if call.id]
    assert len(identifiers) == len(set(identifiers))
    return [dataclasses.replace(call, id="") for call in calls]


def _only(name: str) -> dict[str, dict[str, object]]:
    return {name: played.TOOLS[name]}


SCENARIOS: list[Callable[..., None]] = [text, tools, image, structured, length, thinking]
