"""The vendors' SDKs, unmodified, against backends of all dialects: every scenario means the same on both sides."""

from collections.abc import Callable

import pytest

from tests.sdk.clients.conversation import Client
from tests.sdk.scenarios import FURTHER_SCENARIOS, SCENARIOS

ALL = [*SCENARIOS, *FURTHER_SCENARIOS]


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.__name__)
def test_through_the_gateway(client: Client, provider: str, scenario: Callable[..., None], stream: bool) -> None:
    """The SDK cannot tell what stands behind the gateway."""
    scenario(client, f"{provider}/", stream=stream)


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.__name__)
def test_without_the_gateway(direct_client: Client, scenario: Callable[..., None], stream: bool) -> None:
    """The backends speak their vendor's wire: its own SDK understands them."""
    scenario(direct_client, "", stream=stream)
