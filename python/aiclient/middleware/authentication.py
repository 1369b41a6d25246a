"""Whether the client may use this gateway."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence

from aiclient.asgi import Request
from aiclient.errors import AuthenticationError

__all__ = ["ClientKeys", "client_key"]


class ClientKeys:
    """The keys that clients may come with; without any, everybody may."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def check(self, request: Request) -> None:
        """Raise `AuthenticationError` unless the request carries a key, wherever the SDKs put theirs."""
        if not self._keys:
            return
        offered = list(_offered(request))
        if not offered:
            raise AuthenticationError(
                "no API key: send one as `authorization: Bearer`, `x-api-key`, `x-goog-api-key` or `?key=`"
            )
        if not any(self._is_known(key) for key in offered):
            raise AuthenticationError("this API key is not known here")

    def _is_known(self, key: str) -> bool:
        # Every key is compared, each in constant time: how long it takes tells nothing.
        offered = key.encode("utf-8", "surrogateescape")
        return sum(hmac.compare_digest(offered, known) for known in self._keys) > 0


def client_key(request: Request) -> str | None:
    """The key that the request carries, known or not; None without one."""
    return next(_offered(request), None)


def _offered(request: Request) -> Iterator[str]:
    scheme, _, token = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token:
        yield token.strip()
    for name in (b"x-api-key", b"x-goog-api-key"):
        if key := request.header(name):
            yield key
    yield from (value for parameter, value in request.query() if parameter == "key" and value)
