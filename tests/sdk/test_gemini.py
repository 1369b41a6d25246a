"""What only the `google-genai` SDK does."""

import contextlib
import http.client
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from google import genai
from google.genai import types

from tests.backends import scenarios as played
from tests.backends.keys import CLIENT_KEY
from tests.backends.server import Backend
from tests.gateway import Gateway
from tests.sdk.sampling import TEMPERATURE, temperature_of

CONFIG = types.GenerateContentConfig(system_instruction=played.SYSTEM, max_output_tokens=100)


def connect(gateway: Gateway, version: str | None = None) -> genai.Client:
    """A client of the gateway; without a version, the SDK's own choice, which differs between its versions."""
    return genai.Client(
        api_key=CLIENT_KEY, http_options=types.HttpOptions(base_url=gateway.origin, api_version=version)
    )


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[genai.Client]:
    """The synchronous client."""
    client = connect(gateway)
    yield client
    client.close()


@pytest.fixture
async def async_sdk(gateway: Gateway) -> AsyncIterator[genai.client.AsyncClient]:
    """The asynchronous client."""
    client = connect(gateway)
    yield client.aio
    await client.aio.aclose()
    client.close()


# The SDK derives a class from one of aiohttp's.
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
async def test_async_stream(async_sdk: genai.client.AsyncClient, provider: str) -> None:
    """The asynchronous client reads the same text."""
    model = f"{provider}/text"
    stream = await async_sdk.models.generate_content_stream(model=model, contents=played.PROMPT, config=CONFIG)
    pieces = [chunk.text or "" async for chunk in stream]
    assert "".join(pieces) == played.POEM
    # It came as it was written, not in one piece at the end.
    assert len(pieces) > 3


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1beta1"])
def test_versions(gateway: Gateway, provider: str, version: str) -> None:
    """Every version that the SDKs call is served."""
    client = connect(gateway, version)
    reply = client.models.generate_content(model=f"{provider}/text", contents=played.PROMPT, config=CONFIG)
    client.close()
    assert reply.text == played.POEM


def get_weather(city: str, days: int) -> str:
    """The weather in a city."""
    assert {"city": city, "days": days} == played.WEATHER_CALL.arguments
    return played.RESULTS["get_weather"]


def get_time(zone: str) -> str:
    """The time in a zone."""
    assert {"zone": zone} == played.TIME_CALL.arguments
    return played.RESULTS["get_time"]


def test_functions_called_by_the_sdk(sdk: genai.Client, provider: str) -> None:
    """The SDK makes schemas of Python functions, calls them, and sends the results, all by itself."""
    config = types.GenerateContentConfig(tools=[get_weather, get_time])
    reply = sdk.models.generate_content(model=f"{provider}/tools", contents=played.TOOLS_PROMPT, config=config)
    assert reply.text == played.TOOLS_ANSWER


def test_chat(sdk: genai.Client, provider: str) -> None:
    """The SDK's own chat sends each chunk back as a content of the model."""
    chat = sdk.chats.create(model=f"{provider}/text", config=CONFIG)
    for _ in range(2):
        chunks = chat.send_message_stream(played.PROMPT)
        assert "".join(chunk.text or "" for chunk in chunks) == played.POEM


def test_json_schema(sdk: genai.Client, provider: str) -> None:
    """A JSON Schema with references, in the field that takes one."""
    schema = played.Forecast.model_json_schema()
    config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=schema)
    reply = sdk.models.generate_content(model=f"{provider}/json", contents=played.JSON_PROMPT, config=config)
    assert played.Forecast.model_validate_json(reply.text or "") == played.FORECAST


def test_sampling(sdk: genai.Client, backends: dict[str, Backend], provider: str) -> None:
    """The temperature arrives in the vendor's own field."""
    config = CONFIG.model_copy(update={"temperature": TEMPERATURE})
    sdk.models.generate_content(model=f"{provider}/text", contents=played.PROMPT, config=config)
    assert temperature_of(provider, backends[provider].arrivals[-1]) == TEMPERATURE


@pytest.mark.parametrize("model", ["text", "cut-body"])
def test_array_instead_of_events(gateway: Gateway, provider: str, model: str) -> None:
    """Without `alt=sse` a stream is one JSON array, and it is a valid one even if it ends in an error."""
    body: dict[str, Any] = {
        "systemInstruction": {"parts": [{"text": played.SYSTEM}]},
        "contents": [{"role": "user", "parts": [{"text": played.PROMPT}]}],
        "generationConfig": {"maxOutputTokens": 100},
    }
    path = f"/v1beta/models/{provider}/{model}:streamGenerateContent?key={CLIENT_KEY}"
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)) as connection:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        received = response.read()
    assert response.headers["content-type"].startswith("application/json")
    chunks = json.loads(received)
    if model == "text":
        parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
        assert "".join(part["text"] for part in parts) == played.POEM
        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    else:
        assert chunks[-1]["error"]["code"] == 502


def test_models(sdk: genai.Client) -> None:
    """The list of models has the form that the SDK pages through."""
    assert list(sdk.models.list()) == []
