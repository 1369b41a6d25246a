"""opencode: all four dialects from one program, each by a provider of the AI SDK that it holds."""

import functools
import json
from pathlib import Path
from typing import Any

from tests.agents.program import MODULES, Invocation, Place, Program

EXECUTABLE = MODULES / "opencode-linux-x64" / "bin" / "opencode"
# The dialect, the SDK's provider, the path of its base URL, and how a model is told to think.
DIALECTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "chat": ("openai_chat", "@ai-sdk/openai-compatible", "/v1", {"reasoningEffort": "medium"}),
    "responses": (
        "openai_responses",
        "@ai-sdk/openai",
        "/v1",
        {"reasoningEffort": "medium", "reasoningSummary": "auto", "include": ["reasoning.encrypted_content"]},
    ),
    "anthropic": ("anthropic", "@ai-sdk/anthropic", "/v1", {"thinking": {"type": "enabled", "budgetTokens": 4096}}),
    # This one asks for thoughts by itself.
    "gemini": ("gemini", "@ai-sdk/google", "/v1beta", {}),
}
ENVIRONMENT = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}


def prepare(dialect: str, place: Place, prompt: str) -> Invocation:
    """A provider of our own with one model; it may run every tool."""
    _, package, base_path, options = DIALECTS[dialect]
    settings = {
        "autoupdate": False,
        "share": "disabled",
        "permission": "allow",
        "provider": {
            "gateway": {
                "npm": package,
                "options": {"baseURL": place.origin + base_path, "apiKey": place.key},
                "models": {"agent": {"reasoning": True, "tool_call": True, "options": options}},
            }
        },
    }
    path = place.home / "opencode.json"
    path.write_text(json.dumps(settings), "utf-8")
    command: list[str | Path] = [EXECUTABLE, "run", "-m", "gateway/agent", "--format", "json", prompt]
    return Invocation(command, {**ENVIRONMENT, "OPENCODE_CONFIG": str(path)})


PROGRAMS = [
    Program(f"opencode-{name}", dialect, EXECUTABLE, functools.partial(prepare, name))
    for name, (dialect, *_) in DIALECTS.items()
]
