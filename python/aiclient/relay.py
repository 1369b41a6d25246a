"""A stream on its way from an upstream to the client: one `feed` and one `send` for all the bytes of one read.

The 200 waits for the first output, so that what fails before it can be tried elsewhere; after it, a failure is an error
event in the client's dialect.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time

from aiclient._native import StreamTranslator
from aiclient.asgi import Answer, Headers
from aiclient.errors import UpstreamError
from aiclient.silence import Silence
from aiclient.telemetry import Histogram
from aiclient.upstream.client import UpstreamResponse

__all__ = ["StreamRelay"]

# Seconds between keep-alives while the model thinks. Proxies give up on silent connections after 30 to 60.
PING_EVERY = 10.0
# Seconds to wait for the end of a body whose answer is complete, so that its connection can be used again.
LINGER = 1.0
# What no client takes for an event, and a strict one for the end of an answer.
BROKEN_OFF = b"broken off"


class StreamRelay:
    """Carries one stream from an upstream to a client."""

    __slots__ = ("_data_only", "_first", "_has_ended", "_upstream", "translator")

    def __init__(self, upstream: UpstreamResponse, translator: StreamTranslator, *, data_only: bool) -> None:
        """`data_only`: the client takes no keep-alives, and skips events that it does not know, errors too."""
        self._upstream = upstream
        self.translator = translator
        self._data_only = data_only
        self._first = b""
        self._has_ended = False

    async def begin(self) -> None:
        """Wait for the first event that the client is to get, or for the translator's failure.

        Raises an `UpstreamError` for what else fails before there are any. How long that may take is the caller's
        business.
        """
        while not (self._has_ended or (self._first and self.translator.begun)):
            self._first += self._fed(await self._upstream.chunk())

    async def run(self, answer: Answer, head: Headers, between: Histogram) -> None:
        """Send what has come, and relay until the upstream is done; what fails is told to the client.

        `between` counts the seconds between two reads.
        """
        await answer.start(200, head)
        if self._first:
            await answer.chunk(self._first)
            self._first = b""
        last = time.perf_counter()
        ping = functools.partial(_ping, answer, None if self._data_only else self.translator)
        with Silence(PING_EVERY, ping) as silence:
            while not self._has_ended:
                silence.begins()
                # Here a stream spends its life: no more calls than it takes.
                try:
                    data = self._fed(await (self._last() if self.translator.complete else self._upstream.chunk()))
                except UpstreamError as error:
                    self._has_ended = True
                    data = self.translator.fail(error.message)
                silence.ends()
                now = time.perf_counter()
                between.observe(now - last)
                last = now
                if data:
                    await answer.chunk(data)
        if self._data_only and self.translator.failure is not None:
            await answer.chunk(BROKEN_OFF)
        await answer.end()

    def _fed(self, chunk: bytes) -> bytes:
        if not chunk:
            self._has_ended = True
            return self.translator.finish()
        data = self.translator.feed(chunk)
        self._has_ended = self.translator.failure is not None
        return data

    async def _last(self) -> bytes:
        """The next bytes after a complete answer; an upstream that leaves its connection open is not waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                return await self._upstream.chunk()
        return b""


async def _ping(answer: Answer, translator: StreamTranslator | None) -> None:
    if translator is not None and (data := translator.ping()):
        await answer.chunk(data)
