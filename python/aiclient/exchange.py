"""One request for an answer, from arrival to last byte."""

from __future__ import annotations

import time

from aiclient.asgi import Answer, Request
from aiclient.attempt import Attempt
from aiclient.attempts import Attempts
from aiclient.client_request import ClientRequest
from aiclient.client_watch import ClientWatch
from aiclient.endpoints import Generation
from aiclient.reply import send_error, send_reply
from aiclient.routing import Route
from aiclient.services import Services
from aiclient.telemetry import Record

__all__ = ["serve_exchange"]


async def serve_exchange(  # noqa: PLR0917  # each is known to who serves, and an object for them costs
    services: Services, request: Request, answer: Answer, generation: Generation, provider: str | None, record: Record
) -> None:
    """Answer a request; raises `AIClientError` for what the client is still to be told.

    `provider`: whom the path names.
    """
    body = await request.body(services.body_limit)
    record.read = time.perf_counter()
    record.dialect, record.operation = generation.dialect, "chat"
    asked = ClientRequest(request, generation, body, record, is_of_a_conversation=services.has_choice)
    route = _route(services, asked, provider)
    watch = ClientWatch(request.receive, services.rounds)
    watch.begin()
    try:
        begun = await Attempts(services, asked, route).begin()
        # Long prompts are not kept for as long as their answers take.
        asked.body = body = b""
        if isinstance(begun, Attempt):
            await send_reply(answer, asked, begun, services.metrics)
        else:
            record.outcome = "upstream_error"
            await send_error(answer, asked, begun.attempt, begun.fault.error)
    except BaseException:
        if not watch.gone:
            raise
        # Whatever it was, nobody is left to be told.
        record.outcome = "client_gone"
    finally:
        watch.end()


def _route(services: Services, asked: ClientRequest, provider: str | None) -> Route:
    """Where the request goes; what is said beside it there is added."""
    record = asked.record
    route = services.router.route(asked.model, provider=provider)
    record.route = route.rule
    if services.keeps_prompts:
        record.prompt = asked.body
    body = services.prompted(route, asked.dialect, asked.body)
    if body is not asked.body:
        asked.body, asked.head = body, None
    return route
