"""What a person sees when the gateway starts: where it listens, what it has, how to point a client at it."""

from __future__ import annotations

from collections.abc import Sequence

from aiclient.config import Config
from aiclient.upstream.demo_url import is_demo

__all__ = ["banner"]


def banner(config: Config, source: str) -> str:
    """The text, for a configuration from `source`; it holds no key."""
    url = _url(config.server.host, config.server.port)
    sections = [[f"aiclient listens on {url} (configured by {source})"], _providers(config), _models(config)]
    sections += [_clients(config, url), *_demo(config, url)]
    return "\n\n".join("\n".join(lines) for lines in sections)


def _url(host: str, port: int) -> str:
    # A wildcard address is not one to call.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _providers(config: Config) -> list[str]:
    rows = [(name, provider.dialect, provider.base_url) for name, provider in config.providers.items()]
    return ["Providers", *_columns(rows)]


def _models(config: Config) -> list[str]:
    rows = [(name, "->", ", ".join(entry.target for entry in model.targets)) for name, model in config.models.items()]
    rows += [(f"{name}/...", "->", name) for name in config.providers]
    default = config.default_provider
    # The demo has one model, whatever is asked for.
    if default is not None and not is_demo(config.providers[default].base_url):
        rows.append(("any other", "->", default))
    return ["Models", *_columns(rows)]


def _clients(config: Config, url: str) -> list[str]:
    count = len(config.auth.keys)
    # SDKs insist on a key, even where nobody asks for one.
    keys = f"one of the {count} client keys" if count > 1 else "the client key" if count else "any key"
    rows = [
        ("OpenAI", f"OPENAI_BASE_URL={url}/v1"),
        ("Anthropic", f"ANTHROPIC_BASE_URL={url}"),
        ("Gemini", f"GOOGLE_GEMINI_BASE_URL={url}"),
    ]
    return [f"Point a client at it, with {keys}", *_columns(rows)]


def _demo(config: Config, url: str) -> list[list[str]]:
    name = next((name for name, provider in config.providers.items() if is_demo(provider.base_url)), None)
    if name is None:
        return []
    key = ' -H "authorization: Bearer $AICLIENT_KEY"' if config.auth.keys else ""
    body = f'{{"model":"{name}/echo","messages":[{{"role":"user","content":"Hello"}}]}}'
    curl = f"curl {url}/v1/chat/completions{key} -H 'content-type: application/json' -d '{body}'"
    return [["Try it; the demo needs no account, and is no language model", f"  {curl}"]]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines, with their cells one below the other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
