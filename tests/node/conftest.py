"""Each SDK for Node in one process, pointed at the gateway or at the backend of its own dialect."""

from collections.abc import Iterator

import pytest

from tests.backends.keys import CLIENT_KEY, UPSTREAM_KEY
from tests.backends.server import Backend
from tests.conftest import BASE_PATHS
from tests.gateway import Gateway
from tests.node.process import NodeProcess, running
from tests.node.sdks import SDKS, NodeClient


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of an SDK together: its process is started once, and SDKs are shared among the cores."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("node"):
            item.add_marker(pytest.mark.xdist_group(item.callspec.params["sdk"]))


@pytest.fixture(scope="session", params=list(SDKS))
def sdk(request: pytest.FixtureRequest) -> str:
    """The name of an SDK."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def process(sdk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """The SDK's process, which serves all tests."""
    with running(sdk, tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture
def client(sdk: str, process: NodeProcess, gateway: Gateway) -> NodeClient:
    """The SDK in front of the gateway."""
    return NodeClient(sdk, process, gateway.origin, CLIENT_KEY)


@pytest.fixture
def stranger(sdk: str, process: NodeProcess, gateway: Gateway) -> NodeClient:
    """The SDK in front of the gateway, with a key that the gateway does not know."""
    return NodeClient(sdk, process, gateway.origin, "not-the-key")


@pytest.fixture
def direct_client(sdk: str, process: NodeProcess, backends: dict[str, Backend]) -> NodeClient:
    """The SDK in front of the backend of its own dialect, without a gateway."""
    dialect = SDKS[sdk].dialect
    if dialect not in backends:
        pytest.skip(f"there is no backend of {dialect}")
    return NodeClient(sdk, process, backends[dialect].origin, UPSTREAM_KEY)


@pytest.fixture(params=list(BASE_PATHS))
def provider(request: pytest.FixtureRequest) -> str:
    """The backend behind the gateway, which is called like its dialect."""
    name: str = request.param
    return name


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Whether the reply comes as a stream."""
    streams: bool = request.param
    return streams
