"""An upstream's answer on its way to the client.

A stream: one `feed` and one `send` for all the bytes of one read. The 200 waits for the first output, so that what
fails before it is a real status; after it, a failure is an error event in the client's dialect.
"""

from __future__ import annotations

import asyncio
import contextlib

from aiclient._native import StreamTranslator
from aiclient.asgi import Answer, Headers
from aiclient.errors import UpstreamError, UpstreamProtocolError, UpstreamStatusError
from aiclient.silence import Silence
from aiclient.upstream.client import UpstreamResponse

__all__ = ["StreamRelay", "read_whole"]

# Seconds between keep-alives while the model thinks. Proxies give up on silent connections after 30 to 60.
PING_EVERY = 10.0
# Seconds to wait for the end of a body whose answer is complete, so that its connection can be used again.
LINGER = 1.0
# What no client takes for an event, and a strict one for the end of an answer.
BROKEN_OFF = b"broken off"


async def read_whole(upstream: UpstreamResponse, limit: int, idle: float) -> bytes:
    """A whole answer of at most `limit` bytes, with at most `idle` seconds between two reads."""
    chunks: list[bytes] = []
    size = 0
    with Silence(idle) as silence:
        while chunk := await silence.wait(upstream.chunk()):
            size += len(chunk)
            if size > limit:
                raise UpstreamProtocolError(f"the upstream's answer is longer than {limit} bytes")
            chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class StreamRelay:
    """Carries one stream from an upstream to a client."""

    __slots__ = ("_answer", "_data_only", "_head", "_idle", "_started", "_translator", "_upstream")

    def __init__(
        self,
        upstream: UpstreamResponse,
        translator: StreamTranslator,
        answer: Answer,
        head: Headers,
        *,
        idle: float,
        data_only: bool,
    ) -> None:
        """`data_only`: the client takes no keep-alives, and skips events that it does not know, errors too."""
        self._upstream = upstream
        self._translator = translator
        self._answer = answer
        self._head = head
        self._idle = idle
        self._data_only = data_only
        self._started = False

    async def run(self) -> None:
        """Relay until the upstream is done.

        Raises an `UpstreamError` for what fails while nothing has been sent; later failures are told to the client.
        """
        with Silence(self._idle, ping_every=PING_EVERY, ping=None if self._data_only else self._ping) as silence:
            try:
                while chunk := await silence.wait(self._next()):
                    await self._send(self._translator.feed(chunk))
                    if self._translator.failure is not None:
                        break
            except UpstreamError as error:
                if not self._started:
                    raise
                await self._send(self._translator.fail(error.message))
            else:
                await self._send(self._translator.finish())
        if not self._started:
            # Complete without a byte to say: the head has still to go out.
            await self._start()
        if self._data_only and self._translator.failure is not None:
            await self._answer.chunk(BROKEN_OFF)
        await self._answer.end()

    async def _next(self) -> bytes:
        """The next bytes. An upstream that leaves its connection open after its answer is not waited for."""
        if not self._translator.complete:
            return await self._upstream.chunk()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                return await self._upstream.chunk()
        return b""

    async def _send(self, data: bytes) -> None:
        if not self._started and (data or self._translator.failure is not None):
            await self._start()
        if data:
            await self._answer.chunk(data)

    async def _start(self) -> None:
        failure = self._translator.failure
        if failure is not None:
            raise UpstreamStatusError(failure.message, status=failure.status)
        self._started = True
        await self._answer.start(200, self._head)

    async def _ping(self) -> None:
        # Before the head there is nothing to keep alive.
        if self._started and (data := self._translator.ping()):
            await self._answer.chunk(data)
