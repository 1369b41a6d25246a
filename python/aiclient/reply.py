"""What goes to the client: a reply that has begun, whole or streamed, or the error that an upstream answered with."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping, Sequence

from aiclient._native import Loss
from aiclient.asgi import Answer, Headers, header_value
from aiclient.attempt import Attempt
from aiclient.client_request import ClientRequest
from aiclient.errors import AIClientError, UpstreamAnswerError
from aiclient.relay import StreamRelay
from aiclient.telemetry import Metrics
from aiclient.upstream.headers import passed_to_client

__all__ = ["dropped", "send_error", "send_reply"]

# Most characters of a header that lists losses; servers and proxies refuse heads beyond 8 KB or so.
DROPPED_LIMIT = 2000
# Most characters of a header that holds a name of the client's making.
NAME_LIMIT = 200

_JSON = (b"content-type", b"application/json")
_STREAM_TYPES = {"sse": b"text/event-stream; charset=utf-8", "json_array": b"application/json"}


async def send_reply(answer: Answer, asked: ClientRequest, attempt: Attempt, metrics: Metrics) -> None:
    """Send what an attempt has begun, to the last byte, and be done with it."""
    record, translator, upstream, target = asked.record, attempt.translator, attempt.upstream, attempt.target
    record.served = attempt.note
    record.target = target.name
    if upstream is not None:
        record.upstream_status = upstream.status
        answer.extra += _route_heads(target.provider, target.model)
        answer.extra += passed_to_client(upstream.headers, asked.dialect, attempt.provider.dialect)
    record.losses = losses = translator.losses
    try:
        if attempt.relay is not None:
            await _send_stream(answer, asked, attempt, attempt.relay, metrics)
            return
        record.usage = usage = translator.usage
        record.finish_reason = translator.finish_reason
        head = [_JSON, *dropped(losses)] if losses else [_JSON]
        if usage is not None and usage.estimated:
            head.append((b"x-aiclient-usage", b"estimated"))
        record.replied = time.perf_counter()
        await answer.whole(200, attempt.body, head)
    finally:
        attempt.close()


async def send_error(answer: Answer, asked: ClientRequest, attempt: Attempt, error: AIClientError) -> None:
    """Send the error that an upstream answered with; raises any other, which is still to be written."""
    headers = _told_headers(error) if isinstance(error, UpstreamAnswerError) else {}
    target = attempt.target
    asked.record.target = target.name
    answer.extra += _route_heads(target.provider, target.model)
    answer.extra += passed_to_client(headers, asked.dialect, attempt.provider.dialect)
    if not isinstance(error, UpstreamAnswerError):
        raise error
    asked.record.upstream_status = error.upstream_status
    answer.extra.append((b"x-aiclient-upstream-status", str(error.upstream_status).encode()))
    if error.body is None:
        raise error
    await answer.whole(error.status, error.body, [_JSON])


def _told_headers(error: UpstreamAnswerError) -> Mapping[str, str]:
    if error.wait is None:
        return error.headers
    kept = {name: value for name, value in error.headers.items() if name != "retry-after-ms"}
    return kept | {"retry-after": str(math.ceil(error.wait))}


async def _send_stream(
    answer: Answer, asked: ClientRequest, attempt: Attempt, relay: StreamRelay, metrics: Metrics
) -> None:
    stream, record = relay.translator, asked.record
    kind = _STREAM_TYPES[asked.generation.framing]
    head = [(b"content-type", kind), (b"cache-control", b"no-cache"), *dropped(record.losses)]
    record.replied = time.perf_counter()
    metrics.streams += 1
    try:
        await relay.run(answer, head, metrics.between(record, attempt.note))
    finally:
        metrics.streams -= 1
        record.usage, record.finish_reason = stream.usage, stream.finish_reason
        record.stream_losses = stream.losses
        if stream.failure is not None:
            record.outcome = attempt.note.outcome = "stream_failed"


def dropped(losses: Sequence[Loss]) -> Headers:
    """`x-aiclient-dropped`: pointers of what could not be carried, as many as a header may hold."""
    if not losses:
        return []
    pointers = ",".join(dict.fromkeys(loss.pointer.replace(",", "%2C") or "/" for loss in losses))
    if len(pointers) > DROPPED_LIMIT:
        pointers = pointers[:DROPPED_LIMIT].rpartition(",")[0] + ",..."
    return [(b"x-aiclient-dropped", header_value(pointers))]


@functools.lru_cache(maxsize=1024)
def _route_heads(provider: str, model: str) -> tuple[tuple[bytes, bytes], ...]:
    """Who answered."""
    return (
        (b"x-aiclient-provider", header_value(provider)),
        (b"x-aiclient-model", header_value(model[:NAME_LIMIT])),
    )
