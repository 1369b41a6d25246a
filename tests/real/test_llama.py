"""A real LLM server behind the gateway, in both dialects that it speaks, with each of the vendors' SDKs in front.

What a real server does and a backend of the tests does not: the first delta has `content: null`, arguments come letter
by letter, the start of a call has no `input`, reasoning has an empty signature, usage may be missing from a stream,
errors have OpenAI's form on every path, and the connection is closed after a stream although it was to be kept.
"""

import pytest

from tests.backends import scenarios
from tests.backends.exchange import Call
from tests.real.chain import DONE, SPOKEN
from tests.real.llama_server import MODEL
from tests.sdk.clients.conversation import Client, Returned, Setup
from tests.sdk.scenarios import PICTURE, without_ids

# What a model says that knows of JSON only what the grammar tells it.
CALL = Call("get_weather", {"city": "Oslo", "days": 0})


def test_text(client: Client, wire: str, stream: bool) -> None:
    """A text with characters that the model says byte by byte."""
    setup = Setup(f"{wire}-text/{MODEL}", system=scenarios.SYSTEM)
    reply = client.open(setup).ask(scenarios.PROMPT, stream=stream)
    assert (reply.text, reply.finish, reply.calls) == (SPOKEN, "stop", [])
    assert reply.tokens is not None
    # Each byte of the prompt is a token; the template adds some.
    assert reply.tokens.input > len((scenarios.SYSTEM + scenarios.PROMPT).encode())
    assert reply.tokens.output == 14


def test_tool_loop(client: Client, wire: str, stream: bool) -> None:
    """A call, its result, and an answer."""
    tools = {"get_weather": scenarios.TOOLS["get_weather"]}
    conversation = client.open(Setup(f"{wire}-tools/{MODEL}", tools=tools))
    asked = conversation.ask(scenarios.TOOLS_PROMPT, stream=stream)
    assert (asked.text, asked.finish) == ("", "tool_calls")
    assert without_ids(asked.calls) == [CALL]
    answered = conversation.return_results([Returned("sunny")], stream=stream)
    assert (answered.text, answered.finish, answered.calls) == (SPOKEN, "stop", [])


def test_two_turns(client: Client, wire: str, stream: bool) -> None:
    """The answer goes back as it came and the conversation goes on."""
    conversation = client.open(Setup(f"{wire}-think/{MODEL}", think=True))
    first = conversation.ask("Think!", stream=stream)
    second = conversation.ask("Again!", stream=stream)
    assert (first.text, second.text) == (DONE, DONE)


def test_reasoning(client: Client, wire: str, stream: bool) -> None:
    """Thoughts are told from the answer."""
    setup = Setup(f"{wire}-think/{MODEL}", think=True)
    reply = client.open(setup).ask("Think!", stream=stream)
    assert (reply.reasoning, reply.text, reply.finish) == (SPOKEN, DONE, "stop")


def test_structured(client: Client, stream: bool) -> None:
    """The schema arrives so well that the server's grammar can hold the model to it."""
    setup = Setup(f"chat-text/{MODEL}", answer_type=scenarios.Forecast)
    reply = client.open(setup).ask(scenarios.JSON_PROMPT, stream=stream)
    assert isinstance(reply.parsed, scenarios.Forecast)
    assert reply.parsed.city == "Oslo"


@pytest.mark.parametrize("wire", ["chat", "messages"])
def test_length(client: Client, wire: str, stream: bool) -> None:
    """The limit arrives and holds. Responses have a least limit, which is longer than what this model says."""
    setup = Setup(f"{wire}-text/{MODEL}", max_tokens=3)
    reply = client.open(setup).ask(scenarios.PROMPT, stream=stream)
    assert (reply.text, reply.finish) == ("Every spring the", "length")


def test_error(client: Client, wire: str, stream: bool) -> None:
    """What the server says of a picture that it cannot see reaches the caller."""
    setup = Setup(f"{wire}-text/{MODEL}")
    with pytest.raises(client.api_error, match="image input is not supported"):
        client.open(setup).ask(scenarios.IMAGE_PROMPT, attachment=PICTURE, stream=stream)
