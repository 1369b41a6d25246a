"""The bytes that the load generator sends, and what a good answer to them has."""

from benches import samples
from benches.load.behaviour import Behaviour
from benches.load.job import Expectation
from benches.load.scenarios import Scenario
from benches.load.servers import Pair, Server
from benches.samples import Dialect

PATHS: dict[Dialect, str] = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/{model}:{verb}",
}
TERMINALS: dict[Dialect, str] = {
    "openai_chat": "[DONE]",
    "openai_responses": "response.completed",
    "anthropic": "message_stop",
    "gemini": "STOP",
}
# It is in the text of every sample, needs no escape, and cannot be in a reply that has lost the text.
WORD = "Granada"


def request(server: Server, pair: Pair, scenario: Scenario) -> bytes:
    """One whole HTTP request."""
    client, upstream = pair
    model = server.models.get(upstream, samples.MODEL)
    verb = "streamGenerateContent?alt=sse" if scenario.stream else "generateContent"
    path = server.prefix + PATHS[client].format(model=model, verb=verb)
    body = samples.request(client, scenario.request_bytes, model=model, stream=scenario.stream)
    headers = {
        "host": f"127.0.0.1:{server.port}",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "authorization": "Bearer sk-bench",
        **({"anthropic-version": "2023-06-01"} if client == "anthropic" else {}),
        **server.headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def expectation(pair: Pair, scenario: Scenario) -> Expectation:
    """As many words as the upstream says: none is lost, and none of another answer."""
    client, upstream = pair
    said = _said(upstream, scenario.behaviour, stream=scenario.stream)
    # Some dialects repeat the whole text at the end of a stream.
    return Expectation(WORD, said, TERMINALS[client] if scenario.stream else "")


def _said(upstream: Dialect, behaviour: Behaviour, *, stream: bool) -> int:
    if stream:
        return b"".join(samples.stream(upstream, behaviour.events).deltas).count(WORD.encode())
    return samples.reply(upstream, behaviour.reply_bytes).count(WORD.encode())
