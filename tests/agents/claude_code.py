"""Claude Code: Anthropic Messages."""

from tests.agents.program import MODULES, NODE, Invocation, Place, Program

# Finds the executable of this platform; the package's own entry is made by a script that is not run.
EXECUTABLE = MODULES / "@anthropic-ai" / "claude-code" / "cli-wrapper.cjs"


def prepare(place: Place, prompt: str) -> Invocation:
    """Everything is told by variables; it looks for nothing on the way, and may run commands."""
    options = ["--model", "claude-sonnet-4-5", "--output-format", "json", "--allowedTools", "Bash"]
    environment = {
        "CLAUDE_CONFIG_DIR": str(place.home / ".claude"),
        "ANTHROPIC_BASE_URL": place.origin,
        "ANTHROPIC_API_KEY": place.key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    }
    return Invocation([NODE, EXECUTABLE, "-p", prompt, *options], environment)


PROGRAMS = [Program("claude-code", "anthropic", EXECUTABLE, prepare)]
