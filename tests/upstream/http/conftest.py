"""What the tests of the transport share: both event loops, a client that must leave nothing behind, TLS."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import trustme
import uvloop

from aiclient.upstream import proxies
from aiclient.upstream.http import HttpClient


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Uvloop serves, asyncio stands in for it where it does not exist; they differ in when they say what."""
    del config, item
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    # What one test's environment said of a host is not the next one's.
    proxies._proxy.cache_clear()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """A client with neither tasks nor connections at the end."""
    client = HttpClient()
    yield client
    await client.close()


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    for _ in range(100):
        if not asyncio.all_tasks() - before - {asyncio.current_task()}:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(asyncio.all_tasks() - before)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that only these tests know."""
    return trustme.CA()
