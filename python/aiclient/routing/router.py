"""From the name a client gives a model to the targets that serve it.

In this order: an exact name in `models`, `provider/model`, a pattern in `models` (a `*` in its targets is what it
matched), the default provider. Anything else is unknown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiclient.errors import UnknownModelError

__all__ = ["Router", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


class Router:
    """Knows the names of models and where they lead."""

    def __init__(
        self, models: Mapping[str, tuple[str, ...]], providers: Mapping[str, object], default_provider: str | None
    ) -> None:
        self._providers = providers
        self._default = default_provider
        self._exact = {name: targets for name, targets in models.items() if "*" not in name}
        # The longest pattern is the most particular one.
        patterns = sorted((name for name in models if "*" in name), key=len, reverse=True)
        self._patterns = [(_pattern(name), models[name]) for name in patterns]

    @property
    def names(self) -> list[str]:
        """Names that a client can use as they are."""
        return list(self._exact)

    def resolve(self, model: str, *, provider: str | None = None) -> tuple[Target, ...]:
        """The targets for a model, in the order they are tried; `provider` is one that the path names.

        Raises `UnknownModelError` with the names that come near.
        """
        if provider is not None:
            return (Target(provider, model.removeprefix(f"{provider}/")),)
        if model in self._exact:
            return tuple(self._target(target) for target in self._exact[model])
        named, _, rest = model.partition("/")
        if rest and named in self._providers:
            return (Target(named, rest),)
        for pattern, targets in self._patterns:
            if match := pattern.fullmatch(model):
                return tuple(self._target(_fill(target, match.groups())) for target in targets)
        if self._default is not None:
            return (Target(self._default, model),)
        raise UnknownModelError(self._unknown(model), pointer="/model")

    def _target(self, target: str) -> Target:
        provider, _, model = target.partition("/")
        return Target(provider, model)

    def _unknown(self, model: str) -> str:
        near = difflib.get_close_matches(model, self._exact, n=3)
        providers = ", ".join(f"{name}/..." for name in self._providers)
        hint = f"did you mean {' or '.join(near)}?" if near else f"models are called {providers}"
        if not near and self._exact:
            hint = f"there are {', '.join(sorted(self._exact)[:10])} and {providers}"
        return f"the model {model[:100]!r} is not known: {hint}"


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(re.escape(piece) for piece in name.split("*")), re.DOTALL)


def _fill(target: str, matched: tuple[str, ...]) -> str:
    """Put what a pattern matched where the target has a `*`."""
    texts = iter(matched)
    return re.sub(r"\*", lambda star: next(texts, star[0]), target)
