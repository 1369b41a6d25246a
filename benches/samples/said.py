"""What every sample says, whatever the dialect."""

from itertools import cycle, islice, product
from typing import Literal

Dialect = Literal["openai_chat", "openai_responses", "anthropic", "gemini"]
DIALECTS: tuple[Dialect, ...] = ("openai_chat", "openai_responses", "anthropic", "gemini")
# A client's dialect, an upstream's.
PAIRS: tuple[tuple[Dialect, Dialect], ...] = tuple(product(DIALECTS, DIALECTS))

MODEL = "m"
CREATED = 1_700_000_000
INPUT_TOKENS, OUTPUT_TOKENS = 40, 20

SYSTEM = "You are a travel guide. Answer in the language of the question."
QUESTION = "Which three cities would you visit in spring, and why? 春天去哪里？\n" * 4
ANSWER = 'Kyoto, for the cherry trees; Granada, "before the heat"; Suzhou, 因为园林。\n' * 4
WORDS = ("Kyoto,", " for", " the", " cherry trees;", " Granada,", ' "before', " the", ' heat";', " Suzhou,", " 园林")

TOOL = {"name": "weather", "description": "The weather of a place, today"}
PLACE = {"type": "string", "description": "A city and its country"}
PARAMETERS = {"type": "object", "properties": {"place": PLACE}, "required": ["place"]}
MAX_TOKENS = 1000


def turns(count: int) -> list[tuple[Literal["user", "assistant"], str]]:
    """A conversation of so many turns; the last one is the user's."""
    said = [("assistant", ANSWER) if back % 2 else ("user", QUESTION) for back in reversed(range(count))]
    return [("user" if role == "user" else "assistant", text) for role, text in said]


def words(count: int) -> list[str]:
    """The deltas of an answer."""
    return list(islice(cycle(WORDS), count))
