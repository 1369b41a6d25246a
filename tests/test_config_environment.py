"""A configuration of the environment alone: the vendors' own variables, or the built-in demo."""

import pytest

from aiclient.configuration import ConfigError, from_environment
from aiclient.routing import Router, Rule

KEYS = {"OPENAI_API_KEY": "o-key", "ANTHROPIC_API_KEY": "a-key", "GEMINI_API_KEY": "g-key"}


def route(environ: dict[str, str], model: str) -> str:
    """Where a model leads."""
    config = from_environment(environ)
    rules = {name: Rule.to(*(entry.target for entry in model.targets)) for name, model in config.models.items()}
    [target] = Router(rules, config.providers, config.default_provider).resolve(model)
    return str(target)


def test_nothing_is_set() -> None:
    config = from_environment({"OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://unused"})
    assert config.providers.keys() == {"demo"}
    assert config.auth.keys == ()
    assert route({}, "demo/echo") == "demo/echo"


def test_every_vendor() -> None:
    config = from_environment(KEYS)
    assert {name: (provider.dialect, provider.base_url) for name, provider in config.providers.items()} == {
        "openai": ("openai_chat", "https://api.openai.com/v1"),
        "anthropic": ("anthropic", "https://api.anthropic.com"),
        "gemini": ("gemini", "https://generativelanguage.googleapis.com"),
    }
    keys = [entry.key.get_secret_value() for provider in config.providers.values() for entry in provider.api_keys]
    assert keys == ["o-key", "a-key", "g-key"]
    assert config.default_provider == "openai"


@pytest.mark.parametrize(
    ("variable", "key", "provider"),
    [
        ("OPENAI_BASE_URL", "OPENAI_API_KEY", "openai"),
        ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "anthropic"),
        ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY", "gemini"),
    ],
)
def test_addresses(variable: str, key: str, provider: str) -> None:
    config = from_environment({key: "key", variable: "http://localhost:1234"})
    assert config.providers.keys() == {provider}
    assert config.providers[provider].base_url == "http://localhost:1234"
    assert config.default_provider == provider


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ("gpt-5", "openai/gpt-5"),
        ("o4-mini", "openai/o4-mini"),
        ("claude-haiku-4-5", "anthropic/claude-haiku-4-5"),
        ("gemini-3-pro", "gemini/gemini-3-pro"),
        ("gemini/anything", "gemini/anything"),
        ("anything", "openai/anything"),
    ],
)
def test_models(model: str, target: str) -> None:
    assert route(KEYS, model) == target


def test_a_key_for_clients() -> None:
    [key] = from_environment({"AICLIENT_KEY": "mine"}).auth.keys
    assert key.get_secret_value() == "mine"


def test_errors_name_the_variables() -> None:
    """All of them, and no key."""
    environ = {"AICLIENT_KEY": "sk-a b", "OPENAI_API_KEY": "sk-secret\n", "OPENAI_BASE_URL": "localhost"}
    with pytest.raises(ConfigError) as caught:
        from_environment(environ)
    assert [problem.path for problem in caught.value.problems] == ["AICLIENT_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY"]
    assert "sk-" not in str(caught.value)
