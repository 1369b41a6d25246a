"""What is wrong with a configuration: where, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Union, get_args, get_origin

from pydantic import BaseModel

from aiclient.config import Config, KeyPath, nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["ConfigError", "Problem", "describe", "dotted"]

# What stands here may be a key, and is not shown.
SECRET_KEYS = frozenset({"auth", "api_keys", "headers"})
SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    source: str
    """The file, or the variable."""
    line: int | None
    """Counted from 1; None where there are no lines."""
    path: str
    """The key path, such as `providers.openai.api_keys[0]`; empty for the whole."""
    message: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}"
        return ": ".join(filter(None, (where, self.path, self.message)))


class ConfigError(Exception):
    """A configuration that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def dotted(path: KeyPath) -> str:
    """A key path as text."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def describe(detail: ErrorDetails, path: KeyPath, *, hidden: bool) -> str:
    """An error of the schema: what was expected, and what was found unless it is `hidden` or may be a key."""
    kind = detail["type"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return f"is not known; {nearest(str(path[-1]), _fields_at(path[:-1]))}"
    context = detail.get("ctx", {})
    expected = str(context["error"]) if kind == "value_error" else _EXPECTED.get(kind, detail["msg"]).format(**context)
    if hidden or path[-1:] == ("headers",):
        return expected
    return f"{expected}, found {_shown(detail['input'], path)}"


# The schema's words, in ours.
_WHOLE_NUMBER = "expected a whole number"
_MAPPING = "expected a mapping"
_EXPECTED = {
    "dict_type": _MAPPING,
    "finite_number": "expected a number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "greater_than": "expected more than {gt:g}",
    "greater_than_equal": "expected at least {ge}",
    "int_from_float": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "less_than_equal": "expected at most {le:g}",
    "literal_error": "expected {expected}",
    "model_type": _MAPPING,
    "path_type": "expected the path of a file",
    "string_too_short": "expected text that is not empty",
    "string_type": "expected text",
    "too_short": "expected at least one entry",
    "tuple_type": "expected a list",
}


def _shown(value: object, path: KeyPath) -> str:
    """A value that was found; only its kind, where it may be a key."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping" if value else "none"
        case list():
            return "a list" if value else "none"
        case str():
            # An address may hold a password.
            secret = not SECRET_KEYS.isdisjoint(path) or "@" in value
            return "text" if secret else repr(value[:SHOWN_LENGTH])
    return "a number" if not SECRET_KEYS.isdisjoint(path) else str(value)


def _fields_at(path: KeyPath) -> Mapping[str, object]:
    """The names that may stand at a place of the configuration."""
    here: object = Config
    for step in path:
        here = _inside(here, step)
    return here.model_fields if isinstance(here, type) and issubclass(here, BaseModel) else {}


def _inside(outer: object, step: str | int) -> object:
    """What the schema has under a key of `outer`."""
    if isinstance(outer, type) and issubclass(outer, BaseModel):
        field = outer.model_fields.get(str(step))
        return field.annotation if field is not None else None
    if get_origin(outer) is tuple:
        return get_args(outer)[0]
    if get_origin(outer) in {dict, Union, UnionType}:
        return get_args(outer)[1]
    return None
