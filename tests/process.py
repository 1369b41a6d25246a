"""A server in a process of its own, for as long as a `with` block runs."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 20.0


def free_port() -> int:
    """A port of the loopback address that nobody listens on.

    Of those that no system gives to a connection that goes out, which could take the port before it is listened on.
    """
    while True:
        port = random.randrange(15_000, 32_000)  # noqa: S311  # no secret
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serving(command: Sequence[str | Path], port: int, log: Path) -> Iterator[int]:
    """Start the command, wait until it listens, give its number, end it by SIGTERM; it has to exit with status 0.

    What it writes goes into `log`, which is quoted when it does not start or does not end well.
    """
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait(process, port, log)
        yield process.pid
        process.send_signal(signal.SIGTERM)
        status = process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert status == 0, f"{command[0]} exited with status {status}:\n{log.read_text()}"


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}:\n{log.read_text()}")
