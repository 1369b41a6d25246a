"""Calls, thoughts and texts of an answer, in any order and however a stream is cut, survive every edge of a reply."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiclient import Dialect, Translator
from tests.fidelity.bodies import DIALECTS, MODELS, asking
from tests.survival.conversation import Answer, Text, Thought, answers, merged
from tests.survival.heard import read_stream, read_whole
from tests.survival.said import STREAMS, WHOLE

_SHOWN: dict[Dialect, dict[str, Any]] = {
    "openai_chat": {"stream_options": {"include_usage": True}},
    "openai_responses": {"reasoning": {"summary": "auto"}},
    "anthropic": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "gemini": {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}},
}
_dialects = st.sampled_from(DIALECTS)


def _translator(client: Dialect, upstream: Dialect, *, stream: bool) -> Translator:
    translator = Translator(client=client, upstream=upstream, exchange_id="x", created=1)
    translator.request(json.dumps(asking(client, _SHOWN[client])).encode(), model=MODELS[upstream], stream=stream)
    return translator


def _check(answer: Answer, heard: Answer, *, ordered: bool) -> None:
    assert heard.calls == answer.calls
    assert heard.joined(Text) == answer.joined(Text)
    assert heard.joined(Thought) == answer.joined(Thought)
    assert heard.is_cut == answer.is_cut
    assert (heard.input_tokens, heard.output_tokens) == (answer.input_tokens, answer.output_tokens)
    if ordered:
        assert merged(heard.pieces) == merged(answer.pieces)


@given(client=_dialects, upstream=_dialects, answer=answers())
def test_a_reply_arrives(client: Dialect, upstream: Dialect, answer: Answer) -> None:
    out = _translator(client, upstream, stream=False).response(json.dumps(WHOLE[upstream](answer)).encode())
    # Chat knows no order among thoughts, texts and calls.
    _check(answer, read_whole(client, out), ordered="openai_chat" not in {client, upstream})


@pytest.mark.parametrize("upstream", DIALECTS)
@given(client=_dialects, answer=answers(), dice=st.randoms(use_true_random=False))
def test_a_stream_arrives(client: Dialect, upstream: Dialect, answer: Answer, dice: random.Random) -> None:
    data = STREAMS[upstream](answer, dice)
    stream = _translator(client, upstream, stream=True).stream()
    out = b""
    while data:
        length = dice.randint(1, 400)
        out += stream.feed(data[:length])
        data = data[length:]
    out += stream.finish()
    assert stream.complete
    _check(answer, read_stream(client, out), ordered="openai_chat" not in {client, upstream})
