"""What the benchmarks send: a request, a reply and a stream in each dialect, built rather than recorded.

Every dialect's sample says the same, so that the figures of two pairs can be compared.
"""

from benches.samples.replies import reply
from benches.samples.requests import request
from benches.samples.said import DIALECTS, MODEL, PAIRS, Dialect
from benches.samples.streams import Stream, stream

__all__ = ["DIALECTS", "MODEL", "PAIRS", "Dialect", "Stream", "reply", "request", "stream"]
