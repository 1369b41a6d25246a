"""What the vendors check of a request before they look at its meaning."""

import base64
import binascii
import re
from collections.abc import Collection

from tests.backends.exchange import Json, JsonValue


class Invalid(Exception):  # noqa: N818 - reads as what it is: `raise Invalid("/messages", "an array")`
    """The request is not what the vendor takes: `where` should be `expected`."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: should be {expected}")


def words(text: str) -> frozenset[str]:
    """The words of a text, such as the names of all fields."""
    return frozenset(text.split())


def require(holds: object, where: str, expected: str) -> None:
    """Refuse the request unless the condition holds."""
    if not holds:
        raise Invalid(where, expected)


def an_object(value: JsonValue, where: str, fields: Collection[str]) -> Json:
    """An object that has none but these fields."""
    require(isinstance(value, dict), where, "an object")
    for name in value:
        require(name in fields, f"{where}/{name}", f"no field here; there are {', '.join(sorted(fields))}")
    result: Json = value
    return result


def an_array(value: JsonValue, where: str) -> list[JsonValue]:
    """An array with something in it."""
    require(isinstance(value, list) and value, where, "a non-empty array")
    result: list[JsonValue] = value
    return result


def a_text(value: JsonValue, where: str, *, pattern: str = r"(?s).+") -> str:
    """A string that is not empty, or of a certain form."""
    require(isinstance(value, str) and re.fullmatch(pattern, value), where, f"a string like {pattern}")
    return str(value)


def a_count(value: JsonValue, where: str, *, least: int = 1) -> int:
    """A whole number."""
    require(isinstance(value, int) and not isinstance(value, bool) and value >= least, where, f"an integer >= {least}")
    return int(value)


def a_number(value: JsonValue, where: str, *, low: float, high: float) -> None:
    """A number within bounds."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    require(number and low <= value <= high, where, f"a number from {low} to {high}")


def one_of(value: JsonValue, where: str, choices: Collection[str]) -> str:
    """One of some words."""
    require(isinstance(value, str) and value in choices, where, f"one of {', '.join(sorted(choices))}")
    return str(value)


def bytes_of_base64(value: JsonValue, where: str) -> bytes:
    """The bytes that standard base64 stands for."""
    return _decoded(a_text(value, where), where)


def bytes_of_any_base64(value: JsonValue, where: str) -> bytes:
    """The same in either alphabet: Google takes both, and its SDK sends the one for URLs."""
    return _decoded(a_text(value, where).translate(str.maketrans("-_", "+/")), where)


def bytes_of_data_url(value: JsonValue, where: str, media_type: str) -> bytes:
    """The bytes that a data URL of this media type holds."""
    header, comma, data = a_text(value, where).partition(",")
    require(comma and header == f"data:{media_type};base64", where, f"a data URL of {media_type}")
    return bytes_of_base64(data, where)


def _decoded(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Invalid(where, "standard base64") from error


def closed_schema(schema: JsonValue, where: str, *, all_required: bool) -> None:
    """A JSON Schema whose objects allow no other properties; OpenAI's strict mode wants all of them required, too."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            closed_schema(item, f"{where}/{index}", all_required=all_required)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        require(schema.get("additionalProperties") is False, f"{where}/additionalProperties", "false")
        properties = set(schema.get("properties", {}))
        require(not all_required or properties == set(schema.get("required", [])), f"{where}/required", "complete")
    for name, value in schema.items():
        closed_schema(value, f"{where}/{name}", all_required=all_required)
