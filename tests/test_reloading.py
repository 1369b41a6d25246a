"""A running gateway gets another configuration, while it serves and without a request noticing."""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.backends.exchange import Json
from tests.backends.keys import CLIENT_KEY
from tests.faults.leaks import workers_of
from tests.gateway import Gateway, running_gateway

ADMIN_KEY = "key-of-an-administrator"
DEMO = {"dialect": "openai_chat", "base_url": "demo:"}
# The demo takes 20 ms for a word.
WORDS = " ".join(["word"] * 60)
PATIENCE = 20.0


@pytest.fixture(name="gateway")
def _gateway(tmp_path: Path, _loopback_without_proxy: None) -> Iterator[Gateway]:
    """Two workers before the built-in demo."""
    server, auth = {"workers": 2, "watch": False}, {"admin_keys": [ADMIN_KEY]}
    with running_gateway(tmp_path, {"demo": DEMO}, server=server, auth=auth) as gateway:
        wait_for(lambda: len(workers_of(gateway.pid)) == 2)
        yield gateway


def call(gateway: Gateway, method: str, path: str, body: Json | None = None, key: str = CLIENT_KEY) -> tuple[int, Json]:
    """One request, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, {"x-api-key": key, "content-type": "application/json"})
    response = connection.getresponse()
    answer: Json = json.loads(response.read())
    connection.close()
    return response.status, answer


def stream(gateway: Gateway, words: str) -> bytes:
    """A streamed answer, read to its end."""
    body = {"model": "demo/echo", "max_tokens": 5000, "stream": True, "messages": [{"role": "user", "content": words}]}
    with closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/v1/messages", json.dumps(body), {"x-api-key": CLIENT_KEY})
        with connection.getresponse() as response:
            assert response.status == 200
            return response.read()


def change(gateway: Gateway, **changes: Json) -> None:
    """Write another configuration."""
    configuration = json.loads(gateway.config.read_text("utf-8")) | changes
    gateway.config.write_text(json.dumps(configuration), "utf-8")


def listed(gateway: Gateway) -> set[tuple[str, ...]]:
    """The models that the workers list; each of them is likely to be asked."""
    answers = (call(gateway, "GET", "/v1/models")[1] for _ in range(24))
    return {tuple(model["id"] for model in answer["data"]) for answer in answers}


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.05)


def test_sighup_reloads_every_worker_and_breaks_nothing(gateway: Gateway) -> None:
    """Requests in flight are completed, and those that come meanwhile are answered."""
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(stream(gateway, WORDS))) for _ in range(12)]
    for thread in threads:
        thread.start()
    workers = workers_of(gateway.pid)
    for number in range(4):
        change(gateway, models={f"number-{number}": {"targets": ["demo/echo"]}})
        os.kill(gateway.pid, signal.SIGHUP)
        assert b"message_stop" in stream(gateway, "a few words")
    wait_for(lambda: listed(gateway) == {("number-3", "demo/echo")})
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == 12
    assert all(b"message_stop" in answer and b"event: error" not in answer for answer in answers)
    assert workers_of(gateway.pid) == workers


def test_no_exchange_fails_while_it_reloads(gateway: Gateway) -> None:
    """Many short streams, one after the other on each of many threads, and a reload now and then."""
    answers: list[bytes] = []

    def go_on() -> None:
        answers.extend(stream(gateway, "one two") for _ in range(20))

    threads = [threading.Thread(target=go_on) for _ in range(12)]
    for thread in threads:
        thread.start()
    for number in range(5):
        time.sleep(0.1)
        change(gateway, models={f"number-{number}": {"targets": ["demo/echo"]}})
        os.kill(gateway.pid, signal.SIGHUP)
    for thread in threads:
        thread.join(PATIENCE)
    assert len(answers) == 240
    assert all(b"message_stop" in answer for answer in answers)


def test_a_configuration_that_cannot_be_used_is_refused(gateway: Gateway) -> None:
    """The log says why, and the one before stays; also in a worker that takes the place of one that died."""
    change(gateway, models={"good": {"targets": ["demo/echo"]}})
    os.kill(gateway.pid, signal.SIGHUP)
    wait_for(lambda: listed(gateway) == {("good", "demo/echo")})
    change(gateway, models={"bad": {"targets": ["nowhere/echo"]}})
    os.kill(gateway.pid, signal.SIGHUP)
    wait_for(lambda: "nowhere" in gateway.log.read_text("utf-8"))
    assert listed(gateway) == {("good", "demo/echo")}
    workers = workers_of(gateway.pid)
    os.kill(workers[0], signal.SIGKILL)
    wait_for(lambda: len(set(workers_of(gateway.pid)) - set(workers)) == 1)
    assert listed(gateway) == {("good", "demo/echo")}


def test_client_keys_cannot_be_taken_away(gateway: Gateway) -> None:
    change(gateway, auth={"keys": []})
    os.kill(gateway.pid, signal.SIGHUP)
    wait_for(lambda: "auth.keys" in gateway.log.read_text("utf-8"))
    assert call(gateway, "GET", "/v1/models", key="another")[0] == 401


def test_an_administrator_reloads(gateway: Gateway) -> None:
    """The answer says what is wrong; a client's key is not enough."""
    change(gateway, models={"bad": {"targets": ["nowhere/echo"]}})
    status, answer = call(gateway, "POST", "/admin/reload", key=ADMIN_KEY)
    assert status == 422
    assert "nowhere" in answer["problems"][0]
    change(gateway, models={"good": {"targets": ["demo/echo"]}})
    assert call(gateway, "POST", "/admin/reload")[0] == 401
    assert call(gateway, "GET", "/admin/reload", key=ADMIN_KEY)[0] == 405
    assert call(gateway, "POST", "/admin/reload", key=ADMIN_KEY) == (200, {"status": "reloaded"})
    wait_for(lambda: listed(gateway) == {("good", "demo/echo")})


