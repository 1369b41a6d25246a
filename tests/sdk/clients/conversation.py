"""How the tests talk to a model, whatever SDK does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel

from tests.backends.exchange import Call, Json, Tokens

Finish = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True)
class Attachment:
    """A file beside a text: a picture or a PDF."""

    data: bytes
    media_type: str
    name: str


@dataclass(frozen=True)
class Returned:
    """What a tool returned, or the error that it ended in."""

    text: str
    attachment: Attachment | None = None
    failed: bool = False


@dataclass(frozen=True)
class Setup:
    """What holds for a whole conversation."""

    model: str
    system: str = ""
    tools: Mapping[str, Json] | None = None
    """Schemas of the arguments, by the tool's name."""
    custom: Sequence[str] = ()
    """Names of tools that take free text, for the clients that have such."""
    max_tokens: int | None = None
    stop: Sequence[str] = ()
    """Texts that end the answer, for the clients that have such."""
    answer_type: type[BaseModel] | None = None
    """What the SDK shall parse the answer into."""
    think: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer as the SDK's objects have it."""

    text: str
    finish: Finish
    tokens: Tokens | None
    calls: Sequence[Call] = ()
    """The free text of a custom tool is the argument `input`."""
    refusal: str = ""
    """Why the model will not answer, where that is not the text."""
    reasoning: str = ""
    parsed: object = None


class Conversation(Protocol):
    """Turns of user, model and tools; the SDK's own objects go back as they came."""

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user. Raises the SDK's own errors.

        `then` is what the system says right after the user, for the clients that have such turns.
        """
        ...

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned, in the order of the last reply's calls."""
        ...


class Client(Protocol):
    """An SDK, pointed at the gateway or at a backend."""

    dialect: str
    api_error: type[Exception]
    """What the SDK raises for an error answer, or for an error in a stream."""

    def open(self, setup: Setup) -> Conversation:
        """A conversation without a turn."""
        ...

    def error_type(self, status: int) -> type[Exception]:
        """What the SDK raises for an error answer with this status."""
        ...

    def describe(self, error: Exception) -> tuple[int | None, Mapping[str, str]]:
        """Status and headers of the answer behind one of the SDK's errors."""
        ...

    def close(self) -> None:
        """Release the connections."""
        ...
