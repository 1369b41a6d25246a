"""What the mock upstream does with a request, told by a query string to `CONTROL_PATH`."""

from dataclasses import asdict, dataclass, fields
from urllib.parse import parse_qs, urlencode

CONTROL_PATH = b"/_behave"


@dataclass(frozen=True)
class Behaviour:
    """How answers look."""

    # Bytes of a whole answer, about.
    reply_bytes: int = 1_000
    # Deltas of a stream, each in a write of its own.
    events: int = 200
    # Between two of them; 0: none.
    gap_ms: int = 0
    # Whether a stream says nothing after its first delta.
    idle: int = 0

    def query(self) -> str:
        """As the mock takes it."""
        return urlencode(asdict(self))

    @classmethod
    def parse(cls, query: bytes) -> "Behaviour":
        given = parse_qs(query.decode())
        return cls(**{field.name: int(given[field.name][0]) for field in fields(cls) if field.name in given})
