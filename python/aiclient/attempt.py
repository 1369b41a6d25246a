"""One attempt to have a request answered: one upstream, asked once, up to the first event of its answer.

Nothing goes to the client here. So whatever fails may be tried elsewhere, and what succeeds has something to send.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import unquote_plus

from aiclient._native import Translator
from aiclient.client_request import ClientRequest
from aiclient.errors import UpstreamAnswerError, UpstreamStatusError
from aiclient.relay import StreamRelay, read_whole
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["REPLY_LIMIT", "Attempt"]

# Most bytes of a whole reply: generated images come as base64, several in one.
REPLY_LIMIT = 256 << 20
# Most bytes of an error answer.
ERROR_LIMIT = 8 << 20


class Attempt:
    """A request to one target.

    asked --begin()--> begun: `relay` has the first event of a stream, or `body` the whole reply
      |
      +--an `UpstreamError`: whatever failed, before anything could go to the client
    """

    __slots__ = ("_asked", "_services", "body", "provider", "relay", "target", "translator", "upstream")

    def __init__(self, services: Services, asked: ClientRequest, target: Target) -> None:
        self._services = services
        self._asked = asked
        self.target = target
        self.provider: Provider = services.providers[target.provider]
        self.translator = self._translator()
        self.upstream: UpstreamResponse | None = None
        self.relay: StreamRelay | None = None
        self.body = b""

    async def begin(self) -> None:
        """Ask, and wait for the first event of a stream or for the whole of any other reply.

        Raises an `UpstreamError` for what fails, an `UpstreamAnswerError` if the upstream itself says so; and a
        `RequestError` for what cannot be translated.
        """
        asked, provider, record = self._asked, self.provider, self._asked.record
        record.target = str(self.target)
        body = asked.body
        if self._services.media is not None and not self.translator.passthrough:
            body = await self._services.media.inlined(asked.dialect, provider.dialect, body)
        payload = self.translator.request(body, model=self.target.model, stream=asked.stream)
        record.losses = self.translator.losses
        passed = passed_to_upstream(asked.request, asked.dialect, provider.dialect)
        headers = provider.request_headers(passed)
        self.upstream = upstream = await provider.client.open("POST", self._url(), headers, payload, provider.limits)
        record.upstream_status = upstream.status
        try:
            await self._first(upstream)
        except BaseException:
            upstream.close()
            raise

    def close(self) -> None:
        """Be done with it, whether it was begun or not."""
        if self.upstream is not None:
            self.upstream.close()

    async def _first(self, upstream: UpstreamResponse) -> None:
        if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
            body = await read_whole(upstream, ERROR_LIMIT, self.provider.limits.idle)
            raise self._told(upstream, body)
        if self._asked.stream:
            await self._first_event(upstream)
        else:
            await self._whole(upstream)

    async def _first_event(self, upstream: UpstreamResponse) -> None:
        stream = self.translator.stream(framing=self._asked.generation.framing)
        relay = StreamRelay(upstream, stream, idle=self.provider.limits.idle, data_only=self._asked.is_data_only)
        try:
            await relay.begin()
        except UpstreamStatusError as error:
            raise _answered(upstream, error.message, error.status) from error
        self.relay = relay

    async def _whole(self, upstream: UpstreamResponse) -> None:
        translator, record = self.translator, self._asked.record
        body = await read_whole(upstream, REPLY_LIMIT, self.provider.limits.idle)
        self.body = translator.response(body)
        record.usage, record.finish_reason = translator.usage, translator.finish_reason
        failure = translator.failure
        if failure is not None:
            # A 200 that holds an error.
            raise _answered(upstream, failure.message, failure.status, self.body)

    def _told(self, upstream: UpstreamResponse, body: bytes) -> UpstreamAnswerError:
        """An error answer, in the client's dialect."""
        # A redirect is not followed: it would carry the key to whoever is named.
        status = upstream.status if upstream.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY.value
        translator = self.translator
        told = translator.error(status, body)
        error = _answered(upstream, f"the upstream answered {status}", translator.error_status(status, body), told)
        error.wait = translator.retry_after(status, body)
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


def _answered(upstream: UpstreamResponse, message: str, status: int, body: bytes | None = None) -> UpstreamAnswerError:
    return UpstreamAnswerError(
        message, status=status, upstream_status=upstream.status, headers=upstream.headers, body=body
    )


def _is_passed_on(parameter: str) -> bool:
    """Whether a parameter of the query is for the upstream: the key is the gateway's, and framing is settled."""
    return unquote_plus(parameter.partition("=")[0]) not in {"", "key", "alt"}
