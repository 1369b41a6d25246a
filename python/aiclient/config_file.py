"""Reading a configuration file: YAML, `${VARIABLES}`, and errors that say where they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import pydantic
import yaml

from aiclient.config import Config

__all__ = ["ConfigError", "Problem", "load"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class ConfigError(Exception):
    """A configuration that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in a file; raises `ConfigError` with every problem at once."""
    reader = _Reader(str(path), environ)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError([Problem(str(path), 0, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(str(path), 0, "", "is not UTF-8")]) from error
    data = reader.parse(text)
    config: Config | None = None
    try:
        config = Config.model_validate(data)
    except pydantic.ValidationError as error:
        reader.problems.extend(reader.describe(detail) for detail in error.errors(include_url=False, include_input=False))
    reader.problems.extend(reader.cross_check(data))
    if reader.problems or config is None:
        raise ConfigError(sorted(set(reader.problems), key=lambda problem: (problem.line, problem.path)))
    return config


class _Reader:
    """Knows at which line each key of a file stands."""

    def __init__(self, file: str, environ: Mapping[str, str]) -> None:
        self.file = file
        self.environ = environ
        self.lines: dict[KeyPath, int] = {(): 1}
        self.problems: list[Problem] = []

    def parse(self, text: str) -> Any:
        """The file as plain data, with variables filled in."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigError([Problem(self.file, line, "", f"is not YAML: {error.problem}")]) from error
        except yaml.YAMLError as error:
            raise ConfigError([Problem(self.file, 1, "", "is not YAML")]) from error
        if node is None:
            raise ConfigError([Problem(self.file, 1, "", "is empty; expected at least `providers`")])
        return self._value(node, ())

    def _value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        value = yaml.SafeLoader("").construct_object(node, deep=True)  # type: ignore[no-untyped-call]
        return self._filled(value, path) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in values:
                self._report((*path, key), "stands here twice", line=key_node.start_mark.line + 1)
            values[key] = self._value(value_node, (*path, key))
            self.lines[*path, key] = key_node.start_mark.line + 1
        return values

    def _filled(self, text: str, path: KeyPath) -> str:
        """The text with `${NAME}` and `${NAME:-otherwise}` filled in."""

        def fill(match: re.Match[str]) -> str:
            name, otherwise = match.groups()
            value = self.environ.get(name) or otherwise
            if value is None:
                near = difflib.get_close_matches(name, self.environ, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self._report(path, f"the environment variable {name} is not set{hint}")
            return value or ""

        return _VARIABLE.sub(fill, text)

    def _report(self, path: KeyPath, message: str, *, line: int | None = None) -> None:
        self.problems.append(Problem(self.file, line or self._line(path), _dotted(path), message))

    def _line(self, path: KeyPath) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def describe(self, detail: Any) -> Problem:
        """An error of the schema in words, with the nearest valid name for one that is not known."""
        path = tuple(detail["loc"])
        message = _MESSAGES.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {}))
        if detail["type"] == "extra_forbidden":
            names = list(_fields_at(path[:-1]))
            near = difflib.get_close_matches(str(path[-1]), names, n=1)
            message = f"is not known; did you mean {near[0]}?" if near else f"is not known; expected {', '.join(names)}"
        elif detail["type"] == "literal_error":
            message = f"expected {detail['ctx']['expected']}"
        return Problem(self.file, self._line(path), _dotted(path), message.removeprefix("Value error, "))

    def cross_check(self, data: Any) -> Iterator[Problem]:
        """What one section says of another."""
        if not isinstance(data, dict) or not isinstance(data.get("providers"), dict):
            return
        providers = data["providers"]
        default = data.get("default_provider")
        if isinstance(default, str) and default not in providers:
            yield self._unknown_provider(("default_provider",), default, providers)
        models = data.get("models")
        for name, model in models.items() if isinstance(models, dict) else ():
            targets = model.get("targets") if isinstance(model, dict) else None
            for index, target in enumerate(targets) if isinstance(targets, list) else ():
                yield from self._check_target(name, ("models", name, "targets", index), target, providers)

    def _check_target(self, name: str, path: KeyPath, target: Any, providers: Mapping[str, Any]) -> Iterator[Problem]:
        if not isinstance(target, str):
            return
        provider, _, model = target.partition("/")
        if not model:
            yield Problem(self.file, self._line(path), _dotted(path), "expected provider/model")
        elif provider not in providers:
            yield self._unknown_provider(path, provider, providers)
        elif target.count("*") > name.count("*"):
            yield Problem(self.file, self._line(path), _dotted(path), f"has a * that nothing in {name!r} fills")

    def _unknown_provider(self, path: KeyPath, name: str, providers: Mapping[str, Any]) -> Problem:
        near = difflib.get_close_matches(name, providers, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(providers)}"
        return Problem(self.file, self._line(path), _dotted(path), f"the provider {name!r} is not in `providers`; {hint}")


# The schema's words, in ours.
_MESSAGES = {
    "missing": "is missing",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "string_type": "expected text",
    "dict_type": "expected a mapping",
    "tuple_type": "expected a list",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "too_short": "expected at least {min_length}",
}


def _dotted(path: KeyPath) -> str:
    """`providers.openai.api_keys[0]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _fields_at(path: KeyPath) -> Iterator[str]:
    """The names that may stand at a place of the configuration."""
    model: Any = Config
    for step in path:
        if isinstance(model, type) and issubclass(model, pydantic.BaseModel):
            field = model.model_fields.get(str(step))
            model = field.annotation if field is not None else None
        elif get_origin(model) is dict:
            model = get_args(model)[1]
    if isinstance(model, type) and issubclass(model, pydantic.BaseModel):
        yield from model.model_fields
