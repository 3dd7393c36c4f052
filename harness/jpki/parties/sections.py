"""Which section of the reference table what is done for a slot belongs to (F1)."""

from __future__ import annotations

from collections.abc import Mapping

from jpki.client.constants import Slot
from jpki.parties.recorder import Section

PIN_SECTION: Mapping[Slot, Section] = {
    Slot.SIGNING: Section.SET_SIGNING_PASSWORD,
    Slot.AUTHENTICATION: Section.SET_AUTHENTICATION_PIN,
}
KEY_SECTION: Mapping[Slot, Section] = {
    Slot.SIGNING: Section.SIGNING_KEY,
    Slot.AUTHENTICATION: Section.AUTHENTICATION_KEY,
}
STORE_SECTION: Mapping[Slot, Section] = {
    Slot.SIGNING: Section.STORE_SIGNING_CERTIFICATE,
    Slot.AUTHENTICATION: Section.STORE_AUTHENTICATION_CERTIFICATE,
}
TEST_SECTION: Mapping[Slot, Section] = {
    Slot.SIGNING: Section.TEST_SIGNING,
    Slot.AUTHENTICATION: Section.TEST_AUTHENTICATION,
}
