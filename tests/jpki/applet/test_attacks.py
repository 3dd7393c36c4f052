"""What the applet does when two things differ that never do: somebody disturbs the card (How decisions are made).

The difference is put into memory, where a fault would leave it; what single faults do is in test_every_fault.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.inspector import CardObject
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import proof_message
from tests.jpki.applet.cards import PINS, Device, JpkiCard
from tests.jpki.applet.heap import applet_object

SIGNING, AUTHENTICATION = Slot
HASH = bytes(range(32))
END = 32  # Alarm.END
NEITHER = b"\x12\x34\x12\x34"  # value and complement of a Twin that are none


def part(jpki: JpkiCard, slot: Slot, *names: str) -> CardObject:
    found: CardObject = applet_object(jpki.card.simulated).field(slot.name.lower())
    for name in names:
        found = found.field(name)
    return found


def sign(jpki: JpkiCard, slot: Slot = SIGNING) -> int:
    return jpki.sw(0x80, 0x2A, 0x02, slot.key_reference, HASH, 256)


def unmark(jpki: JpkiCard, slot: Slot = SIGNING) -> None:
    """OwnerPIN says that the PIN was verified, the applet's own mark does not."""
    part(jpki, slot, "pin", "verified").put("cells", NEITHER)


def attack(jpki: JpkiCard) -> None:
    jpki.verify(SIGNING)
    unmark(jpki)
    assert sign(jpki) == SW.SECURITY_ISSUE


def test_an_attack_ends_all_sessions_and_is_counted(jpki: JpkiCard) -> None:
    device = Device.create()
    jpki.verify(AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
    proof = device.prove(proof_message(jpki.client.challenge(), HASH, DeviceMethod.BIOMETRIC))
    tsm = jpki.tsm()
    assert tsm.status().attacks == 0
    attack(jpki)
    assert not jpki.is_verified(SIGNING)
    assert not jpki.is_verified(AUTHENTICATION)
    assert jpki.sw(0x80, 0x2E, 0x03, AUTHENTICATION.key_reference, HASH + proof, 256) == SW.CONDITIONS_NOT_SATISFIED
    assert jpki.sw(0x84, 0xF2, 0, 0, bytes(8), 256) == SW.SECURITY_STATUS_NOT_SATISFIED, "the channel is closed"
    status = jpki.status()
    assert status.attacks == 1
    assert status.slots[SIGNING].signature_counter == 0
    jpki.verify(SIGNING)
    assert sign(jpki) == SW.OK


def test_a_reset_forgets_no_attack(jpki: JpkiCard) -> None:
    attack(jpki)
    jpki.reset()
    attack(jpki)
    assert jpki.status().attacks == 2


def test_at_the_end_only_the_tsm_is_served(jpki: JpkiCard) -> None:
    """And it takes the attacked key away."""
    for _ in range(END):
        attack(jpki)
    for _ in range(2):
        assert jpki.sw(0x00, 0x20, 0x00, SIGNING.pin_reference, PINS[SIGNING]) == SW.SECURITY_ISSUE
        assert sign(jpki) == SW.SECURITY_ISSUE
        assert jpki.sw(0x00, 0xB0, 0x86, 0x00, le=160) == SW.SECURITY_ISSUE
        assert jpki.status().attacks == END
    assert jpki.sw(0x00, 0x20, 0x00, SIGNING.pin_reference) == SW.SECURITY_ISSUE
    jpki.tsm().delete_slot(AUTHENTICATION)
    assert jpki.status().attacks == 0
    jpki.verify(SIGNING)
    assert sign(jpki) == SW.OK


def test_at_the_end_further_attacks_are_not_counted(jpki: JpkiCard) -> None:
    """The TSM is told how many there were: the number does not run over."""
    for _ in range(END):
        attack(jpki)
    state = part(jpki, SIGNING, "state")
    state.put("cells", (state.field("cells")[0] & 0xFFFF).to_bytes(2, "big") + bytes(2))
    with pytest.raises(UnexpectedStatusError, match=f"{SW.SECURITY_ISSUE:04X}"):
        jpki.tsm().generate_key_pair(SIGNING, renew=True)
    assert jpki.status().attacks == END


def test_at_the_end_no_other_instruction_is_looked_at(jpki: JpkiCard) -> None:
    """Neither lower nor higher than INITIALIZE UPDATE; unknown ones are not told apart either."""
    for _ in range(END):
        attack(jpki)
    for ins in (0x00, 0x2E, 0x4F, 0x51, 0x7F, 0x80, 0xCA, 0xFF):
        assert jpki.sw(0x80, ins, 0x00, 0x00) == SW.SECURITY_ISSUE, hex(ins)


TWINS: dict[str, tuple[tuple[str, ...], Callable[[JpkiCard], int]]] = {
    "state of the PIN": (("pin", "state"), lambda jpki: verify(jpki)),
    "key": (("state",), sign),
}


def verify(jpki: JpkiCard) -> int:
    return jpki.sw(0x00, 0x20, 0x00, SIGNING.pin_reference, PINS[SIGNING])


@pytest.mark.parametrize(("names", "use"), TWINS.values(), ids=TWINS.keys())
def test_a_state_whose_complement_differs_is_an_attack(
    jpki: JpkiCard, names: tuple[str, ...], use: Callable[[JpkiCard], int]
) -> None:
    jpki.verify(SIGNING)
    twin = part(jpki, SIGNING, *names)
    value, complement = twin.field("cells")
    twin.put("cells", b"".join((one & 0xFFFF).to_bytes(2, "big") for one in (value, complement ^ 1)))
    assert use(jpki) == SW.SECURITY_ISSUE
    assert jpki.status().attacks == 1


def test_a_counter_whose_complement_differs_counts_no_use(jpki: JpkiCard) -> None:
    """What is written is made of the complement, what is expected of the value (C5)."""
    part(jpki, SIGNING, "uses").put("value", b"\0\0\0\x05\xff\xff\xff\xf9")
    jpki.verify(SIGNING)
    assert sign(jpki) == SW.SECURITY_ISSUE
    assert jpki.status().slots[SIGNING].signature_counter == 5


def test_a_mark_alone_is_no_verified_pin(jpki: JpkiCard) -> None:
    """OwnerPIN is asked, too: that is an ordinary refusal."""
    jpki.verify(SIGNING)
    cells = part(jpki, SIGNING, "pin", "verified").field("cells")
    jpki.reset()
    part(jpki, SIGNING, "pin", "verified").put("cells", b"".join((one & 0xFFFF).to_bytes(2, "big") for one in cells))
    assert sign(jpki) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status().attacks == 0
