"""A model at a provider, and what a request to it says beside what the client asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from aiclient._native import overlay

__all__ = ["Overrides", "Target"]


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a target wants said in every request, in its own dialect."""

    defaults: str | None = None
    """A JSON object whose members are said where the request does not."""
    body: str | None = None
    """A JSON object whose members replace the request's; `null` takes away."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case."""

    def over(self, payload: bytes) -> bytes:
        """A request with what is laid over it; raises `ValueError` if it is no JSON object."""
        if self.defaults is not None:
            payload = overlay(payload, self.defaults, default=True)
        if self.body is not None:
            payload = overlay(payload, self.body, default=False)
        return payload


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider."""

    provider: str
    model: str
    weight: float = 1.0
    """How much of the load it takes, beside others of its tier."""
    overrides: Overrides | None = None
    name: str = field(init=False, compare=False, repr=False)
    seed: int = field(init=False, compare=False, repr=False)
    """A number of its own, the same in every process."""

    def __post_init__(self) -> None:
        """Work out what follows from the rest."""
        name = f"{self.provider}/{self.model}"
        object.__setattr__(self, "name", name)
        seed = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        object.__setattr__(self, "seed", int.from_bytes(seed, "little"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The target that `provider/model` names."""
        provider, _, model = text.partition("/")
        return cls(provider, model)

    def filled(self, matched: Sequence[str]) -> Target:
        """The target with what a pattern matched in place of each `*`."""
        return replace(self, model=fill(self.model, matched)) if "*" in self.model else self

    def __str__(self) -> str:
        return self.name


def fill(text: str, matched: Sequence[str]) -> str:
    """A text with what a pattern matched in place of each `*`."""
    texts = iter(matched)
    return re.sub(r"\*", lambda star: next(texts, star[0]), text)
