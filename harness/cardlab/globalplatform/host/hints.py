"""What to do about a status word that a security domain refuses a command with; one text for every client."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.iso7816.status import SW

STATUS_HINTS: Mapping[int, str] = {
    SW.SECURITY_STATUS_NOT_SATISFIED: "authenticate to the security domain first",
    SW.REFERENCED_DATA_NOT_FOUND: "the card has no such object; look at the registry",
    SW.FILE_NOT_FOUND: "the card has no such object; look at the registry",
    SW.NOT_ENOUGH_MEMORY: "the card is full; delete something first",
    SW.CONDITIONS_NOT_SATISFIED: "not in this state of the card or the object, or without this privilege; "
    "a security domain needs keys before it can take applications",
    SW.FUNCTION_NOT_SUPPORTED: "not supported by this card, or the card is locked",
    SW.WRONG_DATA: "the card does not accept these parameters, or the AID exists already",
    SW.INS_NOT_SUPPORTED: "the selected application is no security domain; select one first",
}

LOAD_HINTS: Mapping[int, str] = {
    **STATUS_HINTS,
    SW.WRONG_DATA: "the card does not take this load file: it is damaged, or imports what the card lacks "
    "(cardlab cap info lists the imports)",
}

KEY_ADVICE = (
    "check the keys and the key version, and do not simply try again: "
    "many cards lock a key set for good after a few failed authentications"
)

INITIALIZE_UPDATE_HINTS: Mapping[int, str] = {
    SW.REFERENCED_DATA_NOT_FOUND: "the card has no key set of this version",
    SW.INS_NOT_SUPPORTED: "the selected application offers no secure channel; select a security domain first",
    SW.CLA_NOT_SUPPORTED: "the selected application offers no secure channel; select a security domain first",
    SW.CONDITIONS_NOT_SATISFIED: "not now: contactless access, a locked domain, or a used-up sequence counter",
}
