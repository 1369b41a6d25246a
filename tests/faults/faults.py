"""Everything that can go wrong with an upstream, as scripts of what it does, and what a client has to be told."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.wires import Wire
from tests.scripted_server import answer, chunk, chunked_head

FINISHED, EVENT = "finished", "event"
"""What a client may be told instead of a status: an answer that is complete, an error event after a 200."""

Outcome = int | str
FIRST_BYTE = IDLE = 2.0
"""Limits of the gateway under test, in seconds."""
TOTAL = 4.0
"""The same, for providers that have one for a whole exchange."""


@dataclass(frozen=True)
class Reset:
    """A step of a script: the connection is reset."""


@dataclass(frozen=True)
class Close:
    """A step of a script: the connection is closed."""


Step = bytes | float | Reset | Close
"""Bytes to write, seconds to wait, or an end of the connection."""
Script = Callable[[Wire, bool], Iterator[Step]]
"""What an upstream does, by its dialect and whether a stream was asked for."""
RESET, CLOSE = Reset(), Close()
LONG = 3600.0


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    script: Script
    whole: frozenset[Outcome]
    """What a client that asked for a whole answer may be told."""
    stream: frozenset[Outcome]
    """What a client that asked for a stream may be told."""
    provider: str = ""
    """The suffix of the provider's name: how it is reached, if not plainly."""
    hint: bool = False
    """Whether the client must be told when to come again."""


def _head(stream: bool, *headers: str) -> bytes:
    kind = "text/event-stream" if stream else "application/json"
    return chunked_head(f"content-type: {kind}", *headers)


def _good(wire: Wire, stream: bool) -> Iterator[Step]:
    if stream:
        yield _head(stream) + b"".join(chunk(frame) for frame in wire.frames) + chunk(b"")
    else:
        yield answer(wire.whole, "content-type: application/json")


