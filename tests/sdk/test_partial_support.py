"""What only some SDKs can say, or only some backends understand."""

import pytest

from tests.backends import scenarios as played
from tests.backends.server import Backend
from tests.sdk.clients.conversation import Client, Returned, Setup
from tests.sdk.scenarios import without_ids

# Models that take what is tried here, where not all of the vendor's do.
LIKE = {"anthropic": "claude-opus-4-8--"}

SENDS_STOPS = pytest.mark.parametrize("client", ["openai", "anthropic", "google-genai"], indirect=True)
SENDS_LATE_SYSTEM = pytest.mark.parametrize("client", ["openai", "openai-responses", "anthropic"], indirect=True)
SENDS_CUSTOM_TOOLS = pytest.mark.parametrize("client", ["openai", "openai-responses"], indirect=True)


@SENDS_STOPS
@pytest.mark.parametrize("provider", ["openai_chat", "anthropic", "gemini"])
def test_stop_sequences(client: Client, provider: str, stream: bool) -> None:
    """What shall end the answer arrives, and an answer that it ended is a whole one."""
    reply = client.open(Setup(f"{provider}/stop", stop=[played.STOP])).ask(played.PROMPT, stream=stream)
    assert (reply.text, reply.finish) == (played.POEM, "stop")


@SENDS_STOPS
def test_stop_sequences_where_there_are_none(client: Client, backends: dict[str, Backend], stream: bool) -> None:
    """Responses knows no stop sequences: the request is refused before anything is asked of the backend."""
    asked = len(backends["openai_responses"].arrivals)
    conversation = client.open(Setup("openai_responses/stop", stop=[played.STOP]))
    with pytest.raises(client.error_type(400), match=r"(?i)stop_?sequences"):
        conversation.ask(played.PROMPT, stream=stream)
    assert len(backends["openai_responses"].arrivals) == asked


@pytest.mark.parametrize("client", ["openai", "anthropic", "google-genai"], indirect=True)
def test_tools_stay_loose(client: Client, backends: dict[str, Backend]) -> None:
    """Where Responses would close the schema of a tool that does not say, it is told that the tool is not strict."""
    client.open(Setup("openai_responses/tools", tools=played.TOOLS)).ask(played.TOOLS_PROMPT, stream=False)
    tools = backends["openai_responses"].arrivals[-1].body["tools"]
    assert [tool.get("strict") for tool in tools] == [False, False]


@SENDS_LATE_SYSTEM
@pytest.mark.parametrize("like", [True, False], ids=["newest", "any"])
def test_system_in_the_middle(client: Client, provider: str, like: bool, stream: bool) -> None:
    """What the system says in the middle of a conversation stays there, as a turn of its own or as a reminder."""
    if not like and client.dialect == provider == "anthropic":
        pytest.skip("bytes go through, and the vendor refuses them")
    model = f"{provider}/{LIKE.get(provider, '') if like else ''}late-system"
    conversation = client.open(Setup(model, system=played.SYSTEM))
    assert conversation.ask(played.PROMPT, stream=stream).text == played.POEM
    reply = conversation.ask(played.LATE_PROMPT, then=played.LATE_SYSTEM, stream=stream)
    assert reply.text == played.LATE_ANSWER


@SENDS_CUSTOM_TOOLS
def test_custom_tools(client: Client, provider: str, stream: bool) -> None:
    """A tool that takes free text is called with free text, also by models that know only arguments with names."""
    conversation = client.open(Setup(f"{provider}/custom", custom=[played.CUSTOM_TOOL]))
    asked = conversation.ask(played.CUSTOM_PROMPT, stream=stream)
    assert (without_ids(asked.calls), asked.finish) == ([played.CUSTOM_CALL], "tool_calls")
    reply = conversation.return_results([Returned(played.CUSTOM_RESULT)], stream=stream)
    assert reply.text == played.CUSTOM_ANSWER
