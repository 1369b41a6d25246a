"""docs/fidelity.md, from what the translator does with every probe.

python -m tests.fidelity.page [FILE]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from aiclient import Dialect
from tests.fidelity.bodies import DIALECTS
from tests.fidelity.probe import Asked, Fate, Said
from tests.fidelity.replies import SAID
from tests.fidelity.requests import ASKED

__all__ = ["PAGE", "page"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "fidelity.md"
_NAMES: dict[Dialect, str] = {
    "openai_chat": "Chat",
    "openai_responses": "Responses",
    "anthropic": "Anthropic",
    "gemini": "Gemini",
}
_FEATURE = re.compile(r'^    \w+ "(\w+)" "([^"]+)",$', re.MULTILINE)

_HEAD = """# Fidelity

What becomes of what a client asks and an upstream says, for every pair of dialects. This page is made by `make docs`
from what the translator does with an example of each; a test fails when it is out of date.

| | |
|---|---|
| carried | the other dialect has it |
| emulated | the other dialect says it in other words; the reply is turned back |
| weakened | part of it arrives, and the rest is reported |
| dropped | it does not arrive, and that is reported |
| left out | it does not arrive, and cannot change the answer: a hint |
| refused | the request is refused with the field's name, before any upstream is asked |

*Reported* means: in the header `x-aiclient-dropped`, by JSON Pointer; in the log; in `Translator.losses`. With
`on_loss: reject`, or the header `x-aiclient-on-loss: reject`, what would be reported is refused instead. Losses in a
stream are found after its head has gone out, so they are in the log only.

Where both sides speak the same dialect, the body's bytes go through, unknown fields and all, but for the model's name.
"""

_TAIL = """## What nobody can carry

- The order of text and calls in a message of Chat: text comes first there.
- Several pieces of thoughts or text between calls, in Chat: they become one of each.
- Which stop sequence came, towards all but Anthropic; why a request was refused, towards Chat.
- For how long a prompt is cached (5 minutes or an hour), and tokens by modality.
- OpenRouter gives some thoughts in `reasoning_details` alone, as summaries without a seal; they come as thoughts.
"""


def page() -> str:
    """The whole page."""
    lines = [_HEAD]
    for title, asked in ASKED.items():
        lines += [f"## {title}\n", *_table(asked, "from \\ to"), ""]
    for title, said in SAID.items():
        lines += [f"## {title}\n", *_table(said, "upstream \\ client"), ""]
    return "\n".join([*lines, _TAIL, *_features(), ""])


def _table(probes: list[Asked] | list[Said], corner: str) -> Iterator[str]:
    yield f"| | {corner} | {' | '.join(_NAMES[dialect] for dialect in DIALECTS)} |"
    yield "|---|---|---|---|---|---|"
    notes: list[str] = []
    for probe in probes:
        mark = ""
        if probe.note:
            notes.append(probe.note)
            mark = f" [{len(notes)}]"
        for index, source in enumerate(probe.by):
            fates = (_fate(probe, source, target) for target in DIALECTS)
            yield f"| {probe.title + mark if index == 0 else ''} | {_NAMES[source]} | {' | '.join(fates)} |"
    yield ""
    yield from (f"[{number}] {note}  " for number, note in enumerate(notes, 1))


def _fate(probe: Asked | Said, source: Dialect, target: Dialect) -> str:
    if source == target:
        return "="
    fate = probe.fate(source, target)
    return fate.value if fate in {Fate.NATIVE, Fate.EMULATED} else f"**{fate.value}**"


def _features() -> Iterator[str]:
    """The names that losses have, from the one list of them."""
    source = (ROOT / "rust" / "aiclient-dialects" / "src" / "loss.rs").read_text("utf-8")
    yield "## Features\n"
    yield "The names of what a loss was.\n"
    yield "| | |"
    yield "|---|---|"
    yield from (f"| `{name}` | {meaning} |" for name, meaning in sorted(_FEATURE.findall(source)))


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else PAGE).write_text(page(), "utf-8")
