"""Traits of models that the user knows better than the gateway."""

from __future__ import annotations

import json

import pytest

from aiclient import ModelTable, Translator


def translated(rows: str, model: str) -> dict[str, object]:
    translator = Translator(
        client="openai_chat", upstream="anthropic", exchange_id="x", created=1, models=ModelTable(rows)
    )
    body = {"model": "m", "messages": [{"role": "user", "content": "Q"}], "temperature": 0.5}
    made: dict[str, object] = json.loads(translator.request(json.dumps(body).encode(), model=model, stream=False))
    return made


def test_a_users_line_counts_before_the_built_in_ones() -> None:
    assert "temperature" not in translated("[]", "claude-opus-4-8")
    assert translated('[{"match":"claude-opus-*","sampling":true}]', "claude-opus-4-8")["temperature"] == 0.5


def test_a_line_starts_from_a_model_that_is_known() -> None:
    made = translated('[{"match":"ours","like":"claude-3-5-haiku","sampling":false}]', "ours")
    assert made["max_tokens"] == 8_192
    assert "temperature" not in made


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ("{}", ""),
        ('[{"like":"x"}]', "/0/match"),
        ('[{"match":"x","samplng":true}]', "/0/samplng"),
        ('[{"match":"x","thinking":"some"}]', "/0/thinking"),
        ('[{"match":"x","output_limit":"many"}]', "/0/output_limit"),
    ],
)
def test_what_is_wrong_is_named(rows: str, pointer: str) -> None:
    with pytest.raises(ValueError, match=f"^{pointer}: expected "):
        ModelTable(rows)
