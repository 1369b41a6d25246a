"""What a configuration says of prompts: rules for the system's, and a log of what is asked and answered."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from aiclient.config_values import Section, Whole

__all__ = ["PromptLog", "Replacement", "SystemPrompt"]


class Replacement(Section):
    """What is found in system prompts, and what it becomes."""

    find: str = Field(min_length=1, description="A text, as it stands.")
    replace: str = Field(description="What it becomes.")


class SystemPrompt(Section):
    """What is said beside what clients say as system prompt."""

    mode: Literal["append", "prepend", "override"] = Field(
        default="append", description="Where the text goes: after the client's, before it, or in its place."
    )
    file: Path | None = Field(default=None, description="A file with the text, in UTF-8; read with the configuration.")
    text: str | None = Field(default=None, validate_default=True, description="The text.")
    replacements: tuple[Replacement, ...] = Field(
        default=(), description="Replaced in what the client says, one after the other."
    )

    @field_validator("text")
    @classmethod
    def _from_file(cls, text: str | None, others: ValidationInfo) -> str | None:
        file = others.data.get("file")
        if file is None:
            return text
        if text is not None:
            raise ValueError("expected either a text or a file")
        try:
            read: str = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"expected a file that can be read: {error}") from error
        return read


class PromptLog(Section):
    """A log of what is asked and answered."""

    to: Literal["none", "console", "file"] = Field(
        default="none", description="Where it goes: nowhere, standard output, or a file."
    )
    file: Path = Field(default=Path("prompts.log"), description="The file.")
    max_mb: Whole = Field(default=100, ge=1, le=1_048_576, description="MiB after which a new file is begun.")
    keep: Whole = Field(default=5, ge=1, le=1_000, description="Old files that are kept: `prompts.log.1` and so on.")

    @model_validator(mode="after")
    def _can_be_written(self) -> PromptLog:
        if self.to == "file" and not self.file.absolute().parent.is_dir():
            raise ValueError(f"expected a file in a folder that exists, found {self.file}")
        return self
