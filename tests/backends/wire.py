"""What a backend has to know of a vendor's wire."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.backends.exchange import Answer, Arrival, Json, Question


@dataclass(frozen=True)
class Wire:
    """A vendor's wire: where requests arrive, how they are read, how answers are written."""

    dialect: str
    route: str
    """Path of the endpoint, as a pattern of aiohttp's."""
    read: Callable[[Arrival], Question]
    """Raises `Invalid` for what the vendor would refuse."""
    write_whole: Callable[[Question, Answer], Json]
    write_stream: Callable[[Question, Answer], Sequence[bytes]]
    """One element for each write to the network."""
    write_break: Callable[[Question, Answer, int], Sequence[bytes]]
    """What follows in a stream when the vendor gives up after so many elements."""
    write_error: Callable[[int, str, int | None], Json]
    """From status, message and seconds to wait."""
    error_status: Callable[[Arrival], int | None]
    """The status for a request without the right key; None if it has it."""


def pieces(text: str, length: int = 7) -> list[str]:
    """A text as it comes out of a model: bit by bit, words and even joined emoji cut anywhere."""
    return [text[start : start + length] for start in range(0, len(text), length)]
