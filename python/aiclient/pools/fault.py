"""Why an attempt failed: who is to blame, how long that lasts, and what may help."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from aiclient.errors import (
    AIClientError,
    FailureKind,
    UpstreamAnswerError,
    UpstreamConnectError,
    UpstreamError,
)
from aiclient.pools.hints import asked_wait, reset_wait, should_retry

__all__ = ["Blame", "Fault", "fault_of"]


class Blame(enum.Enum):
    """What failed, and so what may do better."""

    REQUEST = "request"
    """The request, as it seems; another target may still take it."""
    CREDENTIAL = "credential"
    """The credential, for every model."""
    PERMISSION = "permission"
    """The credential, for this model."""
    LIMIT = "limit"
    """A rate limit of the credential, for this model."""
    TARGET = "target"
    """The model at this provider."""
    PROVIDER = "provider"
    """The provider: it cannot be reached, whatever the credential."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with an attempt."""

    error: AIClientError
    blame: Blame
    wait: float | None = None
    """Seconds that the upstream asks to wait."""
    may_repeat: bool = True
    """Whether asking the same again may help."""
    counts: bool = True
    """Whether it says something of the target's health, once another has answered the same request."""

    @property
    def reason(self) -> str:
        """What happened, in words that hold nothing of the request's or the upstream's."""
        if isinstance(self.error, UpstreamAnswerError):
            return f"{self.error.upstream_status} {self.error.kind}"
        return self.error.message

    @property
    def is_told(self) -> bool:
        """Whether the upstream itself says how long its limit lasts."""
        return self.blame is Blame.LIMIT and self.wait is not None

    @property
    def hope(self) -> int:
        """How much it helps the client to hear of it: what may pass soon, before what will not."""
        if isinstance(self.error, UpstreamAnswerError):
            return _HOPES.get(self.blame, 0)
        if self.blame is Blame.REQUEST:
            return 1
        return 2 if self.blame is Blame.PROVIDER else 3


_BLAMES: dict[FailureKind, Blame] = {
    "authentication": Blame.CREDENTIAL,
    "billing": Blame.CREDENTIAL,
    "permission": Blame.PERMISSION,
    "rate_limit": Blame.LIMIT,
    "overloaded": Blame.TARGET,
    "timeout": Blame.TARGET,
    "server": Blame.TARGET,
    "bad_gateway": Blame.TARGET,
}
# Of what the upstream itself has said; else the error is the gateway's.
_HOPES = {Blame.TARGET: 6, Blame.LIMIT: 5, Blame.REQUEST: 4}
# The server was at odds with itself, or too slow: both pass.
_PASSING = frozenset({408, 409, 425})
# A prompt that is too long says nothing of the model.
_OWN_SIZE = frozenset({"context_too_long", "too_large"})


def fault_of(error: AIClientError) -> Fault:
    """The fault that an error of an attempt stands for."""
    if isinstance(error, UpstreamAnswerError):
        return _answered(error)
    if isinstance(error, UpstreamConnectError):
        return Fault(error, Blame.PROVIDER)
    if isinstance(error, UpstreamError):
        return Fault(error, Blame.TARGET)
    return Fault(error, Blame.REQUEST, may_repeat=False, counts=False)


def _answered(error: UpstreamAnswerError) -> Fault:
    headers, kind = error.headers, error.kind
    is_passing = error.upstream_status in _PASSING or 300 <= error.upstream_status < 400  # noqa: PLR2004
    blame = Blame.TARGET if is_passing else _BLAMES.get(kind, Blame.REQUEST)
    wait = asked_wait(headers)
    if wait is None and error.wait is not None:
        wait = float(error.wait)
    if wait is None and blame is Blame.LIMIT:
        wait = reset_wait(headers)
    advice = should_retry(headers)
    if advice and blame is Blame.REQUEST:
        blame = Blame.TARGET
    may_repeat = blame in {Blame.TARGET, Blame.LIMIT} if advice is None else advice
    return Fault(error, blame, wait, may_repeat, counts=kind not in _OWN_SIZE)
