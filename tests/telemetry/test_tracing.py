"""What a collector is told of a stream that failed over."""

import asyncio
import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.backends.keys import CLIENT_KEY
from tests.faults.faults import SCRIPTS
from tests.faults.table import providers_at
from tests.faults.upstream import faulty_upstream
from tests.gateway import running_gateway

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SECRET = "what nobody else may know"


class _Collector(BaseHTTPRequestHandler):
    """Takes spans by OTLP over HTTP."""

    spans: ClassVar[list[Span]] = []
    services: ClassVar[list[str]] = []

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            self.services.append(attributes(resource.resource)["service.name"])
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        pass


@pytest.fixture(name="collector")
def _collector() -> Iterator[tuple[int, list[Span], list[str]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], _Collector.spans, _Collector.services
    server.shutdown()
    server.server_close()


def attributes(said: Span | Resource) -> dict[str, Any]:
    """The attributes of a span or a resource."""
    return {one.key: _value(one.value) for one in said.attributes}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, str(kind))


def ask(port: int, model: str) -> bytes:
    """A streamed answer, within a trace of the client's own."""
    body = {"model": model, "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": SECRET}]}
    headers = {"x-api-key": CLIENT_KEY, "traceparent": f"00-{TRACE}-{PARENT}-01"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", "/v1/messages", json.dumps(body), headers)
        return connection.getresponse().read()


@pytest.mark.usefixtures("_loopback_without_proxy")
async def test_a_stream_that_failed_over_is_one_trace(
    tmp_path: Path, collector: tuple[int, list[Span], list[str]]
) -> None:
    """Both attempts are spans in the span of the exchange, and each upstream is told its own."""
    port, spans, services = collector
    async with faulty_upstream(SCRIPTS) as upstream:
        tracing = {"enabled": True, "endpoint": f"http://127.0.0.1:{port}/v1/traces"}
        models = {"m": {"targets": ["openai_chat/status-500", "gemini/none"]}}
        with running_gateway(tmp_path, providers_at(upstream.port), models, extra={"tracing": tracing}) as gateway:
            answer = await asyncio.to_thread(ask, gateway.port, "m")
        log = gateway.log.read_text("utf-8")
    assert b"message_stop" in answer
    assert services == ["aiclient"]
    assert f'"trace_id":"{TRACE}"' in log
    server, failed, served = sorted(spans, key=lambda span: span.start_time_unix_nano)
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert server.parent_span_id.hex() == PARENT
    assert failed.parent_span_id == served.parent_span_id == server.span_id
    assert [span.kind for span in (server, failed, served)] == [
        Span.SPAN_KIND_SERVER,
        Span.SPAN_KIND_CLIENT,
        Span.SPAN_KIND_CLIENT,
    ]
    assert server.start_time_unix_nano <= failed.start_time_unix_nano <= failed.end_time_unix_nano
    assert failed.end_time_unix_nano <= served.end_time_unix_nano == server.end_time_unix_nano
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert attributes(failed)["error.type"] == "500 server"
    said = attributes(served)
    assert said["gen_ai.provider.name"] == "gemini"
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.response.finish_reasons"] == ["stop"]
    assert [event.name for event in served.events] == ["first_output"]
    assert attributes(server)["aiclient.attempts"] == 2
    assert served.status.code == server.status.code == Status.STATUS_CODE_UNSET
    for name, span in (("status-500", failed), ("none", served)):
        assert f"traceparent: 00-{TRACE}-{span.span_id.hex()}-01\r\n" in upstream.heads[name]
    assert SECRET not in "".join(map(str, spans))
