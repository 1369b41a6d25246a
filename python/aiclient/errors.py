"""What can go wrong, by who broke which contract.

Every exception carries the HTTP status to answer with, and the JSON Pointer (RFC 6901) of the field that is to blame
if there is one. The native translator raises these classes too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = [
    "AIClientError",
    "AuthenticationError",
    "BusyError",
    "FailureKind",
    "MalformedError",
    "RequestError",
    "UnknownModelError",
    "UnsupportedError",
    "UpstreamAnswerError",
    "UpstreamConnectError",
    "UpstreamError",
    "UpstreamProtocolError",
    "UpstreamStatusError",
    "UpstreamTimeoutError",
    "forget_frames",
    "outcome_of",
]


FailureKind = Literal[
    "invalid_request",
    "context_too_long",
    "authentication",
    "permission",
    "billing",
    "not_found",
    "method_not_allowed",
    "too_large",
    "rate_limit",
    "overloaded",
    "timeout",
    "server",
    "bad_gateway",
]
"""The classes of what an upstream can answer instead of a reply, whatever its vendor calls them."""


class AIClientError(Exception):
    """Anything the gateway or the translator refuses or fails at.

    `message` is for people; `status` is the HTTP status to answer with; `pointer` names the field, if one is to blame.
    """

    status: int = 500

    def __init__(self, message: str, *, pointer: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer
        if status is not None:
            self.status = status


class RequestError(AIClientError):
    """The client's request cannot be served."""

    status = 400


class MalformedError(RequestError):
    """The body is not what its dialect says; `pointer` names the field."""


class UnsupportedError(RequestError):
    """The upstream's dialect cannot say what the field at `pointer` asks."""


class AuthenticationError(RequestError):
    """The client's key is missing or wrong."""

    status = 401


class UnknownModelError(RequestError):
    """No route leads to the model."""

    status = 404


class UpstreamError(AIClientError):
    """What stands behind the gateway failed."""

    status = 502


class BusyError(UpstreamError):
    """Every credential rests, because the upstream asked for it; `wait` is for how many seconds more."""

    status = 429

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class UpstreamConnectError(UpstreamError):
    """The upstream could not be reached."""


class UpstreamTimeoutError(UpstreamError):
    """The upstream took longer than its limits allow."""

    status = 504


class UpstreamStatusError(UpstreamError):
    """The upstream answered with an error; `status` is the one to answer the client with."""


class UpstreamAnswerError(UpstreamStatusError):
    """The upstream's answer is an error, whatever its own status.

    `kind` is its class; `upstream_status` and `headers` are the upstream's; `body` is the error in the client's
    dialect, None if it is still to be written; `wait` is how many seconds the body says to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        kind: FailureKind,
        upstream_status: int,
        headers: Mapping[str, str],
        body: bytes | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(message, status=status)
        self.kind: FailureKind = kind
        self.upstream_status = upstream_status
        self.headers = headers
        self.body = body
        self.wait = wait


class UpstreamProtocolError(UpstreamError):
    """The upstream's bytes are not its dialect."""


def forget_frames(error: BaseException) -> None:
    """Forget where an error that is to be kept, and those behind it, were raised.

    The frames hold all that the exchange held, and often the error itself: a cycle, which only the collector ends.
    """
    behind: BaseException | None = error
    while behind is not None:
        behind.__traceback__ = None
        behind = behind.__cause__ or behind.__context__


def outcome_of(error: BaseException) -> str:
    """What went wrong with an attempt, in one of few words for the log and the counts."""
    if isinstance(error, UpstreamAnswerError):
        return f"{error.upstream_status} {error.kind}"
    return type(error).__name__.removesuffix("Error")
