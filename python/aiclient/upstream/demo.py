"""The built-in demo: an upstream that speaks Chat Completions, inside this process, without a model.

It lets the first command work on any machine without an account, and shows every feature of an answer: text, a tool
call when tools are given, structured output, limits, token counts, paced streaming. It says of itself that it is no
model.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from aiclient.upstream.client import Limits, UpstreamResponse
from aiclient.upstream.demo_model import answer_request

__all__ = ["DEMO_URL", "DemoUpstream", "is_demo"]

DEMO_URL = "demo:"

# Seconds between two words, as a quick model writes.
PACE = 0.02


def is_demo(url: str) -> bool:
    """Whether a base URL means the built-in demo."""
    return url.rstrip("/") == DEMO_URL


class DemoResponse:
    """An answer that is ready; its chunks come paced."""

    __slots__ = ("_chunks", "headers", "status")

    def __init__(self, status: int, content_type: str, chunks: Sequence[bytes]) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {"content-type": content_type}
        self._chunks = _paced(chunks)

    async def chunk(self) -> bytes:
        """The next chunk; empty at the end."""
        return await anext(self._chunks, b"")

    async def read(self, limit: int) -> bytes:
        """The rest; never as long as any limit."""
        return b"".join([chunk async for chunk in self._chunks])[:limit]

    def close(self) -> None:
        """Nothing is open."""


class DemoUpstream:
    """Answers every request itself."""

    async def open(  # noqa: PLR6301  # the interface's form
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, limits: Limits
    ) -> UpstreamResponse:
        """Answer a Chat Completions request."""
        del method, url, headers, limits
        status, content_type, chunks = answer_request(body)
        return DemoResponse(status, content_type, chunks)

    async def close(self) -> None:
        """Nothing is open."""


async def _paced(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for index, chunk in enumerate(chunks):
        if index > 1:
            await asyncio.sleep(PACE)
        yield chunk
