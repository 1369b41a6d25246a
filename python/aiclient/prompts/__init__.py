"""What the operator says beside clients' system prompts, and a log of what is asked and answered. Off by default."""

from aiclient.prompts.log import KeptAnswer, PromptLog
from aiclient.prompts.redaction import Redaction
from aiclient.prompts.rules import PromptRules

__all__ = ["KeptAnswer", "PromptLog", "PromptRules", "Redaction"]
