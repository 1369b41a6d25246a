"""Providers: where a dialect is spoken, and how to knock there.

A base URL is what the vendor's SDK takes as one: OpenAI's ends in `/v1`, Anthropic's and Gemini's do not. A version
that stands there all the same is not doubled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiclient.dialect import Dialect
from aiclient.upstream.client import Limits, UpstreamClient
from aiclient.upstream.credentials import Credentials

__all__ = ["Provider"]

# The version that knows every field; the later one only takes fields away. docs.claude.com/en/api/versioning
ANTHROPIC_VERSION = "2023-06-01"

_VERSIONED = re.compile(r"/v\d+\w*$")


@dataclass(frozen=True, slots=True)
class Provider:
    """An endpoint of some company, or of one's own."""

    name: str
    dialect: Dialect
    base_url: str
    credentials: Credentials
    limits: Limits
    headers: Sequence[tuple[str, str]]
    client: UpstreamClient

    def url(self, model: str, *, stream: bool) -> str:
        """Where a request for an answer goes."""
        return _URLS[self.dialect](self.base_url.rstrip("/"), model, stream)

    def request_headers(self, passed: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """What a request carries: `passed` from the client, the provider's own, and the key."""
        headers = [("content-type", "application/json"), ("accept-encoding", "identity"), *passed, *self.headers]
        if self.dialect == "anthropic" and not any(name == "anthropic-version" for name, _ in headers):
            headers.append(("anthropic-version", ANTHROPIC_VERSION))
        key = self.credentials.next()
        if key is not None:
            headers.append(_KEY_HEADERS[self.dialect](key))
        return headers


def _openai_chat_url(base: str, model: str, stream: bool) -> str:  # noqa: ARG001, FBT001  # one form for all
    return f"{base}/chat/completions"


def _openai_responses_url(base: str, model: str, stream: bool) -> str:  # noqa: ARG001, FBT001
    return f"{base}/responses"


def _anthropic_url(base: str, model: str, stream: bool) -> str:  # noqa: ARG001, FBT001
    return f"{base}/messages" if _VERSIONED.search(base) else f"{base}/v1/messages"


def _gemini_url(base: str, model: str, stream: bool) -> str:  # noqa: FBT001
    versioned = base if _VERSIONED.search(base) else f"{base}/v1beta"
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"{versioned}/models/{quote(model.removeprefix('models/'), safe='@:.-_')}:{verb}"


_URLS = {
    "openai_chat": _openai_chat_url,
    "openai_responses": _openai_responses_url,
    "anthropic": _anthropic_url,
    "gemini": _gemini_url,
}

_KEY_HEADERS = {
    "openai_chat": lambda key: ("authorization", f"Bearer {key}"),
    "openai_responses": lambda key: ("authorization", f"Bearer {key}"),
    "anthropic": lambda key: ("x-api-key", key),
    "gemini": lambda key: ("x-goog-api-key", key),
}
