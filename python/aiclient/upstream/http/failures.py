"""What goes wrong with a connection, in words that hold no address and no key."""

from __future__ import annotations

import os
import socket
import ssl

from aiclient.errors import UpstreamConnectError, UpstreamProtocolError, UpstreamTimeoutError

__all__ = ["ConnectionDiedError", "no_connection", "no_connection_in_time", "reason"]


class ConnectionDiedError(UpstreamProtocolError):
    """The connection stood, and closed before the first byte of an answer; the request may have been worked on."""


def no_connection(why: str) -> UpstreamConnectError:
    """The error for an upstream that cannot be reached."""
    return UpstreamConnectError(f"no connection to the upstream: {why}")


def no_connection_in_time(seconds: float) -> UpstreamConnectError:
    """The error for a connection that did not stand in time."""
    message = f"no connection to the upstream within {seconds:g} s"
    return UpstreamConnectError(message, status=UpstreamTimeoutError.status)


def reason(error: BaseException | None) -> str:
    """What happened. The texts of libraries may hold addresses, so that only those of the system are passed on."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its TLS certificate was not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {_tls_reason(error)}"
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return "it closed the connection"


def _tls_reason(error: ssl.SSLError) -> str:
    return error.reason.lower().replace("_", " ") if error.reason else "the handshake was not accepted"
