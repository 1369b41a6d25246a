"""One line for each exchange, in JSON: what was asked of whom, how it went, what it cost.

Never a body, a key, or the query.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import orjson

from aiclient.telemetry.record import AttemptRecord, Record

__all__ = ["BufferedLines", "Lines", "LoggedLines", "line_of"]

# Seconds that a line may wait for others: to write each by itself costs more than to make it.
PATIENCE = 0.05
# Bytes that wait for a reader who is away.
MOST_WAITING = 8 << 20
# Losses that are named in a line.
MOST_DROPPED = 20


class Lines(Protocol):
    """Where lines go."""

    dropped: int
    """Lines that could not be taken."""

    def write(self, line: bytes) -> None:
        """Take a line, which ends with a line feed."""

    def flush(self) -> None:
        """Let go of what was taken."""


class LoggedLines:
    """Lines for the logger `aiclient.access`, where the application that this one is part of decides."""

    def __init__(self) -> None:
        self.dropped = 0
        self._log = logging.getLogger("aiclient.access")

    def write(self, line: bytes) -> None:
        """Log it."""
        self._log.info(line[:-1].decode())

    def flush(self) -> None:
        """Nothing is kept."""


class BufferedLines:
    """Lines for a file descriptor, several at a time.

    A reader who is away holds nobody up if the descriptor does not block; lines beyond `MOST_WAITING` are then dropped
    and counted.
    """

    def __init__(self, descriptor: int) -> None:
        self.dropped = 0
        self._descriptor = descriptor
        self._lines: list[bytes] = []
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None

    def write(self, line: bytes) -> None:
        """Take a line; it is written within `PATIENCE`. Wants a running event loop."""
        if self._waiting > MOST_WAITING:
            self.dropped += 1
            return
        self._lines.append(line)
        self._waiting += len(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._come_by)

    def flush(self) -> None:
        """Write what waits, as far as the descriptor takes it."""
        data = b"".join(self._lines)
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                break
            except OSError:
                # Nobody reads any more.
                self.dropped += data.count(b"\n")
                data = b""
        self._lines, self._waiting = ([data] if data else []), len(data)

    def _come_by(self) -> None:
        self.flush()
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._come_by) if self._lines else None


def line_of(record: Record) -> bytes:
    """What is said of an exchange."""
    line: dict[str, object] = {
        "time": datetime.now(UTC),
        "request_id": record.request_id,
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "outcome": record.outcome,
        "seconds": _seconds(record.ended - record.started),
    }
    if record.model is not None:
        line["model"] = record.model
        line["route"] = record.route
        line["target"] = record.target
        line["stream"] = record.stream
        line["upstream_status"] = record.upstream_status
        line["finish_reason"] = record.finish_reason
    if record.overhead is not None:
        line["first_byte_seconds"] = _seconds(record.replied - record.started)
        line["overhead_seconds"] = _seconds(record.overhead)
    if record.attempts:
        line["attempts"] = _attempts(record.attempts)
    if (usage := record.usage) is not None:
        line["input_tokens"] = usage.input_tokens
        line["output_tokens"] = usage.output_tokens
        line["cache_read_tokens"] = usage.cache_read_tokens
        line["cache_write_tokens"] = usage.cache_write_tokens
        line["reasoning_tokens"] = usage.reasoning_tokens
        if usage.estimated:
            line["usage"] = "estimated"
    if record.losses or record.stream_losses:
        dropped = [f"{loss.feature} {loss.pointer}" for loss in record.losses] + list(record.stream_losses)
        line["dropped"] = dropped[:MOST_DROPPED]
    if record.span is not None:
        line["trace_id"] = record.span.trace_id
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def _seconds(seconds: float) -> float:
    """Whole microseconds; `round` takes three times as long."""
    return int(seconds * 1e6) / 1e6


def _attempts(attempts: Sequence[AttemptRecord]) -> list[dict[str, object]]:
    return [
        {
            "target": attempt.target,
            "credential": attempt.credential,
            "outcome": attempt.outcome,
            "seconds": _seconds(attempt.answered - attempt.asked),
        }
        for attempt in attempts
    ]
