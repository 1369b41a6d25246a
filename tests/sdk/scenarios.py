"""What a conversation in each scenario has to bring, whatever SDK has it and whatever backend is behind it.

The backends check the other half: that everything arrived which the client sent.
"""

import dataclasses
from collections.abc import Callable, Sequence

from tests.backends import scenarios as played
from tests.backends.exchange import Call, Tokens
from tests.sdk.clients.conversation import Attachment, Client, Reply, Returned, Setup

TOKENS = Tokens(input=120, output=45, cached=20)
PICTURE = Attachment(played.PNG, "image/png", "pixel.png")


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
    answered = conversation.return_results([Returned(played.RESULTS[call.name]) for call in asked.calls], stream=stream)
    assert answered == Reply(text=played.TOOLS_ANSWER, finish="stop", tokens=TOKENS, calls=[])


def image(client: Client, prefix: str, *, stream: bool) -> None:
    """A picture arrives byte for byte."""
    reply = client.open(Setup(f"{prefix}image")).ask(played.IMAGE_PROMPT, attachment=PICTURE, stream=stream)
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
    tools = {"get_weather": played.TOOLS["get_weather"]}
    conversation = client.open(Setup(f"{prefix}thinking", tools=tools, think=True))
    asked = conversation.ask(played.TOOLS_PROMPT, stream=stream)
    assert (asked.reasoning, asked.finish) == (played.REASONING, "tool_calls")
    assert asked.tokens == dataclasses.replace(TOKENS, reasoning=15)
    assert without_ids(asked.calls) == [played.WEATHER_CALL]
    answered = conversation.return_results([Returned(played.RESULTS["get_weather"])], stream=stream)
    assert answered.text == played.THINKING_ANSWER


def rethinking(client: Client, prefix: str, *, stream: bool) -> None:
    """Reasoning in two steps: the state of each goes back to the vendor with the call that it led to."""
    conversation = client.open(Setup(f"{prefix}rethinking", tools=played.TOOLS, think=True))
    reply = conversation.ask(played.TOOLS_PROMPT, stream=stream)
    for reasoning, call in ((played.REASONING, played.WEATHER_CALL), (played.MORE_REASONING, played.TIME_CALL)):
        assert (reply.reasoning, reply.finish) == (reasoning, "tool_calls")
        assert without_ids(reply.calls) == [call]
        reply = conversation.return_results([Returned(played.RESULTS[call.name])], stream=stream)
    assert reply.text == played.THINKING_ANSWER


def image_of_a_tool(client: Client, prefix: str, *, stream: bool) -> None:
    """A picture in the result of a tool arrives, wherever the vendor has a place for it."""
    conversation = client.open(Setup(f"{prefix}tool-image", tools=played.TOOLS))
    conversation.ask(played.TOOLS_PROMPT, stream=stream)
    answered = conversation.return_results([Returned(played.CHART_TEXT, PICTURE)], stream=stream)
    assert answered.text == played.IMAGE_ANSWER


def error_of_a_tool(client: Client, prefix: str, *, stream: bool) -> None:
    """Of two calls one fails: its error is told as one, the other's result is not."""
    conversation = client.open(Setup(f"{prefix}tool-error", tools=played.TOOLS))
    asked = conversation.ask(played.TOOLS_PROMPT, stream=stream)
    assert without_ids(asked.calls) == [played.WEATHER_CALL, played.TIME_CALL]
    results = [Returned(played.RESULTS["get_weather"]), Returned(played.CLOCK_ERROR, failed=True)]
    assert conversation.return_results(results, stream=stream).text == played.ERROR_ANSWER


def document(client: Client, prefix: str, *, stream: bool) -> None:
    """A PDF arrives byte for byte."""
    attachment = Attachment(played.PDF, "application/pdf", "report.pdf")
    reply = client.open(Setup(f"{prefix}document")).ask(played.PDF_PROMPT, attachment=attachment, stream=stream)
    assert reply.text == played.PDF_ANSWER


def refusal(client: Client, prefix: str, *, stream: bool) -> None:
    """A model that will not answer says so, in a field of its own or as the text of a reply that ends in refusal."""
    reply = client.open(Setup(f"{prefix}refusal")).ask(played.PROMPT, stream=stream)
    assert (reply.text + reply.refusal, reply.finish) == (played.REFUSAL, "content_filter")


def filtered(client: Client, prefix: str, *, stream: bool) -> None:
    """An answer that a filter stopped keeps what was said before, and does not pass for a whole one."""
    reply = client.open(Setup(f"{prefix}filtered")).ask(played.PROMPT, stream=stream)
    assert (reply.text + reply.refusal, reply.finish) == (played.FILTERED_ANSWER, "content_filter")


def cache(client: Client, prefix: str, *, stream: bool) -> None:
    """Tokens read from and written to the cache are counted once, as are those of reasoning."""
    reply = client.open(Setup(f"{prefix}cache")).ask(played.PROMPT, stream=stream)
    unknown = "gemini" in {client.dialect, prefix.removesuffix("/")}
    assert reply.tokens == dataclasses.replace(played.CACHE_TOKENS, written=0 if unknown else 200)


def without_ids(calls: Sequence[Call]) -> list[Call]:
    """The calls, whose ids are anybody's choice but distinct."""
    identifiers = [call.id for call in calls if call.id]
    assert len(identifiers) == len(set(identifiers))
    return [dataclasses.replace(call, id="") for call in calls]


# What every client can do.
SCENARIOS: list[Callable[..., None]] = [text, tools, image, structured, length, thinking]

# What the vendors' SDKs can do besides.
FURTHER_SCENARIOS: list[Callable[..., None]] = [
    rethinking,
    image_of_a_tool,
    error_of_a_tool,
    document,
    refusal,
    filtered,
    cache,
]
