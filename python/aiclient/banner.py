"""What a person sees when the gateway starts: where it listens, what it has, how to point a client at it."""

from __future__ import annotations

from aiclient.config import Config

__all__ = ["banner"]


def banner(config: Config, source: str) -> str:
    """The text; it holds no key."""
    server = config.server
    # A wildcard address is not one to call.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(server.host, server.host)  # noqa: S104  # read, not bound
    url = f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{server.port}"
    keys = f"{len(config.auth.keys)} client key(s)" if config.auth.keys else "no client key needed"
    lines = [f"aiclient listens on {url} ({source}; {keys})", "", "Providers"]
    lines += [f"  {name:<12} {provider.dialect:<12} {provider.base_url}" for name, provider in config.providers.items()]
    lines += ["", "Models"]
    lines += [f"  {name:<20} -> {', '.join(model.targets)}" for name, model in config.models.items()]
    if config.default_provider is not None:
        lines.append(f"  {'anything else':<20} -> {config.default_provider}")
    lines += ["", "Point a client at it"]
    lines += [
        f"  OpenAI       OPENAI_BASE_URL={url}/v1",
        f"  Anthropic    ANTHROPIC_BASE_URL={url}",
        f"  Gemini       GOOGLE_GEMINI_BASE_URL={url}",
    ]
    if "demo/echo" in config.models:
        body = '{"model":"demo/echo","messages":[{"role":"user","content":"Hello"}]}'
        lines += ["", "Try it", f"  curl {url}/v1/chat/completions -H 'content-type: application/json' -d '{body}'"]
    return "\n".join(lines)
