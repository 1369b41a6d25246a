"""Encrypted reasoning: nobody but the vendor reads it, and the vendor knows what it issued."""

import base64
import binascii
import hashlib
import hmac

_KEY = b"nobody else knows it"
_SIZE = 32


def seal(reasoning: str) -> str:
    """The opaque state that goes with some reasoning."""
    digest = hashlib.sha256(reasoning.encode()).digest()
    return base64.urlsafe_b64encode(b"\x80\x00\xff\xfe" + digest + _authenticate(digest)).decode()


def is_seal(encrypted: str, summary: str) -> bool:
    """Whether this was issued here, and for this summary if one is shown."""
    if summary:
        return encrypted == seal(summary)
    try:
        opened = base64.b64decode(encrypted, altchars=b"-_", validate=True)[4:]
    except binascii.Error:
        return False
    return hmac.compare_digest(_authenticate(opened[:_SIZE]), opened[_SIZE:])


def _authenticate(digest: bytes) -> bytes:
    return hmac.digest(_KEY, digest, "sha256")
