"""All SDKs that the tests drive, by the names of their packages, and both halves of the one that has two."""

from tests.sdk.clients.anthropic import AnthropicClient
from tests.sdk.clients.gemini import GeminiClient
from tests.sdk.clients.openai import OpenAIClient
from tests.sdk.clients.openai_responses import OpenAIResponsesClient

CLIENTS: dict[str, type[OpenAIClient] | type[OpenAIResponsesClient] | type[AnthropicClient] | type[GeminiClient]] = {
    "openai": OpenAIClient,
    "openai-responses": OpenAIResponsesClient,
    "anthropic": AnthropicClient,
    "google-genai": GeminiClient,
}
