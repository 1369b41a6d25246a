"""When another target is worth a try.

Only before the first byte has left for the client, and only for what the next target may do better.
"""

from __future__ import annotations

from aiclient.errors import UpstreamConnectError, UpstreamError

__all__ = ["is_worth_another_target"]


def is_worth_another_target(error: UpstreamError) -> bool:
    """Whether the request has certainly not been worked on, so that sending it elsewhere cannot bill it twice."""
    return isinstance(error, UpstreamConnectError)
