"""The SDKs for Node, and conversations through them with the same words as `tests/sdk/clients/conversation.py`."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import ANY

from tests.backends import scenarios as played
from tests.backends.exchange import Call, Tokens
from tests.node.process import NodeProcess
from tests.sdk.clients.conversation import Attachment, Reply, Returned, Setup


@dataclass(frozen=True)
class Sdk:
    """What is special about an SDK, or about one of its providers."""

    dialect: str
    errors: dict[int, str]
    """The class of the error for a status; that of 500 is for all others."""
    shows_reasoning: bool = True
    """Whether thoughts reach the program, and go back with the conversation."""
    counts_streams: bool = True
    """Whether the counts of tokens are the ones that were served."""
    quotes_streams: bool = True
    """Whether its error for one inside a stream says what the backend said."""
    cannot: dict[str, str] = field(default_factory=dict)
    """What it cannot do by itself: a scenario's name, alone or after a backend's, and why."""


OPENAI = {400: "BadRequestError", 401: "AuthenticationError", 429: "RateLimitError", 500: "InternalServerError"}
AI_SDK = {500: "APICallError"}
NEVER_BACK = {"thinking": "it has no place for thoughts"}
SDKS = {
    "openai-chat": Sdk("openai_chat", OPENAI),
    "openai-responses": Sdk("openai_responses", OPENAI),
    "anthropic": Sdk("anthropic", OPENAI),
    "google-genai": Sdk("gemini", {500: "ApiError"}),
    "ai-openai-chat": Sdk("openai_chat", AI_SDK, shows_reasoning=False, cannot=NEVER_BACK),
    "ai-openai-responses": Sdk("openai_responses", AI_SDK),
    "ai-openai-compatible": Sdk(
        "openai_chat", AI_SDK, cannot={"anthropic thinking": "of signatures it sends back Gemini's alone"}
    ),
    "ai-anthropic": Sdk("anthropic", AI_SDK),
    "ai-google": Sdk("gemini", AI_SDK),
    "langchain-openai": Sdk("openai_chat", OPENAI, shows_reasoning=False, cannot=NEVER_BACK),
    "langchain-anthropic": Sdk(
        "anthropic",
        OPENAI,
        # It adds the counts of a stream's first event to those of its last one, which are sums already.
        counts_streams=False,
        cannot={"structured": "it moves the choices of an enum into the description"},
    ),
    "langchain-google-genai": Sdk(
        "gemini",
        {500: "GoogleGenerativeAIFetchError"},
        # It adds up the counts of all chunks, which are sums already, and leaves thoughts out.
        counts_streams=False,
        quotes_streams=False,
        cannot={
            "image": "it allows images only for models whose names begin like those of Google's",
            "gemini tools": "it sends the results of parallel calls one by one",
        },
    ),
}


@dataclass(frozen=True)
class NodeClient:
    """An SDK in a process of its own, pointed at the gateway or at a backend."""

    name: str
    process: NodeProcess
    origin: str
    key: str

    def open(self, setup: Setup) -> "NodeConversation":
        """A conversation without a turn; the one before ends with it."""
        self.process.run({"do": "open", "setup": self._setup(setup)})
        return NodeConversation(SDKS[self.name], self.process)

    def _setup(self, setup: Setup) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "key": self.key,
            "model": setup.model,
            "system": setup.system,
            "max_tokens": setup.max_tokens,
            "tools": setup.tools,
            "structured": setup.answer_type is not None,
            "think": setup.think,
        }


@dataclass(frozen=True)
class NodeConversation:
    """Turns of user, model and tools."""

    sdk: Sdk
    process: NodeProcess

    def ask(self, text: str, *, attachment: Attachment | None = None, then: str = "", stream: bool) -> Reply:
        """The reply to the user; the attachment is a picture."""
        assert not then, "not asked of these clients"
        data = None if attachment is None else base64.b64encode(attachment.data).decode()
        return self._run({"do": "ask", "text": text, "image": data, "stream": stream})

    def return_results(self, results: Sequence[Returned], *, stream: bool) -> Reply:
        """The reply to what the tools returned, all of it text."""
        texts = [result.text for result in results]
        return self._run({"do": "returnResults", "results": texts, "stream": stream})

    def _run(self, command: dict[str, Any]) -> Reply:
        reply = self.process.run(command)
        tokens, parsed = reply["tokens"], reply["parsed"]
        return Reply(
            text=reply["text"],
            finish=reply["finish"],
            tokens=Tokens(**tokens) if tokens and self.sdk.counts_streams else ANY,
            calls=[Call(call["name"], call["arguments"], call["id"]) for call in reply["calls"]],
            reasoning=reply["reasoning"],
            parsed=parsed and played.Forecast.model_validate(parsed),
        )
