"""The commands that answer and end: `check`, `translate`, `--version`; and what `serve` refuses."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aiclient.banner import banner
from aiclient.cli import main
from aiclient.config import Config
from aiclient.configuration import from_environment
from tests.gateway import EXECUTABLE
from tests.process import free_port

DEMO = "providers: {demo: {dialect: openai_chat, base_url: 'demo:'}}\n"
CHAT = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}], "seed": 3}'
REPLY = (
    b'{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, "finish_reason":'
    b' "stop", "message": {"role": "assistant", "content": "hello"}}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}'
)


def run(*arguments: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
    """What a command says, in an environment with no variables of ours but `environ`."""
    names = ("AICLIENT_CONFIG", "AICLIENT_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")
    return CliRunner().invoke(main, arguments, input=stdin, env=dict.fromkeys(names) | dict(environ or {}))


def test_the_installed_command() -> None:
    """And the module, which is the same."""
    said = subprocess.run([EXECUTABLE, "--version"], capture_output=True, check=True, text=True).stdout
    assert said.startswith("aiclient, version ")
    module = [sys.executable, "-m", "aiclient", "--version"]
    assert subprocess.run(module, capture_output=True, check=True, text=True).stdout.split()[-1] == said.split()[-1]


def test_help_names_every_command() -> None:
    said = run("--help").output
    assert all(command in said for command in ("serve", "check", "translate"))


def test_check_accepts(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(DEMO)
    result = run("check", str(path))
    assert (result.exit_code, result.output) == (0, f"{path} can be used: 1 provider(s), 0 model name(s)\n")


def test_check_refuses(tmp_path: Path) -> None:
    """One line an error, on standard error; in a process of its own, as people and editors run it."""
    path = tmp_path / "bad.yaml"
    path.write_text("providers: {}\non_lost: report\n")
    done = subprocess.run([EXECUTABLE, "check", path], capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{path}:1: providers: expected at least one entry, found none",
        f"{path}:2: on_lost: is not known; did you mean on_loss?",
    ]


def test_check_needs_a_file() -> None:
    assert run("check").exit_code == 2
    assert "does not exist" in run("check", "nowhere.yaml").output


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("demo/echo", None),
        ("first-then-other", None),
        ("either", "a conversation stays with its target and key"),
        ("two/keys", "a conversation stays with its target and key"),
        ("loose", "every request goes anywhere"),
    ],
)
def test_explain_tells_of_stickiness_where_there_is_a_choice(tmp_path: Path, model: str, said: str | None) -> None:
    two = [{"target": "demo/a", "weight": 1}, {"target": "demo/b", "weight": 1}]
    config = {
        "server": {"port": free_port()},
        "providers": {
            "demo": {"dialect": "openai_chat", "base_url": "demo:"},
            "two": {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9/v1", "api_keys": ["a", "b"]},
        },
        "models": {
            "first-then-other": {"targets": ["demo/a", "demo/b"]},
            "either": {"targets": two},
            "loose": {"targets": two, "sticky": False},
        },
    }
    path = tmp_path / "aiclient.yaml"
    path.write_text(json.dumps(config))
    lines = run("explain", model, "--config", str(path)).output.splitlines()
    assert lines[1].strip() == (said or "1. this:")


def test_check_prints_the_schema() -> None:
    schema = json.loads(run("check", "--schema").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"].keys() == Config.model_fields.keys()


def test_translate_a_request() -> None:
    """In a process of its own: bytes in, bytes out, losses apart."""
    arguments = ["translate", "--from", "openai_chat", "--to", "anthropic", "--model", "claude", "request"]
    done = subprocess.run([EXECUTABLE, *arguments], input=CHAT, capture_output=True, check=True)
    body = json.loads(done.stdout)
    assert (body["model"], body["messages"][0]["role"]) == ("claude", "user")
    assert done.stderr == b"dropped seed at /seed\n"


def test_translate_a_reply() -> None:
    result = run("translate", "--from", "openai_chat", "--to", "anthropic", "response", stdin=REPLY)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["content"] == [{"type": "text", "text": "hello"}]


def test_translate_a_stream() -> None:
    chunk = b'{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,%s}]}'
    frames = [chunk % b'"delta":{"content":"hi"}', chunk % b'"delta":{},"finish_reason":"stop"', b"[DONE]"]
    stream = b"".join(b"data: %s\n\n" % frame for frame in frames)
    whole = run("translate", "--from", "openai_chat", "--to", "anthropic", "stream", stdin=stream)
    assert whole.exit_code == 0
    assert whole.stdout.endswith('data: {"type":"message_stop"}\n\n')
    cut = run("translate", "--from", "openai_chat", "--to", "anthropic", "stream", stdin=stream[:120])
    assert cut.exit_code == 1
    assert "message_stop" not in cut.stdout
    assert cut.stderr.startswith("Error: the upstream")


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("--to", "anthropic", "request"), b"[", "Error: "),
        (("--to", "anthropic", "request"), b'{"messages": 3}', "Error: /messages"),
        (("--to", "anthropic", "--reject", "request"), CHAT, "Error: /seed"),
        (("--to", "anthropic", "response"), b"[]", "Error: the upstream"),
        (("--to", "anthropic", "response"), b'{"error": {"message": "no"}}', "Error: no"),
    ],
)
def test_translate_refuses(arguments: tuple[str, ...], stdin: bytes, message: str) -> None:
    result = run("translate", "--from", "openai_chat", *arguments, stdin=stdin)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (("--host", "0.0.0.0"), {}, "there are no client keys"),  # noqa: S104  # refused
        (("--config", "{bad}"), {}, "bad.yaml:1: providers: expected a mapping, found 3"),
        ((), {"AICLIENT_CONFIG": "{bad}"}, "bad.yaml:1: providers: expected a mapping, found 3"),
        ((), {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": "nowhere"}, "OPENAI_BASE_URL: expected an address"),
        (
            ("--port", "3999"),
            {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": "http://localhost:3999/v1"},
            "the provider openai is this gateway itself",
        ),
        (("--host", "192.0.2.1", "--allow-open"), {}, "this machine does not have that address"),
    ],
)
def test_serve_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], environ: dict[str, str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = tmp_path / "bad.yaml"
    bad.write_text("providers: 3")
    filled = [argument.format(bad=bad) for argument in arguments]
    result = run("serve", *filled, environ={name: value.format(bad=bad) for name, value in environ.items()})
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_the_banner_points_clients_here() -> None:
    said = banner(from_environment({}), "the environment")
    assert said.startswith("aiclient listens on http://127.0.0.1:3000 (configured by the environment)\n")
    assert "OPENAI_BASE_URL=http://127.0.0.1:3000/v1\n" in said
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:3000\n" in said
    assert "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:3000\n" in said
    assert "curl http://127.0.0.1:3000/v1/chat/completions" in said


def test_the_banner_has_no_key() -> None:
    said = banner(from_environment({"OPENAI_API_KEY": "sk-secret", "AICLIENT_KEY": "sk-mine"}), "the environment")
    assert "sk-" not in said
    assert "with the client key" in said
    assert "curl" not in said
    assert "https://api.openai.com/v1" in said
    assert re.search(r"^  any other +->  openai$", said, re.MULTILINE)


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")])  # noqa: S104
def test_the_banner_names_an_address_to_call(host: str, url: str) -> None:
    config = Config.model_validate(from_environment({}).model_dump() | {"server": {"host": host, "port": 1}})
    assert f"listens on {url} " in banner(config, "x")
