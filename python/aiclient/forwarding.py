"""A vendor's other endpoints, under `/{provider}/...`: images, audio, files, batches, and whatever comes next.

Method, path, query and body go on as they came, with the gateway's key in place of the client's; the answer comes back
as it is, piece by piece. Nothing of it is read or translated. What is said of the key holds for these endpoints alone:
they may want rights that answers do not.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote, unquote_plus

from aiclient._native import Translator
from aiclient.asgi import Answer, Headers, Request, header_value
from aiclient.client_watch import ClientWatch
from aiclient.errors import AIClientError, UpstreamAnswerError, UpstreamProtocolError, UpstreamStatusError
from aiclient.pools import Blame, Credential, fault_of
from aiclient.services import Services
from aiclient.telemetry import Record
from aiclient.upstream.client import UpstreamResponse
from aiclient.upstream.demo_url import is_demo
from aiclient.upstream.headers import passed_to_client, passed_to_upstream
from aiclient.upstream.providers import Provider

__all__ = ["METHODS", "Forwarding"]

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""What is sent on. A HEAD would have to be told apart by whoever reads its answer."""

# What the health of a credential for these is known by, as for a model.
SUBJECT = "(forward)"
_OF_CREDENTIAL = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})

_VERSION = re.compile(r"/v\d+\w*(?=/|$)")
_TRAILING_VERSION = re.compile(r"/v\d+\w*$")
# What says how a body is to be read, and how an upload goes on.
_SENT = (b"content-type", b"accept", b"range", b"if-none-match", b"if-match")
_SENT_FAMILIES = (b"x-goog-upload-",)
_ANSWERED = ("content-type", "content-disposition", "content-range", "accept-ranges", "etag", "last-modified")
_ANSWERED_FAMILIES = ("x-goog-upload-",)


class _PathError(AIClientError):
    """The path leads nowhere."""

    status = HTTPStatus.NOT_FOUND.value


class Forwarding:
    """Sends one request on."""

    __slots__ = ("_answer", "_provider", "_record", "_request", "_services")

    def __init__(
        self, services: Services, request: Request, answer: Answer, provider: Provider, record: Record
    ) -> None:
        self._services = services
        self._request = request
        self._answer = answer
        self._provider = provider
        self._record = record

    async def run(self) -> None:
        """Send the request on, and its answer back; raises `AIClientError` for what the client is still to be told."""
        url = address(self._provider, self._request)
        self._record.target = self._provider.name
        self._record.model = ""
        self._record.route = f"{self._provider.name}/..."
        self._record.dialect, self._record.operation = self._provider.dialect, "forward"
        body = await self._request.body(self._services.body_limit)
        with ClientWatch(self._request.receive, self._services.rounds) as watch:
            try:
                await self._forward(url, body)
            except BaseException:
                if not watch.gone:
                    raise
                self._record.outcome = "client_gone"

    async def _forward(self, url: str, body: bytes) -> None:
        provider, method = self._provider, self._request.method
        credential = provider.health.best(SUBJECT)
        headers = provider.request_headers(self._sent(), credential)
        credential.in_flight += 1
        try:
            with self._record.asking(provider.name, "", credential.name) as note:
                upstream = await provider.client.open(method, url, headers, body, provider.limits)
                self._record.upstream_status = upstream.status
                if upstream.status >= HTTPStatus.MULTIPLE_CHOICES:
                    note.fail(str(upstream.status))
                self._learn(credential, upstream)
                try:
                    await self._relay(upstream)
                finally:
                    upstream.close()
        finally:
            credential.in_flight -= 1

    def _learn(self, credential: Credential, upstream: UpstreamResponse) -> None:
        """Remember what an answer's status says of the credential."""
        health, status = self._provider.health, upstream.status
        if status < HTTPStatus.MULTIPLE_CHOICES:
            health.succeeded(SUBJECT, credential)
        elif status in _OF_CREDENTIAL:
            failure = Translator.read_failure(status, b"")
            error = UpstreamAnswerError(
                failure.message, status=status, kind=failure.kind, upstream_status=status, headers=upstream.headers
            )
            fault = fault_of(error)
            blame = Blame.PERMISSION if fault.blame is Blame.CREDENTIAL else fault.blame
            health.failed(SUBJECT, credential, replace(fault, blame=blame), time.monotonic())

    def _sent(self) -> list[tuple[str, str]]:
        """The client's headers that mean something to the vendor."""
        request, dialect = self._request, self._provider.dialect
        names = [*_SENT, *(name for name in request.headers if name.startswith(_SENT_FAMILIES))]
        own = [(name.decode("latin-1"), value) for name in names if (value := request.header(name)) is not None]
        return [*own, *passed_to_upstream(request, dialect, dialect)]

    async def _relay(self, upstream: UpstreamResponse) -> None:
        if upstream.status == HTTPStatus.UNAUTHORIZED:
            # It is the gateway's key that was refused; the client's own was good.
            raise UpstreamStatusError("the upstream refused the gateway's credentials", status=HTTPStatus.BAD_GATEWAY)
        if HTTPStatus.MULTIPLE_CHOICES <= upstream.status < HTTPStatus.BAD_REQUEST:
            raise UpstreamProtocolError("the upstream answered with a redirect, which is not followed")
        await self._answer.start(upstream.status, self._answered(upstream))
        while chunk := await upstream.chunk():
            await self._answer.chunk(chunk)
        await self._answer.end()

    def _answered(self, upstream: UpstreamResponse) -> Headers:
        dialect = self._provider.dialect
        kept = [
            (name.encode("latin-1"), header_value(value))
            for name, value in upstream.headers.items()
            if name in _ANSWERED or name.startswith(_ANSWERED_FAMILIES)
        ]
        route = (b"x-aiclient-provider", header_value(self._provider.name))
        return [route, *kept, *passed_to_client(upstream.headers, dialect, dialect)]


def address(provider: Provider, request: Request) -> str:
    """Where a request under a provider's name goes.

    Raises an error for a path that would lead out of the provider's own, and for the demo, which has nothing else.
    """
    path = request.path
    segments = path.split("/")
    odd = any(segment in {".", ".."} or "\\" in segment or not segment.isprintable() for segment in segments)
    if odd or is_demo(provider.base_url):
        raise _PathError(f"there is nothing at /{provider.name}{path[:200]}")
    base = provider.base_url.rstrip("/")
    if _VERSION.match(path) or path.startswith("/upload/"):
        base = _TRAILING_VERSION.sub("", base)
    parts = (
        part for part in request.query_string.split("&") if unquote_plus(part.partition("=")[0]) not in {"", "key"}
    )
    kept = "&".join(parts)
    return f"{base}{quote(path, safe='/:@!$&()*+,;=~-._')}{'?' + kept if kept else ''}"
