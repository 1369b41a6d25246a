"""From what a configuration says to what a running gateway consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from aiclient._native import ModelTable, ReasoningMemory
from aiclient.client_watch import Rounds
from aiclient.config import Config, Model, ModelTarget, SystemPrompt
from aiclient.config import Provider as ProviderConfig
from aiclient.media import MediaFetcher
from aiclient.moderation import Moderation
from aiclient.pools import Credential, Health, Pauses
from aiclient.prompts import PromptRules
from aiclient.routing import HedgeBudget, Overrides, Policy, Router, Rule, Target
from aiclient.services import Services
from aiclient.telemetry import Metrics
from aiclient.upstream.client import Limits, UpstreamClient
from aiclient.upstream.demo import DemoUpstream
from aiclient.upstream.demo_url import is_demo
from aiclient.upstream.http import HttpClient, PoolLimits, Tls
from aiclient.upstream.providers import Provider
from aiclient.upstream.public_addresses import PublicResolver

__all__ = ["assemble", "model_names", "router_of"]


def assemble(config: Config, metrics: Metrics, before: tuple[Config, Services] | None = None) -> Services:
    """Everything that exchanges need. Wants a running event loop.

    `before`: an earlier configuration, and what was made of it; whatever the two say alike is taken over.
    """
    same = _Same(config, *before) if before is not None else None
    providers = {
        name: (same and same.provider(name)) or _provider(name, said, metrics)
        for name, said in config.providers.items()
    }
    rules = _rules(config)
    rows = [row.model_dump(exclude_none=True) for row in config.model_traits]
    return Services(
        router=_router(config, rules),
        providers=providers,
        on_loss=config.on_loss,
        model_table=ModelTable(orjson.dumps(rows).decode()),
        memory=(same and same.memory()) or _memory(config),
        media=(same and same.media()) or _media(config),
        rounds=Rounds(),
        moderation=Moderation(config.server.rest_ms / 1000),
        metrics=metrics,
        system_prompt=_prompt_rules(config.system_prompt),
        keeps_prompts=config.prompt_log.to != "none",
        body_limit=config.server.max_body_mb << 20,
        has_choice=_has_choice(providers.values(), rules.values()),
    )


def router_of(config: Config) -> Router:
    """Who knows the names of models and where they lead."""
    return _router(config, _rules(config))


def _router(config: Config, rules: Mapping[str, Rule]) -> Router:
    return Router(rules, config.providers, config.default_provider, config.aliases)


def _rules(config: Config) -> dict[str, Rule]:
    return {name: _rule(model) for name, model in config.models.items()}


@dataclass(frozen=True, slots=True)
class _Same:
    """What of an earlier gateway a new configuration leaves as it is."""

    config: Config
    before: Config
    services: Services

    def provider(self, name: str) -> Provider | None:
        is_same = self.before.providers.get(name) == self.config.providers[name]
        return self.services.providers[name] if is_same else None

    def memory(self) -> ReasoningMemory | None:
        return self.services.memory if self.before.reasoning_memory == self.config.reasoning_memory else None

    def media(self) -> MediaFetcher | None:
        return self.services.media if self.before.media == self.config.media else None


def model_names(config: Config) -> list[str]:
    """Names a client can use as they are: those in `models` and `aliases`, and targets that stand there."""
    exact = dict.fromkeys(name for name in (*config.models, *config.aliases) if "*" not in name)
    entries = (entry.target for model in config.models.values() for entry in model.targets)
    return list(exact | dict.fromkeys(target for target in entries if "*" not in target))


def _provider(name: str, said: ProviderConfig, metrics: Metrics) -> Provider:
    limits = Limits(**said.timeouts.model_dump())
    return Provider(
        name=name,
        dialect=said.dialect,
        base_url=said.base_url,
        health=_health(name, said, metrics),
        limits=limits,
        headers=_headers(said.headers),
        client=_client(said),
        retries=said.retries,
        probe_every=said.health.probe_every,
    )


def _health(name: str, said: ProviderConfig, metrics: Metrics) -> Health:
    credentials = [
        Credential(one.name or str(place), one.key.get_secret_value(), one.weight)
        for place, one in enumerate(said.api_keys, start=1)
    ]
    pauses = Pauses(said.health.pause, said.health.max_pause)
    return Health(name, credentials, failures=said.health.failures, pauses=pauses, paused=metrics.paused)


def _client(said: ProviderConfig) -> UpstreamClient:
    if is_demo(said.base_url):
        return DemoUpstream()
    tls, connections = said.tls, said.connections
    return HttpClient(tls=Tls(tls.ca, tls.certificate, tls.key), limits=PoolLimits(connections.max, connections.queue))


def _media(config: Config) -> MediaFetcher | None:
    if not config.media.fetch:
        return None
    client = HttpClient(resolver=PublicResolver())
    return MediaFetcher(client, max_bytes=config.media.max_mb << 20, timeout=config.media.timeout)


def _memory(config: Config) -> ReasoningMemory | None:
    kept = config.reasoning_memory
    return ReasoningMemory(capacity=kept.max_mb << 20, lifetime=kept.ttl) if kept.max_mb else None


def _rule(model: Model) -> Rule:
    hedge = None if model.hedge.after is None else HedgeBudget(model.hedge.after, model.hedge.max_extra)
    prompt = None if model.system_prompt is None else _prompt_rules(model.system_prompt)
    return Rule(_tiers(model), Policy(model.sticky, model.deadline, prompt, hedge))


def _prompt_rules(said: SystemPrompt) -> PromptRules:
    return PromptRules(said.mode, said.text, tuple((one.find, one.replace) for one in said.replacements))


def _tiers(model: Model) -> tuple[tuple[Target, ...], ...]:
    """Targets by priority. Where none is given: the place in the list, which neighbours with weights share."""
    tiers: dict[int, list[Target]] = {}
    place = 0
    for index, entry in enumerate(model.targets):
        is_beside = index > 0 and entry.weight is not None and model.targets[index - 1].weight is not None
        place = place if is_beside else index
        tiers.setdefault(place if entry.priority is None else entry.priority, []).append(_target(entry))
    return tuple(tuple(tiers[priority]) for priority in sorted(tiers))


def _target(entry: ModelTarget) -> Target:
    provider, _, model = entry.target.partition("/")
    said = Overrides(
        defaults=orjson.dumps(entry.defaults).decode() if entry.defaults else None,
        body=orjson.dumps(entry.body).decode() if entry.body else None,
        headers=_headers(entry.headers),
    )
    return Target(provider, model, entry.weight or 1.0, None if said == Overrides() else said)


def _headers(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in headers.items())


def _has_choice(providers: Iterable[Provider], rules: Iterable[Rule]) -> bool:
    """Whether it matters anywhere whose conversation a request belongs to."""
    pools = any(len(provider.health.credentials) > 1 for provider in providers)
    return pools or any(len(tier) > 1 for rule in rules for tier in rule.tiers)
