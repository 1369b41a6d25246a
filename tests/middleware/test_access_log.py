"""What an exchange leaves in the log."""

import json
import logging

import pytest

from aiclient import Translator
from aiclient.middleware.access_log import AttemptRecord, Record, write

REQUEST = b'{"model":"m","max_tokens":9,"top_k":3,"messages":[{"role":"user","content":"the secret of my life"}]}'


def logged(caplog: pytest.LogCaptureFixture, record: Record) -> dict[str, object]:
    with caplog.at_level(logging.INFO, "aiclient.access"):
        write(record)
    (line,) = caplog.messages
    read = json.loads(line)
    assert isinstance(read, dict)
    return read


def test_a_line_says_what_became_of_an_exchange(caplog: pytest.LogCaptureFixture) -> None:
    translator = Translator(client="anthropic", upstream="openai_chat", exchange_id="x" * 16, created=1)
    translator.request(REQUEST, model="m", stream=False)
    translator.response(
        b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"length",'
        b'"message":{"role":"assistant","content":"my answer"}}],"usage":{"prompt_tokens":7,"completion_tokens":5,'
        b'"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}}'
    )
    record = Record("id", "POST", "/v1/messages", model="fast", route="*", target="p/m", status=200)
    record.upstream_status = 200
    record.attempts.append(AttemptRecord("p/m", "1", "ok", 0.5))
    record.usage, record.finish_reason, record.losses = translator.usage, translator.finish_reason, translator.losses
    line = logged(caplog, record)
    assert isinstance(line.pop("seconds"), float)
    assert line == {
        "request_id": "id",
        "method": "POST",
        "path": "/v1/messages",
        "status": 200,
        "outcome": "ok",
        "model": "fast",
        "route": "*",
        "target": "p/m",
        "attempts": [{"target": "p/m", "credential": "1", "outcome": "ok", "seconds": 0.5}],
        "stream": False,
        "upstream_status": 200,
        "finish_reason": "length",
        "input_tokens": 7,
        "output_tokens": 5,
        "cache_read_tokens": 4,
        "cache_write_tokens": 0,
        "reasoning_tokens": 2,
        "dropped": ["top_k /top_k"],
    }


def test_what_never_became_an_exchange_has_no_model(caplog: pytest.LogCaptureFixture) -> None:
    assert "model" not in logged(caplog, Record("id", "GET", "/nothing", status=404))


def test_a_log_that_nobody_reads_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "aiclient.access"):
        write(Record("id", "GET", "/"))
    assert caplog.messages == []