def _begin(wire: Wire, stream: bool) -> bytes:
    """Half of an answer."""
    return _head(stream) + chunk(wire.frames[0] if stream else wire.whole[: len(wire.whole) // 2])


def _drip(wire: Wire, stream: bool) -> Iterator[Step]:
    yield _head(stream)
    body = b"".join(wire.frames) if stream else wire.whole
    step = -(-len(body) // 12)
    for start in range(0, len(body), step):
        yield 0.05
        yield chunk(body[start : start + step])
    yield chunk(b"")


def _drip_head(_wire: Wire, stream: bool) -> Iterator[Step]:
    head = _head(stream)
    for position in range(len(head) - 4):
        yield head[position : position + 1]
        yield 0.3


def _endless_stream(wire: Wire, stream: bool) -> Iterator[Step]:
    yield _begin(wire, stream)
    for _ in itertools.count():
        yield 0.1
        yield chunk(wire.frames[1] if stream else b" ")


def _endless_line(wire: Wire, stream: bool) -> Iterator[Step]:
    yield _begin(wire, stream) + chunk(b"data: " if stream else b'"')
    piece = chunk(b"a" * (1 << 18))
    yield from itertools.repeat(piece)


def _endless_head(_wire: Wire, stream: bool) -> Iterator[Step]:
    yield _head(stream)[:-2]
    for number in itertools.count():
        yield b"x-header-%d: %s\r\n" % (number, b"a" * 1000)


def _then(*ends: Step) -> Script:
    """Half of an answer, and this."""
    return lambda wire, stream: iter((_begin(wire, stream), 0.05, *ends))


def _at_once(*steps: Step) -> Script:
    return lambda _wire, _stream: iter(steps)


def _refusal(status: int, *headers: str, retry_seconds: int | None = None) -> Script:
    def script(wire: Wire, _stream: bool) -> Iterator[Step]:
        body = wire.error(status, "that will not do", retry_seconds=retry_seconds)
        yield answer(body, "content-type: application/json", *headers, status=f"{status} No")

    return script


def _body(make: Callable[[Wire], bytes]) -> Script:
    """A 200 of this body, whatever was asked for."""

    def script(wire: Wire, stream: bool) -> Iterator[Step]:
        body = make(wire)
        yield _head(stream) + (chunk(body) if body else b"") + chunk(b"")

    return script


def _error_event(wire: Wire, stream: bool) -> Iterator[Step]:
    if stream:
        yield _begin(wire, stream)
        yield 0.2
        yield chunk(wire.error_frame) + chunk(b"")
    else:
        yield from _good(wire, stream)


def _middle(make: Callable[[Wire], bytes]) -> Script:
    """The stream goes on with this, and ends well."""

    def script(wire: Wire, stream: bool) -> Iterator[Step]:
        if stream:
            rest = b"".join(chunk(frame) for frame in wire.frames[1:])
            yield _begin(wire, stream)
            yield 0.2
            yield chunk(make(wire)) + rest + chunk(b"")
        else:
            yield from _good(wire, stream)

    return script


def _slow(wire: Wire, stream: bool) -> Iterator[Step]:
    yield 0.4
    yield from _good(wire, stream)


def _set(*outcomes: Outcome) -> frozenset[Outcome]:
    return frozenset(outcomes)


_BAD, _LATE, _DONE = _set(502), _set(504), _set(FINISHED)
_STATUSES = (400, 401, 403, 404, 408, 409, 500, 503, 529)
# A key that the upstream does not take is the gateway's, and not the client's to mend; other dialects have no 409;
# 529 is Anthropic's word for 503.
_TOLD_AS = {401: (502,), 408: (504,), 409: (400,), 503: (529,), 529: (503,)}
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def _error_body(wire: Wire) -> bytes:
    return wire.error(503, "overloaded")


def _refusals() -> Iterator[Fault]:
    for status in _STATUSES:
        told = _set(status, *_TOLD_AS.get(status, ()))
        yield Fault(f"status-{status}", _refusal(status), told, told)
    hints: tuple[tuple[str, Script], ...] = (
        ("retry-after", _refusal(429, "retry-after: 7")),
        ("retry-after-ms", _refusal(429, "retry-after-ms: 7000")),
        ("retry-info", _refusal(429, retry_seconds=7)),
        ("rate-limits", _refusal(429, "retry-after: 7", "x-ratelimit-remaining-tokens: 0")),
    )
    for name, script in hints:
        yield Fault(f"status-429-{name}", script, _set(429), _set(429), hint=name != "retry-info")


FAULTS: tuple[Fault, ...] = (
    Fault("none", _good, _DONE, _DONE),
    Fault("refused", _good, _BAD, _BAD, provider="-refused"),
    Fault("tls", _good, _BAD, _BAD, provider="-tls"),
    Fault("reset", _at_once(RESET), _BAD, _BAD),
    Fault("closed", _at_once(CLOSE), _BAD, _BAD),
    Fault("black-hole", _at_once(LONG), _LATE, _LATE),
    Fault("slow-first-byte", _slow, _DONE, _DONE),
    Fault("slow-drip", _drip, _DONE, _DONE),
    Fault("slow-head", _drip_head, _LATE, _LATE),
    Fault("stall", _then(LONG), _LATE, _set(EVENT)),
    Fault("stall-after-head", lambda _, stream: iter((_head(stream), LONG)), _LATE, _LATE),
    Fault("cut-in-chunk", _then(b"ff\r\ndata: ", CLOSE), _BAD, _set(EVENT)),
    Fault("cut-by-reset", _then(RESET), _BAD, _set(EVENT)),
    Fault("cut-between-chunks", _then(CLOSE), _BAD, _set(EVENT)),
    Fault("body-ends-early", _then(chunk(b"")), _BAD, _set(EVENT)),
    Fault("error-event", _error_event, _DONE, _set(EVENT)),
    *_refusals(),
    Fault("html-502", _at_once(answer(_PAGE, "content-type: text/html", status="502 Bad Gateway")), _BAD, _BAD),
    Fault("html-200", _body(lambda _: _PAGE), _BAD, _BAD),
    Fault("error-in-200", _body(_error_body), _set(500, 502, 503, 529), _set(500, 502, 503, 529)),
    Fault("empty-200", _body(lambda _: b""), _BAD, _BAD),
    Fault("invalid-json", _body(lambda _: b'data: {"a":]}\n\n'), _BAD, _BAD),
    Fault("invalid-json-in-stream", _middle(lambda _: b'data: {"a":]}\n\n'), _DONE, _set(EVENT)),
    Fault("invalid-utf-8", _body(lambda wire: wire.whole.replace(b"one", b"\xff\xfe")), _BAD, _BAD),
    Fault("invalid-utf-8-in-stream", _middle(lambda wire: wire.frames[1].replace(b"two", b"\xff")), _DONE, _set(EVENT)),
    Fault("not-http", _at_once(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 0.1, CLOSE), _BAD, _BAD),
    Fault("reused-closed", _good, _DONE, _DONE),
    Fault("endless-head", _endless_head, _BAD, _BAD),
    Fault("endless-stream", _endless_stream, _LATE, _set(EVENT), provider="-total"),
    Fault("endless-line", _endless_line, _set(502, 504), _set(EVENT)),
)
REUSED_CLOSED = "reused-closed"
SCRIPTS = {fault.name: fault.script for fault in FAULTS}
