"""What docs/embedding.md shows is run as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "embedding.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_hold() -> None:
    source = "\n".join(_blocks("python"))
    assert source.count("assert") > 5
    exec(compile(source, "docs/embedding.md", "exec"), {})  # noqa: S102  # the page is ours


def test_the_shell_example_answers() -> None:
    command = _blocks("sh")[0].splitlines()[0]
    said, _, rest = command.partition(" | aiclient ")
    body = shlex.split(said)[1]
    done = subprocess.run(
        [sys.executable, "-m", "aiclient", *shlex.split(rest)], input=body.encode(), capture_output=True, check=True
    )
    assert b'"contents"' in done.stdout
