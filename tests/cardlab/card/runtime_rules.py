"""What a card may do one way or the other, by what executes its applets: memory of packages, code it cannot run."""

from __future__ import annotations

from cardlab.cap.container import Component
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.feature import Feature
from tests.cardlab.card.loads import components

_HEADER = 12  # bytes before a block of the virtual machine's memory
_WITH_A_SIZE = 3  # bytes before what a component holds
_DROPPED = (Component.DIRECTORY, Component.REFERENCE_LOCATION, Component.DESCRIPTOR, Component.DEBUG)


def runs_loaded_code(card: LabCard) -> bool:
    """Whether it executes what it was sent, so that it needs no class files, and code that no converter makes loads."""
    return Feature.LOADED_CODE in card.simulated.backend.capabilities


def code_memory(card: LabCard, data_block: bytes, statics: int) -> int:
    """Persistent bytes that a package takes by the rule of the runtime; ``statics`` of them are its static fields."""
    sizes = {tag: len(raw) for tag, raw in components(data_block).items()}
    return {"jcardsim": _by_components, "vm": _by_blocks}[card.simulated.backend.name](sizes) + statics


def _by_components(sizes: dict[Component, int]) -> int:
    """docs/reference/runtime.md: 64 bytes, and what of it an interpreter needs."""
    kept = (Component.APPLET, Component.CLASS, Component.METHOD, Component.EXPORT, Component.CONSTANT_POOL)
    return 64 + sum(sizes.get(tag, 0) for tag in kept)


def _by_blocks(sizes: dict[Component, int]) -> int:
    """harness/cardlab/runtime/vm/README.md: a block of what was loaded, with 4 bytes before it, and one of statics."""
    return 2 * _HEADER + 4 + sum(size for tag, size in sizes.items() if tag not in _DROPPED)
