"""Keys in transient memory (Java Card API 3.0.4, KeyBuilder)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS,))
SET, INITIALIZED, MAC = 0x01, 0x02, 0x03
KEY = bytes(range(16))


def test_keys_live_as_long_as_their_type_says(make_card: MakeCard) -> None:
    """JCardSim wipes both kinds at a mere re-selection and still calls them initialized: it computes with zeros."""
    card = make_card("TransientKeys")
    card.start("TransientKeys")
    assert card.ask(INITIALIZED) == b"\x00\x00"
    card.ask(SET, KEY)
    assert card.ask(INITIALIZED) == b"\x01\x01"
    card.select("TransientKeys")
    assert card.ask(INITIALIZED) == b"\x01\x00"
    mac = CMAC(AES(KEY))
    mac.update(bytes((0, MAC, 0, 0)))
    assert card.ask(MAC) == mac.finalize()
    card.reset()
    card.select("TransientKeys")
    assert card.ask(INITIALIZED) == b"\x00\x00"
    assert card.send(MAC).sw == SW.UNKNOWN
    assert "CryptoException" in card.runtime.unknown_cause()
