"""All SDKs that the tests drive, by the names of their packages."""

from tests.sdk.clients.anthropic import AnthropicClient
from tests.sdk.clients.gemini import GeminiClient
from tests.sdk.clients.openai import OpenAIClient

CLIENTS: dict[str, type[OpenAIClient] | type[AnthropicClient] | type[GeminiClient]] = {
    "openai": OpenAIClient,
    "anthropic": AnthropicClient,
    "google-genai": GeminiClient,
}
