"""Every agent program in front of a backend of every dialect: two turns of a tool loop through the gateway.

Its name keeps it out of the usual runs, because the programs take a gigabyte: `make test-agents` names it.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agents import claude_code, codex, gemini_cli, opencode
from tests.agents.program import Place, Program, environment
from tests.agents.tool_loop import PROMPT, ToolLoop
from tests.backends.anthropic.wire import WIRE as ANTHROPIC
from tests.backends.gemini.wire import WIRE as GEMINI
from tests.backends.keys import CLIENT_KEY, UPSTREAM_KEY
from tests.backends.openai_chat.wire import WIRE as OPENAI_CHAT
from tests.backends.openai_responses.wire import WIRE as OPENAI_RESPONSES
from tests.backends.server import Backend
from tests.backends.wire import Wire
from tests.conftest import BASE_PATHS
from tests.gateway import running_gateway

# Programs try again for a while before they give up.
PATIENCE_SECONDS = 300
PROGRAMS = [*claude_code.PROGRAMS, *codex.PROGRAMS, *gemini_cli.PROGRAMS, *opencode.PROGRAMS]
# A backend, and the name of a model that reasons and wants its reasoning back.
BACKENDS = [
    (OPENAI_CHAT, "deepseek-chat"),
    (OPENAI_RESPONSES, "gpt-5.2"),
    (ANTHROPIC, "claude-sonnet-4-5"),
    (GEMINI, "gemini-3-pro-preview"),
]


@pytest.mark.parametrize(("wire", "model"), BACKENDS, ids=[wire.dialect for wire, _ in BACKENDS])
@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_tool_loop(
    program: Program, wire: Wire, model: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The command ran once, its result came back with what the vendor signed, and the person got the answer."""
    assert program.executable.exists(), f"{program.name} is not installed: it has no package for this platform"
    loop = ToolLoop(tmp_path / "work")
    with Backend(wire, loop.play) as backend:
        base_url = backend.origin + BASE_PATHS[wire.dialect]
        provider = {"dialect": wire.dialect, "base_url": base_url, "api_keys": [UPSTREAM_KEY]}
        models = {"*": {"targets": [f"backend/{model}"]}}
        with running_gateway(tmp_path, {"backend": provider}, models) as gateway:
            finished = run(program, Place(tmp_path / "home", gateway.origin, CLIENT_KEY), loop.folder)
    log = gateway.log.read_text("utf-8")
    for name, value in {"program": program.name, "backend": wire.dialect, "lost": lost(log)}.items():
        record_property(name, value)
    told = f"{finished.stdout[-3000:]}\n{finished.stderr[-3000:]}\n{log[-3000:]}"
    assert loop.refusals == [], told
    assert (finished.returncode, loop.turns, loop.runs) == (0, 2, 1), told
    assert loop.final in finished.stdout, told
    assert "internal_error" not in log


def run(program: Program, place: Place, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder until it ends by itself."""
    place.home.mkdir()
    invocation = program.prepare(place, PROMPT)
    return subprocess.run(
        invocation.command,
        cwd=folder,
        env=environment(place.home) | invocation.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def lost(log: str) -> list[str]:
    """What the gateway said it could not carry."""
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return sorted({dropped.partition(" ")[0] for entry in entries for dropped in entry.get("dropped", [])})
