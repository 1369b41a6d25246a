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

# How a result says that it is an error, where it has nothing but text to do so.
ERROR_PREFIX = "Error: "


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
    """What a tool returned to a call, or the error that it ended in."""

    name: str
    text: str
    failed: bool = False

    @classmethod
    def told(cls, name: str, text: str) -> "Result":
        """A result where the vendor has no field for errors: an error is a text that says so."""
        failed = text.startswith(ERROR_PREFIX)
        return cls(name, text.removeprefix(ERROR_PREFIX), failed)


@dataclass
class Question:
    """What the backend understood of a request."""

    model: str
    stream: bool
    system: str = ""
    """What the system says before anybody else."""
    late_system: list[str] = field(default_factory=list)
    """What the system says in the middle of the conversation."""
    prompt: str = ""
    """Text of the last turn of the user."""
    images: list[bytes] = field(default_factory=list)
    """Those of the user's turns and of the tools' results."""
    documents: list[bytes] = field(default_factory=list)
    """PDF files."""
    tools: dict[str, Json] = field(default_factory=dict)
    """Schemas of the arguments, by the tool's name."""
    custom: set[str] = field(default_factory=set)
    """Names of the tools that take free text; in a `Call` it is the argument `input`."""
    calls: list[Call] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    schema: Json | None = None
    """What the answer shall be an instance of."""
    max_tokens: int | None = None
    stop: list[str] = field(default_factory=list)
    """Texts that end the answer."""
    thinking: bool = False
    signed: bool | None = None
    """Whether the vendor's opaque reasoning state came back with all calls; None if the vendor has none."""
    include_usage: bool = True
    framing: Literal["sse", "json_array"] = "sse"
    """How the parts of a stream are told apart."""
    body: Json = field(default_factory=dict)
    """The request itself, for the vendor whose replies repeat it."""

    def sign(self, signed: bool) -> None:
        """Note whether the next step of the model came back with its state."""
        self.signed = signed and self.signed is not False


@dataclass(frozen=True)
class Tokens:
    """What an answer costs: tokens from and to the cache are part of the input, reasoning is part of the output."""

    input: int
    output: int
    cached: int = 0
    written: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class Answer:
    """What the backend says.

    `cut` says how it breaks off in the middle of a stream: with the connection, with the end of the body, or with an
    error as the vendor reports it after status 200, whose words are `complaint`.
    """

    text: str = ""
    refusal: str = ""
    """Why the model will not answer."""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    finish: Literal["stop", "length", "tool_calls", "content_filter"] = "stop"
    tokens: Tokens = Tokens(input=120, output=45, cached=20)
    cut: Literal["connection", "body", "error"] | None = None
    complaint: str = ""


@dataclass(frozen=True)
class Fault:
    """The backend refuses before its first byte; `retry_after` is in seconds."""

    status: int
    message: str
    retry_after: int | None = None
