"""One line for each exchange: what was asked of whom, how it went, what it cost.

Never a body, a key, or the query.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from aiclient._native import Loss, Usage

__all__ = ["AttemptRecord", "Record", "write"]

_log = logging.getLogger("aiclient.access")


class AttemptRecord(NamedTuple):
    """One upstream that was asked."""

    target: str
    credential: str
    outcome: str
    """`ok`, or what went wrong."""
    seconds: float
    """Up to the first event of a stream, or to the end of any other reply."""


@dataclass(slots=True)
class Record:
    """What becomes known of an exchange while it goes on."""

    request_id: str
    method: str
    path: str
    started: float = field(default_factory=time.perf_counter)
    model: str | None = None
    route: str | None = None
    """What the model was found by."""
    target: str | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)
    stream: bool = False
    status: int = 0
    upstream_status: int | None = None
    outcome: str = "ok"
    finish_reason: str | None = None
    usage: Usage | None = None
    losses: list[Loss] = field(default_factory=list)
    stream_losses: list[str] = field(default_factory=list)
    """Features of a streamed reply that the client's dialect cannot say."""


def write(record: Record) -> None:
    """Write the line, in JSON."""
    if not _log.isEnabledFor(logging.INFO):
        return
    line: dict[str, object] = {
        "request_id": record.request_id,
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "outcome": record.outcome,
        "seconds": round(time.perf_counter() - record.started, 6),
    }
    if record.model is not None:
        line |= {"model": record.model, "route": record.route, "target": record.target, "stream": record.stream}
        line |= {"upstream_status": record.upstream_status, "finish_reason": record.finish_reason}
    if record.attempts:
        line["attempts"] = [
            {"target": target, "credential": credential, "outcome": outcome, "seconds": round(seconds, 6)}
            for target, credential, outcome, seconds in record.attempts
        ]
    if (usage := record.usage) is not None:
        line |= {
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        }
        if usage.estimated:
            line["usage"] = "estimated"
    dropped = [f"{loss.feature} {loss.pointer}" for loss in record.losses] + record.stream_losses
    if dropped:
        line["dropped"] = dropped[:20]
    _log.info(orjson.dumps(line).decode())
