"""One request, from arrival to last byte."""

from __future__ import annotations

from aiclient.asgi import Answer, ClientWatch, Request
from aiclient.attempts import Attempts
from aiclient.client_request import ClientRequest
from aiclient.endpoints import Generation
from aiclient.errors import UpstreamAnswerError
from aiclient.middleware.access_log import Record
from aiclient.reply import send_error, send_reply
from aiclient.services import Services

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
        body = await self._request.body(self._services.body_limit)
        model, stream = self._generation.head(body)
        self._record.model, self._record.stream = model, stream
        asked = ClientRequest(self._request, self._generation, body, model, stream, self._record)
        with ClientWatch(self._request.receive) as watch:
            try:
                await self._serve(asked)
            except BaseException:
                if not watch.gone:
                    raise
                # Whatever it was, nobody is left to be told.
                self._record.outcome = "client_gone"

    async def _serve(self, asked: ClientRequest) -> None:
        targets = self._services.router.resolve(asked.model, provider=self._provider)
        attempts = Attempts(self._services, asked)
        try:
            attempt = await attempts.begin(targets)
        except UpstreamAnswerError as error:
            self._record.outcome = "upstream_error"
            if attempts.last is None:
                raise
            await send_error(self._answer, asked.dialect, attempts.last, error)
            return
        try:
            await send_reply(self._answer, asked, attempt)
        finally:
            attempt.close()
