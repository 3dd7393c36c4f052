"""T=0, where a command that only asks for data looks like one that only brings data (ISO/IEC 7816-3:2006, 12.2.3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cardlab.card.profiles import card_profile
from cardlab.runtime.interface import Media, TransmissionProtocol
from jpki.client.constants import INSTANCE_AID, Slot
from jpki.evidence.carrying import try_profile
from tests.jpki.applet.cards import CERTIFICATES, PINS, JpkiCard

pytestmark = pytest.mark.needs("inside")


def over_t0(jpki: JpkiCard) -> Callable[[str], bytes]:
    """Resets the card to T=0, selects the applet, and gives what sends it a command; the answer must be 9000."""
    runtime = jpki.card.simulated.runtime
    runtime.reset(TransmissionProtocol.T0, Media.CONTACT)
    name = bytes((0x00, 0xA4, 0x04, 0x0C, len(INSTANCE_AID))) + INSTANCE_AID
    assert runtime.select(INSTANCE_AID, name) == b"\x90\x00"

    def send(command: str) -> bytes:
        answer = runtime.process(bytes.fromhex(command))
        assert answer[-2:] == b"\x90\x00", f"{command}: {answer[-2:].hex()} {runtime.unknown_cause()}"
        return answer[:-2]

    return send


def test_commands_that_ask_for_data(jpki: JpkiCard) -> None:
    send = over_t0(jpki)
    assert send("00B0860014") == b"JPKIAPGPSETOKEN     "
    assert len(send("0084000020")) == 32
    pin = PINS[Slot.SIGNING]
    send(f"0020009B{len(pin):02X}{pin.hex()}")
    assert send("00B0810100") == CERTIFICATES[Slot.SIGNING][1:257]
    assert send("00B08100FF") == CERTIFICATES[Slot.SIGNING][:255]
    assert len(send("802E009A20" + bytes(32).hex() + "00")) == 256
    assert send("80CA01A075")[-32:] == bytes(32)


def test_a_card_that_takes_bytes_one_by_one_and_has_its_answers_fetched() -> None:
    """From LOAD to signatures with secure messaging, over 61xx, 6Cxx and input blocks of one byte."""
    settings = ("protocol=T0", "short_le=6cxx", "long_response=61xx", "incoming_block=1")
    trial = try_profile(card_profile("default").having(settings))
    assert (trial.refused, trial.reason) == (None, "")
    assert {len(signature) for signature in trial.signatures.values()} == {256}
