"""OpenAI Responses, as a backend. Reference: platform.openai.com/docs/api-reference/responses."""

from tests.backends.exchange import Arrival
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.openai_responses.replies import write_break, write_error, write_stream, write_whole
from tests.backends.openai_responses.requests import read
from tests.backends.wire import Wire


def error_status(arrival: Arrival) -> int | None:
    """401 without the right key."""
    return None if arrival.headers.get("authorization") == f"Bearer {UPSTREAM_KEY}" else 401


WIRE = Wire(
    dialect="openai_responses",
    route="/v1/responses",
    read=read,
    write_whole=write_whole,
    write_stream=write_stream,
    write_break=write_break,
    write_error=write_error,
    error_status=error_status,
)
