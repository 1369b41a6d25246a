"""One request, from arrival to last byte."""

from __future__ import annotations

import time

from aiclient.asgi import Answer, Request
from aiclient.attempts import Attempts, FailedAttempt
from aiclient.client_request import ClientRequest
from aiclient.client_watch import ClientWatch
from aiclient.endpoints import Generation
from aiclient.reply import send_error, send_reply
from aiclient.routing import session_of
from aiclient.services import Services
from aiclient.telemetry import Record

__all__ = ["Exchange"]


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
        asked = await self._read()
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._serve(asked)
            except BaseException:
                if not watch.gone:
                    raise
                # Whatever it was, nobody is left to be told.
                self._record.outcome = "client_gone"

    async def _read(self) -> ClientRequest:
        request, generation, services, record = self._request, self._generation, self._services, self._record
        body = await request.body(services.body_limit)
        record.read = time.perf_counter()
        record.dialect, record.operation = generation.dialect, "chat"
        session = session_of(request.headers) if services.has_choice else None
        head = generation.head(body, conversation=services.has_choice and session is None)
        record.model, record.stream = head.model, head.stream
        conversation = head.conversation if session is None else session
        return ClientRequest(request, generation, body, head.model, head.stream, conversation, record)

    async def _serve(self, asked: ClientRequest) -> None:
        services, record = self._services, self._record
        route = services.router.route(asked.model, provider=self._provider)
        record.route = route.rule
        if services.keeps_prompts:
            record.prompt = asked.body
        asked.body = services.prompted(route, asked.dialect, asked.body)
        begun = await Attempts(services, asked, route).begin()
        if isinstance(begun, FailedAttempt):
            record.outcome = "upstream_error"
            await send_error(self._answer, asked, begun.attempt, begun.fault.error)
            return
        # Long prompts are not kept for as long as their answers take.
        asked.body = b""
        try:
            await send_reply(self._answer, asked, begun, services.metrics)
        finally:
            begun.close()
