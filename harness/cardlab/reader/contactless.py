"""A card behind the antenna of a reader: what PC/SC shows of it instead of its answer to reset."""

from __future__ import annotations

from cardlab.iso7816.atr import Atr, MalformedAtrError, type_a_atr, type_b_atr
from cardlab.runtime.interface import Media
from cardlab.transport import Layer, Transport

_APPLICATION_DATA = bytes(4)  # ATQB of a card that names no application family (ISO/IEC 14443-3:2018, 7.9.3)
_PROTOCOL_INFO = bytes.fromhex("007171")  # 106 kbit/s, frames of 256 bytes, ISO/IEC 14443-4, FWI 7, no CID (7.9.4)


class AtrOf(Layer):
    """The same card with the ATR that a reader shows for this medium, or with the one given."""

    def __init__(self, lower: Transport, media: Media, given: bytes | None = None) -> None:
        super().__init__(lower)
        self._media = media
        self._given = given

    def over(self, media: Media) -> None:
        """From now on the reader reaches the card by this medium."""
        self._media = media

    @property
    def atr(self) -> bytes:
        return self._given or contactless_atr(self._lower.atr, self._media)

    def reset(self) -> bytes:
        self._lower.reset()
        return self.atr


def contactless_atr(atr: bytes, media: Media) -> bytes:
    """The ATR as it is, but for contactless types: A has its historical bytes, B fixed protocol data."""
    if media is Media.CONTACTLESS_TYPE_B:
        return type_b_atr(_APPLICATION_DATA, _PROTOCOL_INFO)
    if media is not Media.CONTACTLESS_TYPE_A:
        return atr
    try:
        return type_a_atr(Atr.parse(atr).historical)
    except MalformedAtrError:
        return type_a_atr(b"")
