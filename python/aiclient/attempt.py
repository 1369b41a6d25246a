"""One attempt to have a request answered: one upstream, asked once, up to the first event of its answer.

Nothing goes to the client here. So whatever fails may be tried elsewhere, and what succeeds has something to send.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Sequence
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import unquote_plus

from aiclient._native import Failure, Translator
from aiclient.client_request import ClientRequest
from aiclient.errors import UpstreamAnswerError
from aiclient.pools import Credential
from aiclient.relay import StreamRelay
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.telemetry import AttemptRecord
from aiclient.time_limit import TimeLimit
from aiclient.upstream.client import PreparedRequest, UpstreamResponse
from aiclient.upstream.headers import passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["ERROR_LIMIT", "REPLY_LIMIT", "Attempt"]

# Where the statuses end that say that all went well.
MULTIPLE_CHOICES = 300
# Most bytes of a whole reply: generated images come as base64, several in one.
REPLY_LIMIT = 256 << 20
# Most bytes of an error answer.
ERROR_LIMIT = 8 << 20


class Attempt:
    """A request to one target, with one credential.

    asked --begin()--> begun: `relay` has the first event of a stream, or `body` the whole reply
      |
      +--an `UpstreamError`: whatever failed, before anything could go to the client
    """

    __slots__ = (
        "_asked",
        "_is_open",
        "_services",
        "body",
        "credential",
        "note",
        "provider",
        "relay",
        "target",
        "translator",
        "upstream",
    )

    def __init__(  # noqa: PLR0917  # whom to ask, with what, for whom
        self,
        services: Services,
        asked: ClientRequest,
        target: Target,
        provider: Provider,
        credential: Credential,
        note: AttemptRecord,
    ) -> None:
        """`note`: where it is written down how long the upstream took."""
        self._services = services
        self._asked = asked
        self.note = note
        self.target = target
        self.provider = provider
        self.credential = credential
        self.translator = self._translator()
        self.upstream: UpstreamResponse | None = None
        self.relay: StreamRelay | None = None
        self.body = b""
        self._is_open = False

    async def begin(self, seconds: float) -> None:
        """Ask, and wait for the first event of a stream or for the whole of any other reply.

        The first bytes may take `seconds`, and no longer than the provider's own limits. Raises an `UpstreamError` for
        what fails, an `UpstreamAnswerError` if the upstream itself says so; and a `RequestError` for what cannot be
        translated.
        """
        asked, target = self._asked, self.target
        stream, body, head = asked.stream, asked.body, asked.head
        if self._services.media is not None and not self.translator.passthrough:
            body, head = await self._inlined(), None
        payload = self.translator.request(body, model=target.model, stream=stream, head=head)
        if target.overrides is not None:
            payload = target.overrides.over(payload)
        self._is_open = True
        self.credential.in_flight += 1
        try:
            limits = self.provider.limits
            if stream or seconds < limits.connect + limits.first_byte:
                # The provider's limits are the connection's business, but for the wait between head and first event.
                upstream = await self._in_time(payload, seconds)
            else:
                self.upstream = upstream = await self._send(payload)
            if upstream.status >= MULTIPLE_CHOICES:
                await self._refused(upstream)
            if not stream:
                reply = upstream.read_at_once()
                self._read(upstream, await upstream.read(REPLY_LIMIT) if reply is None else reply)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Be done with it, whether it was begun or not."""
        if self._is_open:
            self._is_open = False
            self.credential.in_flight -= 1
        if self.upstream is not None:
            self.upstream.close()

    async def _inlined(self) -> bytes:
        """What the client sent, with the media that it only names, since the upstream takes nothing but bytes."""
        media, asked = self._services.media, self._asked
        return asked.body if media is None else await media.inlined(asked.dialect, self.provider.dialect, asked.body)

    async def _in_time(self, payload: bytes, seconds: float) -> UpstreamResponse:
        limits = self.provider.limits
        seconds = min(seconds, limits.connect + limits.first_byte)
        with TimeLimit(seconds, f"no answer from the upstream within {seconds:.3g} s"):
            self.upstream = upstream = await self._send(payload)
            if self._asked.stream and upstream.status < MULTIPLE_CHOICES:
                await self._first_event(upstream)
        return upstream

    def _send(self, payload: bytes) -> Awaitable[UpstreamResponse]:
        provider, request = self.provider, self._request()
        self.note.asked = time.perf_counter()
        return provider.client.send(request, payload, provider.limits)

    def _request(self) -> PreparedRequest:
        """What goes to the upstream before the payload; most requests have nothing to say there."""
        asked, provider, overrides, span = self._asked, self.provider, self.target.overrides, self._asked.record.span
        passed: Sequence[tuple[str, str]] = ()
        url = None
        if asked.dialect == provider.dialect:
            passed = passed_to_upstream(asked.request, asked.dialect, provider.dialect)
            if asked.request.query_string or (asked.stream and asked.generation.framing != "sse"):
                url = self._url_with_query()
        own = () if overrides is None else overrides.headers
        if url is None and not (passed or own or span):
            return provider.plain_request(self.target.model, self.credential, asked.stream)
        headers = provider.request_headers(passed, self.credential, own)
        if span is not None:
            headers = [*headers, *span.attempt(self.note, provider.base_url, "chat", stream=asked.stream)]
        url = url or provider.url(self.target.model, stream=asked.stream)
        return PreparedRequest("POST", url, headers)

    async def _first_event(self, upstream: UpstreamResponse) -> None:
        stream = self.translator.stream(framing=self._asked.generation.framing)
        relay = StreamRelay(upstream, stream, self._services.moderation, data_only=self._asked.is_data_only)
        await relay.begin()
        self.note.answered = time.perf_counter()
        if stream.failure is not None:
            raise _answered(upstream, stream.failure)
        self.relay = relay

    def _read(self, upstream: UpstreamResponse, body: bytes) -> None:
        self.note.answered = time.perf_counter()
        translator = self.translator
        self.body = translator.response(body)
        if (failure := translator.failure) is not None:
            # A 200 that holds an error.
            raise _answered(upstream, failure, self.body)

    async def _refused(self, upstream: UpstreamResponse) -> NoReturn:
        """Raise an error answer, in the client's dialect."""
        body = await upstream.read(ERROR_LIMIT)
        # A redirect is not followed: it would carry the key to whoever is named.
        status = upstream.status if upstream.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY.value
        translator = self.translator
        failure = translator.read_failure(status, body)
        error = _answered(upstream, failure, translator.error(status, body))
        error.status = translator.error_status(status, body)
        raise error

    def _translator(self) -> Translator:
        services, asked = self._services, self._asked
        factory = services.translators(asked.dialect, self.provider.dialect, asked.on_loss or services.on_loss)
        scope = asked.memory_scope() if factory.remembers else None
        return factory.translator(asked.record.request_id, int(time.time()), scope)

    def _url_with_query(self) -> str:
        """The upstream's address with the client's query, which goes on in the same dialect, but for its key."""
        asked = self._asked
        url = self.provider.url(self.target.model, stream=asked.stream)
        if asked.stream and asked.generation.framing == "json_array":
            url = url.removesuffix("?alt=sse")
        kept = "&".join(p for p in asked.request.query_string.split("&") if _is_passed_on(p))
        return f"{url}{'&' if '?' in url else '?'}{kept}" if kept else url


def _answered(upstream: UpstreamResponse, failure: Failure, body: bytes | None = None) -> UpstreamAnswerError:
    return UpstreamAnswerError(
        failure.message,
        status=failure.status,
        kind=failure.kind,
        upstream_status=upstream.status,
        headers=upstream.headers,
        body=body,
        wait=failure.retry_after,
    )


def _is_passed_on(parameter: str) -> bool:
    """Whether a parameter of the query is for the upstream: the key is the gateway's, and framing is settled."""
    return unquote_plus(parameter.partition("=")[0]) not in {"", "key", "alt"}
