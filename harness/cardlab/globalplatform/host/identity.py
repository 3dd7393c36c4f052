"""Which card it is, for whoever must not write to the wrong one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cardlab.errors import CardError
from cardlab.globalplatform.constants import TAG_CPLC
from cardlab.globalplatform.host.card_data import parse_cplc
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.transport import Transport


@dataclass(frozen=True, slots=True)
class CardIdentity:
    """A card's ATR, and the chip's serial number in its production data (CPLC, GET DATA 9F7F; 4 bytes)."""

    atr: bytes
    serial: bytes

    def __str__(self) -> str:
        return f"{self.atr.hex()}-{self.serial.hex()}".upper()

    def is_named(self, text: str) -> bool:
        """Whether somebody wrote this identity, in upper or lower case."""
        return text.upper() == str(self)

    @classmethod
    def read(cls, card: Transport) -> Self:
        """Asked of the card, without authentication; raises CardError when it does not tell."""
        client = GlobalPlatformClient(card)
        client.select()
        raw = client.get_data(TAG_CPLC)
        if raw is None:
            raise CardError(
                "the card has no production data (CPLC), so it cannot be told from others of its type",
                hint="only cards that can be told apart are written to",
            )
        return cls(card.atr, parse_cplc(raw).ic_serial_number)
