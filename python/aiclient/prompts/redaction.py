"""Takes secrets and media out of what is written down.

Works on JSON as text: nothing that is found has a character that JSON escapes. The keys that the gateway knows are
found wherever they stand; others by what vendors' keys look like, which is no promise to find all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["Redaction"]

REDACTED = "[redacted]"
# Characters of base64 that are media and no text.
MEDIA_LENGTH = 512

_SHAPES = (
    # OpenAI, Anthropic, and the many that took after them.
    r"\b[sr]k[-_][A-Za-z0-9_-]{16,}",
    # Google.
    r"\bAIza[A-Za-z0-9_-]{30,}",
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    # GitHub, GitLab.
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bglpat-[A-Za-z0-9_-]{16,}",
    # Amazon.
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    # Slack, Hugging Face, npm.
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    # JSON Web Tokens.
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}",
    # Keys in PEM format; their line feeds are escaped in JSON.
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    r"(?i:\bbearer )[A-Za-z0-9._~+/-]{16,}=*",
)
_MEDIA = re.compile(rf"[A-Za-z0-9+/_-]{{{MEDIA_LENGTH},}}={{0,2}}")


class Redaction:
    """Knows what must not be written down."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets`: the keys of the configuration."""
        known = sorted({re.escape(secret) for secret in secrets}, key=len, reverse=True)
        self._secrets = re.compile("|".join([*known, *_SHAPES]), re.DOTALL)

    def redacted(self, text: str) -> str:
        """A text without secrets, and without media."""
        return _MEDIA.sub(_size, self._secrets.sub(REDACTED, text))


def _size(media: re.Match[str]) -> str:
    return f"[{len(media[0])} characters]"
