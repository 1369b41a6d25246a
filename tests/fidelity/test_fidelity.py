"""docs/fidelity.md says what the translator does."""

from __future__ import annotations

import pytest

from aiclient import Dialect
from tests.fidelity.bodies import DIALECTS
from tests.fidelity.page import PAGE, page
from tests.fidelity.probe import Asked, Fate, Said
from tests.fidelity.replies import SAID
from tests.fidelity.requests import ASKED

EVERY_ASKED = [probe for probes in ASKED.values() for probe in probes]
EVERY_SAID = [probe for probes in SAID.values() for probe in probes]
# What may be left out without a word: it labels a request, or is a hint to a cache.
HINTS = {
    "End user",
    "How closely to look at an image",
    "Mark for the prompt cache",
    "Metadata, key of the prompt cache",
    "Name of a speaker",
    "Prediction of the answer",
    "Storing the answer at the vendor",
}


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("probe", EVERY_ASKED, ids=lambda probe: probe.title)
def test_nothing_asked_is_lost_in_silence(probe: Asked) -> None:
    fates = {probe.fate(client, upstream) for client in probe.by for upstream in _others(client)}
    assert Fate.IGNORED not in fates or probe.title in HINTS


@pytest.mark.parametrize("probe", EVERY_SAID, ids=lambda probe: probe.title)
def test_nothing_said_is_lost_in_silence(probe: Said) -> None:
    silent = {(up, client) for up in probe.by for client in _others(up) if probe.fate(up, client) is Fate.IGNORED}
    assert not silent or probe.note


def _others(dialect: Dialect) -> list[Dialect]:
    return [other for other in DIALECTS if other != dialect]
