"""What every exchange needs of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aiclient._native import ModelTable, ReasoningMemory
from aiclient.media import MediaFetcher
from aiclient.routing import Router
from aiclient.upstream.providers import Provider

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """What every exchange needs of the gateway."""

    router: Router
    providers: Mapping[str, Provider]
    on_loss: Literal["report", "reject"]
    model_table: ModelTable
    memory: ReasoningMemory | None
    """What Chat clients do not give back."""
    media: MediaFetcher | None
    """Who fetches media by their address, if that is wanted."""
    body_limit: int
    """Bytes of a request."""
