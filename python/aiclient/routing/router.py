"""From the name that a client gives a model to a route.

In this order: an alias, which stands for another name; an exact name in `models`; `provider/model`; a pattern among
the aliases and in `models` (a `*` is one character or more, and in what it leads to it is what it matched); the default
provider. Anything else is unknown.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aiclient.errors import UnknownModelError
from aiclient.routing.route import Policy, Route
from aiclient.routing.target import Target, fill

__all__ = ["Router", "Rule"]

# Names that are looked up once; most clients use few.
KEPT_NAMES = 2048
# Most characters of a name that is kept.
KEPT_LENGTH = 200

# How near a name has to come to be meant, from 0 to 1, and the fewest characters in which it may.
NEAR = 0.6
NEAR_LENGTH = 3

_PLAIN = Policy()
_Pattern = tuple[re.Pattern[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a name or a pattern leads."""

    tiers: tuple[tuple[Target, ...], ...]
    policy: Policy = _PLAIN

    @classmethod
    def to(cls, *targets: str) -> Rule:
        """The rule that tries targets in order."""
        return cls(tuple((Target.parse(target),) for target in targets))


class Router:
    """Knows the names of models and where they lead."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        providers: Iterable[str],
        default_provider: str | None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._providers = frozenset(providers)
        self._listed_providers = tuple(providers)
        self._default = default_provider
        self._rules = rules
        self._aliases = aliases or {}
        # The longest pattern is the most particular one; of two as long, an alias.
        patterns = sorted((name for name in {**self._aliases, **rules} if "*" in name), key=len, reverse=True)
        self._patterns = [(_compiled(name), name) for name in patterns]
        self._own_patterns = [(pattern, name) for pattern, name in self._patterns if name not in self._aliases]
        self._kept = functools.lru_cache(KEPT_NAMES)(self._find)

    @property
    def names(self) -> list[str]:
        """Names that a client can use as they are."""
        return [name for name in {**self._rules, **self._aliases} if "*" not in name]

    def resolve(self, model: str, *, provider: str | None = None) -> tuple[Target, ...]:
        """The targets for a model, in the order of their tiers; as `route`."""
        return self.route(model, provider=provider).targets

    def route(self, model: str, *, provider: str | None = None) -> Route:
        """The route for a model; `provider` is one that the path names.

        Raises `UnknownModelError` with the names that come near.
        """
        return (self._kept if len(model) <= KEPT_LENGTH else self._find)(model, provider)

    def _find(self, model: str, provider: str | None) -> Route:
        if provider is not None:
            return _route_to(provider, model.removeprefix(f"{provider}/"), "the path names the provider")
        if (meant := self._aliases.get(model)) is not None:
            return _as_alias(self._look_up(meant, self._own_patterns), model, meant)
        return self._look_up(model, self._patterns)

    def _look_up(self, model: str, patterns: Sequence[_Pattern]) -> Route:
        if (rule := self._rules.get(model)) is not None:
            return Route(model, rule.tiers, rule.policy, f"{model} is a name in models")
        named, _, rest = model.partition("/")
        if rest and named in self._providers:
            return _route_to(named, rest, "the name begins with a provider's")
        for pattern, name in patterns:
            if (match := pattern.fullmatch(model)) is not None:
                return self._matched(name, match.groups())
        if self._default is not None:
            return _route_to(self._default, model, "nothing else knows the name: the default provider")
        raise UnknownModelError(self._unknown(model), pointer="/model")

    def _matched(self, name: str, texts: Sequence[str]) -> Route:
        if name in self._aliases:
            # What an alias stands for is no alias, or two could go round in a circle.
            meant = fill(self._aliases[name], texts)
            return _as_alias(self._look_up(meant, self._own_patterns), name, meant)
        rule = self._rules[name]
        tiers = tuple(tuple(target.filled(texts) for target in tier) for tier in rule.tiers)
        return Route(name, tiers, rule.policy, f"the pattern {name} in models matches")

    def _unknown(self, model: str) -> str:
        names = self.names
        patterns = [name for _, name in self._patterns]
        near = difflib.get_close_matches(model[:KEPT_LENGTH], names, 3, NEAR)
        near += [name for name in patterns if _comes_near(model, name)][: 3 - len(near)]
        providers = ", ".join(f"{name}/..." for name in self._listed_providers)
        hint = f"did you mean {' or '.join(near)}?" if near else f"models are called {providers}"
        if not near and names:
            hint = f"there are {', '.join(sorted(names)[:10])} and {providers}"
        return f"the model {model[:100]!r} is not known: {hint}"


def _route_to(provider: str, model: str, reason: str) -> Route:
    return Route(f"{provider}/*", ((Target(provider, model),),), reason=reason)


def _as_alias(route: Route, alias: str, meant: str) -> Route:
    return replace(route, reason=f"{alias} is an alias for {meant}; {route.reason}")


def _comes_near(model: str, pattern: str) -> bool:
    """Whether a name looks like a pattern, or begins or ends nearly as the pattern does."""
    begin, end = pattern.partition("*")[0], pattern.rpartition("*")[2]
    pairs = [(model[:KEPT_LENGTH], pattern), (model[: len(begin)], begin), (model[-len(end) :], end)]
    return any(
        len(meant) >= NEAR_LENGTH and difflib.SequenceMatcher(None, meant, said).ratio() >= NEAR
        for said, meant in pairs
    )


def _compiled(name: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(piece) for piece in name.split("*")), re.DOTALL)
