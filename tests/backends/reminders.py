"""What the system says in the middle of a conversation, to vendors that have no turn for it."""

import re

from tests.backends.exchange import Question

_REMINDER = re.compile(r"<system-reminder>(.*?)</system-reminder>", re.DOTALL)


def hear(text: str, question: Question) -> str:
    """The user's part of a text; the system's goes to the question."""
    question.late_system += _REMINDER.findall(text)
    return _REMINDER.sub("", text)
