"""The head of a request, as bytes.

Heads hardly differ from one request to the next, so they are written once and kept; only the length of the body is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiclient.upstream.framing import FRAMING
from aiclient.upstream.http.target import Target

__all__ = ["request_head"]

# RFC 9110, 5.6.2 and 5.5: a token, and what may stand in a value.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# Their answers have no body whatever their heads say; the gateway has no use for them.
_WITHOUT_BODY = frozenset({"HEAD", "CONNECT"})


def request_head(method: str, target: Target, headers: Iterable[tuple[str, str]]) -> bytes:
    """Everything up to the number of bytes of the body.

    Raises `ValueError` for a header that would be read as something else, and for a method whose answers are not read.
    """
    if method in _WITHOUT_BODY or not _NAME.fullmatch(method):
        raise ValueError(f"a request cannot be a {method!r}")
    fields = list(_checked(headers))
    if not any(name == "host" for name, _ in fields):
        fields.insert(0, ("host", target.authority))
    proxy = target.origin.proxy
    if proxy is not None and proxy.authorization is not None and not target.origin.secure:
        fields.append(("proxy-authorization", proxy.authorization))
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "content-length: "]
    return "\r\n".join(lines).encode("latin-1")


def _checked(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        lower = name.lower()
        if not _NAME.fullmatch(name) or lower in FRAMING:
            raise ValueError(f"a request cannot carry a header of the name {name[:50]!r}")
        if not _VALUE.fullmatch(value):
            # The value may be a key, and is not shown.
            raise ValueError(f"the value of the header {name} has characters that no header may have")
        yield lower, value
