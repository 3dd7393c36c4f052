"""The person with the phone."""

from __future__ import annotations

import re
from enum import Enum, unique
from typing import Protocol

from cardlab.errors import RefusedError, UsageError
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.consent import Wording

_FORMS = {Slot.SIGNING: re.compile(rb"[A-Z0-9]{6,16}"), Slot.AUTHENTICATION: re.compile(rb"[0-9]{4}")}
FORM_TEXT = {Slot.SIGNING: "6 to 16 upper-case letters and digits", Slot.AUTHENTICATION: "4 digits"}
"""What a PIN looks like, for people (B1)."""


class DeclinedError(RefusedError):
    """The user did not agree, or gave up; nothing has changed."""


@unique
class Means(Enum):
    """How a user can authenticate themselves for the authentication key (C1)."""

    PIN = "PIN"
    BIOMETRIC = "biometric"
    LOCK_SCREEN = "lock screen"

    @classmethod
    def of(cls, method: DeviceMethod) -> Means:
        """Device authentication as one of them."""
        return Means[method.name]


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

    def agrees(self, wording: Wording) -> bool:
        """Whether they agree to what they are shown (E9)."""

    def instead(self, failed: DeviceMethod, offered: tuple[Means, ...]) -> Means | None:
        """How to go on after the phone did not recognise them (E10); None: not at all."""


def require_form(slot: Slot, pin: bytes) -> bytes:
    """The PIN itself; raises UsageError when the card would not take it (B1)."""
    if not _FORMS[slot].fullmatch(pin):
        raise UsageError(f"this is no {slot.pin_name}: it has {FORM_TEXT[slot]}", hint="nothing was sent to the card")
    return pin
