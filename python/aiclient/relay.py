"""A stream on its way from an upstream to the client: one `feed` and one `send` for all the bytes of one read.

The 200 waits for the first output, so that what fails before it can be tried elsewhere; after it, a failure is an error
event in the client's dialect.

    quiet --bytes come: feed, send--> quiet
      |                    |
      |                    +--the client is slow--> held up --it has taken what was sent--> quiet
      +--the upstream is done, fails, or lingers after a complete answer--> done

Here a stream spends its life: bytes are relayed where they are received, and the task that serves the exchange sleeps
until the client is slow or all is done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from aiclient._native import StreamTranslator
from aiclient.asgi import Answer, Headers
from aiclient.errors import UpstreamError
from aiclient.moderation import Moderation
from aiclient.silence import Silence
from aiclient.stepping import Started, start
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

    __slots__ = (
        "_answer",
        "_data_only",
        "_fault",
        "_first",
        "_gaps",
        "_held_up",
        "_is_done",
        "_last",
        "_lingering",
        "_loop",
        "_moderation",
        "_news",
        "_upstream",
        "_waiting",
        "translator",
    )

    def __init__(
        self,
        upstream: UpstreamResponse,
        translator: StreamTranslator,
        moderation: Moderation | None = None,
        *,
        data_only: bool,
    ) -> None:
        """`data_only`: the client takes no keep-alives, and skips events that it does not know, errors too."""
        self._moderation = moderation
        self._upstream = upstream
        self.translator = translator
        self._data_only = data_only
        self._first = b""
        self._is_done = False
        self._fault: BaseException | None = None
        """What went wrong where nobody could be told."""
        self._held_up: Started | None = None
        """What was sent, and the client has not taken yet."""
        self._waiting: list[bytes] = []
        """What is to be sent after it."""
        self._lingering: asyncio.TimerHandle | None = None
        self._news: asyncio.Future[None] | None = None

    async def begin(self) -> None:
        """Wait for the first event that the client is to get, or for the translator's failure.

        Raises an `UpstreamError` for what else fails before there are any. How long that may take is the caller's
        business.
        """
        translator = self.translator
        while not (self._is_done or (self._first and translator.begun)):
            if chunk := await self._upstream.chunk():
                self._first += translator.feed(chunk)
                self._is_done = translator.failure is not None
            else:
                self._first += translator.finish()
                self._is_done = True

    async def run(self, answer: Answer, head: Headers, gaps: Histogram) -> None:
        """Send what has come, and relay until the upstream is done; what fails is told to the client.

        `gaps` counts the seconds between two reads.
        """
        self._answer, self._gaps = answer, gaps
        self._loop = asyncio.get_running_loop()
        await answer.start(200, head)
        if self._first:
            await answer.chunk(self._first)
            self._first = b""
        if not self._is_done:
            self._last = time.perf_counter()
            with Silence(PING_EVERY, self._ping):
                await self._relay()
        if self._data_only and self.translator.failure is not None:
            await answer.chunk(BROKEN_OFF)
        await answer.end()

    def arrived(self, data: bytes) -> None:
        """Bytes have come from the upstream."""
        if self._is_done:
            return
        now, translator = time.perf_counter(), self.translator
        self._gaps.observe(now - self._last)
        self._last = now
        try:
            self._send(translator.feed(data))
            if not translator.open:
                self._wind_up()
            elif self._moderation is not None:
                self._moderation.passed(now)
        except BaseException as error:  # noqa: BLE001  # whoever brings the bytes has no use for it
            self._fault = error
            self._end()

    def ended(self, error: UpstreamError | None) -> None:
        """No more will come, for a reason or at the end; or the upstream leaves its connection open after it."""
        if self._is_done:
            return
        try:
            self._send(self.translator.finish() if error is None else self.translator.fail(error.message))
        except BaseException as fault:  # noqa: BLE001  # as above
            self._fault = fault
        self._end()

    def _wind_up(self) -> None:
        if self.translator.failure is not None:
            self._end()
        elif self._lingering is None:
            self._lingering = self._loop.call_later(LINGER, self.ended, None)

    async def _relay(self) -> None:
        pushing = self._upstream.pushing
        try:
            if pushing is not None:
                pushing.push_to(self)
            while not self._is_done:
                if self._held_up is None:
                    await (self._pull() if pushing is None else self._sleep())
                await self._let_client_catch_up()
            await self._let_client_catch_up()
            if self._fault is not None:
                raise self._fault
        finally:
            self._is_done = True
            # Its frames hold the relay, which holds it.
            self._fault = None
            if self._lingering is not None:
                self._lingering.cancel()

    def _sleep(self) -> Awaitable[None]:
        self._news = news = self._loop.create_future()
        return news

    async def _pull(self) -> None:
        """Ask an upstream that brings nothing by itself."""
        try:
            async with asyncio.timeout(LINGER if self.translator.complete else None):
                data = await self._upstream.chunk()
        except TimeoutError:
            data = b""
        except UpstreamError as error:
            self.ended(error)
            return
        if data:
            self.arrived(data)
        else:
            self.ended(None)

    def _send(self, data: bytes) -> bool:
        """Send something, or have it wait; whether the client has taken all there was."""
        if self._held_up is not None:
            self._waiting.append(data)
            return False
        started = start(self._answer.chunk(data)) if data else None
        if started is None:
            return True
        self._held_up = started
        if (pushing := self._upstream.pushing) is not None:
            pushing.hold()
        self._wake()
        return False

    async def _let_client_catch_up(self) -> None:
        """Wait until a slow client has taken everything; its upstream waits with it."""
        while (held_up := self._held_up) is not None:
            await held_up
            self._held_up = None
            waiting, self._waiting = self._waiting, []
            # A client that reads slowly is not the upstream's silence.
            self._last = time.perf_counter()
            is_free = self._send(b"".join(waiting))
            if is_free and (pushing := self._upstream.pushing) is not None:
                pushing.go_on()

    def _end(self) -> None:
        self._is_done = True
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _ping(self) -> float:
        """Bridge the silence if it has lasted; for how many seconds it has, after that."""
        # A stream that goes on for long writes down as many gaps.
        self._gaps.settle()
        silence = time.perf_counter() - self._last
        # Event loops round their clocks to milliseconds.
        if silence < PING_EVERY - 0.001 or self._held_up is not None:
            return silence
        if not self._data_only:
            self._send(self.translator.ping())
        return 0.0
