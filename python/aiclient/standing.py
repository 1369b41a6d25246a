"""How a worker stands at the moment: what it has under way, and what it knows of its providers' health.

    {"open": 3, "queued": 0, "providers": {"openai": {"dialect": "openai_chat", "up": true, "credentials": [...],
     "obstacle": null, "circuits": [...]}}}

Names only, never a key.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import TypedDict

from aiclient.middleware.admission import Admission
from aiclient.pools import Credential
from aiclient.pools.circuit import State
from aiclient.telemetry.metrics import MOST_NAMES, OTHER
from aiclient.telemetry.snapshot import Snapshot
from aiclient.upstream.providers import Provider

__all__ = [
    "CircuitStanding",
    "CredentialStanding",
    "PauseStanding",
    "ProviderStanding",
    "Standing",
    "gauge",
    "obstacles",
    "standing",
]

_STATES = {State.CLOSED.value: 0, State.HALF_OPEN.value: 1, State.OPEN.value: 2}


class PauseStanding(TypedDict):
    """A credential is not used for a model."""

    model: str
    """`*` for all models."""
    seconds: float
    """How much longer."""
    reason: str
    """`refused`, `asked` by the upstream, or `guessed`."""


class CredentialStanding(TypedDict):
    """A credential."""

    name: str
    weight: float
    in_flight: int
    pauses: list[PauseStanding]


class CircuitStanding(TypedDict):
    """A model that has failed since it last answered."""

    model: str
    state: str
    seconds: float
    """How much longer, if it is open."""


class ProviderStanding(TypedDict):
    """A provider."""

    dialect: str
    up: bool
    """Whether it could be reached when it was last asked."""
    obstacle: str | None
    """Why it is of no use, for people; None as soon as a request may find out that it is."""
    credentials: list[CredentialStanding]
    circuits: list[CircuitStanding]


class Standing(TypedDict):
    """A worker."""

    open: int
    queued: int
    is_full: bool
    """Whether the next request would be refused."""
    providers: dict[str, ProviderStanding]


def standing(providers: Mapping[str, Provider], admission: Admission) -> Standing:
    """How a worker stands."""
    now = time.monotonic()
    return Standing(
        open=admission.open,
        queued=admission.queued,
        is_full=admission.is_full,
        providers={name: _provider(provider, now) for name, provider in providers.items()},
    )


def _provider(provider: Provider, now: float) -> ProviderStanding:
    health = provider.health
    circuits = [
        CircuitStanding(model=model, state=state.value, seconds=round(max(0.0, until - now), 1))
        for model, state, until in health.circuits.states(now)
    ]
    return ProviderStanding(
        dialect=provider.dialect,
        up=health.circuits.is_reachable,
        obstacle=health.obstacle(now),
        credentials=[_credential(one, now) for one in health.credentials],
        circuits=circuits,
    )


def _credential(credential: Credential, now: float) -> CredentialStanding:
    pauses = [
        PauseStanding(
            model=model or "*",
            seconds=round(rest.until - now, 1),
            reason="refused" if rest.is_refusal else "asked" if rest.is_told else "guessed",
        )
        for model, rest in credential.rests.items()
        if rest.until > now
    ]
    return CredentialStanding(
        name=credential.name, weight=credential.weight, in_flight=credential.in_flight, pauses=pauses
    )


def gauge(snapshot: Snapshot, stands: Standing) -> None:
    """Say it in metrics."""
    snapshot.gauge("aiclient_open_requests", (), stands["open"])
    snapshot.gauge("aiclient_queued_requests", (), stands["queued"])
    snapshot.gauge("aiclient_workers", (), 1)
    snapshot.gauge("aiclient_info", (version("aiclient"),), 1)
    names = _Names(snapshot)
    for name, provider in stands["providers"].items():
        snapshot.gauge("aiclient_provider_up", (name,), int(provider["up"]))
        for credential in provider["credentials"]:
            _gauge_credential(snapshot, name, credential, names)
        for circuit in provider["circuits"]:
            labels = (name, names.shown(circuit["model"]))
            snapshot.gauge("aiclient_circuit_state", labels, _STATES[circuit["state"]])


class _Names:
    """The names of models that are told apart: those that were counted, and others while there is room."""

    def __init__(self, snapshot: Snapshot) -> None:
        counted = (snapshot.counters.get(name, {}) for name in ("aiclient_attempts_total", "aiclient_pauses_total"))
        self._known = {model for series in counted for _, model, *_ in series} - {OTHER}

    def shown(self, model: str) -> str:
        """What a model is called in metrics; `*` is all of them."""
        if model == "*" or model in self._known:
            return model
        if len(self._known) >= MOST_NAMES:
            return OTHER
        self._known.add(model)
        return model


def _gauge_credential(snapshot: Snapshot, provider: str, credential: CredentialStanding, names: _Names) -> None:
    snapshot.gauge("aiclient_upstream_requests", (provider, credential["name"]), credential["in_flight"])
    for pause in credential["pauses"]:
        labels = (provider, credential["name"], names.shown(pause["model"]))
        name = "aiclient_credential_refused" if pause["reason"] == "refused" else "aiclient_credential_paused"
        snapshot.gauge(name, labels, 1)


def obstacles(stands: Standing) -> Iterator[str]:
    """Why the worker cannot serve: no provider is of use, or no request more would be taken.

    What only a request can find out is no obstacle: a balancer that waits for its end would wait for ever.
    """
    if stands["is_full"]:
        yield "as many requests wait as may"
    found = {name: provider["obstacle"] for name, provider in stands["providers"].items()}
    if all(found.values()):
        yield from (f"the provider {name} {reason}" for name, reason in found.items())
