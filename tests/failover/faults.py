"""What upstreams do wrong before the first byte of an answer, and what they do right, in every dialect."""

import json
from collections.abc import Mapping
from functools import cache

from aiclient import Translator
from aiclient.dialect import Dialect
from tests.backends.exchange import Json
from tests.scripted_server import CLOSE, Script, answer

DIALECTS: tuple[Dialect, ...] = ("openai_chat", "openai_responses", "anthropic", "gemini")
GREETING = [{"role": "user", "content": "hi"}]
REQUESTS: dict[Dialect, Json] = {
    "openai_chat": {"model": "m", "messages": GREETING},
    "openai_responses": {"model": "m", "input": "hi"},
    "anthropic": {"model": "m", "max_tokens": 9, "messages": GREETING},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},
}
JSON = "content-type: application/json"
SSE = "content-type: text/event-stream"
HTML = b"<!doctype html><html><body><h1>Bad gateway</h1></body></html>"

_CHAT_REPLY = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "well met"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
).encode()
_CHAT_STREAM = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"well met"},"finish_reason":null}]}\n\n'
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)
_STREAMED_ERRORS: dict[Dialect, bytes] = {
    "openai_chat": b'data: {"error":{"message":"overloaded","type":"server_error","code":503}}\n\n',
    "openai_responses": b'event: error\ndata: {"type":"error","code":"server_error","message":"overloaded"}\n\n',
    "anthropic": b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"no"}}\n\n',
    "gemini": b'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\n\n',
}
_RETRY_INFO = (
    b'{"error":{"code":429,"message":"why","status":"RESOURCE_EXHAUSTED","details":['
    b'{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"32s"}]}}'
)


@cache
def well(dialect: Dialect, *, stream: bool) -> Script:
    """A complete answer: what a gateway would make of Chat's."""
    translator = Translator(client=dialect, upstream="openai_chat", exchange_id="x" * 16, created=1)
    asked = json.dumps(REQUESTS[dialect] | ({} if dialect == "gemini" else {"stream": stream})).encode()
    translator.request(asked, model="m", stream=stream)
    if not stream:
        return [answer(translator.response(_CHAT_REPLY), JSON)]
    events = translator.stream()
    return [answer(events.feed(_CHAT_STREAM) + events.finish(), SSE)]


def chat_fault(name: str) -> Script:
    """What goes wrong in Chat with a server that is there."""
    script = faults("openai_chat", stream=False)[name]
    assert script is not None
    return script


def faults(dialect: Dialect, *, stream: bool) -> Mapping[str, Script | None]:
    """What goes wrong, by name; None is a server that is not there."""
    kind = SSE if stream else JSON
    found: dict[str, Script | None] = {
        "refused": None,
        "closed": [CLOSE],
        "silent": [9.0],
        "silent after the head": [b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", 9.0],
        "half a head": [b"HTTP/1.1 200 OK\r\ncontent-", CLOSE],
        "no HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", CLOSE],
        "cut": [b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", CLOSE],
        "HTML 502": [answer(HTML, "content-type: text/html", status="502 Bad Gateway")],
        "HTML 200": [answer(HTML, "content-type: text/html")],
        "empty 200": [answer(b"", kind)],
        "an error in a 200": [answer(b'{"error":{"message":"why","type":"server_error"}}', JSON)],
        "no JSON": [answer(b'{"id": ]', JSON)],
        "no UTF-8": [answer(b'{"id": "\xff\xfe"}', JSON)],
        "a redirect": [answer(b"", "location: /elsewhere", status="307 Temporary Redirect")],
        "429 with a wait": [_failing(429, "retry-after: 30")],
        "429 with milliseconds": [_failing(429, "retry-after-ms: 30000")],
        "429 with a date": [_failing(429, "retry-after: Wed, 21 Oct 2099 07:28:00 GMT")],
        "429 with RetryInfo": [answer(_RETRY_INFO, JSON, status="429 Too Many Requests")],
        "500, not to be retried": [_failing(500, "x-should-retry: false")],
    }
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529):
        found[str(status)] = [_failing(status)]
    if stream:
        found["an error as first event"] = [answer(_STREAMED_ERRORS[dialect], SSE)]
        found["nothing but a comment"] = [answer(b": hello\n\n", SSE)]
    return found


def _failing(status: int, *headers: str) -> bytes:
    return answer(b'{"error":{"message":"why"}}', JSON, *headers, status=f"{status} Oops")
