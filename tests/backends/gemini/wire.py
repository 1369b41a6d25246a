"""Gemini's generateContent, as a backend. Reference: ai.google.dev/api/generate-content."""

from tests.backends.exchange import Arrival
from tests.backends.gemini.replies import write_break, write_error, write_stream, write_whole
from tests.backends.gemini.requests import read
from tests.backends.keys import UPSTREAM_KEY
from tests.backends.wire import Wire


def error_status(arrival: Arrival) -> int | None:
    """400, not 401, without the right key."""
    return None if arrival.headers.get("x-goog-api-key") == UPSTREAM_KEY else 400


WIRE = Wire(
    dialect="gemini",
    route=r"/{version:v1beta|v1}/models/{call:.+}",
    read=read,
    write_whole=write_whole,
    write_stream=write_stream,
    write_break=write_break,
    write_error=write_error,
    error_status=error_status,
)
