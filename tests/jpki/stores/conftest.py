"""Images of worlds, those of the flows."""

from __future__ import annotations

from tests.jpki.flows.conftest import images

__all__ = ["images"]
