"""The schema of a configuration: its defaults, its secrets, and the page that explains it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from aiclient.config import Config
from aiclient.configuration import load

DOCS = Path(__file__).parent.parent / "docs"
PROVIDER = {"dialect": "openai_chat", "base_url": "http://localhost:8080/v1"}


def test_what_is_not_said_has_a_default() -> None:
    config = Config.model_validate({"providers": {"local": PROVIDER}})
    assert config.server.model_dump() == {
        "host": "127.0.0.1",
        "port": 3000,
        "workers": 1,
        "max_body_mb": 32,
        "max_exchanges": 4096,
        "max_queue": 1024,
        "max_head_kb": 408,
        "head_seconds": 30,
        "drain_seconds": 30,
        "rest_ms": 2,
        "watch": False,
    }
    assert config.providers["local"].timeouts.model_dump() == {
        "connect": 10,
        "first_byte": 600,
        "idle": 300,
        "total": None,
    }
    assert (config.auth.keys, config.models, config.default_provider, config.on_loss) == ((), {}, None, "report")


def test_it_does_not_change() -> None:
    config = Config.model_validate({"providers": {"local": PROVIDER}})
    with pytest.raises(ValidationError, match="frozen"):
        config.server.port = 1


def test_secrets_are_not_shown() -> None:
    """Neither in a log of the configuration nor in a dump of it."""
    provider = PROVIDER | {"api_keys": ["sk-secret"], "headers": {"authorization": "Bearer sk-secret"}}
    config = Config.model_validate({"providers": {"local": provider}, "auth": {"keys": ["sk-secret"]}})
    assert "sk-secret" not in repr(config)
    assert config.auth.keys[0].get_secret_value() == "sk-secret"


def test_secrets_are_not_shown_when_they_are_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"providers": {"local": PROVIDER | {"api_keys": ["sk-secret with a blank"]}}})
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"default_provider": "loca"}, "did you mean local?"),
        ({"models": {"fast": {"targets": ["elsewhere/gpt"]}}}, "found 'elsewhere'; there are local"),
        ({"models": {"fast": {"targets": ["local"]}}}, "expected provider/model"),
        ({"models": {"fast-*": {"targets": ["local/*-*"]}}}, "expected no more * than there are in 'fast-*'"),
    ],
)
def test_references_lead_somewhere(more: dict[str, Any], message: str) -> None:
    """Also in a configuration that is made by a program."""
    with pytest.raises(ValidationError, match=re.escape(message)):
        Config.model_validate({"providers": {"local": PROVIDER}} | more)


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Key path, description and default of every field; entries of mappings are called NAME, of lists []."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        yield path, field.description or "", _default(field.default, required=field.is_required())
        annotation, inner = field.annotation, f"{path}."
        if get_args(annotation)[1:] == (...,):
            annotation, inner = get_args(annotation)[0], f"{path}[]."
        elif get_args(annotation)[1:]:
            annotation, inner = get_args(annotation)[1], f"{path}.NAME."
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from fields(annotation, inner)


def _default(value: object, *, required: bool) -> str:
    if required:
        return "required"
    if isinstance(value, BaseModel):
        return ""
    return f"`{value}`" if value else "none"


@pytest.mark.parametrize(("path", "description", "default"), list(fields(Config)), ids=lambda value: value[:40])
def test_every_key_is_explained(path: str, description: str, default: str) -> None:
    """The table of docs/configuration.md says what the schema says."""
    row = f"| `{path}` | {description} | {default} |".replace("  ", " ")
    assert row in (DOCS / "configuration.md").read_text("utf-8").splitlines()


def test_no_key_is_explained_that_is_not_there() -> None:
    text = (DOCS / "configuration.md").read_text("utf-8").partition("## Values")[0]
    assert re.findall(r"^\| `(\S+)` \|", text, re.MULTILINE) == [path for path, _, _ in fields(Config)]


def test_the_example_has_every_key() -> None:
    variables = ("AICLIENT_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")
    config = load(DOCS / "aiclient.example.yaml", dict.fromkeys(variables, "key"))
    assert config.model_fields_set == set(Config.model_fields)
    said = set().union(*(provider.model_fields_set for provider in config.providers.values()))
    assert said == {"dialect", "base_url", "api_keys", "timeouts", "connections", "headers", "retries", "health"}
    assert config.auth.keys == (SecretStr("key"),)


def test_the_schema_is_for_editors() -> None:
    schema = json.loads(json.dumps(Config.model_json_schema()))
    assert schema["required"] == ["providers"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Server"]["properties"]["port"]["maximum"] == 65_535


def test_an_alias_leads_to_a_pattern_only_with_a_character_for_its_star() -> None:
    said = {"providers": {"local": PROVIDER}, "models": {"claude-*": {"targets": ["local/claude-*"]}}}
    Config.model_validate(said | {"aliases": {"c": "claude-x"}})
    with pytest.raises(ValidationError, match="expected the name of a model"):
        Config.model_validate(said | {"aliases": {"c": "claude-"}})
