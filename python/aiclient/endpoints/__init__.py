"""What clients call: one file for each dialect, and the paths that generate nothing."""

from aiclient.endpoints.generation import Generation

__all__ = ["Generation"]
