"""Providers: where a dialect is spoken, and how to knock there.

A base URL is what the vendor's SDK takes as one: OpenAI's ends in `/v1`, Anthropic's and Gemini's do not. A version
that stands there all the same is not doubled.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from aiclient.dialect import Dialect
from aiclient.pools import Credential, Health
from aiclient.upstream.client import Limits, PreparedRequest, UpstreamClient

__all__ = ["Provider"]

# The version that knows every field; the later one only takes fields away. docs.claude.com/en/api/versioning
ANTHROPIC_VERSION = "2023-06-01"

# Requests that are kept prepared: one for each model and credential. Clients may ask for any number of models.
KEPT_REQUESTS = 1024
# Most characters of a model's name that is kept.
KEPT_LENGTH = 200

_Headers = tuple[tuple[str, str], ...]

_VERSIONED = re.compile(r"/v\d+\w*$")
_ALWAYS = (
    ("content-type", "application/json"),
    # A compressed stream would have to be collected before it can be read.
    ("accept-encoding", "identity"),
    # Some front doors turn away whoever does not say who they are.
    ("user-agent", "aiclient"),
)


@dataclass(frozen=True, slots=True)
class Provider:
    """An endpoint of some company, or of one's own."""

    name: str
    dialect: Dialect
    base_url: str
    health: Health
    limits: Limits
    headers: _Headers
    client: UpstreamClient
    retries: int = 0
    """How often a request is sent to it again when nothing else is left to try."""
    probe_every: float | None = None
    """Seconds between looks at its list of models."""
    _plain: dict[tuple[str, bool, Credential], PreparedRequest] = field(default_factory=dict, repr=False, compare=False)

    def plain_request(self, model: str, credential: Credential, stream: bool) -> PreparedRequest:
        """A request for an answer that says nothing of its own in its head."""
        key = (model, stream, credential)
        request = self._plain.get(key)
        if request is None:
            request = PreparedRequest("POST", self.url(model, stream=stream), self.request_headers((), credential))
            if len(model) <= KEPT_LENGTH:
                if len(self._plain) >= KEPT_REQUESTS:
                    self._plain.clear()
                self._plain[key] = request
        return request

    def url(self, model: str, *, stream: bool) -> str:
        """Where a request for an answer goes."""
        base = self.base_url.rstrip("/")
        match self.dialect:
            case "openai_chat":
                return f"{base}/chat/completions"
            case "openai_responses":
                return f"{base}/responses"
            case "anthropic":
                return f"{base}/messages" if _VERSIONED.search(base) else f"{base}/v1/messages"
            case "gemini":
                versioned = base if _VERSIONED.search(base) else f"{base}/v1beta"
                verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
                return f"{versioned}/models/{quote(model.removeprefix('models/'), safe='@:.-_')}:{verb}"

    def models_url(self) -> str:
        """Where the models are listed."""
        base = self.base_url.rstrip("/")
        if self.dialect in {"openai_chat", "openai_responses"} or _VERSIONED.search(base):
            return f"{base}/models"
        return f"{base}/v1/models" if self.dialect == "anthropic" else f"{base}/v1beta/models"

    def count_url(self, model: str) -> str | None:
        """Where tokens are counted; None if the dialect has no such place."""
        match self.dialect:
            case "openai_chat":
                return None
            case "openai_responses":
                return f"{self.url(model, stream=False)}/input_tokens"
            case "anthropic":
                return f"{self.url(model, stream=False)}/count_tokens"
            case "gemini":
                return f"{self.url(model, stream=False).removesuffix(':generateContent')}:countTokens"

    def embedding_url(self, model: str, verb: str) -> str | None:
        """Where embeddings are made; None if the dialect has none. `verb` is Gemini's."""
        match self.dialect:
            case "openai_chat" | "openai_responses":
                return f"{self.base_url.rstrip('/')}/embeddings"
            case "anthropic":
                return None
            case "gemini":
                return f"{self.url(model, stream=False).removesuffix(':generateContent')}:{verb}"

    def request_headers(
        self, passed: Sequence[tuple[str, str]], credential: Credential | None = None, own: _Headers = ()
    ) -> Sequence[tuple[str, str]]:
        """What a request carries: `passed` from the client, the key, the provider's own, and those of its target.

        Each overrules those before it. Without a credential it is the idlest.
        """
        key = (credential or self.health.best()).key
        return _request_headers(self.dialect, key, tuple(passed), (*self.headers, *own))


# Most requests to a provider carry the same.
@functools.lru_cache(maxsize=512)
def _request_headers(dialect: Dialect, key: str | None, passed: _Headers, own: _Headers) -> _Headers:
    headers = dict((*_ALWAYS, *passed))
    if dialect == "anthropic":
        headers.setdefault("anthropic-version", ANTHROPIC_VERSION)
    if key is not None:
        name, form = _KEY_HEADERS[dialect]
        headers[name] = form.format(key)
    headers.update(own)
    return tuple(headers.items())


# Where each vendor looks for a key, and in what form.
_KEY_HEADERS: dict[Dialect, tuple[str, str]] = {
    "openai_chat": ("authorization", "Bearer {}"),
    "openai_responses": ("authorization", "Bearer {}"),
    "anthropic": ("x-api-key", "{}"),
    "gemini": ("x-goog-api-key", "{}"),
}
