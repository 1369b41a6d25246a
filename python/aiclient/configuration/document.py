"""A YAML file as plain data that knows the line of every key, with `${VARIABLES}` filled in.

Must not know: which keys there are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import yaml

from aiclient.config import KeyPath
from aiclient.configuration.problems import ConfigError, Problem, dotted

__all__ = ["Document"]

# `$${` is a `${` as such; the last alternative is one that begins no variable.
_VARIABLE = re.compile(r"(?P<escaped>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")
# An alias repeats what it names; a few lines of them can stand for more than fits in memory.
MAX_VALUES = 100_000
MAX_DEPTH = 32


class Document:
    """What a file says, and where."""

    def __init__(self, file: str, text: str, environ: Mapping[str, str]) -> None:
        """Raises `ConfigError` if the text is no YAML that can be read on; lesser problems are in `problems`."""
        self.file = file
        self.problems: list[Problem] = []
        self.filled: set[KeyPath] = set()
        """Places whose value is from the environment."""
        self.unset: set[KeyPath] = set()
        """Places whose value is not known, because a variable is not set."""
        self._environ = environ
        self._lines: dict[KeyPath, int] = {(): 1}
        self._scalars = yaml.SafeLoader("")
        node = self._compose(text)
        self.data = self._value(node, ())

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of what should have held it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def written(self, path: KeyPath) -> KeyPath:
        """Where something stands that may be written as text in place of the mapping that it would be a key of."""
        outer = self.data
        for length, step in enumerate(path):
            if isinstance(outer, dict):
                outer = outer.get(str(step))
            elif isinstance(outer, list) and isinstance(step, int) and step < len(outer):
                outer = outer[step]
            else:
                return path[:length]
        return path

    def problem(self, path: KeyPath, message: str, *, line: int | None = None) -> Problem:
        """A problem with what stands at a place."""
        return Problem(self.file, self.line(path) if line is None else line, dotted(path), message)

    def _compose(self, text: str) -> yaml.Node:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._unreadable(line, f"expected YAML: {error.problem}") from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise self._unreadable(line, f"expected YAML, found the character U+{error.character:04X}") from error
        except RecursionError as error:
            raise self._unreadable(1, f"expected at most {MAX_DEPTH} levels") from error
        if node is None:
            raise self._unreadable(1, "expected at least `providers`, found nothing")
        return node

    def _unreadable(self, line: int, message: str) -> ConfigError:
        return ConfigError([Problem(self.file, line, "", message)])

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        line = node.start_mark.line + 1
        if len(path) > MAX_DEPTH or len(self._lines) > MAX_VALUES:
            raise self._unreadable(line, f"expected at most {MAX_DEPTH} levels and {MAX_VALUES} values")
        self._lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        self._report_repeated_keys(node, path)
        try:
            # `<<: *other` becomes the other's entries, before the mapping's own.
            self._scalars.flatten_mapping(node)
        except yaml.MarkedYAMLError as error:
            self.problems.append(self.problem(path, f"expected YAML: {error.problem}"))
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                key = key_node.value
                self._lines[*path, key] = key_node.start_mark.line + 1
                values[key] = self._value(value_node, (*path, key))
        return values

    def _report_repeated_keys(self, node: yaml.MappingNode, path: KeyPath) -> None:
        first: dict[str, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(self.problem(path, "expected text as key, found a list or a mapping", line=line))
            elif key_node.value in first:
                message = f"expected once, found again; the first is in line {first[key_node.value]}"
                self.problems.append(self.problem((*path, key_node.value), message, line=line))
            else:
                first[key_node.value] = line

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        try:
            value: object = self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self.problems.append(self.problem(path, f"expected plain YAML, found {tag} that cannot be read"))
            self.unset.add(path)
            return None
        return self._fill(value, path) if isinstance(value, str) else value

    def _fill(self, text: str, path: KeyPath) -> str:
        """The text with `${NAME}` and `${NAME:-default}` filled in."""

        def fill(match: re.Match[str]) -> str:
            if match["escaped"]:
                return "${"
            self.filled.add(path)
            if match["name"] is None:
                return self._not_filled(path, "expected ${NAME} or ${NAME:-default}; a `${` as such is written `$${`")
            value = self._environ.get(match["name"]) or match["default"]
            return self._unset(path, match["name"]) if value is None else value

        return _VARIABLE.sub(fill, text)

    def _unset(self, path: KeyPath, name: str) -> str:
        near = difflib.get_close_matches(name, self._environ, n=1)
        hint = f"; did you mean {near[0]}?" if near and near[0] != name else ""
        state = "empty" if name in self._environ else "not set"
        return self._not_filled(path, f"expected the environment variable {name}, which is {state}{hint}")

    def _not_filled(self, path: KeyPath, message: str) -> str:
        self.problems.append(self.problem(path, message))
        self.unset.add(path)
        return ""
