"""The parameters of the benchmarks, and the translator that they share."""

import pytest

from aiclient import Translator
from benches.native.rivals import LIBRARIES
from benches.samples import DIALECTS, PAIRS, Dialect

# Bytes of a request and of a reply.
SIZES = {"1 KB": 1_000, "65 KB": 65_000}
# Deltas in a stream, and in each chunk of it.
STREAM_EVENTS = 200
EVENTS_A_CHUNK = (1, 16)

pairs = pytest.mark.parametrize(
    ("client", "upstream"), PAIRS, ids=[f"{client}>{upstream}" for client, upstream in PAIRS]
)
sizes = pytest.mark.parametrize("size", SIZES)
dialects = pytest.mark.parametrize("dialect", DIALECTS)
libraries = pytest.mark.parametrize("library", LIBRARIES, ids=[library.name for library in LIBRARIES])
chunkings = pytest.mark.parametrize("events", EVENTS_A_CHUNK)


def translator(client: Dialect, upstream: Dialect) -> Translator:
    return Translator(client=client, upstream=upstream, exchange_id="bench", created=1_700_000_000)
