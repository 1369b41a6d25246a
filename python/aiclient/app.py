"""The ASGI application: paths to endpoints, errors to answers."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Collection
from http import HTTPStatus

from aiclient._native import error_status, write_error
from aiclient.asgi import Answer, ClientGoneError, Receive, Request, Scope, Send
from aiclient.assembly import assemble, model_names
from aiclient.config import Config
from aiclient.counting import CountExchange
from aiclient.dialect import Dialect
from aiclient.embedding import EmbeddingExchange
from aiclient.endpoints import (
    WELL_KNOWN,
    Generation,
    counting,
    embeddings,
    generation_of,
    models,
    openai_responses,
    operations,
)
from aiclient.errors import AIClientError, BusyError, UnknownModelError, forget_frames
from aiclient.exchange import serve_exchange
from aiclient.forwarding import METHODS, Forwarding
from aiclient.middleware.admission import Admission, OverloadedError
from aiclient.middleware.authentication import ClientKeys
from aiclient.middleware.request_id import request_id
from aiclient.probes import Probes
from aiclient.prompts import KeptAnswer
from aiclient.services import Services
from aiclient.standing import Standing, gauge, obstacles, standing
from aiclient.telemetry import Record, Snapshot, Telemetry

__all__ = ["Gateway", "create_app"]

_log = logging.getLogger("aiclient")

_DOUBLED_VERSION = re.compile(r"^/v1/(?=v1/|v1beta/)")


class Gateway:
    """Everything that a running gateway consists of."""

    def __init__(self, config: Config, telemetry: Telemetry | None = None) -> None:
        """`telemetry`: what outlives this configuration; by default it does not."""
        self.config = config
        self._keys = ClientKeys([key.get_secret_value() for key in config.auth.keys])
        self._metrics_keys = _metrics_keys(config)
        self.telemetry = telemetry or Telemetry()
        self._services: Services | None = None
        self._probes: Probes | None = None
        self._names = model_names(config)
        self._admission = Admission(config.server.max_exchanges, config.server.max_queue)
        self._successor: Services | None = None
        self._is_retired = False
        self._closing: asyncio.Task[None] | None = None

    def connect(self) -> None:
        """Be ready to serve; the event loop runs."""
        self._connect()

    def succeed(self, previous: Gateway) -> None:
        """Be ready to serve in the place of another gateway, with what that one has and the configuration still says.

        So connections stay open, and what is known of the health of providers stays known.
        """
        self._services = assemble(self.config, self.telemetry.metrics, (previous.config, previous._connect()))
        self._probes = Probes(self._services.providers.values())
        previous._successor = self._services

    def retire(self) -> None:
        """No more requests come: close once the last of those that are under way is answered."""
        self._is_retired = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        if not (self._admission.open or self._admission.queued or self._closing):
            self._closing = asyncio.get_running_loop().create_task(self.close())

    async def close(self) -> None:
        """Close all connections to providers, but for those that a successor goes on with."""
        if self._probes is not None:
            await self._probes.close()
        if self._services is None:
            return
        after = self._successor
        for name, provider in self._services.providers.items():
            if after is None or after.providers.get(name) is not provider:
                await provider.client.close()
        media = self._services.media
        if media is not None and (after is None or after.media is not media):
            await media.close()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve an HTTP request, or the server's start and stop."""
        if scope["type"] == "http":
            return self._serve(Request(scope, receive), send)
        return self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._connect()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _connect(self) -> Services:
        """Make what needs a running event loop; servers without lifespan come here with the first request."""
        if self._services is None:
            self._services = assemble(self.config, self.telemetry.metrics)
            self._probes = Probes(self._services.providers.values())
        return self._services

    def standing(self) -> Standing:
        """How this worker stands."""
        return standing(self._connect().providers, self._admission)

    async def _operate(self, request: Request, answer: Answer) -> None:
        """Answer those who run the gateway."""
        try:
            _require({"GET", "HEAD"}, request, answer)
            if request.path == operations.METRICS_PATH:
                self._metrics_keys.check(request)
                await operations.answer_metrics(request, answer, self._shown)
            elif request.path == operations.READY_PATH:
                await operations.answer_ready(answer, obstacles(self.standing()))
            else:
                await operations.answer_health(answer)
        except AIClientError as error:
            await self._refuse(request, answer, error, None)

    async def _shown(self, accept: str) -> tuple[bytes, str]:
        """What this worker has counted, and the others."""
        from aiclient.telemetry.exposition import expose  # noqa: PLC0415  # not everybody wants to see it

        snapshot = self.snapshot()
        for other in await self.telemetry.others():
            snapshot.add(Snapshot.loaded(other["counted"]), with_gauges=other["is_alive"])
        return expose(snapshot, accept)

    def snapshot(self) -> Snapshot:
        """What this worker has counted, and how it stands."""
        snapshot = self.telemetry.snapshot()
        gauge(snapshot, self.standing())
        return snapshot

    async def _serve(self, request: Request, send: Send) -> None:
        kind = Answer if self.telemetry.prompts is None else KeptAnswer
        answer = kind(send, request_id(request), head_only=request.method == "HEAD")
        generation, provider, admission = WELL_KNOWN.get(request.path), None, self._admission
        if generation is None:
            if request.path in operations.PATHS:
                await self._operate(request, answer)
                return
            provider = self._take_provider(request)
        record = self.telemetry.begin(answer.request_id, request)
        try:
            if not admission.enter():
                await admission.wait()
            try:
                await self._work_on(request, answer, generation, provider, record)
            finally:
                admission.leave()
        except ClientGoneError:
            record.outcome = "client_gone"
        except AIClientError as error:
            forget_frames(error)
            record.outcome = type(error).__name__
            await self._refuse(request, answer, error, provider)
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001  # a panic of native code is none of Python's exceptions
            record.outcome = "internal_error"
            _log.exception("request %s failed inside the gateway", answer.request_id)
            await self._refuse(request, answer, AIClientError("the gateway failed; its log has the reason"), provider)
        finally:
            if self._is_retired:
                self._close_if_done()
        record.status = answer.status
        self.telemetry.done(record)
        if isinstance(answer, KeptAnswer) and record.prompt and self.telemetry.prompts is not None:
            self.telemetry.prompts.write(record, answer.body)

    def _take_provider(self, request: Request) -> str | None:
        """The provider that the path begins with, taken off the path."""
        if request.path.startswith("/v1/v1"):
            request.path = _DOUBLED_VERSION.sub("/", request.path)
        first, slash, rest = request.path[1:].partition("/")
        if slash and first in self.config.providers:
            request.path = _DOUBLED_VERSION.sub("/", f"/{rest}")
            return first
        return None

    def _work_on(
        self, request: Request, answer: Answer, generation: Generation | None, provider: str | None, record: Record
    ) -> Awaitable[None]:
        """Check who asks, and begin what the path stands for."""
        self._keys.check(request)
        if generation is None:
            generation = generation_of(request)
        if generation is not None:
            if request.method != "POST":
                openai_responses.refuse_upgrade(request)
                _require({"POST"}, request, answer)
            return serve_exchange(self._connect(), request, answer, generation, provider, record)
        if (counted := counting.match(request)) is not None:
            _require({"POST"}, request, answer)
            return CountExchange(self._connect(), request, answer, counted, provider=provider, record=record).run()
        if (embedding := embeddings.match(request)) is not None:
            _require({"POST"}, request, answer)
            return EmbeddingExchange(
                self._connect(), request, answer, embedding, provider=provider, record=record
            ).run()
        if (listed := models.match(request)) is not None:
            _require({"GET", "HEAD"}, request, answer)
            return models.answer_models(answer, *listed, self._names)
        if provider is not None:
            _require(METHODS, request, answer)
            services = self._connect()
            return Forwarding(services, request, answer, services.providers[provider], record).run()
        raise _NoSuchPathError(
            f"there is nothing at {request.path[:200]}; what only a provider has is under its name: /PROVIDER/v1/..."
        )

    async def _refuse(self, request: Request, answer: Answer, error: AIClientError, provider: str | None) -> None:
        """Tell the client in its own dialect, unless an answer is under way already."""
        if answer.status:
            return
        if isinstance(error, (BusyError, OverloadedError)):
            answer.extra.append((b"retry-after", str(math.ceil(error.wait)).encode()))
        code = "model_not_found" if isinstance(error, UnknownModelError) else _codes.get(error.status)
        dialect = _matched(request) or self._own_dialect(provider) or _guessed(request)
        body = write_error(
            dialect, error.status, error.message, pointer=error.pointer, code=code, request_id=answer.request_id
        )
        status = error_status(dialect, error.status)
        await answer.whole(status, body, [(b"content-type", b"application/json")])

    def _own_dialect(self, provider: str | None) -> Dialect | None:
        return None if provider is None else self.config.providers[provider].dialect


