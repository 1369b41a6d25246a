"""Other gateways from PyPI and npm, each in a throwaway environment of its own, and how each is told of the mock.

The versions are pinned, so that a figure can be had again. Nothing here is needed by anything else.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benches.load.servers import Pair, Server, free_port, process

CHAT: Pair = ("openai_chat", "openai_chat")
ANTHROPIC: Pair = ("anthropic", "openai_chat")


@dataclass(frozen=True)
class Recipe:
    """How a peer is installed, started and asked. FOLDER, PORT and UPSTREAM (an origin) stand for what they say."""

    name: str
    package: str
    command: tuple[str, ...]
    configuration: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = (CHAT, ANTHROPIC)
    model: str = "m"
    npm: bool = False

    def filled(self, text: str, folder: Path, port: int, upstream: int) -> str:
        known = {"FOLDER": str(folder), "PORT": str(port), "UPSTREAM": f"http://127.0.0.1:{upstream}"}
        for name, value in known.items():
            text = text.replace(name, value)
        return text


RECIPES = (
    Recipe(
        "litellm",
        "litellm[proxy]==1.106.2",
        ("FOLDER/bin/litellm", "--config", "FOLDER/configuration", "--host", "127.0.0.1", "--port", "PORT"),
        configuration=json.dumps(
            {
                "model_list": [
                    {
                        "model_name": "m",
                        "litellm_params": {"model": "openai/m", "api_base": "UPSTREAM/v1", "api_key": "k"},
                    }
                ],
                # The upstream speaks Chat; without this, requests in Anthropic's dialect go to /responses.
                "litellm_settings": {"use_chat_completions_url_for_anthropic_messages": True},
            }
        ),
        environment={"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MASTER_KEY": "sk-bench"},
    ),
    Recipe(
        "portkey",
        "@portkey-ai/gateway@1.15.2",
        ("node", "FOLDER/node_modules/@portkey-ai/gateway/build/start-server.js", "--port=PORT", "--headless"),
        environment={"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
        headers={"x-portkey-provider": "openai", "x-portkey-custom-host": "UPSTREAM/v1"},
        # It forwards Anthropic's dialect only to vendors that speak it: "messages is not supported by openai".
        pairs=(CHAT,),
        npm=True,
    ),
    Recipe(
        "llm-rosetta",
        "llm-rosetta==0.13.0",
        ("FOLDER/bin/llm-rosetta-gateway", "--no-banner", "--config", "FOLDER/configuration", "--log-level", "error"),
        configuration=json.dumps(
            {
                "providers": {"openai_chat": {"api_key": "k", "base_url": "UPSTREAM/v1"}},
                "models": {"m": "openai_chat"},
                "server": {"host": "127.0.0.1", "port": "PORT", "open_on_no_keys": True},
            }
        ).replace('"PORT"', "PORT"),
        environment={"HOME": "FOLDER"},
    ),
    Recipe(
        "ferrogw",
        "ferrogw==1.5.10",
        ("FOLDER/bin/ferrogw", "serve"),
        configuration=json.dumps({"strategy": {"mode": "fallback"}, "targets": [{"virtual_key": "openai"}]}),
        environment={
            "GATEWAY_CONFIG": "FOLDER/configuration.yaml",
            "OPENAI_API_KEY": "k",
            "OPENAI_BASE_URL": "UPSTREAM",
            "PORT": "PORT",
            "MASTER_KEY": "sk-bench",
            "RATE_LIMIT_RPS": "1000000",
            "RATE_LIMIT_BURST": "1000000",
        },
        # It serves the names of models that it knows.
        model="gpt-4o",
    ),
)


@contextlib.contextmanager
def peer(recipe: Recipe, environments: Path, upstream: int) -> Iterator[Server]:
    """A peer that listens; it is installed first if that was not done."""
    folder = environments / recipe.name
    if not (folder / ".installed").exists():
        _install(recipe, folder)
    port = free_port()

    def fill(text: str) -> str:
        return recipe.filled(text, folder, port, upstream)

    for name in ("configuration", "configuration.yaml"):
        (folder / name).write_text(fill(recipe.configuration))
    headers = {name: fill(value) for name, value in recipe.headers.items()}
    environment = {name: fill(value) for name, value in recipe.environment.items()}
    with process([fill(word) for word in recipe.command], port, folder, **environment) as pid:
        yield Server(recipe.name, port, pid, recipe.pairs, {"openai_chat": recipe.model}, headers)


def _install(recipe: Recipe, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    print(f"installing {recipe.package} into {folder}", flush=True)
    if recipe.npm:
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, recipe.package], check=True, env=os.environ)
    else:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run([*pip, recipe.package], check=True)
    (folder / ".installed").touch()


@contextlib.contextmanager
def named(specification: str, folder: Path, upstream: int) -> Iterator[Server]:
    """A gateway that the user names.

    `NAME=http://127.0.0.1:PORT:PID` runs already; `NAME=COMMAND` is started, with `{port}` and `{upstream}` (an origin)
    filled in. It is asked for the model `m` in Chat Completions.
    """
    name, _, where = specification.partition("=")
    if where.startswith("http://127.0.0.1:"):
        port, pid = where.removeprefix("http://127.0.0.1:").split(":")
        yield Server(name, int(port), int(pid), (CHAT,))
        return
    port_ = free_port()
    command = [word.format(port=port_, upstream=f"http://127.0.0.1:{upstream}") for word in where.split()]
    with process(command, port_, folder) as pid_:
        yield Server(name, port_, pid_, (CHAT,))
