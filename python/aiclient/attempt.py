"""One attempt to have a request answered: one upstream, asked once, up to the first event of its answer.

Nothing goes to the client here. So whatever fails may be tried elsewhere, and what succeeds has something to send.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote_plus

from aiclient._native import Failure, Translator, overlay
from aiclient.client_request import ClientRequest
from aiclient.errors import UpstreamAnswerError
from aiclient.pools import Credential
from aiclient.relay import StreamRelay
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.telemetry import AttemptRecord
from aiclient.time_limit import TimeLimit
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["REPLY_LIMIT", "Attempt"]

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

    def __init__(
        self,
        services: Services,
        asked: ClientRequest,
        target: Target,
        credential: Credential,
        note: AttemptRecord,
    ) -> None:
        """`note`: where it is written down how long the upstream took."""
        self._services = services
        self._asked = asked
        self.note = note
        self.target = target
        self.credential = credential
        self.provider: Provider = services.providers[target.provider]
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
        payload = self._payload(await self._body())
        self._is_open = True
        self.credential.in_flight += 1
        try:
            await self._first(payload, seconds)
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

    async def _body(self) -> bytes:
        """What the client sent, with the media that it only names if the upstream takes nothing but bytes."""
        media, asked = self._services.media, self._asked
        if media is None or self.translator.passthrough:
            return asked.body
        return await media.inlined(asked.dialect, self.provider.dialect, asked.body)

    def _payload(self, body: bytes) -> bytes:
        target = self.target
        payload = self.translator.request(body, model=target.model, stream=self._asked.stream)
        overrides = target.overrides
        if overrides is not None and overrides.defaults is not None:
            payload = overlay(payload, overrides.defaults, default=True)
        if overrides is not None and overrides.body is not None:
            payload = overlay(payload, overrides.body, default=False)
        return payload

    async def _first(self, payload: bytes, seconds: float) -> None:
        limits = self.provider.limits
        own = limits.connect + limits.first_byte
        if self._asked.stream or seconds < own:
            # The provider's limits are the connection's business, but for the wait between head and first event.
            upstream = await self._in_time(payload, min(seconds, own))
        else:
            upstream = await self._open(payload)
        if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._told(upstream, await upstream.read(ERROR_LIMIT))
        if not self._asked.stream:
            await self._whole(upstream)

    async def _in_time(self, payload: bytes, seconds: float) -> UpstreamResponse:
        with TimeLimit(seconds, f"no answer from the upstream within {seconds:.3g} s"):
            upstream = await self._open(payload)
            if self._asked.stream and upstream.status < HTTPStatus.MULTIPLE_CHOICES:
                await self._first_event(upstream)
        return upstream

    async def _open(self, payload: bytes) -> UpstreamResponse:
        provider, note, url, headers = self.provider, self.note, self._url(), self._headers()
        if (span := self._asked.record.span) is not None:
            headers = [*headers, *span.attempt(note, provider.base_url, "chat", stream=self._asked.stream)]
        note.asked = time.perf_counter()
        self.upstream = upstream = await provider.client.open("POST", url, headers, payload, provider.limits)
        return upstream

    def _headers(self) -> Sequence[tuple[str, str]]:
        asked, provider, overrides = self._asked, self.provider, self.target.overrides
        passed = passed_to_upstream(asked.request, asked.dialect, provider.dialect)
        own = () if overrides is None else overrides.headers
        return provider.request_headers(passed, self.credential, own)

    async def _first_event(self, upstream: UpstreamResponse) -> None:
        stream = self.translator.stream(framing=self._asked.generation.framing)
        relay = StreamRelay(upstream, stream, data_only=self._asked.is_data_only)
        await relay.begin()
        self.note.answered = time.perf_counter()
        if stream.failure is not None:
            raise _answered(upstream, stream.failure)
        self.relay = relay

    async def _whole(self, upstream: UpstreamResponse) -> None:
        translator = self.translator
        body = await upstream.read(REPLY_LIMIT)
        self.note.answered = time.perf_counter()
        self.body = translator.response(body)
        if translator.failure is not None:
            # A 200 that holds an error.
            raise _answered(upstream, translator.failure, self.body)

    def _told(self, upstream: UpstreamResponse, body: bytes) -> UpstreamAnswerError:
        """An error answer, in the client's dialect."""
        # A redirect is not followed: it would carry the key to whoever is named.
        status = upstream.status if upstream.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY.value
        translator = self.translator
        failure = translator.read_failure(status, body)
        error = _answered(upstream, failure, translator.error(status, body))
        error.status = translator.error_status(status, body)
        return error

    def _translator(self) -> Translator:
        services, asked = self._services, self._asked
        return Translator(
            client=asked.dialect,
            upstream=self.provider.dialect,
            exchange_id=asked.record.request_id,
            created=int(time.time()),
            on_loss=asked.on_loss(services.on_loss),
            models=services.model_table,
            memory=services.memory,
            scope=None if services.memory is None else asked.memory_scope(),
        )

    def _url(self) -> str:
        """The upstream's address; in the same dialect the client's query goes on, but for its key."""
        provider, asked = self.provider, self._asked
        url = provider.url(self.target.model, stream=asked.stream)
        if provider.dialect != asked.dialect:
            return url
        if asked.stream and asked.generation.framing == "json_array":
            url = url.removesuffix("?alt=sse")
        query = asked.request.query_string
        kept = "&".join(p for p in query.split("&") if _is_passed_on(p)) if query else ""
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
