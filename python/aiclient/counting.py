"""One request to count tokens: asked of the upstream that would answer, else of another of its route.

Where that has no endpoint for it, the count is estimated, and marked as such.
"""

from __future__ import annotations

import functools
import time
from http import HTTPStatus

from aiclient._native import Translator, estimate_tokens, read_head, write_count
from aiclient.asgi import Answer, Request
from aiclient.asking import Asking, Client, Question
from aiclient.client_watch import ClientWatch
from aiclient.endpoints.counting import Counting
from aiclient.routing import Route, Target, session_of
from aiclient.services import Services
from aiclient.telemetry import Record
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
        self._record.route = route.rule
        conversation = self._conversation(body)
        body = self._services.prompted(route, self._counting.dialect, body)
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._count(route, conversation, body)
            except BaseException:
                if not watch.gone:
                    raise
                self._record.outcome = "client_gone"

    async def _count(self, route: Route, conversation: int | None, body: bytes) -> None:
        client = Client(self._request, self._answer, self._record, self._counting.dialect)
        asking = Asking(
            self._services,
            client,
            route,
            functools.partial(self._question, body),
            limit=ANSWER_LIMIT,
            conversation=conversation,
            # Vendors limit counting by itself, and a model may count that does not answer.
            apart="count_tokens",
            lacking=_NOT_THERE,
        )
        answered = await asking.answered()
        if answered is None:
            return
        if answered.body is None:
            await self._estimate(body)
            return
        await self._answer.whole(HTTPStatus.OK, answered.body, [_JSON])

    def _question(self, body: bytes, target: Target, provider: Provider) -> Question | None:
        """The question for an upstream; None if its dialect has none.

        Of what a target lays over requests, there is nothing in it: what is no part of the prompt, vendors refuse.
        """
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
            return None

        def read(answered: bytes) -> bytes:
            _, counted = translator.count_response(answered)
            return answered if translator.passthrough else counted

        return Question(url, asked, read)

    def _conversation(self, body: bytes) -> int | None:
        """Whose prompt it is, so that the target counts that would answer."""
        if not self._services.has_choice:
            return None
        session = session_of(self._request.headers)
        if session is not None:
            return session
        return read_head(self._counting.dialect, body, conversation=True).conversation

    async def _estimate(self, body: bytes) -> None:
        tokens = estimate_tokens(self._counting.dialect, body)
        told = [_JSON, (b"x-aiclient-estimated", b"true")]
        await self._answer.whole(HTTPStatus.OK, write_count(self._counting.dialect, tokens), told)
