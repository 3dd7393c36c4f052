"""A card that does whatever it is asked: a guard alone stands before it."""

from __future__ import annotations

from cardlab.globalplatform.scp03 import InitializeUpdateResponse, Option, StaticKeys
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.lab.guard import Guard, HeldBackError

OK = b"\x90\x00"
CARD_CHALLENGE = bytes(range(8))


def proof(keys: StaticKeys, command: CommandApdu) -> ResponseApdu:
    """What a card with these keys answers to INITIALIZE UPDATE."""
    cryptogram = keys.session(command.data, CARD_CHALLENGE).card_cryptogram
    answer = InitializeUpdateResponse(bytes(10), 0x30, Option.NONE, CARD_CHALLENGE, cryptogram)
    return ResponseApdu(answer.to_bytes(), 0x9000)


class Willing:
    """Proves that it has these keys, and says 9000 to all else, or what ``forged`` says for an instruction."""

    atr = bytes.fromhex("3B00")

    def __init__(self, keys: StaticKeys) -> None:
        self.keys = keys
        self.seen: list[bytes] = []
        self.forged: dict[int, bytes] = {}

    def transmit(self, command: bytes) -> bytes:
        self.seen.append(command)
        if command[1] in self.forged:
            return self.forged[command[1]]
        return proof(self.keys, CommandApdu.from_bytes(command)).to_bytes() if command[1] == 0x50 else OK

    def reset(self) -> bytes:
        return self.atr

    def close(self) -> None:
        self.seen.clear()


def held_back(guard: Guard, command: CommandApdu | bytes) -> str:
    """Why a command is not sent; empty when it is."""
    try:
        guard.transmit(command if isinstance(command, bytes) else command.to_bytes())
    except HeldBackError as refused:
        return str(refused)
    return ""
