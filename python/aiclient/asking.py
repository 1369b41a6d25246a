"""A question whose answer is whole, such as a count or embeddings: asked of one candidate after the other.

Nothing goes to the client before one has answered, so that whatever fails may be tried elsewhere; each candidate is
asked once. What becomes of it is told to the health of its provider.
Must not know: what is asked, or what the answer says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from aiclient._native import Translator
from aiclient.asgi import Answer, Request, header_value
from aiclient.attempt import ERROR_LIMIT
from aiclient.candidates import Candidate, Candidates
from aiclient.dialect import Dialect
from aiclient.errors import (
    BusyError,
    RequestError,
    UnsupportedError,
    UpstreamAnswerError,
    UpstreamError,
    forget_frames,
    outcome_of,
)
from aiclient.pools import Fault, fault_of
from aiclient.routing import Route, Target
from aiclient.services import Services
from aiclient.telemetry import AttemptRecord, Record
from aiclient.time_limit import TimeLimit
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["Answered", "Asking", "Client", "Question"]

_JSON = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, and in what dialect."""

    request: Request
    answer: Answer
    record: Record
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Question:
    """What one upstream is asked."""

    url: str
    body: bytes
    read: Callable[[bytes], bytes]
    """From the upstream's answer to the client's; raises `UpstreamProtocolError`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it."""

    candidate: Candidate
    body: bytes | None
    """For the client; None if the upstream has no answer to questions of this kind."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The upstream's."""


@dataclass(frozen=True, slots=True)
class _Failed:
    candidate: Candidate
    fault: Fault


