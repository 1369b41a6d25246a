"""What every exchange needs of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiclient._native import ModelTable, ReasoningMemory, TranslatorFactory
from aiclient.client_watch import Rounds
from aiclient.dialect import Dialect
from aiclient.media import MediaFetcher
from aiclient.moderation import Moderation
from aiclient.prompts import PromptRules
from aiclient.routing import Route, Router
from aiclient.telemetry import Metrics
from aiclient.upstream.providers import Provider

__all__ = ["OnLoss", "Services"]

OnLoss = Literal["report", "reject"]


@dataclass(frozen=True, slots=True)
class Services:
    """What every exchange needs of the gateway."""

    router: Router
    providers: Mapping[str, Provider]
    on_loss: OnLoss
    model_table: ModelTable
    memory: ReasoningMemory | None
    """What Chat clients do not give back."""
    media: MediaFetcher | None
    """Who fetches media by their address, if that is wanted."""
    rounds: Rounds
    """Who looks after clients that may leave."""
    moderation: Moderation
    """When to rest while many upstreams stream."""
    body_limit: int
    """Bytes of a request."""
    metrics: Metrics
    system_prompt: PromptRules
    """What is said beside clients' system prompts, where a route says nothing else."""
    keeps_prompts: bool
    """Whether what is asked is to be written down."""
    has_choice: bool
    """Whether there is any route on which it matters whose conversation a request belongs to."""
    _factories: dict[tuple[Dialect, Dialect, OnLoss], TranslatorFactory] = field(
        default_factory=dict, repr=False, compare=False
    )

    def translators(self, client: Dialect, upstream: Dialect, on_loss: OnLoss) -> TranslatorFactory:
        """Who makes the translators between two dialects."""
        key = (client, upstream, on_loss)
        factory = self._factories.get(key)
        if factory is None:
            memory = None if client == upstream else self.memory
            factory = self._factories[key] = TranslatorFactory(
                client=client, upstream=upstream, on_loss=on_loss, models=self.model_table, memory=memory
            )
        return factory

    def prompted(self, route: Route, dialect: Dialect, body: bytes) -> bytes:
        """A client's request with what the operator says beside it."""
        own = route.policy.system_prompt
        rules = self.system_prompt if own is None else own
        return rules.applied(dialect, body) if rules else body

    def seconds_for(self, route: Route) -> float:
        """How long all attempts on a route may take, up to the first byte."""
        if route.policy.deadline is not None:
            return route.policy.deadline
        seconds = 0.0
        for target in route.targets:
            limits = self.providers[target.provider].limits
            seconds += limits.connect + limits.first_byte
        return seconds
