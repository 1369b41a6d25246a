"""A name for each exchange, in logs, headers and ids of replies."""

from __future__ import annotations

import random
import re

from aiclient.asgi import Request

__all__ = ["request_id"]

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(request: Request) -> str:
    """The client's `x-request-id` if it can stand in ids and logs, else a new one of 128 random bits."""
    given = request.header(b"x-request-id")
    if given is not None and _SANE.fullmatch(given):
        return given
    # A name and no secret: the system's random bits would cost a call of the system for each.
    return f"{random.getrandbits(128):032x}"
