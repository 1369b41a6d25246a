"""Each SDK, pointed at a backend of its own dialect or, through the gateway, at one of any dialect."""

from collections.abc import Iterator

import pytest

from tests.backends.keys import CLIENT_KEY, UPSTREAM_KEY
from tests.backends.server import Backend
from tests.sdk.clients.conversation import Client
from tests.sdk.clients.every import CLIENTS


@pytest.fixture(scope="session", params=list(CLIENTS))
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """An SDK in front of the gateway."""
    client = CLIENTS[request.param](request.getfixturevalue("gateway").origin, CLIENT_KEY)
    yield client
    client.close()


@pytest.fixture(scope="session", params=list(CLIENTS))
def stranger(request: pytest.FixtureRequest) -> Iterator[Client]:
    """An SDK in front of the gateway, with a key that the gateway does not know."""
    client = CLIENTS[request.param](request.getfixturevalue("gateway").origin, "not-the-key")
    yield client
    client.close()


@pytest.fixture(params=["openai_chat", "openai_responses", "anthropic", "gemini"])
def provider(request: pytest.FixtureRequest) -> str:
    """The backend behind the gateway, which is called like its dialect."""
    name: str = request.param
    return name


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Whether the reply comes as a stream."""
    streams: bool = request.param
    return streams


@pytest.fixture(scope="session", params=list(CLIENTS))
def direct_client(request: pytest.FixtureRequest, backends: dict[str, Backend]) -> Iterator[Client]:
    """An SDK in front of the backend of its own dialect, without a gateway."""
    make = CLIENTS[request.param]
    client = make(backends[make.dialect].origin, UPSTREAM_KEY)
    yield client
    client.close()
