"""OpenAI Chat Completions, as a backend. Reference: platform.openai.com/docs/api-reference/chat."""

from tests.backends.exchange import Arrival
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.openai_chat.replies import write_break, write_error, write_stream, write_whole
from tests.backends.openai_chat.requests import read
from tests.backends.wire import Wire


def error_status(arrival: Arrival) -> int | None:
    """401 without the right key."""
    return None if arrival.headers.get("authorization") == f"Bearer {UPSTREAM_KEY}" else 401


WIRE = Wire(
    dialect="openai_chat",
    route="/v1/chat/completions",
    read=read,
    write_whole=write_whole,
    write_stream=write_stream,
    write_break=write_break,
    write_error=write_error,
    error_status=error_status,
)
