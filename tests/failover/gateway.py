"""A gateway in front of upstreams that do the same again and again."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping

from aiclient.app import Gateway, create_app
from aiclient.config import Config
from aiclient.dialect import Dialect
from tests.application import Reply, call, running
from tests.backends.exchange import Json, JsonValue
from tests.failover.faults import REQUESTS
from tests.process import free_port
from tests.scripted_server import Script, ScriptedServer

PATHS: dict[Dialect, str] = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
}
_FIRST_BYTE = 0.5


class _Endless(deque[Script]):
    """Scripts without an end."""

    def __init__(self, script: Callable[[], Script]) -> None:
        super().__init__()
        self._script = script

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> Script:
        return self._script()


@contextlib.asynccontextmanager
async def repeating(script: Script | Callable[[], Script] | None) -> AsyncIterator[ScriptedServer]:
    """A server that follows a script for every request; None is one that is not there."""
    if script is None:
        yield ScriptedServer(deque(), port=free_port())
        return
    served = ScriptedServer(_Endless(script if callable(script) else lambda: script))
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()


def provider(dialect: Dialect, server: ScriptedServer, *keys: JsonValue, **more: JsonValue) -> Json:
    """A provider with keys."""
    suffix = "/v1" if dialect.startswith("openai") else ""
    timeouts: Json = {"connect": 5, "first_byte": _FIRST_BYTE, "idle": _FIRST_BYTE}
    said: Json = {"dialect": dialect, "base_url": server.origin + suffix, "timeouts": timeouts}
    return said | {"api_keys": list(keys) or ["key"]} | more


@contextlib.asynccontextmanager
async def gateway(providers: Mapping[str, Json], **config: JsonValue) -> AsyncIterator[Gateway]:
    """A running gateway."""
    async with running(create_app(Config.model_validate({"providers": dict(providers)} | config))) as app:
        yield app


async def ask(
    app: Gateway, client: Dialect, model: str = "m", *headers: tuple[str, str], stream: bool = False, **more: JsonValue
) -> Reply:
    """A request for an answer."""
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    path = PATHS.get(client) or f"/v1beta/models/{model}:{verb}"
    said: Json = {} if client == "gemini" else {"model": model, "stream": stream}
    body = json.dumps(REQUESTS[client] | said | more).encode()
    return await call(app, "POST", path, body, [("content-type", "application/json"), *headers])
