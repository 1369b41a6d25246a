"""System prompts as the operator wants them, in the bytes of every dialect."""

import json
from typing import Any

import pytest

from aiclient.dialect import Dialect
from aiclient.prompts import PromptRules
from aiclient.prompts.rules import Mode

HI = {"role": "user", "content": "hi"}
MARKED = {"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}
OURS = {"role": "system", "content": "ours"}
USER = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}

# Dialect, rules, what the client says, what becomes of it; both without what stays as it is.
CASES: list[tuple[Dialect, str, dict[str, Any], dict[str, Any]]] = [
    ("anthropic", "append", {}, {"system": "ours"}),
    ("anthropic", "append", {"system": "be kind"}, {"system": "be kind\n\nours"}),
    ("anthropic", "prepend", {"system": "be kind"}, {"system": "ours\n\nbe kind"}),
    ("anthropic", "override", {"system": "be kind"}, {"system": "ours"}),
    ("anthropic", "append", {"system": [MARKED]}, {"system": [MARKED, {"type": "text", "text": "ours"}]}),
    ("anthropic", "prepend", {"system": [MARKED]}, {"system": [{"type": "text", "text": "ours"}, MARKED]}),
    ("anthropic", "override", {"system": [MARKED]}, {"system": [{"type": "text", "text": "ours"}]}),
    ("gemini", "append", {}, {"systemInstruction": {"parts": [{"text": "ours"}]}}),
    (
        "gemini",
        "append",
        {"systemInstruction": {"role": "user", "parts": [{"text": "be kind"}]}},
        {"systemInstruction": {"role": "user", "parts": [{"text": "be kind"}, {"text": "ours"}]}},
    ),
    (
        "gemini",
        "override",
        {"system_instruction": {"parts": [{"text": "be kind"}]}},
        {"system_instruction": {"parts": [{"text": "ours"}]}},
    ),
    ("openai_chat", "append", {"messages": [HI]}, {"messages": [OURS, HI]}),
    (
        "openai_chat",
        "append",
        {"messages": [{"role": "developer", "content": "be kind"}, HI]},
        {"messages": [{"role": "developer", "content": "be kind"}, {"role": "developer", "content": "ours"}, HI]},
    ),
    (
        "openai_chat",
        "prepend",
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "be kind"}]}, HI]},
        {"messages": [OURS, {"role": "system", "content": [{"type": "text", "text": "be kind"}]}, HI]},
    ),
    (
        "openai_chat",
        "override",
        {"messages": [{"role": "system", "content": "be"}, {"role": "system", "content": "kind"}, HI]},
        {"messages": [OURS, HI]},
    ),
    ("openai_responses", "append", {"input": "hi"}, {"input": "hi", "instructions": "ours"}),
    (
        "openai_responses",
        "prepend",
        {"input": [HI], "instructions": "be kind"},
        {"input": [HI], "instructions": "ours\n\nbe kind"},
    ),
    (
        "openai_responses",
        "override",
        {"input": [{"role": "system", "content": "be kind"}, HI], "instructions": "please"},
        {"input": [HI], "instructions": "ours"},
    ),
    (
        "openai_responses",
        "append",
        {"input": [{"type": "message", "role": "developer", "content": "be kind"}, HI]},
        {
            "input": [
                {"type": "message", "role": "developer", "content": "be kind"},
                {"role": "developer", "content": "ours"},
                HI,
            ]
        },
    ),
]


def applied(rules: PromptRules, dialect: Dialect, body: dict[str, Any]) -> dict[str, Any]:
    """A request after the rules; what they have nothing to do with is the same."""
    rest = {"model": "m", "temperature": 0.10, "seed": 123456789012345678901234567890}
    out = rules.applied(dialect, json.dumps(rest | body).encode())
    assert b'"temperature": 0.1' in out or b'"temperature":0.1' in out
    read: dict[str, Any] = json.loads(out)
    for name, value in rest.items():
        assert read.pop(name) == value
    return read


@pytest.mark.parametrize(("dialect", "mode", "said", "becomes"), CASES)
def test_the_text_stands_where_it_belongs(
    dialect: Dialect,
    mode: Mode,
    said: dict[str, Any],
    becomes: dict[str, Any],
) -> None:
    rules = PromptRules(mode, "ours")
    assert applied(rules, dialect, said) == becomes


@pytest.mark.parametrize(
    ("dialect", "said", "becomes"),
    [
        ("anthropic", {"system": "You are A. A!"}, {"system": "You are C. C!"}),
        ("anthropic", {"system": [MARKED | {"text": "A"}]}, {"system": [MARKED | {"text": "C"}]}),
        ("anthropic", {}, {}),
        (
            "gemini",
            {"systemInstruction": {"parts": [{"text": "A"}]}},
            {"systemInstruction": {"parts": [{"text": "C"}]}},
        ),
        (
            "openai_chat",
            {"messages": [{"role": "system", "content": "A"}, {"role": "user", "content": "A"}]},
            {"messages": [{"role": "system", "content": "C"}, {"role": "user", "content": "A"}]},
        ),
        ("openai_responses", {"instructions": "A", "input": "A"}, {"instructions": "C", "input": "A"}),
    ],
)
def test_replacements_follow_each_other_and_leave_users_alone(
    dialect: Dialect, said: dict[str, Any], becomes: dict[str, Any]
) -> None:
    assert applied(PromptRules(replacements=(("A", "B"), ("B", "C"))), dialect, said) == becomes


@pytest.mark.parametrize("dialect", ["anthropic", "gemini", "openai_chat", "openai_responses"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b'{"a":',
        b'{"messages":1,"system":1,"systemInstruction":1,"instructions":1}',
        b'{"messages":[1],"system":[1],"systemInstruction":{"parts":1},"input":[null],"instructions":[]}',
        b'\xff{"messages":[]}',
    ],
)
def test_a_wrong_shape_is_for_whoever_reads_it_next(dialect: Dialect, body: bytes) -> None:
    PromptRules("append", "ours", (("a", "b"),)).applied(dialect, body)
