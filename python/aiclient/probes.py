"""Looks at providers from time to time, so that requests need not find out first.

What is asked for is the list of models, which costs nothing. It tells whether the provider can be reached and whether
it accepts each credential; whether a model answers only requests can tell, so that good news makes the next of them a
trial.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterable
from http import HTTPStatus

from aiclient.errors import UpstreamError
from aiclient.pools import Credential
from aiclient.upstream.providers import Provider

__all__ = ["Probes", "probe"]

_log = logging.getLogger("aiclient.health")

# Bytes of a list of models that are read, so that its connection can be used again.
LIST_LIMIT = 4 << 20
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class Probes:
    """The probes of all providers that want them."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        """Start them."""
        self._tasks = [asyncio.ensure_future(_go_on(one, one.probe_every)) for one in providers if one.probe_every]

    async def close(self) -> None:
        """Stop them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def probe(provider: Provider) -> None:
    """Look at a provider once, with each of its credentials."""
    for credential in provider.health.credentials:
        try:
            status = await _status(provider, credential)
        except UpstreamError as error:
            _down(provider, error.message)
            return
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _down(provider, f"it answers {status}")
            return
        _up(provider)
        if status not in _REFUSED and credential.accept():
            _log.warning("provider %s: the credential %s is accepted again", provider.name, credential.name)


async def _go_on(provider: Provider, seconds: float) -> None:
    while True:
        # Many gateways should not ask at once.
        await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311  # no secret
        await probe(provider)


async def _status(provider: Provider, credential: Credential) -> int:
    headers = provider.request_headers((), credential)
    response = await provider.client.open("GET", provider.models_url(), headers, b"", provider.limits)
    try:
        await response.read(LIST_LIMIT)
        return response.status
    finally:
        response.close()


def _down(provider: Provider, reason: str) -> None:
    circuits = provider.health.circuits
    if not circuits.is_down:
        _log.warning("provider %s is down, others go first: %s", provider.name, reason)
    circuits.is_down = True


def _up(provider: Provider) -> None:
    circuits = provider.health.circuits
    if circuits.is_down:
        _log.warning("provider %s can be reached again", provider.name)
    circuits.is_down = False
    circuits.retry_now(time.monotonic())
