"""Counting tokens: asked of the upstream where it can count, else estimated and marked."""

import json
from typing import Any

import pytest

from aiclient import Dialect
from aiclient.app import create_app
from aiclient.config import Config
from tests.application import Reply, call, running
from tests.scripted_server import ScriptedServer, answer, scripted

PATHS: dict[Dialect, str] = {
    "anthropic": "/up/v1/messages/count_tokens?beta=true",
    "openai_responses": "/up/v1/responses/input_tokens",
    "gemini": "/up/v1beta/models/m:countTokens",
}
ASKED: dict[Dialect, dict[str, Any]] = {
    "anthropic": {"model": "m", "messages": [{"role": "user", "content": "How are you?"}]},
    "openai_responses": {"model": "m", "input": "How are you?"},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "How are you?"}]}]},
}
COUNTS: dict[Dialect, dict[str, Any]] = {
    "anthropic": {"input_tokens": 14},
    "openai_responses": {"object": "response.input_tokens", "input_tokens": 14},
    "gemini": {"totalTokens": 14},
}
# Where each vendor counts, and what its question holds.
UPSTREAM: dict[Dialect, tuple[str, str]] = {
    "anthropic": ("/v1/messages/count_tokens", "messages"),
    "openai_responses": ("/responses/input_tokens", "input"),
    "gemini": ("/v1beta/models/m:countTokens", "generateContentRequest"),
}


async def ask(server: ScriptedServer, client: Dialect, upstream: Dialect, body: dict[str, Any] | None = None) -> Reply:
    providers = {"up": {"dialect": upstream, "base_url": server.origin, "api_keys": ["k"]}}
    async with running(create_app(Config.model_validate({"providers": providers}))) as app:
        return await call(app, "POST", PATHS[client], json.dumps(body or ASKED[client]).encode())


@pytest.mark.parametrize("upstream", UPSTREAM)
@pytest.mark.parametrize("client", PATHS)
async def test_the_upstream_counts(client: Dialect, upstream: Dialect) -> None:
    async with scripted([answer(json.dumps(COUNTS[upstream]).encode())]) as server:
        reply = await ask(server, client, upstream)
    assert (reply.status, reply.json()) == (200, COUNTS[client])
    assert "x-aiclient-estimated" not in reply.headers
    (arrival,) = server.arrivals
    asked = json.loads(arrival.body)
    path, member = UPSTREAM[upstream]
    assert arrival.line.split(" ")[1].partition("?")[0] == path
    assert member in asked or client == upstream
    assert "How are you?" in arrival.body.decode()
    assert not asked.keys() & {"max_tokens", "stream", "store", "include"}


@pytest.mark.parametrize("client", PATHS)
async def test_a_chat_upstream_cannot_count(client: Dialect) -> None:
    async with scripted() as server:
        reply = await ask(server, client, "openai_chat")
    assert reply.status == 200
    assert reply.headers["x-aiclient-estimated"] == "true"
    (tokens,) = (value for value in reply.json().values() if isinstance(value, int))
    assert 4 <= tokens <= 20


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed", "501 Not Implemented"])
async def test_a_server_without_the_endpoint(status: str) -> None:
    async with scripted([answer(b"{}", status=status)]) as server:
        reply = await ask(server, "anthropic", "openai_responses")
    assert (reply.status, reply.headers["x-aiclient-estimated"]) == (200, "true")


async def test_other_errors_are_told() -> None:
    async with scripted([answer(b'{"error":{"code":429,"message":"slow down"}}', status="429 X")]) as server:
        reply = await ask(server, "anthropic", "gemini")
    assert (reply.status, reply.json()["error"]["type"]) == (429, "rate_limit_error")


async def test_a_whole_request_of_gemini() -> None:
    system = {"parts": [{"text": "S!"}]}
    whole = {"generateContentRequest": {"model": "models/m", **ASKED["gemini"], "systemInstruction": system}}
    async with scripted([answer(b'{"input_tokens":14}')]) as server:
        reply = await ask(server, "gemini", "anthropic", whole)
    assert reply.json() == {"totalTokens": 14}
    assert json.loads(server.arrivals[0].body)["system"] == [{"type": "text", "text": "S!"}]


async def test_what_is_no_request_is_refused() -> None:
    async with scripted() as server:
        reply = await ask(server, "anthropic", "openai_chat", {"model": "m", "messages": 7})
    assert (reply.status, reply.json()["error"]["type"]) == (400, "invalid_request_error")
