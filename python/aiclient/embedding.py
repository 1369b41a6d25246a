"""One request for embeddings, between OpenAI's API and Gemini's."""

from __future__ import annotations

import functools
from http import HTTPStatus

from aiclient._native import EmbeddingTranslator, Translator
from aiclient.asgi import Answer, Request
from aiclient.asking import Asking, Client, Question
from aiclient.attempt import REPLY_LIMIT
from aiclient.client_watch import ClientWatch
from aiclient.endpoints.embeddings import Embedding, Form
from aiclient.errors import MalformedError, UnsupportedError
from aiclient.reply import dropped
from aiclient.routing import Route, Target, session_of
from aiclient.services import Services
from aiclient.telemetry import Record
from aiclient.upstream.providers import Provider

__all__ = ["EmbeddingExchange"]

_JSON = (b"content-type", b"application/json")
_VERBS: dict[Form, str] = {"openai": "", "gemini_one": "embedContent", "gemini_batch": "batchEmbedContents"}


class EmbeddingExchange:
    """Serves one request for embeddings."""

    __slots__ = ("_answer", "_embedding", "_provider", "_record", "_request", "_services")

    def __init__(
        self,
        services: Services,
        request: Request,
        answer: Answer,
        embedding: Embedding,
        *,
        provider: str | None,
        record: Record,
    ) -> None:
        self._services = services
        self._request = request
        self._answer = answer
        self._embedding = embedding
        self._provider = provider
        self._record = record

    async def run(self) -> None:
        """Answer the request; raises `AIClientError` for what the client is still to be told."""
        body = await self._request.body(self._services.body_limit)
        self._record.dialect, self._record.operation = self._embedding.dialect, "embeddings"
        model = self._embedding.model_of(body)
        self._record.model = model
        route = self._services.router.route(model, provider=self._provider)
        self._record.route = route.rule
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._embed(route, body)
            except BaseException:
                if not watch.gone:
                    raise
                self._record.outcome = "client_gone"

    async def _embed(self, route: Route, body: bytes) -> None:
        client = Client(self._request, self._answer, self._record, self._embedding.dialect)
        conversation = session_of(self._request.headers) if self._services.has_choice else None
        put = functools.partial(self._question, body)
        asking = Asking(self._services, client, route, put, limit=REPLY_LIMIT, conversation=conversation)
        answered = await asking.answered()
        if answered is not None and answered.body is not None:
            await self._answer.whole(HTTPStatus.OK, answered.body, [_JSON, *dropped(self._record.losses)])

    def _question(self, body: bytes, target: Target, provider: Provider) -> Question:
        form = self._form_for(provider)
        url = provider.embedding_url(target.model, _VERBS[form])
        if url is None:
            message = f"/model: {target} speaks {provider.dialect}, which has no embeddings"
            raise UnsupportedError(message, pointer="/model")
        if form == self._embedding.form:
            self._record.losses = ()
            return Question(url, _overlaid(self._as_it_was(body, target), target), bytes)
        translator = EmbeddingTranslator(client=self._embedding.form, upstream=form, on_loss=self._services.on_loss)
        asked = translator.request(body, model=target.model)

        def read(answered: bytes) -> bytes:
            reply = translator.response(answered)
            self._record.losses = translator.losses
            return reply

        self._record.losses = translator.losses
        return Question(url, _overlaid(asked, target), read)

    def _form_for(self, provider: Provider) -> Form:
        """How the provider is asked: as the client asked, if it can be."""
        if provider.dialect != "gemini":
            return "openai"
        return self._embedding.form if self._embedding.form != "openai" else "gemini_batch"

    def _as_it_was(self, body: bytes, target: Target) -> bytes:
        """The client's own bytes, but for the model."""
        if self._embedding.form != "openai":
            return body
        same = Translator(client="openai_chat", upstream="openai_chat", exchange_id="", created=0)
        return same.request(body, model=target.model, stream=False)


def _overlaid(body: bytes, target: Target) -> bytes:
    """A request with what its target lays over it."""
    if target.overrides is None:
        return body
    try:
        return target.overrides.over(body)
    except ValueError as error:
        raise MalformedError("expected a JSON object") from error
