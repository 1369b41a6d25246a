"""Anthropic Messages, as a backend. Reference: docs.claude.com/en/api/messages."""

from tests.backends.anthropic.replies import write_break, write_error, write_stream, write_whole
from tests.backends.anthropic.requests import read
from tests.backends.exchange import Arrival
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.wire import Wire


def error_status(arrival: Arrival) -> int | None:
    """401 without the right key, which older clients send in a header of its own."""
    shown = (arrival.headers.get("authorization"), arrival.headers.get("x-api-key"))
    return None if shown in {(f"Bearer {UPSTREAM_KEY}", None), (None, UPSTREAM_KEY)} else 401


WIRE = Wire(
    dialect="anthropic",
    route="/v1/messages",
    read=read,
    write_whole=write_whole,
    write_stream=write_stream,
    write_break=write_break,
    write_error=write_error,
    error_status=error_status,
)
