"""The commands: `aiclient serve`, `aiclient check`, `aiclient translate`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Literal, cast, get_args

import click

from aiclient._native import Translator
from aiclient.dialect import Dialect
from aiclient.errors import AIClientError

__all__ = ["main"]

_DIALECTS = click.Choice(get_args(Dialect))
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="aiclient")
def main() -> None:
    """Any LLM client, any LLM backend."""


@main.command()
@click.option("--config", "path", type=_FILE, help="Configuration file. [default: aiclient.yaml, else the environment]")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that serve.")
@click.option("--allow-open", is_flag=True, help="Listen beyond loopback without client keys.")
def serve(path: Path | None, host: str | None, port: int | None, workers: int | None, *, allow_open: bool) -> None:
    """Start the gateway."""
    from aiclient.banner import banner  # noqa: PLC0415  # other commands start faster without
    from aiclient.config_file import ConfigError  # noqa: PLC0415
    from aiclient.serving import is_loopback, read_config  # noqa: PLC0415
    from aiclient.serving import serve as serve_forever  # noqa: PLC0415

    try:
        config, source = read_config(path)
    except ConfigError as error:
        raise click.ClickException(f"this configuration cannot be used:\n{error}") from error
    given = {"host": host, "port": port, "workers": workers}
    changes = {name: value for name, value in given.items() if value is not None}
    config = config.model_copy(update={"server": config.server.model_copy(update=changes)})
    if not (config.auth.keys or allow_open or is_loopback(config.server.host)):
        raise click.ClickException(
            f"{config.server.host} can be reached from other machines, and no client keys are set: anybody could spend "
            "your tokens. Set `auth.keys` (or AICLIENT_KEY), listen on 127.0.0.1, or say --allow-open."
        )
    click.echo(banner(config, source))
    serve_forever(config, path)


@main.command()
@click.argument("path", type=_FILE, required=False, metavar="FILE")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file, for editors.")
def check(path: Path | None, *, schema: bool) -> None:
    """Say whether a configuration FILE can be used, and what is wrong with it."""
    from aiclient.config import Config  # noqa: PLC0415
    from aiclient.config_file import ConfigError, load  # noqa: PLC0415

    if schema:
        click.echo(json.dumps(Config.model_json_schema(), indent=2))
        return
    if path is None:
        raise click.UsageError("name a FILE, or say --schema")
    try:
        config = load(path, os.environ)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"{path}: {len(config.providers)} provider(s), {len(config.models)} model name(s); it can be used")


@main.command()
@click.option("--from", "source", type=_DIALECTS, required=True, help="Dialect of what is read.")
@click.option("--to", "target", type=_DIALECTS, required=True, help="Dialect of what is written.")
@click.option("--model", default="model", show_default=True, help="The upstream's name of the model, for a request.")
@click.option("--stream", is_flag=True, help="Ask for a stream, for a request.")
@click.option("--reject", is_flag=True, help="Refuse a request that cannot be carried whole.")
@click.argument("what", type=click.Choice(["request", "response", "stream"]))
def translate(source: str, target: str, model: str, what: str, *, stream: bool, reject: bool) -> None:
    """Translate a body from standard input to standard output; losses go to standard error."""
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
        out = _translated(translator, cast("Literal['request', 'response', 'stream']", what), body, model, stream=stream)
    except (AIClientError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
    for loss in translator.losses:
        click.echo(f"dropped {loss.feature} at {loss.pointer or '/'}", err=True)
    if translator.failure is not None:
        sys.exit(1)


def _translated(
    translator: Translator, what: Literal["request", "response", "stream"], body: bytes, model: str, *, stream: bool
) -> bytes:
    if what == "request":
        return translator.request(body, model=model, stream=stream)
    if what == "response":
        return translator.response(body)
    pieces = translator.stream()
    return pieces.feed(body) + pieces.finish()