@pytest.mark.usefixtures("_loopback_without_proxy")
def test_a_file_that_is_watched_reloads_itself(tmp_path: Path) -> None:
    with running_gateway(tmp_path, {"demo": DEMO}, server={"watch": True}) as gateway:
        change(gateway, models={"good": {"targets": ["demo/echo"]}})
        wait_for(lambda: listed(gateway) == {("good", "demo/echo")})
        assert call(gateway, "POST", "/admin/reload", key=ADMIN_KEY)[0] == 401


@pytest.mark.usefixtures("_loopback_without_proxy")
def test_sigterm_completes_what_is_open_and_takes_nothing_new(tmp_path: Path) -> None:
    answers: list[bytes] = []
    with running_gateway(tmp_path, {"demo": DEMO}) as gateway:
        threads = [threading.Thread(target=lambda: answers.append(stream(gateway, WORDS))) for _ in range(6)]
        for thread in threads:
            thread.start()
        wait_for(gateway.log.exists)
        time.sleep(0.5)
        os.kill(gateway.pid, signal.SIGTERM)
        wait_for(lambda: not is_open(gateway))
        for thread in threads:
            thread.join(PATIENCE)
    assert len(answers) == 6
    assert all(b"message_stop" in answer for answer in answers)


@pytest.mark.usefixtures("_loopback_without_proxy")
def test_sigterm_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    """An exchange that takes a minute is cut; the client sees that it is not complete."""
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            stream(gateway, WORDS * 50)
        except (http.client.HTTPException, ConnectionError) as error:
            errors.append(error)

    with running_gateway(tmp_path, {"demo": DEMO}, server={"drain_seconds": 1}) as gateway:
        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.5)
        os.kill(gateway.pid, signal.SIGTERM)
        thread.join(PATIENCE)
    assert len(errors) == 1


def is_open(gateway: Gateway) -> bool:
    """Whether a new connection is taken."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)
    try:
        connection.connect()
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()
    return True
