"""Embeddings between OpenAI's API and Gemini's, and within each."""

import json
from typing import Any

import pytest

from aiclient import Dialect
from aiclient.app import create_app
from aiclient.config import Config
from tests.application import Reply, call, running
from tests.scripted_server import ScriptedServer, answer, scripted

OPENAI = {"model": "e", "input": ["a", "b"], "dimensions": 2}
OPENAI_REPLY = {
    "object": "list",
    "data": [
        {"object": "embedding", "index": 1, "embedding": [0.5, 1]},
        {"object": "embedding", "index": 0, "embedding": [0.25, -1]},
    ],
    "model": "e",
    "usage": {"prompt_tokens": 2, "total_tokens": 2},
}
GEMINI_REPLY = {"embeddings": [{"values": [0.25, -1]}, {"values": [0.5, 1]}]}


def content(text: str) -> dict[str, Any]:
    return {"content": {"parts": [{"text": text}]}, "outputDimensionality": 2}


async def ask(server: ScriptedServer, upstream: Dialect, path: str, body: dict[str, Any]) -> Reply:
    providers = {"up": {"dialect": upstream, "base_url": server.origin, "api_keys": ["k"]}}
    async with running(create_app(Config.model_validate({"providers": providers}))) as app:
        return await call(app, "POST", path, json.dumps(body).encode())


async def test_openai_to_gemini() -> None:
    async with scripted([answer(json.dumps(GEMINI_REPLY).encode())]) as server:
        reply = await ask(server, "gemini", "/up/v1/embeddings", OPENAI)
    (arrival,) = server.arrivals
    assert arrival.line.split(" ")[1] == "/v1beta/models/e:batchEmbedContents"
    assert json.loads(arrival.body) == {
        "requests": [{"model": "models/e", **content(text)} for text in ("a", "b")],
    }
    assert [vector["embedding"] for vector in reply.json()["data"]] == [[0.25, -1], [0.5, 1]]


async def test_gemini_to_openai() -> None:
    body = {"requests": [{"model": "models/e", **content("a")}, {"model": "models/e", **content("b")}]}
    async with scripted([answer(json.dumps(OPENAI_REPLY).encode())]) as server:
        reply = await ask(server, "openai_chat", "/up/v1beta/models/e:batchEmbedContents", body)
    (arrival,) = server.arrivals
    assert arrival.line.split(" ")[1] == "/embeddings"
    assert json.loads(arrival.body) == {**OPENAI, "encoding_format": "float"}
    assert reply.json() == GEMINI_REPLY


async def test_one_text_of_gemini() -> None:
    body = {**content("a"), "taskType": "RETRIEVAL_QUERY"}
    async with scripted([answer(json.dumps(OPENAI_REPLY).encode())]) as server:
        reply = await ask(server, "openai_chat", "/up/v1beta/models/e:embedContent", body)
    assert reply.json() == {"embedding": {"values": [0.25, -1]}}
    assert reply.headers["x-aiclient-dropped"] == "/taskType"


@pytest.mark.parametrize(
    ("upstream", "path", "body"),
    [
        ("openai_chat", "/up/v1/embeddings", {"model": "e", "input": [1, 2], "encoding_format": "base64", "new": 1}),
        ("gemini", "/up/v1beta/models/e:embedContent", {"content": {"parts": [{"inlineData": {}}]}}),
    ],
)
async def test_the_same_api_gets_the_same_bytes(upstream: Dialect, path: str, body: dict[str, Any]) -> None:
    async with scripted([answer(b'{"anything": 1.0}')]) as server:
        reply = await ask(server, upstream, path, body)
    assert server.arrivals[0].body == json.dumps(body).encode()
    assert reply.body == b'{"anything": 1.0}'


@pytest.mark.parametrize(
    ("upstream", "body", "named"),
    [
        ("gemini", {"model": "e", "input": [[1, 2]]}, "/input/0"),
        ("gemini", {"model": "e"}, "/input"),
        ("gemini", {"input": "a"}, "/model"),
        ("anthropic", {"model": "e", "input": "a"}, "no embeddings"),
    ],
)
async def test_what_cannot_be_is_refused(upstream: Dialect, body: dict[str, Any], named: str) -> None:
    async with scripted() as server:
        reply = await ask(server, upstream, "/up/v1/embeddings", body)
    assert reply.status == 400
    assert named in reply.json()["error"]["message"]


async def test_errors_come_in_the_clients_envelope() -> None:
    async with scripted([answer(b'{"error":{"message":"slow down"}}', status="429 X")]) as server:
        reply = await ask(server, "openai_chat", "/up/v1beta/models/e:embedContent", content("a"))
    assert (reply.status, reply.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
