"""What the applet's refusals mean to the person who gets them."""

from __future__ import annotations

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError, check
from jpki.client.constants import Slot

HINTS: dict[int, str] = {
    SW.MEMORY_FAILURE: "the card's memory fails; it cannot be trusted any more",
    SW.WRONG_LENGTH: "the data have a length that this command does not take",
    SW.INCOMPATIBLE_FILE: "select a file of the kind that this command is about",
    SW.SECURITY_STATUS_NOT_SATISFIED: "verify the slot's PIN first; for the TSM's commands, open a secure channel",
    SW.REFERENCE_DATA_NOT_USABLE: "the PIN is blocked or not set; only the TSM can change that",
    SW.CONDITIONS_NOT_SATISFIED: "not in this state or profile, without a challenge, or not over contactless",
    SW.COMMAND_NOT_ALLOWED: "select a file first",
    SW.SECURE_MESSAGING_INCORRECT: "the secure channel is closed; authenticate again",
    SW.WRONG_DATA: "the card does not accept these data",
    SW.FILE_NOT_FOUND: "is the applet installed, and does it have this file?",
    SW.NOT_ENOUGH_MEMORY: "a certificate file holds at most 2,048 bytes",
    SW.REFERENCED_DATA_NOT_FOUND: "there is no such key; generate or register it first",
    SW.INS_NOT_SUPPORTED: "the selected application is not the JPKI applet; select it first",
    SW.CLA_NOT_SUPPORTED: "the selected application is not the JPKI applet; select it first",
}


class WrongPinError(UnexpectedStatusError):
    """The PIN was wrong; ``tries_left`` more may follow before it is blocked."""

    def __init__(self, slot: Slot, sw: int) -> None:
        self.slot = slot
        self.tries_left = sw & 0xF
        advice = f"{self.tries_left} more before it is blocked" if self.tries_left else "it is blocked now"
        super().__init__(f"VERIFY {slot.pin_name}", sw, hint=f"the {slot.pin_name} is wrong; {advice}")


def checked(response: ResponseApdu, command: str) -> bytes:
    """The data of a response whose status word is 9000, else UnexpectedStatusError with what to do."""
    return check(response, command, hint=HINTS.get(response.sw, "")).data
