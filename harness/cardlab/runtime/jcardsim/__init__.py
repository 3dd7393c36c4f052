"""JCardSim behind the runtime interface."""

from cardlab.runtime.jcardsim.backend import BACKEND

__all__ = ["BACKEND"]
