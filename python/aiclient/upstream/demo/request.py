"""What the demo reads of a Chat Completions request.

Reference: platform.openai.com/docs/api-reference/chat/create. What it does not read may be anything.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

__all__ = ["BadRequestError", "Function", "Message", "Request", "read_request"]

MAX_CHOICES = 8


class BadRequestError(Exception):
    """A request that is not the dialect's; `param` names the field as OpenAI does."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _ContentPart(_Body):
    type: str
    text: str = ""


def _parts(content: object) -> object:
    """Text alone is short for one part."""
    if content is None:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


class Message(_Body):
    """One message of the conversation."""

    role: str
    content: Annotated[list[_ContentPart], BeforeValidator(_parts)] = []

    @property
    def text(self) -> str:
        """Its text, without images and files."""
        return " ".join(part.text for part in self.content if part.text)

    def count(self, kind: str) -> int:
        """How many parts of a kind it has."""
        return sum(part.type == kind for part in self.content)


class Function(_Body):
    """What a tool does, as far as the demo calls it."""

    name: str
    parameters: dict[str, object] | None = None


class _Tool(_Body):
    type: str
    function: Function | None = None


class _Name(_Body):
    name: str


class _Choice(_Body):
    type: Literal["none", "auto", "required", "function", "allowed_tools", "custom"]
    function: _Name | None = None


def _choice(choice: object) -> object:
    return {"type": choice} if isinstance(choice, str) else choice


class _JsonSchema(_Body):
    schema_: dict[str, object] | None = Field(default=None, alias="schema")


class _ResponseFormat(_Body):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _StreamOptions(_Body):
    include_usage: bool | None = None


def _sequences(stop: object) -> object:
    return [stop] if isinstance(stop, str) else stop


Limit = Annotated[int, Field(ge=1)]


class Request(_Body):
    """A request, with its defaults."""

    model: str
    messages: list[Message] = Field(min_length=1)
    tools: list[_Tool] | None = None
    tool_choice: Annotated[_Choice | None, BeforeValidator(_choice)] = None
    response_format: _ResponseFormat | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    stop: Annotated[list[str] | None, BeforeValidator(_sequences)] = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None

    @property
    def limit(self) -> int | None:
        """Most tokens of an answer."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def functions(self) -> list[Function]:
        """What can be called."""
        return [tool.function for tool in self.tools or () if tool.function is not None]

    @property
    def wants_usage(self) -> bool:
        """Whether token counts are asked for in a stream."""
        return bool(self.stream_options and self.stream_options.include_usage)


def read_request(body: bytes) -> Request:
    """The request in a body; raises `BadRequestError` that names the first wrong field."""
    try:
        return Request.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        param = _param(first["loc"])
        raise BadRequestError(f"{param or 'the body'}: {first['msg']}", param) from None


def _param(path: tuple[str | int, ...]) -> str:
    """`messages[0].role`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
