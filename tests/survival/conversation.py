"""What is said in a conversation and in an answer, in no dialect's words, and how to make up any of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

__all__ = ["Answer", "Call", "Piece", "Result", "Round", "Text", "Thought", "answers", "conversations", "merged"]


@dataclass(frozen=True)
class Text:
    """Text."""

    text: str


@dataclass(frozen=True)
class Thought:
    """Thoughts, without a seal."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of a tool. `id` is only how its result finds it."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What a tool gave back."""

    text: str
    is_error: bool


@dataclass(frozen=True)
class Round:
    """What a user asks, what the model says to that, and the results of its calls, in the order of the calls."""

    asked: str
    said: tuple[Text | Call, ...]
    results: tuple[Result, ...]

    @property
    def calls(self) -> list[Call]:
        """The calls in it."""
        return [piece for piece in self.said if isinstance(piece, Call)]


Piece = Text | Thought | Call


@dataclass(frozen=True)
class Answer:
    """A reply of a model."""

    pieces: tuple[Piece, ...]
    is_cut: bool
    """Whether it ended at the limit on its length."""
    input_tokens: int
    output_tokens: int

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """Names and arguments of the calls in it."""
        return [(piece.name, piece.arguments) for piece in self.pieces if isinstance(piece, Call)]

    def joined(self, kind: type[Text | Thought]) -> str:
        """All texts or thoughts, joined."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, kind))


def merged(pieces: Iterable[Piece]) -> list[Piece]:
    """The same with neighbours of one kind as one, and calls without ids: as far as every dialect keeps it apart."""
    out: list[Piece] = []
    for kind, group in itertools.groupby(pieces, type):
        if kind is Call:
            out += [replace(call, id="") for call in group if isinstance(call, Call)]
        else:
            text = "".join(piece.text for piece in group if isinstance(piece, (Text, Thought)))
            out.append(Text(text) if kind is Text else Thought(text))
    return out


# Any characters but lone surrogates, which are no text; Anthropic refuses blocks of nothing but white space.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(lambda text: text.strip())
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_ARGUMENTS = st.dictionaries(_TEXTS, _VALUES, max_size=3)
_IDS = st.text("abcXYZ019_-.:", min_size=1, max_size=70)
# Some that not every vendor allows.
_NAMES = st.sampled_from(["get_weather", "now", "mcp__files__read-all", "a.b:c", "f" * 100, "für", "1st"])


def _calls(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Call]:
    return st.builds(Call, ids, _NAMES, _ARGUMENTS)


@st.composite
def _rounds(draw: st.DrawFn) -> Round:
    pieces: st.SearchStrategy[Text | Call] = st.one_of(st.builds(Text, _TEXTS), _calls(_IDS))
    by_id = lambda piece: piece.id if isinstance(piece, Call) else object()  # noqa: E731
    said = draw(st.lists(pieces, min_size=1, max_size=6, unique_by=by_id))
    results = [draw(st.builds(Result, _TEXTS, st.booleans())) for piece in said if isinstance(piece, Call)]
    return Round(draw(_TEXTS), tuple(said), tuple(results))


def conversations() -> st.SearchStrategy[list[Round]]:
    """Some rounds; ids are distinct within a round, as vendors count them, and may come again in the next."""
    return st.lists(_rounds(), min_size=1, max_size=3)


def answers() -> st.SearchStrategy[Answer]:
    """Any answer that says something."""
    pieces: st.SearchStrategy[Piece] = st.one_of(st.builds(Text, _TEXTS), st.builds(Thought, _TEXTS), _calls(_IDS))
    by_id = lambda piece: piece.id if isinstance(piece, Call) else object()  # noqa: E731
    some = st.lists(pieces, min_size=1, max_size=6, unique_by=by_id).map(tuple)
    return st.builds(Answer, some, st.booleans(), st.integers(1, 10**6), st.integers(0, 10**6))


def as_json(value: object) -> str:
    """JSON as compact as vendors write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
