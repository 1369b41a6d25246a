"""What the SDKs raise when a backend fails: before its first byte, and in the middle."""

import pytest

from tests.backends import scenarios as played
from tests.sdk.clients.conversation import Client, Setup


def ask(client: Client, model: str, *, stream: bool) -> None:
    """A question whose answer is not expected to come."""
    setup = Setup(model, system=played.SYSTEM, max_tokens=100)
    client.open(setup).ask(played.PROMPT, stream=stream)


@pytest.mark.parametrize("model", ["rate-limited", "broken", "refused"])
def test_error_before_the_first_byte(client: Client, provider: str, model: str, stream: bool) -> None:
    """The vendor's status and words reach the client in its own envelope, so the SDK raises its own class."""
    fault = played.FAULTS[model]
    with pytest.raises(client.error_type(fault.status), match=fault.message) as raised:
        ask(client, f"{provider}/{played.fresh(model)}", stream=stream)
    status, headers = client.describe(raised.value)
    assert status == fault.status
    if fault.retry_after is not None:
        assert headers["retry-after"] == str(fault.retry_after)


@pytest.mark.parametrize("model", ["rate-limited", "broken", "refused"])
def test_error_without_the_gateway(direct_client: Client, model: str, stream: bool) -> None:
    """The backends fail as their vendors do."""
    fault = played.FAULTS[model]
    with pytest.raises(direct_client.error_type(fault.status), match=fault.message):
        ask(direct_client, model, stream=stream)


@pytest.mark.parametrize("model", ["cut-connection", "cut-body"])
def test_a_cut_stream_is_an_error(client: Client, provider: str, model: str) -> None:
    """Half an answer never passes for a whole one, whether the connection broke or the stream just ended."""
    with pytest.raises(client.api_error):
        ask(client, f"{provider}/{model}", stream=True)


def test_an_error_in_a_stream(client: Client, provider: str) -> None:
    """A backend that gives up in mid-sentence is quoted."""
    with pytest.raises(client.api_error, match=played.BREAKDOWN.message):
        ask(client, f"{provider}/cut-error", stream=True)


def test_an_error_with_status_200(client: Client, provider: str) -> None:
    """A whole reply that is none is an error like any other."""
    with pytest.raises(client.api_error, match=played.BREAKDOWN.message):
        ask(client, f"{provider}/cut-error", stream=False)


def test_a_cut_reply_is_a_bad_gateway(client: Client, provider: str) -> None:
    """A whole reply that does not arrive whole is the backend's fault, not the client's."""
    with pytest.raises(client.error_type(502)) as raised:
        ask(client, f"{provider}/cut-connection", stream=False)
    assert client.describe(raised.value)[0] == 502


def test_a_wrong_key(stranger: Client, provider: str, stream: bool) -> None:
    """Each SDK knows an answer to a wrong key when it sees one."""
    with pytest.raises(stranger.error_type(401)) as raised:
        ask(stranger, f"{provider}/text", stream=stream)
    assert stranger.describe(raised.value)[0] == 401
