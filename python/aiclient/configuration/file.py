"""A configuration file, read and checked: all that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from aiclient.config import Config, KeyPath, References, broken_references
from aiclient.configuration.document import Document
from aiclient.configuration.problems import ConfigError, Problem, describe

__all__ = ["load"]


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in a file, with variables from `environ`; raises `ConfigError` with every problem."""
    document = Document(str(path), _text(path), environ)
    problems = [*document.problems]
    config: Config | None = None
    try:
        config = Config.model_validate(document.data)
    except ValidationError as error:
        problems += _schema_problems(document, error)
    problems += _reference_problems(document)
    if problems or config is None:
        raise ConfigError(sorted(set(problems), key=lambda problem: (problem.line or 0, problem.path)))
    return config


def _text(path: Path) -> str:
    try:
        # An editor for Windows may have put a byte order mark first.
        return path.read_text("utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError as error:
        reason = f"expected UTF-8, found byte {error.object[error.start]:#04x} at offset {error.start}"
    raise ConfigError([Problem(str(path), None, "", reason)])


def _schema_problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        # The name of a mapping's entry is wrong, rather than what stands there.
        path = document.written(tuple(step for step in detail["loc"] if step != "[key]"))
        is_reference = not path and detail["type"] == "value_error"
        if path not in document.unset and not is_reference:
            yield document.problem(path, describe(detail, path, hidden=path in document.filled))


def _reference_problems(document: Document) -> Iterator[Problem]:
    """Names of providers that are not there; in what the file says, since the schema may have refused it."""
    if not isinstance(document.data, dict) or not isinstance(document.data.get("providers"), dict):
        return
    data = document.data
    aliases = data.get("aliases")
    said = References(
        data["providers"],
        dict(_targets(data.get("models"))),
        aliases if isinstance(aliases, dict) else {},
        data.get("default_provider"),
    )
    broken = broken_references(said)
    for path, message in broken:
        if not _is_unset(document, path):
            yield document.problem(path, message)


def _is_unset(document: Document, path: KeyPath) -> bool:
    return any(path[:length] in document.unset for length in range(1, len(path) + 1))


def _targets(models: object) -> Iterator[tuple[str, list[object]]]:
    for name, model in models.items() if isinstance(models, dict) else ():
        targets = model.get("targets") if isinstance(model, dict) else None
        if isinstance(targets, list):
            yield name, targets
