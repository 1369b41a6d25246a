"""Traces by OpenTelemetry: one span for an exchange, and one in it for each attempt. An extra: `aiclient[otel]`.

The context of whoever asks is taken over, and each upstream gets the context of its attempt: W3C Trace Context.
Attributes are those of OpenTelemetry's conventions for generative AI and HTTP; nothing that anybody said is among them.
Reference: github.com/open-telemetry/semantic-conventions-genai, "gen-ai-spans".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from aiclient._native import Usage
from aiclient.asgi import Request
from aiclient.telemetry.record import AttemptRecord, Record

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor

__all__ = ["AttemptSpan", "ExchangeSpan", "Tracing", "exporting"]

_PROPAGATOR = TraceContextTextMapPropagator()
_CONTEXT_HEADERS = ("traceparent", "tracestate")
_SERVER_ERROR = 500
_NANOSECONDS = 1e9

_Attributes = dict[str, str | int | float | bool | list[str]]


def exporting(endpoint: str | None) -> SpanProcessor:
    """What sends spans to a collector by OTLP over HTTP; `endpoint` is None where the environment says it.

    Reference: opentelemetry.io/docs/specs/otel/protocol/exporter.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # an extra

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))


class Tracing:
    """Makes spans of exchanges."""

    def __init__(self, processor: SpanProcessor, sample: float = 1.0) -> None:
        """`sample`: the share of traces to keep, from 0 to 1, where whoever asks has not decided."""
        self._provider = TracerProvider(resource=_resource(), sampler=ParentBased(TraceIdRatioBased(sample)))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("aiclient")

    def begin(self, request: Request) -> ExchangeSpan:
        """The span of an exchange that begins."""
        given = {name: value for name in _CONTEXT_HEADERS if (value := request.header(name.encode())) is not None}
        parent = _PROPAGATOR.extract(given) if given else None
        span = self._tracer.start_span(request.method, parent, SpanKind.SERVER, start_time=time.time_ns())
        return ExchangeSpan(self._tracer, span)

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._provider.shutdown()


def _resource() -> Resource:
    """What is traced, as OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say."""
    said = Resource.create()
    is_named = not str(said.attributes["service.name"]).startswith("unknown_service")
    return said if is_named else said.merge(Resource({"service.name": "aiclient"}))


class ExchangeSpan:
    """The span of an exchange."""

    __slots__ = ("_context", "_span", "_tracer", "trace_id")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._context: Context = set_span_in_context(span)
        self.trace_id = f"{span.get_span_context().trace_id:032x}"

    def attempt(self, note: AttemptRecord, url: str, operation: str, *, stream: bool) -> tuple[tuple[str, str], ...]:
        """Begin the span of an attempt, which ends with the exchange; what the upstream is to be told of it."""
        address = urlsplit(url)
        attributes: _Attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": note.provider,
            "gen_ai.request.model": note.model,
            "gen_ai.request.stream": stream,
            "server.address": address.hostname or "",
            "aiclient.credential": note.credential,
        }
        if address.port is not None:
            attributes["server.port"] = address.port
        span = self._tracer.start_span(
            f"{operation} {note.model}",
            self._context,
            SpanKind.CLIENT,
            attributes={name: value for name, value in attributes.items() if value != ""},
            start_time=time.time_ns(),
        )
        note.span = AttemptSpan(span)
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, set_span_in_context(span))
        return tuple(carrier.items())

    def end(self, record: Record) -> None:
        """The exchange is over, and every attempt of it."""
        now = time.time_ns()
        for attempt in record.attempts:
            if attempt.span is not None:
                attempt.span.end(attempt, record, now)
        span = self._span
        span.update_name(f"{record.method} {record.operation or 'request'}")
        span.set_attributes(_of_exchange(record))
        if record.status >= _SERVER_ERROR or record.outcome == "stream_failed":
            span.set_status(Status(StatusCode.ERROR, record.outcome))
        span.end(now)


class AttemptSpan:
    """The span of an attempt."""

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, note: AttemptRecord, record: Record, now: int) -> None:
        """The attempt has been over since it failed, or until now."""
        span = self._span
        answered = now - int((record.ended - note.answered) * _NANOSECONDS) if note.answered else now
        if note.outcome != "ok":
            span.set_attribute("error.type", note.outcome)
            span.set_status(Status(StatusCode.ERROR, note.outcome))
        is_served = note is record.served
        if is_served:
            if record.stream:
                span.add_event("first_output", timestamp=answered)
            span.set_attributes(_of_answer(record))
        span.end(now if is_served and record.stream else answered)


def _of_exchange(record: Record) -> _Attributes:
    said: dict[str, str | int | float | bool | list[str] | None] = {
        "http.request.method": record.method,
        "url.path": record.path,
        "http.response.status_code": record.status,
        "gen_ai.operation.name": record.operation or None,
        "gen_ai.request.model": record.model,
        "gen_ai.request.stream": record.stream,
        "error.type": None if record.outcome == "ok" else record.outcome,
        "aiclient.request_id": record.request_id,
        "aiclient.dialect": record.dialect,
        "aiclient.route": record.route,
        "aiclient.target": record.target,
        "aiclient.attempts": len(record.attempts),
        "aiclient.dropped": [loss.feature for loss in record.losses] + list(record.stream_losses) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _of_answer(record: Record) -> _Attributes:
    attributes: _Attributes = {}
    if record.upstream_status is not None:
        attributes["http.response.status_code"] = record.upstream_status
    if record.finish_reason is not None:
        attributes["gen_ai.response.finish_reasons"] = [record.finish_reason]
    return attributes | (_of_usage(record.usage) if record.usage is not None else {})


def _of_usage(usage: Usage) -> _Attributes:
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
    }
