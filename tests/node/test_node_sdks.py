"""The vendors' SDKs for Node, the AI SDK and LangChain, unmodified, against backends of all dialects."""

from collections.abc import Callable

import pytest

from tests.backends import scenarios as played
from tests.node.process import SdkError
from tests.node.sdks import SDKS, NodeClient
from tests.sdk.clients.conversation import Returned, Setup
from tests.sdk.scenarios import SCENARIOS

pytestmark = pytest.mark.node

# Models whose special wishes the gateway knows by name, for example that Gemini 3 wants a signature with every call.
LIKE = {"openai_chat": "", "openai_responses": "", "anthropic": "claude-sonnet-4-5--", "gemini": "gemini-3-pro--"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_through_the_gateway(client: NodeClient, provider: str, scenario: Callable[..., None], stream: bool) -> None:
    """The SDK cannot tell what stands behind the gateway."""
    skip_what_it_cannot(client, provider, scenario.__name__)
    scenario(client, f"{provider}/{LIKE[provider]}", stream=stream)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_without_the_gateway(direct_client: NodeClient, scenario: Callable[..., None], stream: bool) -> None:
    """The backends speak their vendor's wire: its own SDK understands them."""
    skip_what_it_cannot(direct_client, SDKS[direct_client.name].dialect, scenario.__name__)
    scenario(direct_client, "", stream=stream)


def skip_what_it_cannot(client: NodeClient, provider: str, scenario: str) -> None:
    """Skip what no server can give to this SDK."""
    cannot = SDKS[client.name].cannot
    reason = cannot.get(scenario) or cannot.get(f"{provider} {scenario}")
    if reason is not None:
        pytest.skip(f"{client.name}: {reason}")


def test_thoughts_that_do_not_come_back(client: NodeClient, provider: str, stream: bool) -> None:
    """The tokens that thoughts cost are told all the same, and the conversation goes on without them."""
    if SDKS[client.name].shows_reasoning:
        pytest.skip("its thoughts come back")
    tools = {"get_weather": played.TOOLS["get_weather"]}
    setup = Setup(f"{provider}/{LIKE[provider]}thinking", tools=tools, think=True)
    reply = client.open(setup).ask(played.TOOLS_PROMPT, stream=stream)
    assert reply.tokens is not None
    assert (reply.finish, reply.tokens.reasoning) == ("tool_calls", 15)
    conversation = client.open(Setup(f"{provider}/{LIKE[provider]}tools", tools=played.TOOLS, think=True))
    calls = conversation.ask(played.TOOLS_PROMPT, stream=stream).calls
    reply = conversation.return_results([Returned(played.RESULTS[call.name]) for call in calls], stream=stream)
    assert reply.text == played.TOOLS_ANSWER


def test_a_filtered_answer(client: NodeClient, provider: str, stream: bool) -> None:
    """An answer that a filter ended says so, and what there is of it arrives."""
    reply = client.open(Setup(f"{provider}/filtered")).ask(played.PROMPT, stream=stream)
    assert (reply.text, reply.finish) == (played.FILTERED_ANSWER, "content_filter")


def ask(client: NodeClient, model: str, *, stream: bool) -> SdkError:
    """The error of a question whose answer is not expected to come."""
    setup = Setup(model, system=played.SYSTEM, max_tokens=100)
    with pytest.raises(SdkError) as raised:
        client.open(setup).ask(played.PROMPT, stream=stream)
    return raised.value


def error_name(client: NodeClient, status: int) -> str:
    """The class of the SDK's error for a status."""
    errors = SDKS[client.name].errors
    return errors.get(status, errors[500])


@pytest.mark.parametrize("model", ["rate-limited", "broken", "refused"])
def test_error_before_the_first_byte(client: NodeClient, provider: str, model: str, stream: bool) -> None:
    """The vendor's status and words reach the client in its own envelope, so the SDK raises its own class."""
    fault = played.FAULTS[model]
    error = ask(client, f"{provider}/{played.fresh(model)}", stream=stream)
    assert (error.name, error.status) == (error_name(client, fault.status), fault.status)
    assert fault.message in str(error)


@pytest.mark.parametrize("model", ["cut-connection", "cut-body"])
def test_a_cut_stream_is_an_error(client: NodeClient, provider: str, model: str) -> None:
    """Half an answer never passes for a whole one, whether the connection broke or the stream just ended."""
    ask(client, f"{provider}/{model}", stream=True)


def test_an_error_in_a_stream(client: NodeClient, provider: str) -> None:
    """What the backend says of its failure reaches the program."""
    error = ask(client, f"{provider}/cut-error", stream=True)
    assert played.BREAKDOWN.message in str(error) or not SDKS[client.name].quotes_streams


def test_a_cut_reply_is_a_bad_gateway(client: NodeClient, provider: str) -> None:
    """A whole reply that does not arrive whole is the backend's fault, not the client's."""
    error = ask(client, f"{provider}/cut-connection", stream=False)
    assert (error.name, error.status) == (error_name(client, 502), 502)


def test_a_wrong_key(stranger: NodeClient, provider: str, stream: bool) -> None:
    """Each SDK knows an answer to a wrong key when it sees one."""
    error = ask(stranger, f"{provider}/text", stream=stream)
    assert (error.name, error.status) == (error_name(stranger, 401), 401)
