"""Streams as servers really send them: a correct stream with one thing changed, to every client.

What is said differently but completely must reach the client as if it had been said correctly. What is missing must end
in an error of the client's dialect, never in a stream that looks complete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aiclient import Dialect, StreamTranslator, Translator

STREAMS = Path(__file__).parents[1] / "rust" / "aiclient-dialects" / "tests" / "streams"
DIALECTS: tuple[Dialect, ...] = ("openai_chat", "openai_responses", "anthropic", "gemini")
ASKED: dict[Dialect, dict[str, Any]] = {
    "openai_chat": {"messages": [{"role": "user", "content": "Q"}], "stream_options": {"include_usage": True}},
    "openai_responses": {"input": "Q"},
    "anthropic": {"max_tokens": 9, "messages": [{"role": "user", "content": "Q"}]},
    "gemini": {"contents": [{"parts": [{"text": "Q"}]}]},
}
OTHER = [(upstream, client) for upstream in DIALECTS for client in DIALECTS if upstream != client]

Frames = list[str]


def frames(dialect: Dialect) -> Frames:
    """The events of a correct stream, each without the blank line that ends it."""
    text = (STREAMS / f"{dialect}.sse").read_text("utf-8").replace("\r\n", "\n")
    return [frame for frame in text.split("\n\n") if frame]


def joined(changed: Frames, end: str = "\n\n") -> bytes:
    return "".join(frame + end for frame in changed).encode()


def translated(upstream: Dialect, client: Dialect, data: bytes) -> tuple[bytes, StreamTranslator]:
    translator = Translator(client=client, upstream=upstream, exchange_id="x", created=1)
    translator.request(json.dumps(ASKED[client]).encode(), model="m", stream=True)
    stream = translator.stream()
    return stream.feed(data) + stream.finish(), stream


def without_usage(out: bytes) -> bytes:
    """What a client is sent, with every count the same."""
    return re.sub(rb'(?<=[a-zA-Z_]":)\d+(?=[,}])', b"0", out)


def _same(upstream: Dialect) -> Iterator[tuple[str, bytes]]:
    """Other ways to say the same."""
    right = frames(upstream)
    yield "comments", joined([f": keep-alive\n\n{frame}" for frame in right])
    yield "no blank after the colon", joined([frame.replace("data: ", "data:") for frame in right])
    yield "blank lines between", joined([f"\n\n{frame}" for frame in right])
    yield "line ends of two characters", joined(right).replace(b"\n", b"\r\n")
    yield "line ends of the other character", joined(right).replace(b"\n", b"\r")
    yield "byte order mark", b"\xef\xbb\xbf" + joined(right)
    yield "ids and retry", joined([f"id: 1\nretry: 5\n{frame}" for frame in right])
    yield "no blank line at the end", joined(right)[:-1]
    yield "[DONE] at the end", joined([*right, "data: [DONE]"])
    if upstream in {"anthropic", "openai_responses"}:
        yield "no event lines", joined([re.sub(r"^event: .*\n", "", frame) for frame in right])
        yield "an event that is not known", joined([*right[:2], 'event: new\ndata: {"type":"new.thing"}', *right[2:]])
    if upstream == "anthropic":
        yield "pings everywhere", joined([f'event: ping\ndata: {{"type":"ping"}}\n\n{frame}' for frame in right])
        yield "no stop of blocks", joined([frame for frame in right if "content_block_stop" not in frame])
    if upstream == "openai_responses":
        yield "no sequence numbers", joined([re.sub(r'"sequence_number": \d+, ', "", frame) for frame in right])
        yield "keep-alive events", joined([f'event: keepalive\ndata: {{"type":"keepalive"}}\n\n{f}' for f in right])
    if upstream == "gemini":
        yield "empty objects", joined([f"data: {{}}\n\n{frame}" for frame in right])
    if upstream == "openai_chat":
        yield "no [DONE]", joined([frame for frame in right if "[DONE]" not in frame])


def _broken(upstream: Dialect) -> Iterator[tuple[str, bytes]]:
    """What cannot be taken for an answer."""
    right = frames(upstream)
    whole = joined(right)
    final = {
        "openai_chat": 'finish_reason": "',
        "openai_responses": "response.completed",
        "anthropic": "message_delta",
        "gemini": "finishReason",
    }[upstream]
    end = next(index for index, frame in enumerate(right) if final in frame)
    yield "last event missing", joined(right[:end])
    yield "cut in half", whole[: len(whole) // 2]
    yield "cut inside of the last event", joined(right[:end]) + right[end][:-9].encode()
    yield "an event that is no JSON", joined([*right[:3], "data: {not json", *right[3:]])
    yield "an error in the middle", joined([*right[:3], _error(upstream)])
    yield "an error of a proxy in the middle", joined([*right[:3], 'data: {"error":{"message":"gone","code":502}}'])
    yield "nothing", b""
    yield "a page", b"<html><body>502 Bad Gateway</body></html>"
    yield "not UTF-8", joined(right[:3]) + b'data: {"a":"\xff\xfe"}\n\n'


def _error(upstream: Dialect) -> str:
    return {
        "openai_chat": 'data: {"error":{"message":"overloaded","type":"server_error"}}',
        "openai_responses": 'event: error\ndata: {"type":"error","sequence_number":9,"error":{"type":"server_error",'
        '"code":"server_error","message":"overloaded","param":null}}',
        "anthropic": 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        "gemini": 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}',
    }[upstream]


def _cases(make: Callable[[Dialect], Iterator[tuple[str, bytes]]]) -> list[Any]:
    return [
        pytest.param(upstream, client, data, id=f"{upstream}-{client}-{name}")
        for upstream, client in OTHER
        for name, data in make(upstream)
    ]


@pytest.mark.parametrize(("upstream", "client", "data"), _cases(_same))
def test_what_is_said_differently_arrives_all_the_same(upstream: Dialect, client: Dialect, data: bytes) -> None:
    right, _ = translated(upstream, client, joined(frames(upstream)))
    out, stream = translated(upstream, client, data)
    assert stream.failure is None
    assert stream.finish_reason is not None
    # When counts come with which event is the upstream's affair.
    assert without_usage(out) == without_usage(right)


@pytest.mark.parametrize(("upstream", "client"), OTHER)
def test_counts_that_are_missing_do_not_hurt(upstream: Dialect, client: Dialect) -> None:
    """Every client is still sent the members that its SDK insists on."""
    if upstream == "openai_chat":
        data = joined([frame for frame in frames(upstream) if '"choices": []' not in frame])
    else:
        data = re.sub(rb'"usage(Metadata)?": \{[^{}]*(\{[^{}]*\}[^{}]*)*\}', b'"x": 1', joined(frames(upstream)))
    out, stream = translated(upstream, client, data)
    assert stream.failure is None
    if client == "anthropic":
        assert b'"output_tokens":' in out
    if client == "openai_responses":
        assert b'"input_tokens_details":' in out


@pytest.mark.parametrize(("upstream", "client", "data"), _cases(_broken))
def test_what_is_broken_ends_in_an_error(upstream: Dialect, client: Dialect, data: bytes) -> None:
    out, stream = translated(upstream, client, data)
    assert stream.failure is not None
    assert stream.failure.status >= 400
    assert _tells(client, out)
    assert not _looks_complete(client, out)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("index", range(6))
def test_the_same_dialect_is_told_too(dialect: Dialect, index: int) -> None:
    name, data = list(_broken(dialect))[index]
    out, stream = translated(dialect, dialect, data)
    assert stream.failure is not None, name
    assert _tells(dialect, out), name


def _tells(client: Dialect, out: bytes) -> bool:
    """Whether an error event of the client's dialect is there."""
    if client in {"anthropic", "openai_responses"}:
        return b"event: error\n" in out
    return bool(re.search(rb'data: \{"error":', out))


def _looks_complete(client: Dialect, out: bytes) -> bool:
    ends = {
        "openai_chat": rb"data: \[DONE\]",
        "openai_responses": rb"event: response\.completed",
        "anthropic": rb"event: message_stop",
        "gemini": rb'"finishReason"',
    }
    return bool(re.search(ends[client], out))
