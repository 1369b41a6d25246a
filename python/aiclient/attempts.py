"""Attempts to have a request answered, one after the other, until one has begun to be."""

from __future__ import annotations

from collections.abc import Sequence

from aiclient.attempt import Attempt
from aiclient.client_request import ClientRequest
from aiclient.errors import UpstreamError
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.upstream.retry import is_worth_another_target

__all__ = ["Attempts"]


class Attempts:
    """Asks one target after the other."""

    __slots__ = ("_asked", "_services", "last")

    def __init__(self, services: Services, asked: ClientRequest) -> None:
        self._services = services
        self._asked = asked
        self.last: Attempt | None = None
        """The attempt that failed with what was raised."""

    async def begin(self, targets: Sequence[Target]) -> Attempt:
        """The first attempt that has begun to be answered; raises what went wrong with the last."""
        for target in targets[:-1]:
            try:
                return await self._begin(target)
            except UpstreamError as error:
                if not is_worth_another_target(error):
                    raise
        return await self._begin(targets[-1])

    async def _begin(self, target: Target) -> Attempt:
        self.last = attempt = Attempt(self._services, self._asked, target)
        await attempt.begin()
        return attempt
