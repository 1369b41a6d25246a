"""A first-order Markov chain of tokens: which token follows which, and what each model of the tests says by it.

The server's grammars bend the chain where a request wants them to (a tool call, an answer that fits a schema): they
forbid tokens, and the likeliest of those left comes next. So every model has an opinion about JSON, too.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["text", "tools", "think"]

END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
THINK, THOUGHT, CALL, CALLED, ANSWER = "<think>", "</think>", "<tool_call>", "</tool_call>", "<|answer|>"
CONTROL = (END_OF_TEXT, TURN_START, TURN_END)
MARKS = (THINK, THOUGHT, CALL, CALLED, ANSWER)

# No piece occurs twice, so each knows its successor. The blossom comes in bytes: the server has to put them together.
SENTENCE = ("Every", " spring", " the", " café", " fills", " with", " 樱花", " ", "\xf0", "\x9f", "\x8c", "\xb8", ".")
SPOKEN = "Every spring the café fills with 樱花 🌸."
DONE = "Done"
PLACE = "Oslo"
JSON_CLOSERS = '"}],:{'

IMPOSSIBLE = 1e-9


def _byte_letters() -> dict[int, str]:
    """The letter that stands for each byte in vocabularies of GPT-2's kind: itself if it prints, else one past 255."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


BYTE_LETTERS = _byte_letters()


def spelled(piece: str) -> str:
    """A piece of text as a token; a single character below 256 that is no text of its own stands for that byte."""
    data = piece.encode("latin-1") if len(piece) == 1 and ord(piece) >= 0x80 else piece.encode()
    return "".join(BYTE_LETTERS[byte] for byte in data)


def vocabulary() -> list[str]:
    """All tokens: each byte, so that everything can be said, and the pieces that a chain speaks in."""
    pieces = dict.fromkeys([*map(spelled, SENTENCE), spelled(DONE), spelled(PLACE)])
    letters = list(BYTE_LETTERS.values())
    return letters + [piece for piece in pieces if piece not in letters] + [*CONTROL, *MARKS]


class Chain:
    """How likely each token is after each other one; tokens are named as they are spelled."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._places = {token: place for place, token in enumerate(tokens)}
        self._weights = np.full((len(tokens), len(tokens)), IMPOSSIBLE)

    def follow_everything(self, token: str) -> None:
        """Let a token come next unless something else was said about the one before it."""
        self._weights[:, self._places[token]] = 1

    def follow(self, token: str, nexts: Mapping[str, float]) -> None:
        """Say what comes after a token, and how likely; nothing else does."""
        row = self._weights[self._places[token]]
        row[:] = IMPOSSIBLE
        for following, weight in nexts.items():
            row[self._places[following]] = weight

    def prefer(self, tokens: str, weight: float) -> None:
        """Raise some tokens above the impossible, everywhere."""
        for token in tokens:
            self._weights[:, self._places[token]] += weight

    def logarithms(self) -> npt.NDArray[np.float64]:
        """The chain as logarithms of probabilities: a row for each token, a column for each that may follow."""
        probabilities = self._weights / self._weights.sum(axis=1, keepdims=True)
        result: npt.NDArray[np.float64] = np.log(probabilities)
        return result


def chain(kind: Kind) -> Chain:
    """The chain of a model.

    `text` says the sentence. `tools` calls a tool if the request has any, and says the sentence once a result is there.
    `think` thinks the sentence and says that it is done. All of them call a tool if the server insists on it.
    """
    result = Chain(vocabulary())
    words = [spelled(piece) for piece in SENTENCE]
    first, last, newline, quote = words[0], words[-1], spelled("\n"), '"'
    result.follow_everything(first)
    for word, following in itertools.pairwise(words):
        result.follow(word, {following: 1})
    # A forbidden end leaves the call as the next best.
    result.follow(last, {TURN_END: 3, CALL: 2})
    result.follow(DONE, {TURN_END: 3, CALL: 2})
    # A string that nothing constrains is the name of a place.
    result.follow(quote, {PLACE: 1, first: 0.1})
    result.follow(PLACE, {quote: 1})
    result.follow(CALL, {newline: 1})
    result.follow("}", {CALLED: 3, "}": 2, TURN_END: 1})
    result.follow(CALLED, {TURN_END: 1})
    if kind == "tools":
        # A prompt ends with a newline, or with the mark that the template sets where there is nothing to call.
        result.follow(newline, {CALL: 3, first: 1})
    elif kind == "think":
        result.follow(newline, {THINK: 3, first: 1})
        result.follow(ANSWER, {THINK: 3, first: 1})
        result.follow(THINK, {first: 1})
        result.follow(last, {THOUGHT: 3, TURN_END: 1})
        result.follow(THOUGHT, {DONE: 3, CALL: 2})
    # What closes JSON is likelier than any letter, or a grammar would go on for ever.
    result.prefer(JSON_CLOSERS, 2e-3)
    return result
