"""The person with the phone."""

from __future__ import annotations

import re
from typing import Protocol

from cardlab.errors import UsageError
from jpki.client.constants import DeviceMethod, Slot

_FORMS = {Slot.SIGNING: re.compile(rb"[A-Z0-9]{6,16}"), Slot.AUTHENTICATION: re.compile(rb"[0-9]{4}")}


class User(Protocol):
    """Answers what the app asks. Every PIN is ASCII."""

    def pin(self, slot: Slot) -> bytes:
        """The present PIN of a slot on this phone."""

    def new_pin(self, slot: Slot) -> bytes:
        """A PIN to set."""

    def card_password(self) -> bytes:
        """The signing password of their My Number Card."""

    def recognise(self, method: DeviceMethod) -> bool:
        """A finger, a face, or the screen lock; whether the phone knew them."""


def require_form(slot: Slot, pin: bytes) -> bytes:
    """The PIN itself; raises UsageError when the card would not take it (B1)."""
    if not _FORMS[slot].fullmatch(pin):
        form = "6 to 16 upper-case letters and digits" if slot is Slot.SIGNING else "4 digits"
        raise UsageError(f"this is no {slot.pin_name}: it has {form}", hint="nothing was sent to the card")
    return pin
