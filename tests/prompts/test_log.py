"""What is written down of prompts, and what is not."""

import threading
import time
from pathlib import Path

import orjson
import pytest

from aiclient.prompts import PromptLog, Redaction
from aiclient.prompts.log import LARGEST, RotatingFile
from aiclient.prompts.redaction import MEDIA_LENGTH
from aiclient.telemetry import Record

# Each in two pieces, or whoever looks for secrets in these files would find some.
SECRETS = [
    "sk-" + "proj-0123456789abcdefghij",
    "sk-" + "ant-api03-0123456789abcdef",
    "AIza" + "SyA0123456789abcdefghijklmnopqrstuvw",
    "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "github_pat_" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "glpat-" + "0123456789abcdefghij",
    "AKIA" + "0123456789ABCDEF",
    "xoxb-" + "0123456789-abcdef",
    "hf_" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
    "Bearer " + "0123456789abcdef.xyz",
    "-----BEGIN RSA PRIVATE " + "KEY-----\\nMIIB\\n-----END RSA PRIVATE KEY-----",
    "a-key-of-this-gateway",
]


class Kept:
    """Where lines stay."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def write(self, line: bytes) -> None:
        """Keep one."""
        self.may_go_on.wait()
        self.lines.append(line)


def record(prompt: bytes) -> Record:
    made = Record("id", "POST", "/v1/messages")
    made.prompt = prompt
    return made


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_left_out(secret: str) -> None:
    redaction = Redaction(["a-key-of-this-gateway"])
    text = f'{{"text":"it is {secret}, you see"}}'
    assert redaction.redacted(text) == '{"text":"it is [redacted], you see"}'


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (r"it is \u0073k-" + "proj-0123456789abcdefghij", "none"),
        (r"it is ab\/cd", "ab/cd"),
        (r"it is ab\"cd", 'ab"cd'),
        (r"it is ab\u00e9cd", "abécd"),
        # Arguments of a call are JSON in a string of JSON.
        (r"{\"a\": \"it is ab\\u002fcd\"}", "ab/cd"),
        (r"half a pair \ud83d, ab\/cd", "ab/cd"),
    ],
)
@pytest.mark.parametrize("around", ['{{"text":"{}"}}', 'data: {{"text":"{}"}}\n\ndata: [DONE]\n', '[{{"text":"{}'])
def test_no_escape_hides_a_secret(written: str, key: str, around: str) -> None:
    """In JSON, in the events of a stream, and in JSON that is cut off."""
    log = PromptLog(Kept(), Redaction([key]))
    line = orjson.loads(log.line(record(b""), around.format(written).encode(), b""))
    log.close()
    shown = orjson.dumps(line["request"]).decode()
    assert "[redacted]" in shown
    assert "proj" not in shown
    assert "cd" not in shown.replace("[redacted]", "")


def test_a_body_stays_json_without_its_secrets() -> None:
    log = PromptLog(Kept(), Redaction(['a"b']))
    line = orjson.loads(log.line(record(b""), rb'{"a\"b":["\u0061\"b",1.5,"C:\\new"]}', b""))
    log.close()
    assert line["request"] == {"[redacted]": ["[redacted]", 1.5, "C:\\new"]}


@pytest.mark.parametrize("text", [r'{"path":"C:\\new\u00e9"}', r'say "\x" and "', '"\\', '"', r"no string: \u0041"])
def test_what_has_no_secret_stays_as_it_was_written(text: str) -> None:
    assert Redaction(["secret"]).redacted(text) == text


def test_quotes_without_end_take_no_time() -> None:
    """Not as many looks as there are pairs of them."""
    text = '"' + '\\"' * 200_000
    began = time.perf_counter()
    assert Redaction([]).redacted(text) == text
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("text", ["a risk-free task", "sk-short", "Bearer of news", "eyJ is how they begin", "ask_me"])
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redaction([]).redacted(text) == text


def test_media_are_left_out() -> None:
    assert Redaction([]).redacted(f'"{"iVBOR" * MEDIA_LENGTH}=="') == f'"[{5 * MEDIA_LENGTH + 2} characters]"'


def test_bodies_are_json_where_they_are() -> None:
    sink = Kept()
    log = PromptLog(sink, Redaction([]))
    log.write(record(b'{"a":[1]}'), b"data: {}\n\n")
    log.write(record(b"x" * (LARGEST + 7)), b"")
    log.close()
    first, second = map(orjson.loads, sink.lines)
    assert (first["request"], first["reply"]) == ({"a": [1]}, "data: {}\n\n")
    assert second["request"].endswith(" [7 bytes more]")


def test_a_slow_disk_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """What is not written is counted, and said once in a while."""
    monkeypatch.setattr("aiclient.prompts.log.MOST_WAITING", 3)
    sink = Kept()
    sink.may_go_on.clear()
    log = PromptLog(sink, Redaction([]))
    for _ in range(20):
        log.write(record(b"{}"), b"")
    sink.may_go_on.set()
    log.close()
    assert len(sink.lines) + log.dropped == 20
    assert log.dropped >= 16
    assert len(caplog.messages) == 1


def test_a_file_is_moved_aside_when_it_is_large(tmp_path: Path) -> None:
    path = tmp_path / "prompts.log"
    file = RotatingFile(path, most=100, keep=2)
    for number in range(9):
        file.write(b"%d" % number * 39 + b"\n")
    assert path.read_bytes() == b"8" * 39 + b"\n"
    assert (tmp_path / "prompts.log.1").read_bytes()[:1] == b"6"
    assert (tmp_path / "prompts.log.2").read_bytes()[:1] == b"4"
    assert not (tmp_path / "prompts.log.3").exists()
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert (tmp_path / "prompts.log.lock").exists()


def test_many_write_to_one_file(tmp_path: Path) -> None:
    """Every line is whole, and in one of the files."""
    path = tmp_path / "prompts.log"

    def write(name: int) -> None:
        file = RotatingFile(path, most=2000, keep=100)
        for _ in range(50):
            file.write(b"%d" % name * 99 + b"\n")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line for part in tmp_path.glob("prompts.log*") for line in part.read_bytes().splitlines()]
    assert sorted(lines) == sorted(b"%d" % name * 99 for name in range(4) for _ in range(50))
