"""The commands: `aiclient serve`, `check`, `explain`, `status`, `translate`.

Each imports what it needs when it runs: a command should answer at once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

import click

from aiclient.dialect import Dialect
from aiclient.errors import AIClientError

if TYPE_CHECKING:
    from aiclient._native import Translator
    from aiclient.config import Config

__all__ = ["main"]

_DIALECTS = click.Choice(get_args(Dialect))
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aiclient")
def main() -> None:
    """Any LLM client, any LLM backend."""


@main.command()
@click.option(
    "--config",
    "path",
    type=_FILE,
    envvar="AICLIENT_CONFIG",
    show_envvar=True,
    help="Configuration file.  [default: aiclient.yaml if there is one, else the environment]",
)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that serve.")
@click.option("--allow-open", is_flag=True, help="Listen beyond loopback without client keys.")
def serve(path: Path | None, host: str | None, port: int | None, workers: int | None, *, allow_open: bool) -> None:
    """Start the gateway."""
    from aiclient.banner import banner  # noqa: PLC0415
    from aiclient.configuration import ConfigError  # noqa: PLC0415
    from aiclient.listening import ListenError, free_address  # noqa: PLC0415
    from aiclient.serving import read_config  # noqa: PLC0415
    from aiclient.serving import serve as serve_forever  # noqa: PLC0415

    try:
        config, source = read_config(path)
        config = _with_server(config, host=host, port=port, workers=workers)
        config = _with_server(config, host=free_address(config.server.host, config.server.port))
    except ConfigError as error:
        raise click.ClickException(f"this configuration cannot be used\n{error}") from error
    except ListenError as error:
        raise click.ClickException(str(error)) from error
    if not allow_open:
        _refuse_to_be_open(config)
    _refuse_to_call_itself(config)
    click.echo(banner(config, source))
    serve_forever(config, path)


def _with_server(config: Config, **given: str | int | None) -> Config:
    changes = {name: value for name, value in given.items() if value is not None}
    return config.model_copy(update={"server": config.server.model_copy(update=changes)})


def _refuse_to_be_open(config: Config) -> None:
    from aiclient.listening import is_loopback  # noqa: PLC0415

    if not (config.auth.keys or is_loopback(config.server.host)):
        raise click.ClickException(
            f"{config.server.host} can be reached from other machines, and there are no client keys: anybody could "
            "spend your tokens. Set `auth.keys` in the file or AICLIENT_KEY, listen on 127.0.0.1, or say --allow-open."
        )


def _refuse_to_call_itself(config: Config) -> None:
    """Who has pointed clients here by OPENAI_BASE_URL and starts the gateway in the same shell points it at itself."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    for name, provider in config.providers.items():
        url = urlsplit(provider.base_url)
        if url.port == config.server.port and url.hostname in {"localhost", "127.0.0.1", "::1", config.server.host}:
            raise click.ClickException(
                f"the provider {name} is this gateway itself ({provider.base_url}). Set its base URL to the vendor's; "
                "if it is from the environment, start the gateway without that variable."
            )


@main.command()
@click.argument("path", type=_FILE, required=False, metavar="FILE")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file, for editors.")
def check(path: Path | None, *, schema: bool) -> None:
    """Say whether a configuration FILE can be used, and what is wrong with it."""
    from aiclient.config import Config  # noqa: PLC0415
    from aiclient.configuration import ConfigError, load  # noqa: PLC0415

    if schema:
        dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        click.echo(json.dumps(dialect | Config.model_json_schema(), indent=2))
        return
    if path is None:
        raise click.UsageError("name a FILE, or say --schema")
    try:
        config = load(path, os.environ)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"{path} can be used: {len(config.providers)} provider(s), {len(config.models)} model name(s)")


_CONFIG = click.option(
    "--config",
    "path",
    type=_FILE,
    envvar="AICLIENT_CONFIG",
    show_envvar=True,
    help="Configuration file.  [default: aiclient.yaml if there is one, else the environment]",
)
_PORT = click.option(
    "--port", type=click.IntRange(1, 65_535), help="Port of the gateway.  [default: the configuration's]"
)


@main.command()
@_CONFIG
@_PORT
@click.option("--provider", help="The provider that the path of the request begins with.")
@click.argument("model")
def explain(path: Path | None, port: int | None, provider: str | None, model: str) -> None:
    """Say where a request for MODEL would go, and why; of a gateway that runs, also how that stands."""
    from aiclient.explanation import explained  # noqa: PLC0415

    config = _config(path)
    if provider is not None and provider not in config.providers:
        raise click.BadParameter(f"there is no provider {provider}", param_hint="--provider")
    try:
        click.echo(explained(config, model, provider, port))
    except AIClientError as error:
        raise click.ClickException(error.message) from error


@main.command()
@_CONFIG
@_PORT
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(path: Path | None, port: int | None, *, as_json: bool) -> None:
    """Say how a gateway stands that runs on this machine: pools, pauses, circuits."""
    from aiclient.status import standings, told  # noqa: PLC0415

    port = port or _config(path).server.port
    reports = standings(port)
    if not reports:
        raise click.ClickException(f"no gateway of this user runs on port {port} of this machine")
    click.echo(json.dumps({"workers": reports}, indent=2) if as_json else told(reports))


def _config(path: Path | None) -> Config:
    from aiclient.configuration import ConfigError  # noqa: PLC0415
    from aiclient.serving import read_config  # noqa: PLC0415

    try:
        return read_config(path)[0]
    except ConfigError as error:
        raise click.ClickException(f"this configuration cannot be used\n{error}") from error


@main.command()
@click.option("--from", "source", type=_DIALECTS, required=True, help="Dialect of what is read.")
@click.option("--to", "target", type=_DIALECTS, required=True, help="Dialect of what is written.")
@click.option("--model", default="model", show_default=True, help="The upstream's name of the model, for a request.")
@click.option("--stream", is_flag=True, help="Ask for a stream, for a request.")
@click.option("--reject", is_flag=True, help="Refuse a request that cannot be carried whole.")
@click.argument("what", type=click.Choice(["request", "response", "stream"]))
def translate(source: str, target: str, model: str, what: str, *, stream: bool, reject: bool) -> None:
    """Translate a body from standard input to standard output; losses go to standard error."""
    from aiclient._native import Translator  # noqa: PLC0415

    # A request goes from client to upstream, a reply the other way.
    client, upstream = (source, target) if what == "request" else (target, source)
    body = sys.stdin.buffer.read()
    try:
        translator = Translator(
            client=cast("Dialect", client),
            upstream=cast("Dialect", upstream),
            exchange_id="translated",
            created=0,
            on_loss="reject" if reject else "report",
        )
        if what == "request":
            _write(translator.request(body, model=model, stream=stream), translator)
        else:
            _translate_reply(translator, cast("Literal['response', 'stream']", what), body)
    except (AIClientError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _translate_reply(translator: Translator, what: Literal["response", "stream"], body: bytes) -> None:
    """Write a reply; one that is an error, or that breaks off, ends the command with status 1."""
    if what == "response":
        _write(translator.response(body), translator)
        failure = translator.failure
    else:
        stream = translator.stream()
        _write(stream.feed(body) + stream.finish(), translator)
        failure = stream.failure
        for feature in stream.losses:
            click.echo(f"dropped {feature}", err=True)
    if failure is not None:
        raise click.ClickException(failure.message)


def _write(out: bytes, translator: Translator) -> None:
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    for loss in translator.losses:
        click.echo(f"dropped {loss.feature} at {loss.pointer or '/'}", err=True)
