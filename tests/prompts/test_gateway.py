"""Prompt rules and the prompt log through a running gateway, between every pair of dialects."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.backends.exchange import Answer, Json, Question
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.server import Backend
from tests.conftest import BASE_PATHS, WIRES_OF_BACKENDS
from tests.faults.client import Received, ask
from tests.faults.wires import WIRES
from tests.gateway import Gateway, running_gateway
from tests.test_reloading import wait_for

pytestmark = pytest.mark.usefixtures("_loopback_without_proxy")

# The client's own system prompt, in the words of its dialect.
SAYS: dict[str, Json] = {
    "openai_chat": {
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": f"my key: {UPSTREAM_KEY}"}]
    },
    "openai_responses": {"instructions": "Be kind.", "input": f"my key: {UPSTREAM_KEY}"},
    "anthropic": {
        "max_tokens": 9,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": f"my key: {UPSTREAM_KEY}"}],
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": [{"role": "user", "parts": [{"text": f"my key: {UPSTREAM_KEY}"}]}],
    },
}
PAIRS = list(itertools.product(WIRES, WIRES))


def _quoting(question: Question) -> Answer:
    return Answer(text=f"I was told: {question.system}")


@contextlib.contextmanager
def gateway_that_says(folder: Path, models: Json | None = None, **extra: Json) -> Iterator[Gateway]:
    """A gateway with such settings; its providers are called like their dialects and quote their system prompt."""
    with contextlib.ExitStack() as stack:
        providers: dict[str, Any] = {}
        for wire in WIRES_OF_BACKENDS:
            backend = stack.enter_context(Backend(wire, _quoting))
            base_url = backend.origin + BASE_PATHS[wire.dialect]
            providers[wire.dialect] = {"dialect": wire.dialect, "base_url": base_url, "api_keys": [UPSTREAM_KEY]}
        yield stack.enter_context(running_gateway(folder, providers, models, extra=extra))


def told(gateway: Gateway, client: str, model: str, *, stream: bool = False) -> Received:
    """What a client gets that has a system prompt of its own."""
    wire = replace(WIRES[client], question=SAYS[client])
    return asyncio.run(ask(gateway.port, wire.request(model, stream=stream)))


def test_the_rules_hold_between_all_dialects(tmp_path: Path) -> None:
    rules = {"mode": "append", "text": "Be brief.", "replacements": [{"find": "kind", "replace": "friendly"}]}
    quiet = {"targets": ["openai_chat/m"], "system_prompt": {}}
    mine = {"targets": ["anthropic/m"], "system_prompt": {"mode": "override", "text": "Say nothing."}}
    with gateway_that_says(tmp_path, {"quiet": quiet, "mine": mine}, system_prompt=rules) as gateway:
        for (client, upstream), stream in itertools.product(PAIRS, (False, True)):
            body = told(gateway, client, f"{upstream}/m", stream=stream).body
            said = said_in(body.decode()).replace("\\n", "")
            assert "I was told: Be friendly.Be brief." in said, (client, upstream, stream)
        for client in WIRES:
            assert b"I was told: Be kind." in told(gateway, client, "quiet").body
            assert b"I was told: Say nothing." in told(gateway, client, "mine").body


def test_a_changed_file_is_read_by_a_reload(tmp_path: Path) -> None:
    file = tmp_path / "system.md"
    file.write_text("Früher.", "utf-8")
    with gateway_that_says(tmp_path, system_prompt={"mode": "override", "file": str(file)}) as gateway:
        assert "I was told: Früher.".encode() in told(gateway, "anthropic", "gemini/m").body
        file.write_text("Later.", "utf-8")
        os.kill(gateway.pid, signal.SIGHUP)
        wait_for(lambda: b"I was told: Later." in told(gateway, "anthropic", "gemini/m").body)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.md"
    gateway = gateway_that_says(tmp_path, system_prompt={"file": str(missing)})
    with pytest.raises(RuntimeError, match=r"system_prompt\.text.*nowhere\.md"), gateway:
        pass


@pytest.mark.parametrize("to", ["file", "console"])
def test_what_is_asked_and_answered_is_written_down_without_keys(tmp_path: Path, to: str) -> None:
    path = tmp_path / "prompts.log"
    with gateway_that_says(tmp_path, prompt_log={"to": to, "file": str(path)}) as gateway:
        written = path if to == "file" else gateway.log
        for (client, upstream), stream in itertools.product(PAIRS, (False, True)):
            assert told(gateway, client, f"{upstream}/m", stream=stream).status == 200
        wait_for(lambda: len(kept_in(written)) == 2 * len(PAIRS))
        lines = kept_in(written)
    assert UPSTREAM_KEY not in written.read_text("utf-8")
    for line, ((client, upstream), stream) in zip(lines, itertools.product(PAIRS, (False, True)), strict=True):
        assert (line["dialect"], line["target"], line["status"]) == (client, f"{upstream}/m", 200)
        asked = json.dumps(line["request"])
        assert "Be kind." in asked
        assert "my key: [redacted]" in asked
        reply = line["reply"] if stream else json.dumps(line["reply"], separators=(",", ":"))
        assert "I was told: Be kind." in said_in(reply), (client, upstream, stream)


def test_nothing_is_written_down_unless_it_is_asked_for(tmp_path: Path) -> None:
    with gateway_that_says(tmp_path) as gateway:
        told(gateway, "anthropic", "gemini/m")
    assert "Be kind." not in gateway.log.read_text("utf-8")
    assert not list(tmp_path.glob("prompts*"))


def said_in(reply: str) -> str:
    """The text of an answer in any dialect, as JSON has it; a stream's pieces one after the other."""
    return "".join(re.findall(r'"(?:content|text|delta)": ?"((?:[^"\\]|\\.)*)"', reply))


def kept_in(path: Path) -> list[Json]:
    """The exchanges of a prompt log, which may stand among other lines."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.startswith('{"time"') and '"reply":' in line]
