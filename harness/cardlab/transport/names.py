"""What a command is called, and what of it must not be seen."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.transport.secrets import Secrets

COMMAND_NAMES: Mapping[int, str] = {
    # ISO/IEC 7816-4:2020 Table 5, 7816-8
    0x0E: "ERASE BINARY",
    0x20: "VERIFY",
    0x22: "MANAGE SECURITY ENVIRONMENT",
    0x24: "CHANGE REFERENCE DATA",
    0x2A: "PERFORM SECURITY OPERATION",
    0x2C: "RESET RETRY COUNTER",
    0x46: "GENERATE ASYMMETRIC KEY PAIR",
    0x70: "MANAGE CHANNEL",
    0x82: "EXTERNAL AUTHENTICATE",
    0x84: "GET CHALLENGE",
    0x88: "INTERNAL AUTHENTICATE",
    0xA4: "SELECT",
    0xB0: "READ BINARY",
    0xB2: "READ RECORD",
    0xC0: "GET RESPONSE",
    0xCA: "GET DATA",
    0xCB: "GET DATA",
    0xD6: "UPDATE BINARY",
    0xDA: "PUT DATA",
    # GlobalPlatform Card Specification 2.3.1, chapter 11 and D.4
    0x50: "INITIALIZE UPDATE",
    0xD8: "PUT KEY",
    0xE2: "STORE DATA",
    0xE4: "DELETE",
    0xE6: "INSTALL",
    0xE8: "LOAD",
    0xF0: "SET STATUS",
    0xF2: "GET STATUS",
}

_INS_INITIALIZE_UPDATE = 0x50
_INS_EXTERNAL_AUTHENTICATE = 0x82
_INS_SELECT = 0xA4


def command_name(ins: int, names: Mapping[int, str] = COMMAND_NAMES) -> str:
    """The command's name, or its instruction byte when nobody named it."""
    return names.get(ins, f"INS {ins:02X}")


class Redactor:
    """Writes messages as hexadecimal, with the data of commands left out that ``secrets`` hides: PINs, keys and more.

    Commands that a secure channel has encrypted are written as they are. EXTERNAL AUTHENTICATE shows which those are,
    so give it every exchange of a session in order.
    """

    def __init__(self, *, show_secrets: bool = False, secrets: Secrets | None = None) -> None:
        self._show = show_secrets
        self._secrets = secrets or Secrets()
        self._encrypted = False

    def command(self, raw: bytes) -> str:
        """A command in hexadecimal, ``0020009804[4 bytes]`` where data was left out."""
        try:
            command = CommandApdu.from_bytes(raw)
        except MalformedApduError:
            return raw.hex().upper() if self._show else f"{raw[:4].hex().upper()}[{len(raw[4:])} bytes]"
        if self._show or not self._hides(command):
            return raw.hex().upper()
        start = 7 if raw[4] == 0 else 5  # behind Lc in its extended or its short form
        end = start + len(command.data)
        return f"{raw[:start].hex().upper()}[{len(command.data)} bytes]{raw[end:].hex().upper()}"

    def seen(self, command: bytes, response: bytes) -> None:
        """Take note of an exchange that has taken place."""
        try:
            sent, answer = CommandApdu.from_bytes(command), ResponseApdu.from_bytes(response)
        except MalformedApduError:
            return
        if sent.ins == _INS_EXTERNAL_AUTHENTICATE and sent.cla & 0x84 == 0x84:
            self._encrypted = answer.ok and bool(sent.p1 & 0x02)  # Amendment D Table 7-3: C-DECRYPTION
        elif sent.ins == _INS_INITIALIZE_UPDATE or (sent.ins == _INS_SELECT and sent.p1 == 4):
            self._encrypted = False

    def reset(self) -> None:
        """The card was reset, and no channel is open."""
        self._encrypted = False

    def _hides(self, command: CommandApdu) -> bool:
        if not command.data or not self._secrets.hide(command.header):
            return False
        return not (self._encrypted and command.cla & 0x04)
