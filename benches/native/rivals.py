"""What the native module is measured beside: reading and writing the same JSON, and one pair in plain Python."""

import json
from dataclasses import dataclass
from typing import Any

import orjson

from benches.native.plain_python import Dumps, Loads


@dataclass(frozen=True)
class Library:
    """A JSON library, bytes in and out."""

    name: str
    loads: Loads
    dumps: Dumps

    def read_and_write(self, body: bytes) -> bytes:
        """The floor: no translation in Python that reads and writes JSON costs less."""
        return self.dumps(self.loads(body))


def _compact(value: Any) -> bytes:  # noqa: ANN401  # what JSON has
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


LIBRARIES = (Library("orjson", orjson.loads, orjson.dumps), Library("json", json.loads, _compact))
