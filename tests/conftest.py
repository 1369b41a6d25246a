"""What several folders of tests share: the backends, and one real gateway in front of them."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.backends.anthropic.wire import WIRE as ANTHROPIC
from tests.backends.gemini.wire import WIRE as GEMINI
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.openai_chat.wire import WIRE as OPENAI_CHAT
from tests.backends.openai_responses.wire import WIRE as OPENAI_RESPONSES
from tests.backends.server import Backend
from tests.gateway import Gateway, running_gateway

WIRES_OF_BACKENDS = (OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC, GEMINI)
# What the vendor's SDK takes as base URL, after the origin.
BASE_PATHS = {"openai_chat": "/v1", "openai_responses": "/v1", "anthropic": "", "gemini": ""}


@pytest.fixture(scope="session")
def _loopback_without_proxy() -> Iterator[None]:
    """Neither the gateway nor an SDK may ask a proxy of this machine for a way to itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="session")
def backends() -> Iterator[dict[str, Backend]]:
    """A backend for each dialect, by the dialect's name."""
    with contextlib.ExitStack() as stack:
        yield {wire.dialect: stack.enter_context(Backend(wire)) for wire in WIRES_OF_BACKENDS}


@pytest.fixture(scope="session")
def gateway(
    backends: dict[str, Backend], tmp_path_factory: pytest.TempPathFactory, _loopback_without_proxy: None
) -> Iterator[Gateway]:
    """One gateway process; its providers are called like the dialects they speak."""
    providers = {
        dialect: {
            "dialect": dialect,
            "base_url": backend.origin + BASE_PATHS[dialect],
            "api_keys": [UPSTREAM_KEY],
        }
        for dialect, backend in backends.items()
    }
    with running_gateway(tmp_path_factory.mktemp("gateway"), providers) as running:
        yield running
