"""One connection: an asyncio protocol that sends a request and brings its answer, again and again.

    idle --exchange()--> busy --answer complete, may be used again--> idle
      |                    |
      +--------------------+--closed by either side, a fault, a deadline--> closed

Here the work is done for every read: one call of the parser, one wake-up of whoever waits.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from aiclient._native import ResponseReader
from aiclient.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeoutError
from aiclient.upstream.client import Limits
from aiclient.upstream.http.deadline import Deadline
from aiclient.upstream.http.failures import ConnectionDiedError, reason
from aiclient.upstream.http.response import HttpResponse

__all__ = ["Connection"]

# The states of a reader that matter.
BODY = 1
COMPLETE = 2
FAULTY = 3
# Bytes that may wait for a slow reader before the upstream is made to wait.
READ_AHEAD = 256 << 10
# A larger body goes out beside its head, and is not copied behind it: 64 KB take 2 us.
SMALL = 16 << 10
# A larger body is sent in slices of so many bytes: TLS would make a second copy of the whole.
SLICE = 256 << 10

NO_ANSWER = "no answer from the upstream within {:g} s"

_NOTHING = memoryview(b"")


class Owner(Protocol):
    """Who keeps connections."""

    def released(self, connection: Connection, keep_alive: str | None) -> None:
        """The connection is idle, and may be used again; what the server said of how long it keeps it."""

    def lost(self, connection: Connection) -> None:
        """The connection is closed."""


class _Unconnected(asyncio.Transport):
    """Stands for the transport until there is one."""

    def abort(self) -> None:
        """There is nothing to close."""


class Connection(asyncio.Protocol):
    """A connection to an upstream, whatever lies between."""

    __slots__ = (
        "_ahead",
        "_deadline",
        "_heard",
        "_is_reading",
        "_loop",
        "_may_write",
        "_owner",
        "_reader",
        "_response",
        "_timeout",
        "_total",
        "_transport",
        "_unsent",
        "closed",
        "expires",
        "has_served",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, owner: Owner) -> None:
        self._loop = loop
        self._owner = owner
        self._reader = ResponseReader()
        self._deadline = Deadline(loop, self._too_late)
        self._timeout = (0.0, "")
        self._heard = 0.0
        """When bytes of a stream came last, by the loop's clock."""
        self._total: float | None = None
        self._transport: asyncio.Transport = _Unconnected()
        self._response: HttpResponse | None = None
        self._unsent = _NOTHING
        self._may_write = True
        self._is_reading = True
        self._ahead = 0
        self.closed = False
        self.has_served = False
        """Whether it has brought an answer before."""
        self.expires = 0.0
        """When it is too old to be used again, by the loop's clock; the owner's note."""

    def exchange(self, head: bytes, body: bytes, limits: Limits) -> HttpResponse:
        """Send a request; its answer, which has not begun yet.

        It is told `ConnectionDiedError`, `UpstreamProtocolError` and `UpstreamTimeoutError`.
        """
        self._reader.next()
        self._response = response = HttpResponse(self._loop, self, limits.idle)
        head = b"%b%d\r\n\r\n" % (head, len(body))
        if len(body) <= SMALL:
            self._transport.write(head + body)
        elif len(body) <= SLICE:
            self._transport.writelines((head, body))
        else:
            self._send_long(head, body)
        if limits.total is not None:
            self._total = limits.total
            self._deadline.limit(limits.total)
        self._timeout = (limits.first_byte, NO_ANSWER)
        self._deadline.set(limits.first_byte)
        return response

    def abort(self) -> None:
        """Close at once."""
        self._detach()
        self.closed = True
        self._transport.abort()

    def close(self) -> None:
        """Close an idle connection, with a word of parting if it is encrypted."""
        self.closed = True
        self._transport.close()

    def awaited(self, seconds: float, message: str) -> None:
        """Somebody waits for the next bytes, and not for longer than this."""
        self._timeout = (seconds, message)
        self._heard = self._loop.time()
        self._deadline.set(seconds)

    def hold(self) -> None:
        """Nobody takes more for a while: the upstream's time does not run."""
        self._deadline.lift()
        if self._is_reading and not self.closed:
            self._is_reading = False
            self._transport.pause_reading()

    def taken(self) -> None:
        """What had come has been read: there is room for more."""
        self._ahead = 0
        if not self._is_reading:
            self._is_reading = True
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: parse them, and tell whoever waits."""
        response, reader = self._response, self._reader
        if response is None:
            # Nobody has asked; it must not be taken for the answer to the next request.
            self.abort()
            return
        body = reader.feed(data)
        state = reader.state
        if state == BODY and (sink := response.sink) is not None:
            # The deadline is not moved for each read: it asks for this when its time has come.
            self._heard = self._loop.time()
            if body:
                sink.arrived(body)
            return
        if not response.status and (status := reader.status):
            self._deadline.lift()
            response.begin(status, reader.headers)
        if state == COMPLETE:
            self._finish(response, body)
            return
        if body:
            if response.sink is None:
                self._deadline.lift()
                self._hold_back(len(data))
            response.arrived(body)
        if state == FAULTY:
            self._fail(self._fault())

    def eof_received(self) -> None:
        """The upstream sends no more; the transport then closes."""
        response, reader = self._response, self._reader
        if response is None:
            self.closed = True
        elif not reader.status:
            self._fail(self._death(None))
        else:
            reader.feed_eof()
            if reader.state == COMPLETE:
                self._finish(response, b"")
            else:
                self._fail(self._fault())

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is closed, by whomever."""
        self.closed = True
        self._deadline.close()
        if self._response is not None:
            self._fail(self._death(error))
        self._owner.lost(self)

    def pause_writing(self) -> None:
        """The upstream does not take what has been sent."""
        self._may_write = False

    def resume_writing(self) -> None:
        """The upstream has taken most of what has been sent."""
        self._may_write = True
        self._send_slices()

    def _send_long(self, head: bytes, body: bytes) -> None:
        self._transport.write(head)
        self._unsent = memoryview(body)
        self._send_slices()

    def _send_slices(self) -> None:
        while self._unsent and self._may_write and not self.closed:
            piece, self._unsent = self._unsent[:SLICE], self._unsent[SLICE:]
            self._transport.write(piece)

    def _hold_back(self, size: int) -> None:
        """Stop reading when the reader is too far behind."""
        self._ahead += size
        if self._ahead > READ_AHEAD and self._is_reading and not self.closed:
            self._is_reading = False
            self._transport.pause_reading()

    def _finish(self, response: HttpResponse, rest: bytes) -> None:
        """The answer is complete, perhaps before the request was."""
        reader = self._reader
        is_reusable = reader.reusable and self._may_write and not self._unsent
        self._detach()
        response.completed(rest)
        if is_reusable and not self.closed:
            self.has_served = True
            self.taken()
            self._owner.released(self, reader.keep_alive)
        else:
            self.abort()

    def _fail(self, error: UpstreamError) -> None:
        response = self._response
        self._detach()
        if response is not None:
            response.failed(error)
        self.abort()

    def _detach(self) -> None:
        self._response = None
        self._unsent = _NOTHING
        self._deadline.lift_all()

    def _too_late(self) -> None:
        seconds, message = self._timeout
        if self._response is not None and self._response.sink is not None and not self._deadline.is_limit:
            left = self._heard + seconds - self._loop.time()
            # Event loops round their clocks to milliseconds.
            if left > 0.001:  # noqa: PLR2004
                self._deadline.set(left)
                return
        if self._deadline.is_limit and self._total is not None:
            seconds, message = self._total, "the upstream's answer was not complete within {:g} s"
        self._fail(UpstreamTimeoutError(message.format(seconds)))

    def _fault(self) -> UpstreamProtocolError:
        return UpstreamProtocolError(self._reader.fault or "the upstream's answer is not HTTP")

    def _death(self, error: Exception | None) -> UpstreamProtocolError:
        """What the end of the connection means for the answer."""
        if self._reader.status:
            return UpstreamProtocolError(f"the upstream's answer broke off: {reason(error)}")
        kind = UpstreamProtocolError if self._reader.begun else ConnectionDiedError
        return kind(f"the upstream's answer did not come: {reason(error)}")
