"""A look into the memory of a simulated card, for what no command shows."""

from __future__ import annotations

from cardlab.card.card import SimulatedCard
from cardlab.runtime.inspector import APDU_BUFFER, ELEMENTS, CardObject, Memory

OWN_CLASSES = "jpki.applet."


def applet_object(card: SimulatedCard) -> CardObject:
    """The selected applet."""
    return card.inspector().applet()


def put_uses(card: SimulatedCard, slot: str, value: int) -> None:
    """Let a slot's key have been used so often: four bytes and their complement (UseCounter)."""
    uses = value.to_bytes(4, "big")
    applet_object(card).field(slot).field("uses").put("value", uses + bytes(0xFF - one for one in uses))


def persistent_memory(card: SimulatedCard) -> bytes:
    """All that a tear leaves, unreachable or not."""
    return b"".join(block.content for block in card.inspector().memory_map() if block.memory is Memory.EEPROM)


def is_spare_key_gone(card: SimulatedCard) -> bool:
    """Whether the key pair in which new keys are made holds none."""
    private = applet_object(card).field("spare").field("pair").field("privateKey")
    return not any(private.field("P") or b"")


def apdu_buffer(card: SimulatedCard) -> bytes:
    """The buffer that commands come in and answers leave from, as the last command left it."""
    return next(block.content for block in card.inspector().memory_map() if block.name == APDU_BUFFER)


def byte_arrays(card: SimulatedCard) -> list[bytes]:
    """What every byte array holds that applets reach, transient ones too."""
    return [array.field(ELEMENTS) for array in card.inspector().objects("byte[]")]


def stored_arrays(card: SimulatedCard) -> list[bytes]:
    """The persistent arrays among the applet's own variables, not those of the platform's objects."""
    return [
        block.content
        for block in card.inspector().memory_map()
        if block.memory is Memory.EEPROM and block.holder.startswith(OWN_CLASSES)
    ]
