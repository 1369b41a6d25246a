"""A small value that a JSON Schema allows.

Knows the keywords that tools and structured outputs use. Not `pattern`, `not`, `if` and those that count properties:
what needs one of them may be refused by whoever checks it.
Reference: json-schema.org/draft/2020-12.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

__all__ = ["instance"]

Schema = Mapping[str, object]

# Below this depth nothing is made that need not be: a schema may contain itself.
SHALLOW = 4
MAX_DEPTH = 32
# A schema may ask for more than anybody wants to read.
MAX_ITEMS = 16
MAX_LENGTH = 1_000

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "duration": "PT1H",
    "email": "demo@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def instance(schema: Schema) -> object:
    """A value that the schema allows."""
    return _Maker(schema).make(schema, 0)


class _Maker:
    """Makes values by a schema and the definitions in it."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._makers: dict[str, Callable[[Schema, int], object]] = {
            "object": self._object,
            "array": self._array,
            "integer": lambda schema, _: math.ceil(_number(schema)),
            "number": lambda schema, _: _number(schema),
            "boolean": lambda _schema, _: True,
            "null": lambda _schema, _: None,
            "string": lambda schema, _: _string(schema),
        }

    def make(self, schema: object, depth: int) -> object:
        """A value for a part of the schema."""
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
            return None
        if "const" in schema:
            return schema["const"]
        given = _list(schema, "enum") or _list(schema, "examples")
        if given:
            return given[0]
        other = self._other(schema)
        if other is not None:
            return self.make(other, depth + 1)
        maker = self._makers.get(_type(schema))
        return "demo" if maker is None else maker(schema, depth)

    def _other(self, schema: Schema) -> object:
        """The schema that one stands for, if it does."""
        if "$ref" in schema:
            return self._resolved(str(schema["$ref"])) or {}
        alternatives = _list(schema, "anyOf") or _list(schema, "oneOf")
        if alternatives:
            return alternatives[0]
        return self._merged(schema) if _list(schema, "allOf") else None

    def _resolved(self, reference: str) -> object:
        """What a reference within the schema points at."""
        here: object = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            here = here.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(here, Mapping) else None
        return here

    def _merged(self, schema: Schema) -> Schema:
        """One schema of those that all must hold."""
        merged = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
        for part in _list(schema, "allOf"):
            inner = self._resolved(str(part["$ref"])) if isinstance(part, Mapping) and "$ref" in part else part
            if isinstance(inner, Mapping):
                properties = {**_mapping(merged, "properties"), **_mapping(inner, "properties")}
                required = [*_list(merged, "required"), *_list(inner, "required")]
                merged |= {**inner, "properties": properties, "required": required}
        return merged

    def _object(self, schema: Schema, depth: int) -> dict[str, object]:
        properties = _mapping(schema, "properties")
        required = [name for name in _list(schema, "required") if isinstance(name, str)]
        names = required if required or depth > SHALLOW else properties
        return {name: self.make(properties.get(name, {}), depth + 1) for name in names}

    def _array(self, schema: Schema, depth: int) -> list[object]:
        first = [self.make(item, depth + 1) for item in _list(schema, "prefixItems")[:MAX_ITEMS]]
        least, most = _bound(schema, "minItems"), _bound(schema, "maxItems")
        wanted = least if least is not None else 0 if depth > SHALLOW else 1
        count = int(min(wanted, MAX_ITEMS if most is None else most, MAX_ITEMS)) - len(first)
        return first + [self.make(schema.get("items", {}), depth + 1) for _ in range(count)]


def _type(schema: Schema) -> str:
    """The type, by what else is said if it is not; of several the first."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(iter(kind), None)
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def _number(schema: Schema) -> float:
    least, above = _bound(schema, "minimum"), _bound(schema, "exclusiveMinimum")
    most, below = _bound(schema, "maximum"), _bound(schema, "exclusiveMaximum")
    low = max([bound for bound in (least, None if above is None else above + 1) if bound is not None], default=None)
    high = min([bound for bound in (most, None if below is None else below - 1) if bound is not None], default=None)
    value = low if low is not None else min(1, high) if high is not None else 1
    step = _bound(schema, "multipleOf")
    return value if not step or step < 0 else math.ceil(value / step) * step


def _string(schema: Schema) -> str:
    text = _FORMATS.get(str(schema.get("format")), "demo")
    least, most = _bound(schema, "minLength") or 0, _bound(schema, "maxLength")
    text = text.ljust(int(min(least, MAX_LENGTH)), ".")
    return text if most is None else text[: max(0, int(most))]


def _bound(schema: Schema, keyword: str) -> float | None:
    """A finite number that the schema has, or None."""
    value = schema.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _list(schema: Schema, keyword: str) -> list[object]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _mapping(schema: Schema, keyword: str) -> Mapping[str, object]:
    value = schema.get(keyword)
    return value if isinstance(value, Mapping) else {}
