"""Which conversation a request belongs to, as far as its headers tell."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

__all__ = ["session_of"]

# What agent programs call their session: Claude Code, Codex (two spellings), opencode (two), and what others imitate.
_SESSION_HEADERS = (
    b"x-claude-code-session-id",
    b"session-id",
    b"session_id",
    b"x-session-id",
    b"x-session-affinity",
    b"conversation_id",
    b"thread-id",
)


def session_of(headers: Mapping[bytes, bytes]) -> int | None:
    """A number for the session that a header names; names in lower case."""
    for name in _SESSION_HEADERS:
        if value := headers.get(name):
            return zlib.crc32(value)
    return None
