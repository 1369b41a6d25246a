"""What a configuration file may say, and what it means.

`load` reads a file and reports every error with its file, line, key path, what was expected and the nearest valid name;
`from_environment` makes a configuration of the vendors' own variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from aiclient.dialect import Dialect
from aiclient.upstream.demo import DEMO_URL, is_demo

__all__ = ["Auth", "Config", "Model", "Provider", "Server", "Timeouts", "from_environment"]


def _http_url(url: str) -> str:
    if not (is_demo(url) or url.startswith(("http://", "https://"))) or any(c.isspace() for c in url):
        raise ValueError("expected an address that begins with http:// or https://")
    return url


Url = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(_Section):
    """Where and how the gateway listens."""

    host: str = Field("127.0.0.1", description="Address to listen on. Beyond loopback, `auth.keys` must be set.")
    port: int = Field(3000, ge=1, le=65_535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=256, description="Processes that serve; one uses one core.")
    max_body_mb: int = Field(32, ge=1, le=2_048, description="Largest request, in MiB.")


class Auth(_Section):
    """Who may use the gateway."""

    keys: tuple[SecretStr, ...] = Field((), description="Keys that clients may come with. None: everybody may.")

    @model_validator(mode="after")
    def _keys_are_not_empty(self) -> Auth:
        if any(not key.get_secret_value() for key in self.keys):
            raise ValueError("expected keys that are not empty")
        return self


class Timeouts(_Section):
    """How long to wait for a provider, in seconds."""

    connect: Seconds = Field(10, description="Until the connection stands, TLS included.")
    first_byte: Seconds = Field(600, description="Until the head of the answer comes.")
    idle: Seconds = Field(300, description="Between two reads of an answer.")


class Provider(_Section):
    """An endpoint that speaks a dialect."""

    dialect: Dialect = Field(description="`openai_chat`, `anthropic` or `gemini`.")
    base_url: Url = Field(description="What the vendor's SDK takes as base URL; `demo:` is the built-in demo.")
    api_keys: tuple[SecretStr, ...] = Field((), description="Keys for the provider, used in turn.")
    timeouts: Timeouts = Field(Timeouts(), description="How long to wait.")
    headers: dict[str, str] = Field({}, description="Headers that every request to the provider carries.")

    @model_validator(mode="after")
    def _can_be_served(self) -> Provider:
        if self.dialect == "openai_responses":
            raise ValueError("dialect: openai_responses cannot be translated yet; expected openai_chat")
        return self


class Model(_Section):
    """Where a name, or a pattern with `*`, leads."""

    targets: tuple[str, ...] = Field(min_length=1, description="`provider/model`, tried in order; a `*` is what the name's `*` matched.")


class Config(_Section):
    """The whole configuration."""

    server: Server = Field(Server(), description="Where and how the gateway listens.")
    auth: Auth = Field(Auth(), description="Who may use it.")
    providers: dict[str, Provider] = Field(description="Endpoints by name.", min_length=1)
    models: dict[str, Model] = Field({}, description="Names and patterns of models.")
    default_provider: str | None = Field(None, description="Provider of models that no other rule names.")
    on_loss: Literal["report", "reject"] = Field(
        "report", description="What to do with a request that cannot be carried whole: go on and say so, or refuse it."
    )


# Which environment variables make which provider: name, dialect, key, address, its default, patterns of its models.
_VENDORS: tuple[tuple[str, Dialect, str, str, str, tuple[str, ...]], ...] = (
    (
        "openai",
        "openai_chat",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        ("gpt-*", "o1*", "o3*", "o4*", "chatgpt-*"),
    ),
    (
        "anthropic",
        "anthropic",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
        ("claude-*",),
    ),
    (
        "gemini",
        "gemini",
        "GEMINI_API_KEY",
        "GOOGLE_GEMINI_BASE_URL",
        "https://generativelanguage.googleapis.com",
        ("gemini-*", "gemma-*"),
    ),
)


def from_environment(environ: Mapping[str, str]) -> Config:
    """A configuration of the vendors' own variables; of the built-in demo if none is set.

    A pattern leads each vendor's models to it, and the first vendor takes the rest. `AICLIENT_KEY` is a client key.
    """
    providers: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for name, dialect, key, url, default_url, patterns in _VENDORS:
        if environ.get(key):
            base_url = environ.get(url) or default_url
            providers[name] = {"dialect": dialect, "base_url": base_url, "api_keys": (environ[key],)}
            models |= {pattern: {"targets": (f"{name}/*" if pattern == "*" else f"{name}/{pattern}",)} for pattern in patterns}
    if not providers:
        providers["demo"] = {"dialect": "openai_chat", "base_url": DEMO_URL}
        models["demo/echo"] = {"targets": ("demo/echo",)}
    keys = (environ["AICLIENT_KEY"],) if environ.get("AICLIENT_KEY") else ()
    return Config.model_validate(
        {"providers": providers, "models": models, "default_provider": next(iter(providers)), "auth": {"keys": keys}}
    )
