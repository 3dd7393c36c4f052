"""Runtimes: whatever executes applets, behind one interface. ``choose`` finds one by name, ``known`` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cardlab.runtime.backend import Backend


def known() -> Mapping[str, Backend]:
    """Every runtime by name."""
    from cardlab.runtime.discovery import known

    return known()


def choose(name: str | None = None) -> Backend:
    """The runtime of this name, or the usual one; raises UsageError listing the known ones."""
    from cardlab.runtime.discovery import choose

    return choose(name)
