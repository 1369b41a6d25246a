"""The native module: `rust/aiclient-python`, over `rust/aiclient-dialects` and `rust/aiclient-http`."""

from collections.abc import Sequence
from typing import Literal, Self, TypeAlias, final

from typing_extensions import disjoint_base

from aiclient.dialect import Dialect
from aiclient.errors import FailureKind
from aiclient.telemetry.record import AttemptRecord, Operation
from aiclient.telemetry.tracing import AttemptSpan, ExchangeSpan

__all__ = [
    "AttemptFacts",
    "Counts",
    "EmbeddingTranslator",
    "ExchangeFacts",
    "Failure",
    "Loss",
    "ModelTable",
    "ReasoningMemory",
    "RequestHead",
    "ResponseReader",
    "StreamTranslator",
    "Translator",
    "TranslatorFactory",
    "Usage",
    "error_status",
    "estimate_tokens",
    "overlay",
    "read_head",
    "remote_media",
    "with_media",
    "write_count",
    "write_error",
]

@final
class RequestHead:
    """What routing needs to know of a request."""

    @property
    def model(self) -> str | None:
        """The model as the client calls it; None for Gemini, which has it in the path."""

    @property
    def stream(self) -> bool:
        """Whether a stream is asked for; False for Gemini, which has it in the path."""

    @property
    def conversation(self) -> int | None:
        """The same number for every request of a conversation, by the client's `prompt_cache_key` or by its opening.

        None if it was not wanted, and for prompts too short to be cached by their vendor.
        """

