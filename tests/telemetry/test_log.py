"""What an exchange leaves in the log."""

import asyncio
import json
import logging
import os

import pytest

from aiclient import Translator
from aiclient.telemetry import AttemptRecord, BufferedLines, Metrics, Record, Telemetry
from aiclient.telemetry.log import MOST_WAITING, PATIENCE

REQUEST = b'{"model":"m","max_tokens":9,"top_k":3,"messages":[{"role":"user","content":"the secret of my life"}]}'


def said(record: Record) -> dict[str, object]:
    line = Metrics().finish(record, 0.0)
    assert line is not None
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    read = json.loads(line)
    assert isinstance(read, dict)
    assert read.pop("time") == "1970-01-01T00:00:00.000000Z"
    assert isinstance(read.pop("seconds"), float)
    return read


def answered() -> Record:
    """The record of an exchange that went well."""
    translator = Translator(client="anthropic", upstream="openai_chat", exchange_id="x" * 16, created=1)
    translator.request(REQUEST, model="m", stream=False)
    translator.response(
        b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"length",'
        b'"message":{"role":"assistant","content":"my answer"}}],"usage":{"prompt_tokens":7,"completion_tokens":5,'
        b'"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}'
    )
    record = Record("id", "POST", "/v1/messages")
    record.model, record.route, record.target, record.status = "fast", "*", "p/m", 200
    record.upstream_status = 200
    attempt = record.asks("p", "m", "1")
    attempt.asked, attempt.answered = 1.5, 2.0
    record.started, record.read, record.replied = 1.0, 1.25, 2.125
    record.usage, record.finish_reason, record.losses = translator.usage, translator.finish_reason, translator.losses
    return record


def test_a_line_says_what_became_of_an_exchange() -> None:
    assert said(answered()) == {
        "request_id": "id",
        "method": "POST",
        "path": "/v1/messages",
        "status": 200,
        "outcome": "ok",
        "model": "fast",
        "route": "*",
        "target": "p/m",
        "stream": False,
        "upstream_status": 200,
        "finish_reason": "length",
        "first_byte_seconds": 1.125,
        "overhead_seconds": 0.375,
        "attempts": [{"target": "p/m", "credential": "1", "outcome": "ok", "seconds": 0.5}],
        "input_tokens": 7,
        "output_tokens": 5,
        "cache_read_tokens": 4,
        "cache_write_tokens": 0,
        "reasoning_tokens": 2,
        "dropped": ["top_k /top_k"],
    }


def test_what_never_became_an_exchange_has_no_model() -> None:
    assert "model" not in said(Record("id", "GET", "/nothing"))


def test_attempts_beside_each_other_are_not_waited_for_twice() -> None:
    record = Record("id", "POST", "/")
    record.read, record.replied, record.paused = 10.0, 20.0, 1.0
    for asked, ended in ((11.0, 15.0), (12.0, 14.0), (14.0, 18.0)):
        attempt = AttemptRecord("p", "m", "1", asked)
        attempt.answered = ended
        record.attempts.append(attempt)
    assert said(record)["overhead_seconds"] == 2.0


def test_an_application_around_it_decides_about_lines(caplog: pytest.LogCaptureFixture) -> None:
    """Who embeds the gateway has them by the logging module."""
    with caplog.at_level(logging.INFO, "aiclient.access"):
        Telemetry().done(answered())
    (line,) = caplog.messages
    assert json.loads(line)["request_id"] == "id"


async def test_lines_are_written_together() -> None:
    reading, writing = os.pipe()
    lines = BufferedLines(writing)
    lines.write(b"one\n")
    lines.write(b"two\n")
    await asyncio.sleep(PATIENCE * 3)
    assert os.read(reading, 100) == b"one\ntwo\n"
    lines.write(b"three\n")
    lines.flush()
    assert os.read(reading, 100) == b"three\n"
    os.close(reading)
    os.close(writing)


async def test_a_reader_who_is_away_costs_lines_but_no_time() -> None:
    """Every line that was taken is whole."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    lines, line = BufferedLines(writing), b"x" * 999 + b"\n"
    for _ in range(MOST_WAITING // 1000 + 2):
        lines.write(line)
    assert lines.dropped > 0
    lines.flush()
    read = os.read(reading, 1 << 20)
    lines.flush()
    assert read + os.read(reading, 1 << 20) == line * 1000 or (read.startswith(line))
    os.close(reading)
    lines.flush()
    assert lines.dropped > MOST_WAITING // 1000 // 2
    os.close(writing)
