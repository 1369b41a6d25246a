"""A configuration without a file: of the variables that the vendors' own SDKs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from aiclient.config import Auth, Config, Model, ModelTarget, Provider
from aiclient.configuration.problems import ConfigError, Problem
from aiclient.dialect import Dialect
from aiclient.upstream.demo_url import DEMO_URL

__all__ = ["CLIENT_KEY_VARIABLE", "from_environment"]

CLIENT_KEY_VARIABLE = "AICLIENT_KEY"


@dataclass(frozen=True, slots=True)
class _Vendor:
    """Which variables make a provider, and whose models they are."""

    name: str
    dialect: Dialect
    key_variable: str
    url_variable: str
    default_url: str
    patterns: tuple[str, ...]


_VENDORS = (
    _Vendor(
        name="openai",
        dialect="openai_chat",
        key_variable="OPENAI_API_KEY",
        url_variable="OPENAI_BASE_URL",
        default_url="https://api.openai.com/v1",
        patterns=("gpt-*", "o*"),
    ),
    _Vendor(
        name="anthropic",
        dialect="anthropic",
        key_variable="ANTHROPIC_API_KEY",
        url_variable="ANTHROPIC_BASE_URL",
        default_url="https://api.anthropic.com",
        patterns=("claude-*",),
    ),
    _Vendor(
        name="gemini",
        dialect="gemini",
        key_variable="GEMINI_API_KEY",
        url_variable="GOOGLE_GEMINI_BASE_URL",
        default_url="https://generativelanguage.googleapis.com",
        patterns=("gemini-*", "gemma-*"),
    ),
)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Providers of the vendors' variables, or the built-in demo if no key is set.

    Each vendor's models go to it by pattern, all others to the first vendor. `AICLIENT_KEY` is a key for clients.
    Raises `ConfigError` naming the variables that cannot be used.
    """
    vendors = [vendor for vendor in _VENDORS if environ.get(vendor.key_variable)]
    problems = list(_problems(vendors, environ))
    if problems:
        raise ConfigError(problems)
    auth = Auth.model_validate({"keys": _keys(environ, CLIENT_KEY_VARIABLE)})
    if not vendors:
        demo = Provider(dialect="openai_chat", base_url=DEMO_URL)
        models = {"demo/echo": _model_at("demo/echo")}
        return Config(auth=auth, providers={"demo": demo}, models=models, default_provider="demo")
    return Config(
        auth=auth,
        providers={vendor.name: _provider(vendor, environ) for vendor in vendors},
        models={pattern: _model_at(f"{vendor.name}/{pattern}") for vendor in vendors for pattern in vendor.patterns},
        default_provider=vendors[0].name,
    )


def _provider(vendor: _Vendor, environ: Mapping[str, str]) -> Provider:
    values = {"dialect": vendor.dialect, "base_url": environ.get(vendor.url_variable) or vendor.default_url}
    return Provider.model_validate(values | {"api_keys": _keys(environ, vendor.key_variable)})


def _model_at(target: str) -> Model:
    return Model(targets=(ModelTarget(target=target),))


def _keys(environ: Mapping[str, str], variable: str) -> tuple[str, ...]:
    return (environ[variable],) if environ.get(variable) else ()


def _problems(vendors: list[_Vendor], environ: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the variables, each under its own name."""
    try:
        Auth.model_validate({"keys": _keys(environ, CLIENT_KEY_VARIABLE)})
    except ValidationError as error:
        yield from _named(error, {"keys": CLIENT_KEY_VARIABLE})
    for vendor in vendors:
        try:
            _provider(vendor, environ)
        except ValidationError as error:
            yield from _named(error, {"base_url": vendor.url_variable, "api_keys": vendor.key_variable})


def _named(error: ValidationError, variables: Mapping[str, str]) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        yield Problem("the environment", None, variables[str(detail["loc"][0])], str(detail["ctx"]["error"]))
