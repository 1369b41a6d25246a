"""Bytes of a connection to answers (RFC 9112).

    head -> body -> complete, again and again on a connection that is kept

Sans-IO: knows neither sockets nor time. The parser is strict: a length that contradicts another, or a chunk that is
none, is an error, because two readers that disagree on where an answer ends can be played off against each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from httptools import HttpParserCallbackError, HttpParserError, HttpResponseParser

from aiclient.errors import UpstreamProtocolError

__all__ = ["HEAD_LIMIT", "ResponseReader"]

# Most bytes of a head, or of anything else that comes without a byte of a body: interim answers, sizes of chunks and
# their extensions, trailers. Some gateways send long headers, such as the policies of a whole site.
HEAD_LIMIT = 64 << 10

_OK = 200
_SWITCHING_PROTOCOLS = 101
_WITHOUT_BODY = frozenset({204, 304})


class ResponseReader:
    """Reads one answer after the other; `next` goes on to another."""

    __slots__ = (
        "_fields",
        "_parser",
        "_until_close",
        "_without_body",
        "body",
        "complete",
        "headers",
        "on_body",
        "on_header",
        "reusable",
        "status",
    )

    def __init__(self) -> None:
        self.body: list[bytes] = []
        """What has come of the body. Whoever takes it clears the list; it is the same one for every answer."""
        self._fields: dict[bytes, bytes] = {}
        # The parser calls what follows. Nothing of ours runs for a piece of a body.
        self.on_body: Callable[[bytes], None] = self.body.append
        self.on_header: Callable[[bytes, bytes], None] = self._fields.__setitem__
        self._parser = HttpResponseParser(self)
        self.next()

    def next(self) -> None:
        """Be ready for another answer."""
        self.status = 0
        """0 until the head is complete."""
        self.headers: Mapping[str, str] = {}
        self.complete = False
        self.reusable = False
        """Whether another request may follow; known once the answer is complete."""
        self._until_close = False
        self._without_body = 0

    @property
    def begun(self) -> bool:
        """Whether a byte of the answer has come."""
        return self._without_body > 0 or self.status > 0

    def feed(self, data: bytes) -> None:
        """Read on; raises `UpstreamProtocolError`. What came of the body before the fault is in `body`."""
        self._without_body += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self.reusable = False
            if not self.complete:
                raise self._fault(error) from error
        if self.body:
            self._without_body = 0
        elif self._without_body > HEAD_LIMIT and not self.complete:
            raise _too_long()

    def feed_eof(self) -> None:
        """The connection is at its end; raises `UpstreamProtocolError` if the answer is not."""
        if self._until_close:
            self.complete = True
        self.reusable = False
        if not self.complete:
            raise UpstreamProtocolError("the upstream's answer broke off: the body is incomplete")

    def on_message_begin(self) -> None:
        """Bytes after an answer belong to no request: they must not become the answer to the next one."""
        if self.complete:
            raise UpstreamProtocolError("more than an answer")

    def on_headers_complete(self) -> None:
        """A head, perhaps of an interim answer, which is skipped."""
        status = self._parser.get_status_code()
        fields = self._fields
        if self._without_body > HEAD_LIMIT and sum(map(len, (*fields, *fields.values()))) > HEAD_LIMIT:
            raise _too_long()
        if status < _OK:
            if status == _SWITCHING_PROTOCOLS:
                raise UpstreamProtocolError("the upstream's answer is not HTTP: it switched to another protocol")
            fields.clear()
            return
        self.headers = headers = {_name(name): value.decode("latin-1").strip() for name, value in fields.items()}
        fields.clear()
        coding = headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise UpstreamProtocolError("the upstream's answer has a transfer-encoding other than chunked")
        self._until_close = coding is None and "content-length" not in headers and status not in _WITHOUT_BODY
        self.status = status

    def on_message_complete(self) -> None:
        """The end of an answer that has a length of its own."""
        if self.status:
            self._fields.clear()
            self.complete = True
            self.reusable = self._parser.should_keep_alive()

    def _fault(self, error: HttpParserError) -> UpstreamProtocolError:
        if isinstance(error, HttpParserCallbackError) and isinstance(error.__context__, UpstreamProtocolError):
            return error.__context__
        # The parser's texts are constants.
        return UpstreamProtocolError(f"the upstream's answer is not HTTP: {str(error)[:200] or 'it cannot be read'}")


def _too_long() -> UpstreamProtocolError:
    return UpstreamProtocolError(f"the upstream's answer has a head of more than {HEAD_LIMIT} bytes")


@functools.lru_cache(maxsize=1024)
def _name(name: bytes) -> str:
    return name.decode("latin-1").lower()
