"""What clients call: one file for each dialect, and the paths that generate nothing."""

from aiclient.endpoints.generation import Generation, PathHead
from aiclient.endpoints.generations import WELL_KNOWN, generation_of

__all__ = ["WELL_KNOWN", "Generation", "PathHead", "generation_of"]
