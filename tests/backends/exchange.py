"""One request to a backend and its answer, without a vendor's spelling.

Each backend reads its own wire into a `Question` and writes an `Answer` in its own wire, so that one set of scenarios
serves them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# What JSON can be: an object, and anything at all. Whoever reads it checks it.
Json = dict[str, Any]
JsonValue = Any


@dataclass(frozen=True)
class Arrival:
    """A request as it came in. Names of headers are lower-case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True)
class Call:
    """A call of a tool; `id` is empty where the vendor gives none."""

    name: str
    arguments: Json
    id: str = ""


@dataclass(frozen=True)
class Result:
    """What a tool returned to a call."""

    name: str
    text: str


@dataclass
class Question:
    """What the backend understood of a request."""

    model: str
    stream: bool
    system: str = ""
    prompt: str = ""
    """Text of the last turn of the user."""
    images: list[bytes] = field(default_factory=list)
    tools: dict[str, Json] = field(default_factory=dict)
    """Schemas of the arguments, by the tool's name."""
    calls: list[Call] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    schema: Json | None = None
    """What the answer shall be an instance of."""
    max_tokens: int | None = None
    thinking: bool = False
    signed: bool | None = None
    """Whether the vendor's opaque reasoning state came back with the calls; None if the vendor has none."""
    include_usage: bool = True
    framing: Literal["sse", "json_array"] = "sse"
    """How the parts of a stream are told apart."""


@dataclass(frozen=True)
class Tokens:
    """What an answer costs: cached tokens are part of the input, reasoning is part of the output."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Answer:
    """What the backend says; `cut` says how it breaks off in the middle of a stream."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    tokens: Tokens = Tokens(input=120, output=45, cached=20)
    cut: Literal["connection", "body", "error"] | None = None


@dataclass(frozen=True)
class Fault:
    """The backend refuses before its first byte; `retry_after` is in seconds."""

    status: int
    message: str
    retry_after: int | None = None