@final
class Loss:
    """Something that could not be carried over."""

    @property
    def pointer(self) -> str:
        """JSON Pointer (RFC 6901) into the body that had it."""

    @property
    def feature(self) -> str:
        """What it was, by its name in docs/fidelity."""

    @property
    def side(self) -> Literal["request", "response"]:
        """Whose body it was."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Usage:
    """Token counts in one convention, whatever the vendor counts."""

    @property
    def input_tokens(self) -> int:
        """Tokens of the prompt, cached ones and cache writes included."""

    @property
    def output_tokens(self) -> int:
        """Tokens of the answer, reasoning included."""

    @property
    def cache_read_tokens(self) -> int:
        """Of the input: read from a cache."""

    @property
    def cache_write_tokens(self) -> int:
        """Of the input: written to a cache."""

    @property
    def reasoning_tokens(self) -> int:
        """Of the output: reasoning."""

    @property
    def estimated(self) -> bool:
        """Whether the upstream gave no counts, and these are made from the length of what went by."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Failure:
    """Why a stream, or an answer, failed."""

    @property
    def status(self) -> int:
        """The HTTP status to answer with while none was sent."""

    @property
    def message(self) -> str:
        """What happened, for people."""

    @property
    def kind(self) -> FailureKind:
        """Its class, whatever the vendor calls it."""

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before trying again, if the body says so (Gemini's RetryInfo)."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class ModelTable:
    """What the user knows of models, in front of what is built in.

    `rows` is a JSON array of objects: `match` (a model's name in which `*` stands for anything), `like` (the model to
    start from) and the traits that differ, as in the configuration's `model_traits`. Raises `ValueError` with the
    JSON Pointer of what is wrong.
    """

    def __new__(cls, rows: str, /) -> Self: ...

@final
class ReasoningMemory:
    """Keeps the reasoning state of calls for Chat clients that do not give it back; for translators of any thread.

    It holds at most `capacity` bytes, and nothing for longer than `lifetime` seconds by the translators' `created`.
    """

    def __new__(cls, *, capacity: int, lifetime: int) -> Self: ...
    @property
    def size(self) -> int:
        """Bytes that are taken."""

    def __len__(self) -> int:
        """How many calls are remembered."""

@final
class TranslatorFactory:
    """Makes translators that differ in nothing but the exchange; what they have in common is worked out once.

    The arguments are those of `Translator`.
    """

    def __new__(
        cls,
        *,
        client: Dialect,
        upstream: Dialect,
        on_loss: Literal["report", "reject"] = "report",
        models: ModelTable | None = None,
        memory: ReasoningMemory | None = None,
    ) -> Self: ...
    @property
    def remembers(self) -> bool:
        """Whether there is a memory, so that it matters whose exchange it is."""

    def translator(self, exchange_id: str, created: int, scope: bytes | None = None, /) -> Translator:
        """The translator of one exchange."""

@final
class Translator:
    """Translates one request, then its reply, between a client's and an upstream's dialect.

    Sans-IO: `exchange_id` distinguishes the exchange and goes into ids of the reply, `created` is the time in seconds
    since 1970. With `on_loss="reject"` a request that cannot be carried whole raises `UnsupportedError`. `memory` gives
    reasoning state back for Chat clients that do not; `scope` says whose it is.
    """

    def __new__(
        cls,
        *,
        client: Dialect,
        upstream: Dialect,
        exchange_id: str,
        created: int,
        on_loss: Literal["report", "reject"] = "report",
        models: ModelTable | None = None,
        memory: ReasoningMemory | None = None,
        scope: bytes | None = None,
    ) -> Self: ...
    @property
    def passthrough(self) -> bool:
        """Whether both sides speak the same dialect; bytes then go through as they are, but for the model."""

    @property
    def losses(self) -> list[Loss]:
        """What could not be carried over so far, in the order of the body."""

    @property
    def usage(self) -> Usage | None:
        """Token counts of the whole reply, once `response` was called and if the upstream sent any."""

    @property
    def finish_reason(self) -> str | None:
        """Why the whole reply ended: stop, length, tool_calls, content_filter or error."""

    @property
    def failure(self) -> Failure | None:
        """What the upstream says went wrong in a whole reply, in spite of its status."""

    def request(self, body: bytes, /, *, model: str, stream: bool, head: RequestHead | None = None) -> bytes:
        """The request for the upstream.

        `model` is the upstream's name of it; `head` is what `read_head` found in the same body, if that was asked: the
        same dialect then needs no second look. Raises `MalformedError` if the body is not the client's dialect and
        `UnsupportedError` if there is no faithful translation; both name the field.
        """

    def response(self, body: bytes, /) -> bytes:
        """The whole reply for the client.

        Raises `UpstreamProtocolError` if the body is not the upstream's dialect. Some servers answer 200 with an
        error: what is returned is then an error answer, and `failure` says so.
        """

    def count_request(self, body: bytes, /, *, model: str) -> bytes | None:
        """The request that asks the upstream to count tokens; None if its dialect has no endpoint for that.

        `body` is the client's request to count. Raises as `request` does.
        """

    def count_response(self, body: bytes, /) -> tuple[int, bytes]:
        """The upstream's count, and the answer for the client. Raises `UpstreamProtocolError` if there is none."""

    def error(self, status: int, body: bytes, /) -> bytes:
        """The body of an error answer (400 and up) for the client. Never raises, whatever the upstream sent."""

    def error_status(self, status: int, body: bytes, /) -> int:
        """The HTTP status that goes with `error`."""

    @staticmethod
    def retry_after(status: int, body: bytes, /) -> int | None:
        """Seconds after which the body of an error answer says to come again (Gemini's RetryInfo)."""

    @staticmethod
    def read_failure(status: int, body: bytes, /) -> Failure:
        """What an error answer says, whoever it is from; the status is the one that is given."""

    def stream(self, *, framing: Literal["sse", "json_array"] = "sse") -> StreamTranslator:
        """The stream for the client; `json_array` is Gemini's framing without `alt=sse`."""

@final
class EmbeddingTranslator:
    """Translates one request for embeddings, then its reply, between OpenAI's and Gemini's forms."""

    def __new__(
        cls,
        *,
        client: Literal["openai", "gemini_one", "gemini_batch"],
        upstream: Literal["openai", "gemini_one", "gemini_batch"],
        on_loss: Literal["report", "reject"] = "report",
    ) -> Self: ...
    @property
    def losses(self) -> list[Loss]:
        """What could not be carried over."""

    def request(self, body: bytes, /, *, model: str) -> bytes:
        """The request for the upstream. Raises `MalformedError` and `UnsupportedError`, naming the field."""

    def response(self, body: bytes, /) -> bytes:
        """The reply for the client. Raises `UpstreamProtocolError` if there is none."""

@final
class StreamTranslator:
    """Translates a stream, one call for each read from the network. Chunks may be cut anywhere."""

    def feed(self, chunk: bytes, /) -> bytes:
        """What is due to the client after these bytes. A fault of the upstream becomes an error event."""

    def finish(self) -> bytes:
        """The upstream closed the connection: the closing bytes, or an error event if that was too early."""

    def fail(self, message: str, /) -> bytes:
        """An error event in the client's dialect; empty if the stream is over already."""

    def ping(self) -> bytes:
        """A keep-alive that clients of the dialect tolerate; empty if the stream is over."""

    @property
    def begun(self) -> bool:
        """Whether the upstream has said anything of its answer; comments and keep-alives say nothing."""

    @property
    def complete(self) -> bool:
        """Whether the wire itself ended the stream."""

    @property
    def open(self) -> bool:
        """Whether more is to come: the answer is neither complete nor has it failed."""

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ended: stop, length, tool_calls, content_filter or error."""

    @property
    def usage(self) -> Usage | None:
        """Token counts so far."""

    @property
    def failure(self) -> Failure | None:
        """What went wrong, if anything did. Nothing more comes out of the translator then."""

    @property
    def losses(self) -> list[str]:
        """Names of features of the reply that could not be written."""

@disjoint_base
class ExchangeFacts:
    """What becomes known of an exchange. Times are those of `time.perf_counter`; 0 is none."""

    request_id: str
    method: str
    path: str
    started: float
    read: float
    """When the request was there; 0 if it never was."""
    replied: float
    """When the reply went out, or its first bytes; 0 if none did."""
    ended: float
    paused: float
    """Seconds between `read` and `replied` that were waited on purpose."""
    dialect: Dialect | None
    """The client's."""
    operation: Operation
    model: str | None
    """As the client calls it."""
    route: str | None
    """What the model was found by: one of few names, whatever clients ask for."""
    target: str | None
    attempts: list[AttemptRecord]
    served: AttemptRecord | None
    """The attempt whose answer the client got."""
    prompt: bytes
    """What was asked, if that is to be written down."""
    stream: bool
    status: int
    upstream_status: int | None
    outcome: str
    """`ok`, or one of few words for what went wrong."""
    finish_reason: str | None
    usage: Usage | None
    losses: Sequence[Loss]
    stream_losses: Sequence[str]
    """Features of a streamed reply that the client's dialect cannot say."""
    span: ExchangeSpan | None

    def __new__(cls, request_id: str, method: str, path: str, started: float = 0.0) -> Self: ...

@disjoint_base
class AttemptFacts:
    """What becomes known of an upstream that was asked. Times are those of `time.perf_counter`."""

    provider: str
    model: str
    credential: str
    asked: float
    answered: float
    """When the first event of a stream, or the whole of any other reply, was there; or when it failed."""
    outcome: str
    """`ok`, or what went wrong: one of few words, and the status if there was one."""
    span: AttemptSpan | None

    def __new__(cls, provider: str, model: str, credential: str, asked: float) -> Self: ...

_Bounds: TypeAlias = tuple[Sequence[float], Sequence[float], Sequence[float]]
_Counted: TypeAlias = tuple[list[int], float]

@final
class Counts:
    """Counts exchanges that are over, and writes their lines. Kinds are told by the values of labels, first ones first.

    A histogram is given as its bounds: the largest value of each bucket, in order, with one more bucket for whatever is
    beyond. `exchanges` are those of their duration, their overhead and the time to the first output of a stream;
    `attempts` those of their duration, the time to the first output and of tokens. Of names of models, and of features,
    `most_names` are told apart; the rest are `other`. What is given back of a histogram is how many values each bucket
    has, and their sum.
    """

    def __new__(cls, most_names: int, exchanges: _Bounds, attempts: _Bounds, /) -> Self: ...
    def finish(self, record: ExchangeFacts, time: float | None, /) -> bytes | None:
        """Count an exchange that is over; its line (docs/monitoring.md), if `time` is given.

        That is when it ended, in seconds since the epoch.
        """

    def paused(self, provider: str, model: str, credential: str, reason: str, /) -> None:
        """Count a pause that a credential, or a model with any credential, was given."""

    def model(self, name: str, /) -> str:
        """The name by which a model is counted."""

    def exchanges(self) -> list[tuple[list[str], int, list[_Counted]]]:
        """Of each kind, told by dialect, operation, route, stream, status and outcome: how many, and the histograms."""

    def attempts(self) -> list[tuple[list[str], int, list[_Counted]]]:
        """Of each kind, told by operation, provider, model, credential and outcome: how many, and the histograms.

        The tokens are five: input, output, read from a cache, written to one, and reasoning.
        """

    def retries(self) -> list[tuple[list[str], int]]:
        """Attempts beyond the first of an exchange, by route."""

    def losses(self) -> list[tuple[list[str], int]]:
        """Features that could not be carried, by dialect, provider and feature."""

    def pauses(self) -> list[tuple[list[str], int]]:
        """Pauses by provider, model, credential and reason."""

@final
class ResponseReader:
    """Reads answers from the bytes of one connection, one after the other (RFC 9112).

    Nothing raises: bytes that are no answer make the reader faulty, and it stays so until `next`.
    """

    def __new__(cls) -> Self: ...
    @property
    def state(self) -> Literal[0, 1, 2, 3]:
        """How far the answer has come: 0 reading its head, 1 reading its body, 2 complete, 3 faulty."""

    @property
    def status(self) -> int:
        """0 until the head is complete."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers, empty until the head is complete.

        Names are in lower case, values are Latin-1, and the last of repeated ones counts. They are built when they are
        first asked for, and the same until `next`.
        """

    @property
    def keep_alive(self) -> str | None:
        """The header `keep-alive`, without building the others."""

    @property
    def content_encoding(self) -> str | None:
        """The header `content-encoding`, without building the others."""

    @property
    def begun(self) -> bool:
        """Whether a byte of the answer has come."""

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on the connection; known once the answer is complete."""

    @property
    def fault(self) -> str | None:
        """What is wrong, once the reader is faulty."""

    def next(self) -> None:
        """Be ready for another answer."""

    def feed(self, data: bytes, /) -> bytes:
        """Read on: what there is of the body in these bytes, possibly none.

        On a fault that is what came before it. Bytes that are body and nothing else come back as the same object.
        """

    def feed_eof(self) -> None:
        """The connection is at its end: that completes an answer without a length, and breaks off any other."""

def overlay(body: bytes, members: str, /, *, default: bool) -> bytes:
    """A JSON object with the members of another; objects in both are merged.

    Where both have a member, `body` wins if the members are a `default`, unless it has `null`; else the members win,
    and `null` takes away (RFC 7396). All else keeps its bytes. Raises `ValueError` if either is no JSON object.
    """

def read_head(dialect: Dialect, body: bytes, /, *, conversation: bool = False) -> RequestHead:
    """Model and stream flag of a request, and its conversation if that is wanted; nothing is built of the rest.

    Raises `MalformedError` if the body is no JSON object, or has two models.
    """

def estimate_tokens(dialect: Dialect, body: bytes, /) -> int:
    """About how many tokens a request to count has, at least 1; docs/limits.md says how near that is.

    Raises `MalformedError` if the body is not the dialect.
    """

def write_count(dialect: Dialect, tokens: int, /) -> bytes:
    """The answer to a request to count tokens."""

def remote_media(client: Dialect, upstream: Dialect, body: bytes, /) -> list[tuple[str, str]]:
    """Pointer and address of each medium of a client's request that this upstream takes only as bytes."""

def with_media(client: Dialect, body: bytes, fetched: dict[str, tuple[str, str]], /) -> bytes:
    """A client's request with what was fetched, `{address: (media type, base64)}`, in place of the addresses."""

def error_status(dialect: Dialect, status: int, /) -> int:
    """The status with which a dialect answers what HTTP calls `status`; Anthropic says 529 for 503."""

def write_error(
    dialect: Dialect,
    status: int,
    message: str,
    /,
    *,
    pointer: str | None = None,
    code: str | None = None,
    request_id: str | None = None,
) -> bytes:
    """The body of an error answer that is the gateway's own, in the envelope of the caller's dialect."""
