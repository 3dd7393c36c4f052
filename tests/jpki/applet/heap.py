"""A look into the memory of a simulated card, for what no command shows."""

from __future__ import annotations

from typing import Any

from cardlab.card.card import SimulatedCard


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
    return field_of(field_of(_runtime(card), "selected"), "applet")


def persistent_memory(card: SimulatedCard) -> bytes:
    """All that a tear leaves, unreachable or not, as the simulator saves it."""
    runtime: Any = card._runtime
    return bytes(runtime.save())


def apdu_buffer(card: SimulatedCard) -> bytes:
    """The buffer that commands come in and answers leave from, as the last command left it."""
    return to_bytes(field_of(field_of(_runtime(card), "apdu"), "buffer"))


def byte_arrays(card: SimulatedCard) -> list[bytes]:
    """What every byte array holds that applets reach, transient ones too."""
    heap = _call(field_of(_runtime(card), "contents"), "heap")
    return [to_bytes(one) for one in _call(heap, "objects") if str(one.getClass().getName()) == "[B"]


def stored_arrays(card: SimulatedCard) -> list[bytes]:
    """The persistent byte arrays among the selected applet's own variables, not those of the platform's objects."""
    transients = field_of(_runtime(card), "transients")
    found, waiting = [], [applet_object(card)]
    seen: list[Any] = []
    while waiting:
        one = waiting.pop()
        name = str(one.getClass().getName())
        if name == "[B" and not _call(transients, "holds", one):
            found.append(to_bytes(one))
        if name.startswith("jpki.applet.") and not any(one is other for other in seen):
            seen.append(one)
            fields = one.getClass().getDeclaredFields()
            waiting += [value for each in fields if (value := _reference(one, each)) is not None]
    return found


def _reference(owner: Any, field: Any) -> Any:
    field.setAccessible(True)
    return None if field.getType().isPrimitive() else field.get(owner)


def to_bytes(array: Any) -> bytes:
    """A Java array of bytes."""
    return bytes(byte & 0xFF for byte in array)


def _runtime(card: SimulatedCard) -> Any:
    runtime: Any = card._runtime
    return runtime._card


def _call(thing: Any, name: str, *arguments: Any) -> Any:
    method = next(one for one in thing.getClass().getDeclaredMethods() if str(one.getName()) == name)
    method.setAccessible(True)
    return method.invoke(thing, *arguments)
