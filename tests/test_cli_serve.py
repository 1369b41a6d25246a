"""`aiclient serve` as a process: how soon it listens, how it ends, and what stops it from starting."""

import contextlib
import http.client
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway import EXECUTABLE
from tests.process import free_port

VARIABLES = {"AICLIENT_CONFIG", "AICLIENT_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"}
HEADERS = {"content-type": "application/json"}


def asked(text: str) -> str:
    """The body of a request for a stream that repeats the text."""
    message = {"role": "user", "content": text}
    return json.dumps({"model": "demo/echo", "stream": True, "messages": [message]})


@contextlib.contextmanager
def started(folder: Path, port: int, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command with the built-in demo, in a folder of its own; not yet listening."""
    environ = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    command = [str(EXECUTABLE), "serve", "--port", str(port), *arguments]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        # Of a session of its own, so that a test that fails leaves no worker behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def health(port: int, deadline: float = 20.0) -> int:
    """The status of /health, as soon as somebody answers."""
    until = time.monotonic() + deadline
    while True:
        try:
            return get(port, "/health")
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.005)


def get(port: int, path: str) -> int:
    """The status that a path has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    with contextlib.closing(connection):
        return connection.getresponse().status


def ended(process: subprocess.Popen[bytes]) -> float:
    """Seconds from a SIGTERM to the end, which is a good one."""
    since = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    return time.monotonic() - since


def test_it_listens_after_a_second_of_work(tmp_path: Path) -> None:
    """The best of three, of the processor's time: a test's machine has other things to do."""
    seconds = []
    for _ in range(3):
        port, before = free_port(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with started(tmp_path, port) as process:
            assert health(port) == 200
            ended(process)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert 0.0 < min(seconds) < 1.0


def test_a_stream_is_completed_before_the_end(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as process:
        health(port)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/v1/chat/completions", asked("word " * 30), HEADERS)
        with contextlib.closing(connection), connection.getresponse() as answer:
            begun = answer.read1()
            assert b"[DONE]" not in begun
            assert ended(process) > 0.2
            assert answer.read().endswith(b"data: [DONE]\n\n")


def test_several_workers_answer_and_end(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port, "--workers", "2") as process:
        health(port)
        assert {get(port, "/v1/models") for _ in range(20)} == {200}
        assert ended(process) < 10


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1])
def test_a_start_can_be_ended(tmp_path: Path, delay: float) -> None:
    """One worker may already listen while another is still loading: neither outlives a SIGTERM."""
    port = free_port()
    with started(tmp_path, port, "--workers", "2") as process:
        health(port)
        time.sleep(delay)
        assert ended(process) < 10


def test_a_port_is_not_shared(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as first:
        health(port)
        (tmp_path / "second").mkdir()
        with started(tmp_path / "second", port) as second:
            assert second.wait(10) == 1
        assert (tmp_path / "second" / "log").read_text() == (
            f"Error: cannot listen on 127.0.0.1 port {port}: "
            "another program listens there; end it, or choose another port with --port\n"
        )
        ended(first)


def test_a_file_in_the_folder_is_taken(tmp_path: Path) -> None:
    """By the command and by its workers; what is given beside it takes precedence."""
    (tmp_path / "aiclient.yaml").write_text(
        "server: {port: 1}\nauth: {keys: [mine]}\nproviders: {mock: {dialect: openai_chat, base_url: 'demo:'}}\n"
    )
    port = free_port()
    with started(tmp_path, port, "--host", "localhost") as process:
        assert health(port) == 200
        assert get(port, "/v1/models") == 401
        ended(process)
    said = (tmp_path / "log").read_text()
    assert f"aiclient listens on http://127.0.0.1:{port} (configured by aiclient.yaml)" in said
    assert "mock/echo" in said
    assert "mine" not in said
