"""Codex: OpenAI Responses, with tools in namespaces and encrypted reasoning."""

from tests.agents.program import MODULES, NODE, Invocation, Place, Program

EXECUTABLE = MODULES / "@openai" / "codex" / "bin" / "codex.js"
SETTINGS = """\
model = "gpt-5"
model_provider = "gateway"
model_reasoning_effort = "medium"
model_reasoning_summary = "auto"
check_for_update_on_startup = false

[model_providers.gateway]
name = "gateway"
base_url = "{origin}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0

[features]
plugins = false
apps = false

[analytics]
enabled = false
"""


def prepare(place: Place, prompt: str) -> Invocation:
    """The provider and the quiet stand in a file; the row's own walls are its sandbox."""
    home = place.home / ".codex"
    home.mkdir()
    (home / "config.toml").write_text(SETTINGS.format(origin=place.origin), "utf-8")
    options = ["--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox"]
    environment = {"CODEX_HOME": str(home), "GATEWAY_KEY": place.key}
    return Invocation([NODE, EXECUTABLE, "exec", *options, prompt], environment)


PROGRAMS = [Program("codex", "openai_responses", EXECUTABLE, prepare)]
