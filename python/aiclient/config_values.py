"""Values that a configuration has in many places, and what its sections have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SecretStr,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from aiclient.upstream.framing import FRAMING

__all__ = ["Headers", "Key", "KeyPath", "Number", "Seconds", "Section", "TextOrSection", "Whole"]

KeyPath = tuple[str | int, ...]
"""Where something stands: keys of mappings, indices of lists."""

# RFC 9110, 5.6.2: a token.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]+", key.get_secret_value()):
        raise ValueError("expected a key of visible ASCII characters, and not an empty one")
    return key


def _number(value: object) -> object:
    """Not a boolean, which Python takes for 0 or 1."""
    if isinstance(value, bool):
        raise ValueError("expected a number")  # noqa: TRY004  # pydantic collects ValueErrors only
    return value


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"expected names of headers; {name!r} is none")
        if name.lower() in FRAMING:
            raise ValueError(f"expected headers of your own; {name} is the connection's business")
        if not (value.isprintable() and value.isascii()):
            raise ValueError(f"expected printable ASCII as value of {name}")
    return headers


Headers = Annotated[dict[str, str], AfterValidator(_headers)]
Key = Annotated[SecretStr, AfterValidator(_key)]
Whole = Annotated[int, BeforeValidator(_number)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_number)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False), BeforeValidator(_number)]


class Section(BaseModel):
    """A mapping with known keys."""

    # What was wrong with a key must not show the key.
    # What validates a section is built when it is first wanted: most are only parts of the whole, which has its own.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class TextOrSection(Section):
    """A mapping that may be written as the text of its only required key."""

    required_key: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _text_stands_for_all(cls, value: object) -> object:
        return value if isinstance(value, Mapping | list | cls) else {cls.required_key: value}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Text, or the mapping."""
        mapping: dict[str, Any] = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string"}, mapping]}
