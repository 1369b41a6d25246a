"""gemini-cli: Gemini generateContent; it keeps the signatures of calls and drops thoughts."""

import json

from tests.agents.program import MODULES, NODE, Invocation, Place, Program

EXECUTABLE = MODULES / "@google" / "gemini-cli" / "bundle" / "gemini.js"
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
}


def prepare(place: Place, prompt: str) -> Invocation:
    """How to sign in has to stand in a file; else it refuses to start."""
    home = place.home / ".gemini"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps(SETTINGS), "utf-8")
    environment = {"GEMINI_API_KEY": place.key, "GOOGLE_GEMINI_BASE_URL": place.origin}
    options = ["-m", "gemini-2.5-pro", "--yolo", "--skip-trust"]
    return Invocation([NODE, EXECUTABLE, "-p", prompt, *options], environment)


PROGRAMS = [Program("gemini-cli", "gemini", EXECUTABLE, prepare)]
