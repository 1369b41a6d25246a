"""Calls, their results (some of them errors) and texts in any order survive every edge of a request."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from aiclient import Dialect, Translator
from tests.fidelity.bodies import DIALECTS, MODELS
from tests.survival.asked import WRITERS, Seen, read
from tests.survival.conversation import Round, Text, as_json, conversations

# Where both sides speak the same dialect, the bytes go through.
OTHER = [(client, upstream) for client in DIALECTS for upstream in DIALECTS if client != upstream]
MARKED: frozenset[Dialect] = frozenset({"anthropic", "gemini"})
"""Dialects of clients that say of a result that it is an error."""


def _expected(client: Dialect, rounds: list[Round]) -> Seen:
    seen = Seen(asked="".join(each.asked for each in rounds) + "?")
    for each in rounds:
        seen.said += "".join(piece.text for piece in each.said if isinstance(piece, Text))
        for call, result in zip(each.calls, each.results, strict=True):
            seen.results.append((len(seen.calls), result.text, result.is_error and client in MARKED))
            seen.calls.append((call.name, call.arguments))
    return seen


def _plain(text: str) -> str:
    """A text that is a JSON object goes to Gemini as that object: how it is written does not matter then."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return as_json(value) if isinstance(value, dict) else text


def _settled(seen: Seen) -> Seen:
    return replace(seen, results=sorted((call, _plain(text), is_error) for call, text, is_error in seen.results))


@given(pair=st.sampled_from(OTHER), rounds=conversations(), data=st.data())
def test_a_conversation_arrives(pair: tuple[Dialect, Dialect], rounds: list[Round], data: st.DataObject) -> None:
    client, upstream = pair
    body = data.draw(st.sampled_from(WRITERS[client]))(rounds)
    translator = Translator(client=client, upstream=upstream, exchange_id="x", created=1)
    sent = json.loads(translator.request(json.dumps(body).encode(), model=MODELS[upstream], stream=False))
    seen, expected = read(upstream, sent), _expected(client, rounds)
    names = {was: now for (was, _), (now, _) in zip(expected.calls, seen.calls, strict=True)}
    assert len(set(names.values())) == len(names), "two tools by one name"
    renamed = [(names[name], arguments) for name, arguments in expected.calls]
    assert _settled(seen) == _settled(replace(expected, calls=renamed))
