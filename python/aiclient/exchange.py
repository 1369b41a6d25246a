"""One request, from arrival to last byte."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import unquote_plus

from aiclient._native import Loss, ModelTable, ReasoningMemory, Translator
from aiclient.asgi import Answer, ClientWatch, Headers, Request, header_value
from aiclient.endpoints import Generation
from aiclient.errors import MalformedError, UpstreamError
from aiclient.media import MediaFetcher
from aiclient.middleware.access_log import Record
from aiclient.middleware.authentication import client_key
from aiclient.relay import StreamRelay, read_whole
from aiclient.routing import Router, Target
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
from aiclient.upstream.providers import Provider
from aiclient.upstream.retry import is_worth_another_target

__all__ = ["REPLY_LIMIT", "Exchange", "Services", "dropped"]

# Most bytes of a whole reply: generated images come as base64, several in one.
REPLY_LIMIT = 256 << 20
# Most characters of a header that lists losses; servers and proxies refuse heads beyond 8 KB or so.
DROPPED_LIMIT = 2000
# Most characters of a header that holds a name of the client's making.
NAME_LIMIT = 200

_JSON = (b"content-type", b"application/json")
_STREAM_TYPES = {"sse": b"text/event-stream; charset=utf-8", "json_array": b"application/json"}


@dataclass(frozen=True, slots=True)
class Services:
    """What every exchange needs of the gateway."""

    router: Router
    providers: Mapping[str, Provider]
    on_loss: Literal["report", "reject"]
    model_table: ModelTable
    memory: ReasoningMemory | None
    """What Chat clients do not give back."""
    media: MediaFetcher | None
    """Who fetches media by their address, if that is wanted."""
    body_limit: int
    """Bytes of a request."""


@dataclass(slots=True)
class _Attempt:
    """A request that an upstream has answered."""

    provider: Provider
    target: Target
    translator: Translator
    upstream: UpstreamResponse


class Exchange:
    """Serves one request for an answer."""

    __slots__ = ("_answer", "_generation", "_provider", "_record", "_request", "_services")

    def __init__(
        self,
        services: Services,
        request: Request,
        answer: Answer,
        generation: Generation,
        *,
        provider: str | None,
        record: Record,
    ) -> None:
        self._services = services
        self._request = request
        self._answer = answer
        self._generation = generation
        self._provider = provider
        self._record = record

    async def run(self) -> None:
        """Answer the request; raises `AIClientError` for what the client is still to be told."""
        body = await self._request.body(self._services.body_limit)
        model, stream = self._generation.head(body)
        self._record.model, self._record.stream = model, stream
        targets = self._services.router.resolve(model, provider=self._provider)
        with ClientWatch(self._request.receive) as watch:
            try:
                attempt = await self._open(targets, body, stream=stream)
                try:
                    await self._relay(attempt, stream=stream)
                finally:
                    attempt.upstream.close()
            except BaseException:
                if not watch.gone:
                    raise
                # Whatever it was, nobody is left to be told.
                self._record.outcome = "client_gone"

    async def _open(self, targets: Sequence[Target], body: bytes, *, stream: bool) -> _Attempt:
        """Ask the targets in order until one has answered."""
        last = targets[-1]
        for target in targets[:-1]:
            try:
                return await self._ask(target, body, stream=stream)
            except UpstreamError as error:
                if not is_worth_another_target(error):
                    raise
        return await self._ask(last, body, stream=stream)

    async def _ask(self, target: Target, body: bytes, *, stream: bool) -> _Attempt:
        provider = self._services.providers[target.provider]
        self._record.target = str(target)
        translator = Translator(
            client=self._generation.dialect,
            upstream=provider.dialect,
            exchange_id=self._answer.request_id,
            created=int(time.time()),
            on_loss=self._on_loss(),
            models=self._services.model_table,
            memory=self._services.memory,
            scope=self._scope(),
        )
        if self._services.media is not None and not translator.passthrough:
            body = await self._services.media.inlined(self._generation.dialect, provider.dialect, body)
        payload = translator.request(body, model=target.model, stream=stream)
        self._record.losses = translator.losses
        passed = passed_to_upstream(self._request, self._generation.dialect, provider.dialect)
        url = self._url(provider, target, stream=stream)
        upstream = await provider.client.open("POST", url, provider.request_headers(passed), payload, provider.limits)
        self._record.upstream_status = upstream.status
        return _Attempt(provider, target, translator, upstream)

    def _on_loss(self) -> Literal["report", "reject"]:
        """What is to be done with losses: the request's own word, else the configuration's."""
        match self._request.header(b"x-aiclient-on-loss"):
            case None:
                return self._services.on_loss
            case "report":
                return "report"
            case "reject":
                return "reject"
            case _:
                raise MalformedError("the header x-aiclient-on-loss: expected report or reject")

    def _scope(self) -> bytes | None:
        """Whose memory it is: those who come with one key are one."""
        if self._services.memory is None or self._generation.dialect != "openai_chat":
            return None
        key = client_key(self._request)
        return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).digest() if key else None

    def _url(self, provider: Provider, target: Target, *, stream: bool) -> str:
        """The upstream's address; in the same dialect the client's query goes on, but for its key."""
        url = provider.url(target.model, stream=stream)
        if provider.dialect != self._generation.dialect:
            return url
        if stream and self._generation.framing == "json_array":
            url = url.removesuffix("?alt=sse")
        kept = "&".join(p for p in self._request.query_string.split("&") if _is_passed_on(p))
        return f"{url}{'&' if '?' in url else '?'}{kept}" if kept else url

    async def _relay(self, attempt: _Attempt, *, stream: bool) -> None:
        upstream = attempt.upstream
        head: Headers = self._answer.extra
        head += _route_headers(attempt)
        head += passed_to_client(upstream.headers, self._generation.dialect, attempt.provider.dialect)
        if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
            await self._relay_error(attempt)
        elif stream:
            await self._relay_stream(attempt)
        else:
            await self._relay_whole(attempt)

    async def _relay_error(self, attempt: _Attempt) -> None:
        upstream, translator = attempt.upstream, attempt.translator
        body = await read_whole(upstream, REPLY_LIMIT, attempt.provider.limits.idle)
        # A redirect is not followed: it would carry the key to whoever is named.
        status = upstream.status if upstream.status >= HTTPStatus.BAD_REQUEST else HTTPStatus.BAD_GATEWAY.value
        headers = [_JSON, _upstream_status(upstream)]
        retry_after = translator.retry_after(status, body)
        if retry_after is not None and "retry-after" not in upstream.headers:
            headers.append((b"retry-after", str(retry_after).encode()))
        self._record.outcome = "upstream_error"
        await self._answer.whole(translator.error_status(status, body), translator.error(status, body), headers)

    async def _relay_whole(self, attempt: _Attempt) -> None:
        translator = attempt.translator
        body = await read_whole(attempt.upstream, REPLY_LIMIT, attempt.provider.limits.idle)
        out = translator.response(body)
        self._record.usage, self._record.finish_reason = translator.usage, translator.finish_reason
        failure = translator.failure
        if failure is not None:
            # A 200 that holds an error.
            self._record.outcome = "upstream_error"
            await self._answer.whole(failure.status, out, [_JSON, _upstream_status(attempt.upstream)])
            return
        self._record.losses = translator.losses
        headers = [_JSON, *dropped(translator.losses)]
        if translator.usage is not None and translator.usage.estimated:
            headers.append((b"x-aiclient-usage", b"estimated"))
        await self._answer.whole(200, out, headers)

    async def _relay_stream(self, attempt: _Attempt) -> None:
        framing = self._generation.framing
        stream = attempt.translator.stream(framing=framing)
        head = [(b"content-type", _STREAM_TYPES[framing]), (b"cache-control", b"no-cache")]
        head += dropped(attempt.translator.losses)
        relay = StreamRelay(
            attempt.upstream,
            stream,
            self._answer,
            head,
            idle=attempt.provider.limits.idle,
            data_only=self._is_data_only(),
        )
        try:
            await relay.run()
        finally:
            self._record.usage, self._record.finish_reason = stream.usage, stream.finish_reason
            self._record.stream_losses = stream.losses
            if stream.failure is not None:
                self._record.outcome = "stream_failed"
                # For the error answer, if the head has not gone out yet.
                self._answer.extra.append(_upstream_status(attempt.upstream))

    def _is_data_only(self) -> bool:
        """The legacy Gemini client for JavaScript takes nothing but data."""
        return (self._request.header(b"x-goog-api-client") or "").startswith("genai-js/")


def _route_headers(attempt: _Attempt) -> Headers:
    target = attempt.target
    return [
        (b"x-aiclient-provider", header_value(target.provider)),
        (b"x-aiclient-model", header_value(target.model[:NAME_LIMIT])),
    ]


def _upstream_status(upstream: UpstreamResponse) -> tuple[bytes, bytes]:
    return b"x-aiclient-upstream-status", str(upstream.status).encode()


def _is_passed_on(parameter: str) -> bool:
    """Whether a parameter of the query is for the upstream: the key is the gateway's, and framing is settled."""
    return unquote_plus(parameter.partition("=")[0]) not in {"", "key", "alt"}


def dropped(losses: Sequence[Loss]) -> Headers:
    """`x-aiclient-dropped`: pointers of what could not be carried, as many as a header may hold."""
    if not losses:
        return []
    pointers = ",".join(dict.fromkeys(loss.pointer.replace(",", "%2C") or "/" for loss in losses))
    if len(pointers) > DROPPED_LIMIT:
        pointers = pointers[:DROPPED_LIMIT].rpartition(",")[0] + ",..."
    return [(b"x-aiclient-dropped", header_value(pointers))]
