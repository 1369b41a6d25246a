"""Takes secrets and media out of what is written down.

Works on any text. Where that holds strings of JSON, also those in strings, they are looked at as they are meant:
whoever writes JSON may escape any character. The keys that the gateway knows are found wherever they stand in one
piece; others by what vendors' keys look like, which is no promise to find all.
"""

from __future__ import annotations

import json
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
    # Keys in PEM format.
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    r"(?i:\bbearer )[A-Za-z0-9._~+/-]{16,}=*",
)
# A string of JSON on one line, with its end if it has one. It cannot fail once it has begun, or it would try from every
# character of a long one.
_STRING = re.compile(r'"([^"\\\n]*(?:\\.?[^"\\\n]*)*)"?')
# What is left of an escape where a body was cut.
_CUT = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_MEDIA = re.compile(rf"[A-Za-z0-9+/_-]{{{MEDIA_LENGTH},}}={{0,2}}")


class Redaction:
    """Knows what must not be written down."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets`: the keys of the configuration."""
        known = sorted({re.escape(secret) for secret in secrets}, key=len, reverse=True)
        self._secrets = re.compile("|".join([*known, *_SHAPES]), re.DOTALL)

    def redacted(self, text: str) -> str:
        """A text without secrets, and without media."""
        if "\\" in text:
            text = _STRING.sub(self._string, text)
        return _MEDIA.sub(_size, self._secrets.sub(REDACTED, text))

    def _string(self, string: re.Match[str]) -> str:
        """A string of JSON without secrets; as it stands if it has none."""
        if "\\" not in string[1]:
            return string[0]
        try:
            meant = json.loads(f'"{_CUT.sub("", string[1])}"', strict=False)
        except ValueError:
            return string[0]
        shown = self.redacted(meant)
        return string[0] if shown == meant else json.dumps(shown)


def _size(media: re.Match[str]) -> str:
    return f"[{len(media[0])} characters]"
