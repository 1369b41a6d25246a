"""Each framework in front of one gateway; what it would tell its maker stays untold."""

from collections.abc import Iterator

import pytest

TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")
# What would stand in for a setting of the test's.
SETTINGS = (
    *("OPENAI_API_BASE", "OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROXY"),
    *("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    *("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_USE_VERTEXAI"),
)


@pytest.fixture(scope="session", autouse=True)
def _alone() -> Iterator[None]:
    """No tracing, and no settings of this machine's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TRACING:
            patch.setenv(name, "false")
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        yield


# Models whose special wishes the gateway knows by name, for example that Gemini 3 wants a signature with every call.
PREFIXES = {
    "openai_chat": "openai_chat/",
    "openai_responses": "openai_responses/",
    "anthropic": "anthropic/claude-sonnet-4-5--",
    "gemini": "gemini/gemini-3-pro--",
}


@pytest.fixture(params=list(PREFIXES))
def prefix(request: pytest.FixtureRequest) -> str:
    """What leads to a backend, in front of a scenario's name."""
    return PREFIXES[request.param]


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Whether the replies come as streams."""
    streams: bool = request.param
    return streams
