"""What a configuration says of pools and routes: credentials, health, targets, hedging."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, JsonValue

from aiclient.config_prompts import SystemPrompt
from aiclient.config_values import Headers, Key, Number, Seconds, Section, TextOrSection, Whole

__all__ = ["ApiKey", "Health", "Hedge", "Model", "ModelTarget"]


class ApiKey(TextOrSection):
    """A key of a provider; its text alone will do."""

    required_key: ClassVar[str] = "key"

    key: Key = Field(description="The key.")
    name: str | None = Field(
        default=None, min_length=1, max_length=64, description="What logs call it; else its place, from `1`."
    )
    weight: Number = Field(default=1, gt=0, le=1_000_000, description="How much of the load it takes beside others.")


class Health(Section):
    """When a provider counts as ill, and for how long."""

    failures: Whole = Field(
        default=3,
        ge=1,
        le=1_000,
        description="Failures in a row after which a model is passed over for others.",
    )
    pause: Seconds = Field(default=5, description="Seconds of the first pause; each in a row lasts twice as long.")
    max_pause: Seconds = Field(default=120, description="Seconds of the longest pause.")
    probe_every: Seconds | None = Field(
        default=None, description="Seconds between looks at its list of models, which end pauses early."
    )


class ModelTarget(TextOrSection):
    """A model at a provider; the text `provider/model` alone will do."""

    required_key: ClassVar[str] = "target"

    target: str = Field(description="`provider/model`; a `*` is what the name's `*` matched.")
    weight: Number | None = Field(
        default=None, gt=0, le=1_000_000, description="How much of the load it takes beside others of its priority."
    )
    priority: Whole | None = Field(
        default=None, ge=0, le=1_000_000, description="Lower ones are tried first; else in the order of the list."
    )
    defaults: dict[str, JsonValue] = Field(
        default={}, description="Members of the body, in the provider's dialect, where the request has none."
    )
    body: dict[str, JsonValue] = Field(
        default={}, description="Members of the body that replace the request's; `null` takes away."
    )
    # As a provider's, these may hold keys.
    headers: Headers = Field(default={}, repr=False, description="Headers that every request to the target carries.")


class Hedge(Section):
    """When a second attempt runs beside one that is slow."""

    after: Seconds | None = Field(
        default=None, description="Seconds without a first byte until a second attempt begins; by default never."
    )
    max_extra: Number = Field(default=0.05, gt=0, le=1, description="Most second attempts, as a share of the requests.")


class Model(Section):
    """Where the name of a model, or a pattern with `*`, leads."""

    targets: tuple[ModelTarget, ...] = Field(
        min_length=1, description="Models at providers, tried in order unless weights or priorities say otherwise."
    )
    sticky: bool = Field(
        default=True, description="Whether a conversation stays with a target and a key, for the vendor's prompt cache."
    )
    deadline: Seconds | None = Field(
        default=None, description="Seconds for all attempts up to the first byte; by default what the timeouts allow."
    )
    hedge: Hedge = Field(default=Hedge(), description="When a second attempt runs beside one that is slow.")
    system_prompt: SystemPrompt | None = Field(
        default=None, description="What is said beside clients' system prompts, instead of what holds for all models."
    )
