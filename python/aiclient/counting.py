"""One request to count tokens: asked of the upstream that would answer, else estimated and marked as such."""

from __future__ import annotations

import time
from http import HTTPStatus

from aiclient._native import Translator, estimate_tokens, write_count
from aiclient.asgi import Answer, Request, header_value
from aiclient.client_watch import ClientWatch
from aiclient.endpoints.counting import Counting
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.telemetry import Record
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["CountExchange"]

# Bytes of an answer that holds a number.
ANSWER_LIMIT = 1 << 20
# Servers that speak a dialect without its endpoint for counting say so.
_NOT_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
_JSON = (b"content-type", b"application/json")


class CountExchange:
    """Serves one request to count tokens."""

    __slots__ = ("_answer", "_counting", "_provider", "_record", "_request", "_services")

    def __init__(
        self,
        services: Services,
        request: Request,
        answer: Answer,
        counting: Counting,
        *,
        provider: str | None,
        record: Record,
    ) -> None:
        self._services = services
        self._request = request
        self._answer = answer
        self._counting = counting
        self._provider = provider
        self._record = record

    async def run(self) -> None:
        """Answer the request; raises `AIClientError` for what the client is still to be told."""
        body = await self._request.body(self._services.body_limit)
        self._record.dialect, self._record.operation = self._counting.dialect, "count_tokens"
        model = self._counting.model_of(body)
        self._record.model = model
        route = self._services.router.route(model, provider=self._provider)
        target = route.targets[0]
        self._record.route = route.rule
        body = self._services.prompted(route, self._counting.dialect, body)
        self._record.target = str(target)
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._count(target, body)
            except BaseException:
                if not watch.gone:
                    raise
                self._record.outcome = "client_gone"

    async def _count(self, target: Target, body: bytes) -> None:
        provider = self._services.providers[target.provider]
        self._answer.extra.append((b"x-aiclient-provider", header_value(target.provider)))
        translator = Translator(
            client=self._counting.dialect,
            upstream=provider.dialect,
            exchange_id=self._answer.request_id,
            created=int(time.time()),
            models=self._services.model_table,
        )
        asked = translator.count_request(body, model=target.model)
        url = provider.count_url(target.model)
        if asked is None or url is None:
            await self._estimate(body)
            return
        passed = passed_to_upstream(self._request, self._counting.dialect, provider.dialect)
        credential = provider.health.best(target.model)
        headers = provider.request_headers(passed, credential)
        with self._record.asking(provider.name, target.model, credential.name) as note:
            if (span := self._record.span) is not None:
                headers = [*headers, *span.attempt(note, provider.base_url, "count_tokens", stream=False)]
            upstream = await provider.client.open("POST", url, headers, asked, provider.limits)
            if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
                note.fail(str(upstream.status))
            try:
                await self._relay(upstream, provider, translator, body)
            finally:
                upstream.close()

    async def _relay(self, upstream: UpstreamResponse, provider: Provider, translator: Translator, body: bytes) -> None:
        status = upstream.status
        self._record.upstream_status = status
        if status in _NOT_THERE:
            await self._estimate(body)
            return
        answered = await upstream.read(ANSWER_LIMIT)
        self._answer.extra += passed_to_client(upstream.headers, self._counting.dialect, provider.dialect)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            self._record.outcome = "upstream_error"
            told = [_JSON, (b"x-aiclient-upstream-status", str(status).encode())]
            await self._answer.whole(
                translator.error_status(status, answered), translator.error(status, answered), told
            )
            return
        _, counted = translator.count_response(answered)
        await self._answer.whole(HTTPStatus.OK, answered if translator.passthrough else counted, [_JSON])

    async def _estimate(self, body: bytes) -> None:
        tokens = estimate_tokens(self._counting.dialect, body)
        told = [_JSON, (b"x-aiclient-estimated", b"true")]
        await self._answer.whole(HTTPStatus.OK, write_count(self._counting.dialect, tokens), told)
