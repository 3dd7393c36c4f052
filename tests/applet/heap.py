"""A look into the heap of a simulated card, for what no command shows."""

from __future__ import annotations

from typing import Any

from harness.simulator.card import SimulatedCard


def field_of(thing: Any, name: str) -> Any:
    """A field of a Java object, private or not; arrays are the card's own, not copies."""
    kind = thing.getClass()
    while kind is not None:
        for one in kind.getDeclaredFields():
            if str(one.getName()) == name:
                one.setAccessible(True)
                return one.get(thing)
        kind = kind.getSuperclass()
    raise AttributeError(f"{thing.getClass()} has no field {name}")


def applet_object(card: SimulatedCard) -> Any:
    """The selected applet."""
    runtime: Any = card._runtime
    return field_of(field_of(runtime._card, "selected"), "applet")
