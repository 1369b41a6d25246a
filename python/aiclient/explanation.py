"""Where a request for a model would go, and why, for people: `aiclient explain`."""

from __future__ import annotations

from collections.abc import Iterator

from aiclient.assembly import router_of
from aiclient.config import Config, Provider
from aiclient.routing import Policy, Route, Target
from aiclient.standing import ProviderStanding
from aiclient.status import circuit_words, merged, pause_words, standings

__all__ = ["explained"]


def explained(config: Config, model: str, provider: str | None = None, port: int | None = None) -> str:
    """The route of a model, target by target; `provider` is one that the path names.

    `port`: where a gateway may run that tells how the targets stand; by default the configuration's.
    Raises `UnknownModelError`.
    """
    route = router_of(config).route(model, provider=provider)
    seen = merged(standings(port or config.server.port))
    return "\n".join(_lines(config, model, route, seen))


def _lines(config: Config, model: str, route: Route, seen: dict[str, ProviderStanding]) -> Iterator[str]:
    yield f"{model}: {route.reason}"
    yield from (f"  {words}" for words in _policy(route.policy, has_choice=_has_choice(config, route)))
    for number, tier in enumerate(route.tiers, start=1):
        which = "one of these, by weight" if len(tier) > 1 else "this"
        yield f"{number}. {which}{', if those before fail' if number > 1 else ''}:"
        for target in tier:
            yield f"  {target.name}{f' (weight {target.weight:g})' if len(tier) > 1 else ''}"
            said = config.providers[target.provider]
            yield from (f"    {words}" for words in _target(target, said))
            if target.provider in seen:
                yield from (f"    {words}" for words in _standing(target, seen[target.provider]))


def _has_choice(config: Config, route: Route) -> bool:
    """Whether there are several targets that share the load, or several keys."""
    pools = (config.providers[target.provider].api_keys for target in route.targets)
    return any(len(tier) > 1 for tier in route.tiers) or any(len(keys) > 1 for keys in pools)


def _policy(policy: Policy, *, has_choice: bool) -> Iterator[str]:
    if has_choice:
        yield "a conversation stays with its target and key" if policy.sticky else "every request goes anywhere"
    if policy.deadline is not None:
        yield f"all attempts have {policy.deadline:g} s until the first byte"
    if policy.hedge is not None:
        yield f"a second attempt begins after {policy.hedge.after:g} s without a first byte"


def _target(target: Target, said: Provider) -> Iterator[str]:
    keys = ", ".join(key.name or str(place) for place, key in enumerate(said.api_keys, start=1))
    yield f"{said.dialect} at {said.base_url}, {f'with the keys {keys}' if keys else 'without a key'}"
    overrides = target.overrides
    if overrides is not None:
        if overrides.defaults is not None:
            yield f"where the request says nothing: {overrides.defaults}"
        if overrides.body is not None:
            yield f"whatever the request says: {overrides.body}"
        if overrides.headers:
            yield f"with the headers {', '.join(name for name, _ in overrides.headers)}"


def _standing(target: Target, seen: ProviderStanding) -> Iterator[str]:
    if not seen["up"]:
        yield "at the moment: it cannot be reached"
    for credential in seen["credentials"]:
        for pause in credential["pauses"]:
            if pause["model"] in {"*", target.model}:
                yield f"at the moment: the key {credential['name']} is {pause_words(pause)}"
    for circuit in seen["circuits"]:
        if circuit["model"] == target.model:
            yield f"at the moment: {circuit_words(circuit)}"
