"""aiclient: any LLM client, any LLM backend.

`Translator` translates one request and its reply between the wire formats of LLM APIs; `aiclient serve` is the gateway
around it.
"""

from aiclient import errors
from aiclient._native import (
    Failure,
    Loss,
    ModelTable,
    ReasoningMemory,
    RequestHead,
    StreamTranslator,
    Translator,
    Usage,
    read_head,
    write_error,
)
from aiclient.dialect import Dialect

__all__ = [
    "Dialect",
    "Failure",
    "Loss",
    "ModelTable",
    "ReasoningMemory",
    "RequestHead",
    "StreamTranslator",
    "Translator",
    "Usage",
    "errors",
    "read_head",
    "write_error",
]
