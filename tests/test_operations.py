"""What those see who run a gateway: whether it can serve, how it stands, where a request would go."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aiclient.peers import SAVE_EVERY
from tests.backends.exchange import Json
from tests.backends.keys import CLIENT_KEY
from tests.faults.leaks import workers_of
from tests.gateway import EXECUTABLE, Gateway, running_gateway
from tests.process import free_port

ADMIN_KEY = "key-of-an-administrator"
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def get(gateway: Gateway, path: str, key: str | None = None) -> tuple[int, str]:
    """A GET, and what it is answered with."""
    with closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)) as connection:
        connection.request("GET", path, headers={} if key is None else {"authorization": f"Bearer {key}"})
        response = connection.getresponse()
        return response.status, response.read().decode()


def ask(gateway: Gateway) -> int:
    """The status of a request for an answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)) as connection:
        connection.request("POST", "/v1/chat/completions", json.dumps(QUESTION), {"x-api-key": CLIENT_KEY})
        return connection.getresponse().status


def command(*arguments: str | Path) -> str:
    """What a command prints."""
    return subprocess.run([EXECUTABLE, *arguments], check=True, capture_output=True, text=True).stdout


def providers() -> dict[str, Json]:
    """One that cannot be reached, with two keys, and the demo."""
    closed = f"http://127.0.0.1:{free_port()}"
    keys: list[Json | str] = ["the-first-secret", {"key": "the-second-secret", "name": "spare"}]
    dead: Json = {"dialect": "anthropic", "base_url": closed, "api_keys": keys, "health": {"failures": 1}}
    return {"dead": dead, "demo": {"dialect": "openai_chat", "base_url": "demo:"}}


@pytest.fixture(name="gateway")
def _gateway(tmp_path: Path, _loopback_without_proxy: None) -> Iterator[Gateway]:
    """Two workers; what asks for `m` fails over."""
    targets: list[Json | str] = [{"target": "dead/x", "headers": {"x-team": "secret"}}, "demo/echo"]
    models = {"m": {"targets": targets}}
    auth = {"admin_keys": [ADMIN_KEY]}
    with running_gateway(tmp_path, providers(), models, {"workers": 2}, auth) as gateway:
        # The port answers as soon as one of them serves.
        until = time.monotonic() + 30
        while "aiclient_workers 2.0" not in get(gateway, "/metrics", ADMIN_KEY)[1]:
            assert time.monotonic() < until
            time.sleep(0.05)
        yield gateway


def test_numbers_are_for_administrators(gateway: Gateway) -> None:
    assert get(gateway, "/metrics")[0] == 401
    assert get(gateway, "/metrics", CLIENT_KEY)[0] == 401
    assert get(gateway, "/metrics", ADMIN_KEY)[0] == 200


@pytest.mark.usefixtures("_loopback_without_proxy")
def test_numbers_may_be_for_everybody(tmp_path: Path) -> None:
    with running_gateway(tmp_path, providers(), auth={"open_metrics": True}) as gateway:
        assert get(gateway, "/metrics")[0] == 200


def test_workers_tell_how_they_stand_together(gateway: Gateway) -> None:
    """What one of them has found out is shown, whoever is asked; no key is."""
    assert ask(gateway) == 200
    _, text = get(gateway, "/metrics", ADMIN_KEY)
    assert 'aiclient_circuit_state{model="x",provider="dead"} 2.0' in text
    assert 'aiclient_pauses_total{credential="*",model="x",provider="dead",reason="circuit_open"} 1.0' in text
    status, body = get(gateway, "/admin/status", ADMIN_KEY)
    workers = json.loads(body)["workers"]
    assert (status, len(workers)) == (200, 2)
    assert [one["state"] for worker in workers for one in worker["providers"]["dead"]["circuits"]] == ["open"]
    told = command("status", "--port", str(gateway.port))
    assert told.startswith("2 worker(s) for 0:00:")
    assert "x fails: others go first for" in told
    assert "key spare: 0 under way" in told
    assert len(json.loads(command("status", "--json", "--port", str(gateway.port)))["workers"]) == 2
    assert "secret" not in text + body + told


def test_it_is_said_where_a_request_would_go(gateway: Gateway) -> None:
    assert ask(gateway) == 200
    told = command("explain", "m", "--config", gateway.config)
    assert "m is a name in models" in told
    assert told.index("dead/x") < told.index("demo/echo")
    assert "with the keys 1, spare" in told
    assert "with the headers x-team" in told
    assert "at the moment: x fails: others go first for" in told
    assert "secret" not in told
    assert "the name begins with a provider's" in command("explain", "demo/any", "--config", gateway.config)


def test_it_is_said_of_a_gateway_on_another_port(gateway: Gateway, tmp_path: Path) -> None:
    """Than its configuration says: it was started with `--port`."""
    assert ask(gateway) == 200
    said = json.loads(gateway.config.read_text("utf-8"))
    said["server"]["port"] = free_port()
    other = tmp_path / "other.yaml"
    other.write_text(json.dumps(said), "utf-8")
    assert "at the moment" not in command("explain", "m", "--config", other)
    assert "at the moment: x fails" in command("explain", "m", "--config", other, "--port", str(gateway.port))


def test_it_is_said_why_a_model_is_not_known(gateway: Gateway) -> None:
    arguments: list[str | Path] = [EXECUTABLE, "explain", "nn", "--config", gateway.config]
    ended = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "'nn' is not known" in ended.stderr


def test_nothing_runs_where_nothing_runs() -> None:
    arguments: list[str | Path] = [EXECUTABLE, "status", "--port", str(free_port())]
    ended = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "no gateway of this user runs" in ended.stderr


def test_it_is_ready_while_anybody_can_answer(gateway: Gateway) -> None:
    assert ask(gateway) == 200
    assert get(gateway, "/readyz") == (200, '{"status":"ready"}')


@pytest.mark.usefixtures("_loopback_without_proxy")
def test_it_is_not_ready_when_nobody_can_answer(tmp_path: Path) -> None:
    """A probe has found that the only provider cannot be reached; the process itself is well."""
    only = {"dead": providers()["dead"] | {"health": {"probe_every": 0.1}}}
    with running_gateway(tmp_path, only) as gateway:
        deadline = time.monotonic() + 20
        while get(gateway, "/readyz")[0] == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        status, body = get(gateway, "/readyz")
        problems = ["the provider dead cannot be reached"]
        assert (status, json.loads(body)) == (503, {"status": "unavailable", "problems": problems})
        assert get(gateway, "/health")[0] == 200


def test_what_a_worker_has_counted_outlives_it(gateway: Gateway) -> None:
    """Also when it is killed, but for the last seconds."""
    for _ in range(6):
        assert ask(gateway) == 200
    time.sleep(SAVE_EVERY + 1)
    killed = workers_of(gateway.pid)[0]
    os.kill(killed, signal.SIGKILL)
    while killed in (now := workers_of(gateway.pid)) or len(now) < 2:
        time.sleep(0.05)
    _, text = get(gateway, "/metrics", ADMIN_KEY)
    lines = [line for line in text.splitlines() if line.startswith("aiclient_requests_total{")]
    assert sum(float(line.rpartition(" ")[2]) for line in lines) == 6
