"""A client that leaves a real gateway: only granian can tell, and says it in its own way."""

import http.client
import json
import time
from collections.abc import Iterator

import pytest

from tests.backends.exchange import Json
from tests.backends.keys import CLIENT_KEY
from tests.gateway import Gateway, running_gateway

# The demo takes 20 ms for a word.
WORDS = " ".join(["word"] * 500)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, _loopback_without_proxy: None) -> Iterator[Gateway]:
    """A gateway before the built-in demo."""
    providers = {"demo": {"dialect": "openai_chat", "base_url": "demo:"}}
    with running_gateway(tmp_path_factory.mktemp("disconnect"), providers) as gateway:
        yield gateway


def ask(gateway: Gateway, request_id: str, prompt: str) -> http.client.HTTPConnection:
    """Ask for a stream."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    body = {"model": "demo/echo", "max_tokens": 5000, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    headers = {"x-api-key": CLIENT_KEY, "content-type": "application/json", "x-request-id": request_id}
    connection.request("POST", "/v1/messages", json.dumps(body), headers)
    return connection


def logged(gateway: Gateway, request_id: str) -> Json:
    """What the log says of an exchange, once it says something."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for line in gateway.log.read_text("utf-8").splitlines():
            if line.startswith("{") and json.loads(line)["request_id"] == request_id:
                record: Json = json.loads(line)
                return record
        time.sleep(0.02)
    raise AssertionError(f"{request_id} is not in the log")


def test_a_client_that_leaves_ends_the_exchange(demo: Gateway) -> None:
    """It would take ten seconds."""
    connection = ask(demo, "one-that-leaves", WORDS)
    response = connection.getresponse()
    assert response.read(100)
    # The response holds the socket open, too.
    response.close()
    connection.close()
    record = logged(demo, "one-that-leaves")
    assert record["outcome"] == "client_gone"
    assert record["seconds"] < 2


def test_a_client_that_stays_to_the_end_has_not_left(demo: Gateway) -> None:
    """Also if it closes its connection right after."""
    for number in range(5):
        connection = ask(demo, f"one-that-stays-{number}", "a few words")
        response = connection.getresponse()
        assert b"message_stop" in response.read()
        response.close()
        connection.close()
        record = logged(demo, f"one-that-stays-{number}")
        assert record["seconds"] > 0.05, "too quick to be watched"
        assert (record["outcome"], record["finish_reason"]) == ("ok", "stop")
