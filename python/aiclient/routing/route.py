"""Where the requests for a model go, and how hard they are tried there."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiclient.prompts.rules import PromptRules
from aiclient.routing.target import Target

__all__ = ["HedgeBudget", "Policy", "Route"]


class HedgeBudget:
    """How many second attempts may be made: a share of the requests, of which some can be saved up."""

    __slots__ = ("_left", "_share", "after")

    # A slow spell takes several in a row.
    MOST_SAVED = 100.0

    def __init__(self, after: float, share: float) -> None:
        """`after`: seconds without a first byte; `share`: second attempts for each request, from 0 to 1."""
        self.after = after
        self._share = share
        self._left = 0.0

    def earn(self) -> None:
        """A request has come."""
        self._left = min(self.MOST_SAVED, self._left + self._share)

    def spend(self) -> bool:
        """Take one, if there is one left."""
        # A sum of many shares is off by a little.
        if self._left < 1 - 1e-9:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True, slots=True)
class Policy:
    """How the targets of a model are tried."""

    sticky: bool = True
    """Whether a conversation stays with a target and a credential, for the vendor's prompt cache."""
    deadline: float | None = None
    """Seconds for all attempts; by default as long as each target may take for its first byte."""
    system_prompt: PromptRules | None = None
    """Instead of the rules that hold for all models."""
    hedge: HedgeBudget | None = None
    """When a second attempt runs beside a slow one."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes."""

    rule: str
    """What it was found by: one of few names, whatever the client asks for."""
    tiers: tuple[tuple[Target, ...], ...]
    """The targets; those of a tier share the load, and the next tier is for when all of them fail."""
    policy: Policy = field(default=Policy())
    reason: str = field(default="", compare=False)
    """Why the rule was the one, in words."""

    targets: tuple[Target, ...] = field(init=False, compare=False, repr=False)
    """All targets, in the order of their tiers."""

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        object.__setattr__(self, "targets", tuple(target for tier in self.tiers for target in tier))
