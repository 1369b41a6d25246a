"""How a configuration names the built-in demo."""

from __future__ import annotations

__all__ = ["DEMO_URL", "is_demo"]

DEMO_URL = "demo:"


def is_demo(url: str) -> bool:
    """Whether a base URL means the built-in demo."""
    return url.rstrip("/") == DEMO_URL