class Asking:
    """Has one question answered by one of its route's targets."""

    __slots__ = ("_candidates", "_client", "_failed", "_lacking", "_limit", "_put", "_until")

    def __init__(
        self,
        services: Services,
        client: Client,
        route: Route,
        put: Callable[[Target, Provider], Question | None],
        *,
        limit: int,
        conversation: int | None = None,
        apart: str = "",
        lacking: Collection[int] = (),
    ) -> None:
        """`put` makes the question for a target; None if it cannot be asked, by nature. `limit`: bytes of an answer.

        `apart`: the name of what is asked, if that a model answers says nothing of it. `lacking`: the statuses that say
        that there is no such endpoint.
        """
        self._client = client
        self._put = put
        self._limit = limit
        self._lacking = lacking
        self._candidates = Candidates(route, services.providers, conversation, apart)
        self._until = time.monotonic() + services.seconds_for(route)
        self._failed: list[_Failed] = []

    async def answered(self) -> Answered | None:
        """The first answer; None if all have failed, and the client has been told with an upstream's own error.

        Raises any other error: `BusyError` if nobody may be asked, and a `RequestError` for what cannot be asked.
        """
        for candidate in self._candidates:
            answered = await self._ask(candidate)
            if answered is not None:
                self._name(candidate, answered.headers)
                return answered
            if time.monotonic() >= self._until:
                break
        await self._tell()
        return None

    async def _ask(self, candidate: Candidate) -> Answered | None:
        try:
            question = self._put(candidate.target, candidate.provider)
        except UnsupportedError as error:
            self._fail(candidate, error)
            return None
        except RequestError:
            self._abandon(candidate)
            raise
        if question is None:
            self._abandon(candidate)
            return Answered(candidate, None)
        return await self._sent(candidate, question)

    async def _sent(self, candidate: Candidate, question: Question) -> Answered | None:
        target, credential = candidate.target, candidate.credential
        note = self._client.record.asks(target.provider, target.model, credential.name)
        credential.in_flight += 1
        try:
            answered = await self._exchange(candidate, question, note)
        except UpstreamError as error:
            note.fail(outcome_of(error))
            self._fail(candidate, error)
            return None
        except BaseException as error:
            note.fail(outcome_of(error))
            self._abandon(candidate)
            raise
        finally:
            credential.in_flight -= 1
        note.answered = note.answered or time.perf_counter()
        self._client.record.served = note
        return answered

    async def _exchange(self, candidate: Candidate, question: Question, note: AttemptRecord) -> Answered:
        provider = candidate.provider
        seconds = min(self._until - time.monotonic(), provider.limits.connect + provider.limits.first_byte)
        headers = self._headers(candidate, note)
        with TimeLimit(seconds, f"no answer from the upstream within {seconds:.3g} s"):
            upstream = await provider.client.open("POST", question.url, headers, question.body, provider.limits)
        try:
            return await self._read(candidate, question, note, upstream)
        finally:
            upstream.close()

    async def _read(
        self, candidate: Candidate, question: Question, note: AttemptRecord, upstream: UpstreamResponse
    ) -> Answered:
        status = self._client.record.upstream_status = upstream.status
        if status in self._lacking:
            note.fail(str(status))
            self._abandon(candidate)
            return Answered(candidate, None)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._error(candidate.provider, upstream, await upstream.read(ERROR_LIMIT))
        body = question.read(await upstream.read(self._limit))
        self._succeed(candidate)
        return Answered(candidate, body, upstream.headers)

    def _headers(self, candidate: Candidate, note: AttemptRecord) -> list[tuple[str, str]]:
        client, provider, overrides = self._client, candidate.provider, candidate.target.overrides
        passed = passed_to_upstream(client.request, client.dialect, provider.dialect)
        own = () if overrides is None else overrides.headers
        headers = [*provider.request_headers(passed, candidate.credential, own)]
        if (span := client.record.span) is not None:
            headers += span.attempt(note, provider.base_url, client.record.operation, stream=False)
        return headers

    def _error(self, provider: Provider, upstream: UpstreamResponse, body: bytes) -> UpstreamAnswerError:
        """An error answer, in the client's dialect."""
        # A redirect is not followed: it would carry the key to whoever is named.
        status = upstream.status if upstream.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY.value
        answer, dialect = self._client.answer, self._client.dialect
        translator = Translator(
            client=dialect, upstream=provider.dialect, exchange_id=answer.request_id, created=int(time.time())
        )
        failure = translator.read_failure(status, body)
        return UpstreamAnswerError(
            failure.message,
            status=translator.error_status(status, body),
            kind=failure.kind,
            upstream_status=upstream.status,
            headers=upstream.headers,
            body=translator.error(status, body),
            wait=failure.retry_after,
        )

    def _succeed(self, candidate: Candidate) -> None:
        candidate.provider.health.succeeded(self._subject(candidate), candidate.credential)
        now = time.monotonic()
        for failed in self._failed:
            # What another has answered was no fault of the question.
            failed.candidate.provider.health.blamed(self._subject(failed.candidate), failed.fault, now)

    def _fail(self, candidate: Candidate, error: UpstreamError | UnsupportedError) -> None:
        forget_frames(error)
        fault = fault_of(error)
        candidate.provider.health.failed(self._subject(candidate), candidate.credential, fault, time.monotonic())
        self._candidates.failed(fault)
        self._failed.append(_Failed(candidate, fault))

    def _abandon(self, candidate: Candidate) -> None:
        candidate.provider.health.circuits.abandoned(self._subject(candidate), time.monotonic())

    def _subject(self, candidate: Candidate) -> str:
        return self._candidates.subject(candidate.target)

    async def _tell(self) -> None:
        """Tell the client the failure that gives most hope; raises what is still to be written."""
        if not self._failed:
            told = self._candidates.told_until()
            wait = 0.0 if told is None else max(0.0, told - time.monotonic())
            raise BusyError("every credential for this model rests, as the upstream asked", wait)
        best = max(self._failed, key=lambda failed: failed.fault.hope)
        error = best.fault.error
        self._name(best.candidate, error.headers if isinstance(error, UpstreamAnswerError) else {})
        if not isinstance(error, UpstreamAnswerError) or error.body is None:
            raise error
        client = self._client
        client.record.outcome, client.record.upstream_status = "upstream_error", error.upstream_status
        status = (b"x-aiclient-upstream-status", str(error.upstream_status).encode())
        await client.answer.whole(error.status, error.body, [_JSON, status])

    def _name(self, candidate: Candidate, headers: Mapping[str, str]) -> None:
        """Say whose answer it is."""
        client, target = self._client, candidate.target
        client.record.target = target.name
        client.answer.extra.append((b"x-aiclient-provider", header_value(target.provider)))
        client.answer.extra += passed_to_client(headers, client.dialect, candidate.provider.dialect)