class _NoSuchPathError(AIClientError):
    """No endpoint has this path."""

    status = HTTPStatus.NOT_FOUND.value


class _MethodError(AIClientError):
    """The endpoint does not take this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED.value


# OpenAI's codes, where the status alone does not say it.
_codes = {404: "not_found", 405: "method_not_allowed", 413: "request_too_large"}


def _require(methods: Collection[str], request: Request, answer: Answer) -> None:
    """Raise an error for a method that a path does not take, with those that it takes in a header."""
    if request.method not in methods:
        answer.extra.append((b"allow", ", ".join(sorted(methods)).encode()))
        raise _MethodError(f"{request.path[:200]} takes {' and '.join(sorted(methods))}, not {request.method}")


def _metrics_keys(config: Config) -> ClientKeys:
    """Who may see what was counted: administrators, if there are any; else whoever may use the gateway."""
    if config.auth.open_metrics:
        return ClientKeys([])
    return ClientKeys([key.get_secret_value() for key in config.auth.admin_keys or config.auth.keys])


def create_app(config: Config) -> Gateway:
    """The ASGI application for a configuration."""
    return Gateway(config)


def _matched(request: Request) -> Dialect | None:
    """The dialect of the endpoint that the path leads to, whatever stands behind it."""
    if (generation := generation_of(request)) is not None:
        return generation.dialect
    if (counted := counting.match(request)) is not None:
        return counted.dialect
    if (embedding := embeddings.match(request)) is not None:
        return embedding.dialect
    if (listed := models.match(request)) is not None:
        return listed[0]
    return None


def _guessed(request: Request) -> Dialect:
    """The dialect of whoever came to a path that leads nowhere."""
    if request.path.startswith(("/v1beta", "/v1/projects", "/v1/models/")):
        return "gemini"
    return "anthropic" if request.path.startswith(("/v1/messages", "/messages")) else "openai_chat"
