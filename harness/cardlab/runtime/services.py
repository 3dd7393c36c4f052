"""What the card offers to a running applet: the calls of org.globalplatform (GP Card API 1.6)."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Protocol


@unique
class Service(IntEnum):
    """The calls that org.globalplatform.GPSystem and SecureChannel pass on to the card (GP Card API 1.6).

    The argument and the result are bytes; what they hold is said beside each.
    """

    PROCESS_SECURITY = 1  # whole command APDU -> response data
    UNWRAP = 2  # whole command APDU -> whole plain command APDU (CLA without the secure messaging bit, new Lc, no Le)
    WRAP = 3  # response data and expected SW -> secured response data, without SW
    DECRYPT_DATA = 4  # data -> data under the session's data encryption key
    ENCRYPT_DATA = 5  # data -> data
    RESET_SECURITY = 6  # nothing -> nothing
    GET_SECURITY_LEVEL = 7  # nothing -> 1 byte
    GET_CARD_STATE = 8  # nothing -> 1 byte (GPSystem.getCardState)
    GET_APPLICATION_STATE = 9  # AID, or nothing for the caller -> 1 byte (GPSystem.getCardContentState)
    SET_APPLICATION_STATE = 10  # 1 byte -> 1 byte, 01 when done
    LOCK_CARD = 11  # nothing -> 1 byte, 01 when done
    TERMINATE_CARD = 12  # nothing -> 1 byte, 01 when done
    SET_HISTORICAL_BYTES = 13  # bytes -> 1 byte, 01 when done
    GET_PRIVILEGES = 14  # AID, or nothing for the caller -> 3 bytes; REFERENCED_DATA_NOT_FOUND when there is none


class CardServices(Protocol):
    """What the card offers to a running applet."""

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        """Serve one call of the applet ``instance_aid``; returns a status word (9000 when done) and the result."""

    def deselected(self) -> None:
        """The deselect() of the current channel's applet has returned; what follows is the next one's."""

    def warned(self, message: str) -> None:
        """An applet did what a test should be told, though the card goes on: what and where, for people."""
