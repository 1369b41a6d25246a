"""What a configuration says: its keys, their units and defaults, and what one section requires of another.

Must not know: the file it is from, variables, or how an error is shown; that is `aiclient.configuration`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from aiclient.config_prompts import PromptLog, Replacement, SystemPrompt
from aiclient.config_routing import ApiKey, Health, Hedge, Model, ModelTarget
from aiclient.config_values import Headers, Key, KeyPath, Number, Seconds, Section, Whole
from aiclient.dialect import Dialect
from aiclient.upstream.demo_url import is_demo

__all__ = [
    "ApiKey",
    "Auth",
    "Config",
    "Connections",
    "Health",
    "Hedge",
    "KeyPath",
    "Log",
    "Media",
    "Model",
    "ModelTarget",
    "ModelTraits",
    "PromptLog",
    "Provider",
    "ReasoningMemory",
    "References",
    "Replacement",
    "Server",
    "SystemPrompt",
    "Timeouts",
    "Tls",
    "Tracing",
    "broken_references",
    "nearest",
]

# A path that begins with a provider's name goes to it: these begin paths of the gateway's own.
RESERVED_NAMES = frozenset({"admin", "health", "messages", "metrics", "models", "readyz", "v1", "v1beta", "v1beta1"})
_PROVIDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _address(url: str) -> str:
    """An absolute address of a server, or the demo's; the path is all that may follow."""
    if is_demo(url):
        return url
    if not _is_absolute(url):
        raise ValueError("expected an address such as https://host:port/path")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("expected an address without user and password; a key goes into `api_keys`")
    if parts.query or parts.fragment:
        raise ValueError("expected an address without a query and a fragment")
    return url


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_server and url.isprintable() and " " not in url


