"""One request for embeddings, between OpenAI's API and Gemini's."""

from __future__ import annotations

import time
from http import HTTPStatus

from aiclient._native import EmbeddingTranslator, Translator
from aiclient.asgi import Answer, Request, header_value
from aiclient.attempt import REPLY_LIMIT
from aiclient.client_watch import ClientWatch
from aiclient.endpoints.embeddings import Embedding, Form
from aiclient.errors import UnsupportedError
from aiclient.reply import dropped
from aiclient.routing import Target
from aiclient.services import Services
from aiclient.telemetry import Record
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
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
        target = route.targets[0]
        self._record.route = route.rule
        self._record.target = target.name
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._embed(target, body)
            except BaseException:
                if not watch.gone:
                    raise
                self._record.outcome = "client_gone"

    async def _embed(self, target: Target, body: bytes) -> None:
        provider = self._services.providers[target.provider]
        form = self._form_for(provider)
        url = provider.embedding_url(target.model, _VERBS[form])
        if url is None:
            message = f"/model: {target} speaks {provider.dialect}, which has no embeddings"
            raise UnsupportedError(message, pointer="/model")
        self._answer.extra.append((b"x-aiclient-provider", header_value(target.provider)))
        is_own = form == self._embedding.form
        translator = EmbeddingTranslator(client=self._embedding.form, upstream=form, on_loss=self._services.on_loss)
        asked = self._as_it_was(body, target) if is_own else translator.request(body, model=target.model)
        self._record.losses = translator.losses
        passed = passed_to_upstream(self._request, self._embedding.dialect, provider.dialect)
        credential = provider.health.best(target.model)
        headers = provider.request_headers(passed, credential)
        with self._record.asking(provider.name, target.model, credential.name) as note:
            if (span := self._record.span) is not None:
                headers = [*headers, *span.attempt(note, provider.base_url, "embeddings", stream=False)]
            upstream = await provider.client.open("POST", url, headers, asked, provider.limits)
            if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
                note.fail(str(upstream.status))
            try:
                await self._relay(upstream, provider, translator, is_own=is_own)
            finally:
                upstream.close()

    def _form_for(self, provider: Provider) -> Form:
        """How the provider is asked: as the client asked, if it can be."""
        if provider.dialect != "gemini":
            return "openai"
        return self._embedding.form if self._embedding.form != "openai" else "gemini_batch"

    def _errors(self, provider: Provider) -> Translator:
        """Who turns the provider's errors into the client's."""
        return Translator(
            client=self._embedding.dialect,
            upstream=provider.dialect,
            exchange_id=self._answer.request_id,
            created=int(time.time()),
        )

    def _as_it_was(self, body: bytes, target: Target) -> bytes:
        """The client's own bytes, but for the model."""
        if self._embedding.form != "openai":
            return body
        same = Translator(client="openai_chat", upstream="openai_chat", exchange_id="", created=0)
        return same.request(body, model=target.model, stream=False)

    async def _relay(
        self, upstream: UpstreamResponse, provider: Provider, translator: EmbeddingTranslator, *, is_own: bool
    ) -> None:
        status = upstream.status
        self._record.upstream_status = status
        answered = await upstream.read(REPLY_LIMIT)
        self._answer.extra += passed_to_client(upstream.headers, self._embedding.dialect, provider.dialect)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            self._record.outcome = "upstream_error"
            errors = self._errors(provider)
            told = [_JSON, (b"x-aiclient-upstream-status", str(status).encode())]
            await self._answer.whole(errors.error_status(status, answered), errors.error(status, answered), told)
            return
        reply = answered if is_own else translator.response(answered)
        headers = [_JSON] if is_own else [_JSON, *dropped(translator.losses)]
        await self._answer.whole(HTTPStatus.OK, reply, headers)
