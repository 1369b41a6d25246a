"""Real llama.cpp servers with models made for the tests, and a gateway in front of them."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.backends.keys import CLIENT_KEY
from tests.gateway import Gateway, running_gateway
from tests.process import free_port, serving
from tests.real.chain import Kind
from tests.real.markov_model import write_model
from tests.sdk.clients.conversation import Client
from tests.sdk.clients.every import CLIENTS


@pytest.fixture(scope="session")
def llama_ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Kind, int]]:
    """The port of a server for each kind of model."""
    folder = tmp_path_factory.mktemp("llama")
    with contextlib.ExitStack() as stack:
        yield {kind: stack.enter_context(_serve(kind, folder)) for kind in get_args(Kind)}


@contextlib.contextmanager
def _serve(kind: Kind, folder: Path) -> Iterator[int]:
    model, port = folder / f"{kind}.gguf", free_port()
    write_model(kind, model)
    command = [sys.executable, "-m", "tests.real.llama_server", str(model), str(port)]
    with serving(command, port, folder / f"{kind}.log"):
        yield port


@pytest.fixture(scope="session")
def real_gateway(
    llama_ports: dict[Kind, int], tmp_path_factory: pytest.TempPathFactory, _loopback_without_proxy: None
) -> Iterator[Gateway]:
    """A gateway whose providers are the servers, each in every dialect it speaks: `chat-text`, `messages-text`..."""
    providers: dict[str, dict[str, str]] = {}
    for kind, port in llama_ports.items():
        origin = f"http://127.0.0.1:{port}"
        providers[f"chat-{kind}"] = {"dialect": "openai_chat", "base_url": f"{origin}/v1"}
        providers[f"responses-{kind}"] = {"dialect": "openai_responses", "base_url": f"{origin}/v1"}
        providers[f"messages-{kind}"] = {"dialect": "anthropic", "base_url": origin}
    with running_gateway(tmp_path_factory.mktemp("real-gateway"), providers) as running:
        yield running


@pytest.fixture(scope="session", params=list(CLIENTS))
def client(request: pytest.FixtureRequest, real_gateway: Gateway) -> Iterator[Client]:
    """An SDK in front of the gateway."""
    client = CLIENTS[request.param](real_gateway.origin, CLIENT_KEY)
    yield client
    client.close()


@pytest.fixture(params=["chat", "responses", "messages"])
def wire(request: pytest.FixtureRequest, client: Client) -> str:
    """The dialect in which the gateway calls the server."""
    name: str = request.param
    if name == "responses" and client.dialect == "openai_responses":
        pytest.skip("bytes go through, and the server leaves out what the SDK counts on: output_index, usage's details")
    return name


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Whether the reply comes as a stream."""
    streams: bool = request.param
    return streams