def _provider_name(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError("expected another name: paths of the gateway begin with this one")
    if not _PROVIDER_NAME.fullmatch(name):
        raise ValueError("expected a name of letters, digits, dots, dashes and underscores")
    return name


Address = Annotated[str, AfterValidator(_address)]


class Server(Section):
    """Where and how the gateway listens."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: Whole = Field(default=3000, ge=1, le=65_535, description="Port to listen on.")
    workers: Whole = Field(default=1, ge=1, le=256, description="Processes that serve; each uses one core.")
    max_body_mb: Whole = Field(default=32, ge=1, le=2_048, description="Largest body of a request, in MiB.")
    max_exchanges: Whole = Field(default=4096, ge=1, le=65_535, description="Requests a worker works on at a time.")
    max_queue: Whole = Field(default=1024, ge=0, le=65_535, description="Requests that wait in a worker.")
    max_head_kb: Whole = Field(default=408, ge=8, le=16_384, description="Largest head of a request, in KiB.")
    head_seconds: Whole = Field(default=30, ge=1, le=3_600, description="Seconds that the head of a request may take.")
    drain_seconds: Whole = Field(default=30, ge=1, le=86_400, description="Seconds for open exchanges after a SIGTERM.")
    rest_ms: Number = Field(
        default=2, ge=0, le=20, description="Milliseconds a worker rests between reads while it relays many chunks."
    )
    watch: bool = Field(default=False, description="Whether to reload the file when it changes.")


class Auth(Section):
    """Who may use the gateway."""

    keys: tuple[Key, ...] = Field(default=(), description="Keys that clients may come with; without any, all may.")
    admin_keys: tuple[Key, ...] = Field(default=(), description="Keys that may reload, and see how the gateway stands.")
    open_metrics: bool = Field(default=False, description="Whether `/metrics` needs no key.")


class Timeouts(Section):
    """How long to wait for a provider, in seconds."""

    connect: Seconds = Field(default=10, description="Seconds until the connection stands, TLS included.")
    first_byte: Seconds = Field(default=600, description="Seconds from the request to the head of its answer.")
    idle: Seconds = Field(default=300, description="Seconds between two reads of an answer.")
    total: Seconds | None = Field(default=None, description="Seconds from the request to the end of its answer.")


class Tls(Section):
    """Files in PEM format for connections to a provider; a path is taken from the working directory."""

    ca: Path | None = Field(default=None, description="Authorities to believe, instead of the system's.")
    key: Path | None = Field(default=None, description="Key of the certificate, if it is in a file of its own.")
    certificate: Path | None = Field(
        default=None, validate_default=True, description="Certificate to show to the provider."
    )

    @field_validator("ca")
    @classmethod
    def _holds_authorities(cls, ca: Path | None) -> Path | None:
        if ca is not None:
            from aiclient.upstream.http.tls import check_authorities  # noqa: PLC0415  # few have any

            check_authorities(ca)
        return ca

    @field_validator("certificate")
    @classmethod
    def _fits_key(cls, certificate: Path | None, others: ValidationInfo) -> Path | None:
        key = others.data.get("key")
        if certificate is not None:
            from aiclient.upstream.http.tls import check_certificate  # noqa: PLC0415  # few have any

            check_certificate(certificate, key)
        elif key is not None:
            raise ValueError("expected a certificate with the key")
        return certificate


class Connections(Section):
    """How much a provider may be asked at a time by one worker."""

    max: Whole = Field(default=4096, ge=1, le=65_535, description="Connections that are open at the same time.")
    queue: Whole = Field(default=1024, ge=0, le=1_000_000, description="Requests that wait for a connection.")


class Provider(Section):
    """An endpoint that speaks a dialect."""

    dialect: Dialect = Field(description="What the provider speaks.")
    base_url: Address = Field(description="What the vendor's SDK takes as base URL; `demo:` is the built-in demo.")
    api_keys: tuple[ApiKey, ...] = Field(default=(), description="Keys for the provider; they share the load.")
    timeouts: Timeouts = Field(default=Timeouts(), description="How long to wait.")
    connections: Connections = Field(default=Connections(), description="How much one worker asks at a time.")
    tls: Tls = Field(default=Tls(), description="Whom to believe, and how to prove who one is.")
    retries: Whole = Field(
        default=1, ge=0, le=100, description="How often a request is sent again if it failed and nothing else is left."
    )
    health: Health = Field(default=Health(), description="When it counts as ill, and for how long.")
    # Some providers take their keys in headers, so these are not shown either.
    headers: Headers = Field(default={}, repr=False, description="Headers that every request to the provider carries.")


class Log(Section):
    """What is written to standard error."""

    exchanges: bool = Field(default=True, description="Whether there is a line for each exchange.")


class Tracing(Section):
    """Traces by OpenTelemetry; wants the extra `aiclient[otel]`."""

    enabled: bool = Field(default=False, validate_default=True, description="Whether exchanges are traced.")
    endpoint: Address | None = Field(
        default=None, description="Where spans go by OTLP over HTTP; else OTEL_EXPORTER_OTLP_ENDPOINT says it."
    )
    sample: Number = Field(
        default=1, ge=0, le=1, description="Share of the traces to keep, where whoever asks has not decided."
    )

    @field_validator("enabled")
    @classmethod
    def _is_installed(cls, enabled: bool) -> bool:  # pydantic gives it so
        if enabled and find_spec("opentelemetry") is None:
            raise ValueError("expected OpenTelemetry to be there; install it with: pip install 'aiclient[otel]'")
        return enabled


class Media(Section):
    """What is fetched for providers that take media only as bytes."""

    fetch: bool = Field(default=False, description="Whether media are fetched from their addresses at all.")
    max_mb: Whole = Field(default=20, ge=1, le=512, description="Most MiB for one request.")
    timeout: Seconds = Field(default=20, description="Seconds for all media of one request.")


class ReasoningMemory(Section):
    """What is kept of reasoning for Chat clients that do not give it back."""

    max_mb: Whole = Field(default=64, ge=0, le=65_536, description="Most MiB in each worker; 0 keeps nothing.")
    ttl: Whole = Field(default=3_600, ge=1, le=604_800, description="Seconds after which it is forgotten.")


class ModelTraits(Section):
    """What is special about models that the gateway does not know, or knows otherwise."""

    match: str = Field(min_length=1, description="The upstream's name of the model; a `*` stands for anything.")
    like: str | None = Field(default=None, description="A model that is known, to start from.")
    thinking: Literal["unknown", "never", "budget", "effort"] | None = Field(
        default=None, description="How it is told how much to think: not at all, in tokens, or by name."
    )
    efforts: tuple[Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"], ...] | None = Field(
        default=None, description="The efforts it knows; others become the nearest."
    )
    sampling: bool | None = Field(default=None, description="Takes `temperature`, `top_p` and `top_k`.")
    temperature_with_top_p: bool | None = Field(default=None, description="Takes both at once.")
    stop: bool | None = Field(default=None, description="Takes stop sequences.")
    mid_system: bool | None = Field(default=None, description="Takes system messages inside the conversation.")
    structured_output: bool | None = Field(default=None, description="Can be held to a JSON Schema.")
    completion_limit: bool | None = Field(
        default=None, description="Calls the output limit `max_completion_tokens`, and instructions `developer`."
    )
    echo_reasoning: bool | None = Field(
        default=None, description="Wants its thoughts back as `reasoning_content` on turns with calls."
    )
    output_limit: Whole | None = Field(default=None, ge=1, description="Most output tokens.")


class Config(Section):
    """The configuration of a gateway."""

    server: Server = Field(default=Server(), description="Where and how the gateway listens.")
    auth: Auth = Field(default=Auth(), description="Who may use the gateway.")
    providers: dict[Annotated[str, AfterValidator(_provider_name)], Provider] = Field(
        min_length=1, description="Providers by name."
    )
    models: dict[str, Model] = Field(default={}, description="Models by name or pattern.")
    aliases: dict[str, str] = Field(
        default={}, description="Other names for models; a `*` is what the name's `*` matched."
    )
    default_provider: str | None = Field(default=None, description="Provider of models that no other rule names.")
    model_traits: tuple[ModelTraits, ...] = Field(
        default=(), description="What is special about models; the first that matches counts, before what is built in."
    )
    log: Log = Field(default=Log(), description="What is written to standard error.")
    tracing: Tracing = Field(default=Tracing(), description="Traces by OpenTelemetry.")
    media: Media = Field(default=Media(), description="What is fetched for providers that take media only as bytes.")
    reasoning_memory: ReasoningMemory = Field(
        default=ReasoningMemory(), description="What is kept of reasoning for Chat clients that do not give it back."
    )
    system_prompt: SystemPrompt = Field(
        default=SystemPrompt(), description="What is said beside clients' system prompts."
    )
    prompt_log: PromptLog = Field(default=PromptLog(), description="A log of what is asked and answered.")
    on_loss: Literal["report", "reject"] = Field(
        default="report", description="Whether a request that cannot be carried whole goes on, or is refused."
    )

    @model_validator(mode="after")
    def _references_lead_somewhere(self) -> Config:
        targets = {name: [entry.target for entry in model.targets] for name, model in self.models.items()}
        named = References(self.providers, targets, self.aliases, self.default_provider)
        broken = [message for _, message in broken_references(named)]
        if broken:
            raise ValueError("; ".join(broken))
        return self


class References(NamedTuple):
    """What names something else, as far as it could be read."""

    providers: Mapping[str, object]
    targets: Mapping[str, Sequence[object]]
    aliases: Mapping[str, object]
    default_provider: object


def broken_references(said: References) -> Iterator[tuple[KeyPath, str]]:
    """What names something that is not there, with its place; entries that are no text are left to the schema."""
    default = said.default_provider
    if isinstance(default, str) and default not in said.providers:
        yield ("default_provider",), _no_provider(default, said.providers)
    for name, entries in said.targets.items():
        for index, entry in enumerate(entries):
            place: KeyPath = ("models", name, "targets", index)
            target, place = (entry.get("target"), (*place, "target")) if isinstance(entry, Mapping) else (entry, place)
            if isinstance(target, str) and (message := _target_fault(name, target, said.providers)):
                yield place, message
    for name, meant in said.aliases.items():
        if isinstance(meant, str) and (message := _alias_fault(name, meant, said)):
            yield ("aliases", name), message


def _target_fault(name: str, target: str, providers: Mapping[str, object]) -> str | None:
    provider, _, model = target.partition("/")
    if not model:
        return f"expected provider/model, found {target!r}"
    if provider not in providers:
        return _no_provider(provider, providers)
    return _stars_fault(name, target)


def _alias_fault(name: str, meant: str, said: References) -> str | None:
    if name in said.targets:
        return f"expected another name: there is a model {name!r} already"
    is_known = meant in said.targets or meant.partition("/")[0] in said.providers or said.default_provider
    # A `*` stands for one character at least.
    patterns = (model.replace("*", "?*") for model in said.targets if "*" in model)
    if not is_known and not any(fnmatchcase(meant, pattern) for pattern in patterns):
        return f"expected the name of a model, found {meant!r}; {nearest(meant, said.targets)}"
    return _stars_fault(name, meant)


def _stars_fault(name: str, text: str) -> str | None:
    if text.count("*") > name.count("*"):
        return f"expected no more * than there are in {name!r}, found {text!r}"
    return None


def _no_provider(name: str, providers: Mapping[str, object]) -> str:
    return f"expected the name of a provider, found {name!r}; {nearest(name, providers)}"


def nearest(name: str, known: Mapping[str, object]) -> str:
    """The valid name that comes nearest to a wrong one; all of them if none does."""
    import difflib  # noqa: PLC0415  # only a wrong configuration needs it

    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
