"""What becomes of one thing that a client can ask, and that an upstream can say, on its way to the other side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aiclient import Dialect, Translator
from aiclient.errors import AIClientError, UnsupportedError
from tests.fidelity.bodies import MODELS, asking

__all__ = ["Asked", "Fate", "Said"]


class Fate(Enum):
    """What became of it."""

    NATIVE = "carried"
    """The other dialect has it."""
    EMULATED = "emulated"
    """The other dialect says it in other words."""
    WEAKENED = "weakened"
    """Part of it arrives; what does not is reported."""
    DROPPED = "dropped"
    """It does not arrive, and that is reported."""
    IGNORED = "left out"
    """It does not arrive: a hint that cannot change the answer."""
    REFUSED = "refused"
    """The request is refused by name, before any upstream is asked."""


@dataclass(frozen=True)
class Asked:
    """Something a client can ask for."""

    title: str
    by: Mapping[Dialect, Mapping[str, Any]]
    """How it is asked, in the dialects that can."""
    native: Mapping[Dialect, str] = field(default_factory=dict)
    """JSON that stands in the upstream's body if its dialect has it."""
    emulated: Mapping[Dialect, str] = field(default_factory=dict)
    """JSON that stands there if it is said in other words."""
    models: Mapping[Dialect, str] = field(default_factory=dict)
    """Upstream models other than the usual ones."""
    note: str = ""

    def fate(self, client: Dialect, upstream: Dialect) -> Fate:
        """What becomes of it from this client to this upstream."""
        translator = Translator(client=client, upstream=upstream, exchange_id="probe", created=1)
        body = json.dumps(asking(client, self.by[client])).encode()
        model = self.models.get(upstream, MODELS[upstream])
        try:
            sent = json.loads(translator.request(body, model=model, stream=False))
        except UnsupportedError:
            return Fate.REFUSED
        return _fate(
            compact(sent), self.native.get(upstream), self.emulated.get(upstream), lost=bool(translator.losses)
        )


@dataclass(frozen=True)
class Said:
    """Something an upstream can say in its reply."""

    title: str
    by: Mapping[Dialect, Mapping[str, Any]]
    native: Mapping[Dialect, str] = field(default_factory=dict)
    emulated: Mapping[Dialect, str] = field(default_factory=dict)
    asked: Mapping[Dialect, Mapping[str, Any]] = field(default_factory=dict)
    """What the client must have asked for."""
    note: str = ""

    def fate(self, upstream: Dialect, client: Dialect) -> Fate:
        """What becomes of it from this upstream to this client."""
        translator = Translator(client=client, upstream=upstream, exchange_id="probe", created=1)
        asked = json.dumps(asking(client, self.asked.get(client, {}))).encode()
        translator.request(asked, model=MODELS[upstream], stream=False)
        before = len(translator.losses)
        try:
            told = json.loads(translator.response(json.dumps(self.by[upstream]).encode()))
        except AIClientError:
            return Fate.REFUSED
        lost = len(translator.losses) > before
        return _fate(compact(told), self.native.get(client), self.emulated.get(client), lost=lost)


def compact(value: object) -> str:
    """JSON without blanks, and with every character as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _fate(made: str, native: str | None, emulated: str | None, *, lost: bool) -> Fate:
    if native is not None and native in made:
        return Fate.WEAKENED if lost else Fate.NATIVE
    if emulated is not None and emulated in made:
        return Fate.WEAKENED if lost else Fate.EMULATED
    return Fate.DROPPED if lost else Fate.IGNORED
