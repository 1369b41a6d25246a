"""TLS: whom to believe, and how to prove who one is. Certificates and names are always verified."""

from __future__ import annotations

import functools
import ssl
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Tls", "TlsError", "check_authorities", "check_certificate"]


class TlsError(ValueError):
    """A file that does not hold what it should."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM format."""

    ca: Path | None = None
    """The authorities to believe, instead of the system's."""
    certificate: Path | None = None
    """The client's certificate, with those between it and its authority."""
    key: Path | None = None
    """Its key, if that is not in the same file."""

    def context(self) -> ssl.SSLContext:
        """What connections to the upstream need; raises `TlsError`."""
        context = self.context_for_proxy()
        if self.certificate is not None:
            load_certificate(context, self.certificate, self.key)
        return context

    def context_for_proxy(self) -> ssl.SSLContext:
        """The same without the client's certificate, which is the upstream's business only."""
        return default_context() if self == Tls() else context_with(self.ca)


def context_with(ca: Path | None) -> ssl.SSLContext:
    """A context that believes these authorities, or the system's; raises `TlsError`."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ValueError) as error:
        raise TlsError(_expected("certificates", error)) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.cache
def default_context() -> ssl.SSLContext:
    """For connections without settings of their own; reading the system's authorities takes a while."""
    return context_with(None)


def load_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Let a context show a certificate; raises `TlsError`."""
    try:
        # Without a password, an encrypted key would be asked for on the terminal.
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise TlsError(_expected("a certificate and its unencrypted key", error)) from error


def check_authorities(ca: Path) -> None:
    """Raises `TlsError` if the file has none."""
    context_with(ca)


def check_certificate(certificate: Path, key: Path | None) -> None:
    """Raises `TlsError` if the files have no certificate or not its key."""
    load_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate, key)


def _no_password() -> str:
    raise ValueError("the key is encrypted")


def _expected(what: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return f"expected a file that can be read: {error.strerror}"
    return f"expected {what} in PEM format"
