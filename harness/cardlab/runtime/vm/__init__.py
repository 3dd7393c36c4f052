"""The Java Card virtual machine that executes loaded CAP components (README.md)."""

from cardlab.runtime.vm.backend import BACKEND

__all__ = ["BACKEND"]
