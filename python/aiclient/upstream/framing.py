"""Headers that frame a message: they are the transport's business, and nobody else may set them (RFC 9112, 6)."""

from __future__ import annotations

__all__ = ["FRAMING"]

FRAMING = frozenset({"content-length", "transfer-encoding"})
