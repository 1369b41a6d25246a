"""A log of what is asked and answered, for operators who want it: one line of JSON for each exchange.

A thread of its own writes it, so that a slow disk holds nobody up. Several workers write to one file: each line at
once, and whoever finds the file too large moves it aside while the others wait.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson

from aiclient.asgi import Answer
from aiclient.prompts.redaction import Redaction
from aiclient.telemetry import Record

if sys.platform != "win32":
    import fcntl

__all__ = ["Console", "KeptAnswer", "PromptLog", "RotatingFile", "Sink"]

_log = logging.getLogger("aiclient")

# Exchanges that wait to be written.
MOST_WAITING = 1000
# Bytes of a request or a reply; what is beyond is left out.
LARGEST = 1 << 20
# Seconds between two complaints about exchanges that could not be taken.
COMPLAIN_EVERY = 60.0
# Seconds that the last lines have when the gateway ends.
LAST_SECONDS = 5.0


class Sink(Protocol):
    """Where lines go."""

    def write(self, line: bytes) -> None:
        """Write one, which ends with a line feed."""


class Console:
    """Standard output."""

    def write(self, line: bytes) -> None:
        """Write one."""
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


class RotatingFile:
    """A file that is moved aside when it is large: `prompts.log`, `prompts.log.1`, `prompts.log.2`."""

    def __init__(self, path: Path, most: int, keep: int) -> None:
        """`most`: bytes of a file; `keep`: how many old ones are kept."""
        self._path = path
        self._most = most
        self._keep = keep

    def write(self, line: bytes) -> None:
        """Write one."""
        # Prompts are nobody else's business, nor is it when the log may be written.
        lock_path = self._path.with_name(f"{self._path.name}.lock")
        with os.fdopen(os.open(lock_path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
            if sys.platform != "win32":
                fcntl.flock(lock, fcntl.LOCK_EX)
            if self._size() + len(line) > self._most:
                self._rotate()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(line)

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else -self._most

    def _rotate(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._keep + 1))]
        names[-1].unlink(missing_ok=True)
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)


class KeptAnswer(Answer):
    """An answer of which is kept what was sent, up to `LARGEST`."""

    __slots__ = ("kept", "length")

    kept: list[bytes]
    length: int

    def keep(self, data: bytes) -> None:
        """Keep a piece of the body."""
        if self.length <= LARGEST:
            self.kept.append(data)
        self.length += len(data)

    async def whole(self, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send everything at once."""
        self.kept, self.length = [], 0
        self.keep(body)
        await super().whole(status, body, headers)

    async def start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Send the head; chunks follow."""
        self.kept, self.length = [], 0
        await super().start(status, headers)

    def chunk(self, data: bytes) -> Awaitable[None]:
        """Send a piece of the body."""
        self.keep(data)
        return super().chunk(data)

    @property
    def body(self) -> bytes:
        """What was sent."""
        return b"".join(self.kept) if self.status else b""


class PromptLog:
    """Writes exchanges down."""

    def __init__(self, sink: Sink, redaction: Redaction) -> None:
        self._sink = sink
        self._redaction = redaction
        self._waiting: queue.Queue[tuple[Record, bytes, bytes] | None] = queue.Queue(MOST_WAITING)
        self.dropped = 0
        """Exchanges that could not be written down."""
        self._complained = -COMPLAIN_EVERY
        self._thread = threading.Thread(target=self._go_on, name="prompt log", daemon=True)
        self._thread.start()

    def write(self, record: Record, reply: bytes) -> None:
        """Write an exchange down that is over, soon."""
        try:
            self._waiting.put_nowait((record, record.prompt, reply))
        except queue.Full:
            self._drop("the disk is too slow")

    def close(self) -> None:
        """Write what waits, and end."""
        try:
            self._waiting.put(None, timeout=LAST_SECONDS)
        except queue.Full:
            return
        self._thread.join(LAST_SECONDS)

    def line(self, record: Record, prompt: bytes, reply: bytes) -> bytes:
        """What is said of an exchange."""
        said = {
            "time": datetime.now(UTC),
            "request_id": record.request_id,
            "dialect": record.dialect,
            "model": record.model,
            "target": record.target,
            "status": record.status,
            "outcome": record.outcome,
            "request": self._shown(prompt),
            "reply": self._shown(reply),
        }
        return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)

    def _shown(self, body: bytes) -> object:
        """A body without secrets: as JSON if it is JSON and complete, else as text."""
        text = self._redaction.redacted(body[:LARGEST].decode("utf-8", "replace"))
        if len(body) > LARGEST:
            return f"{text} [{len(body) - LARGEST} bytes more]"
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text

    def _go_on(self) -> None:
        while (exchange := self._waiting.get()) is not None:
            try:
                self._sink.write(self.line(*exchange))
            except OSError as error:
                self._drop(error.strerror or "it cannot be written")

    def _drop(self, reason: str) -> None:
        self.dropped += 1
        now = time.monotonic()
        if now - self._complained >= COMPLAIN_EVERY:
            self._complained = now
            _log.error("the prompt log misses %d exchange(s): %s", self.dropped, reason)
