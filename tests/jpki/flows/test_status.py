"""What the app says of its phone is true (E1), whatever became of PINs, certificates and orders."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from jpki.client.constants import DeviceMethod, Slot
from jpki.client.errors import WrongPinError
from jpki.parties.api import CertificateService
from jpki.parties.ca import suspension
from jpki.parties.messages import PeerError
from jpki.parties.network import LinkLostError
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.status import RENEWAL_NOTICE, CertificateCondition, Phase, PhoneStatus
from jpki.parties.recorder import Party
from jpki.parties.world import World
from tests.jpki.flows.worlds import OTHER_PINS, HandSet, Person

SIGNING, AUTHENTICATION = BOTH


def serial(world: World, slot: Slot) -> int:
    (one,) = (found for found in world.provider_records.certificates_of("hanako") if found.slot is slot)
    return one.serial


def block(world: World, slot: Slot) -> None:
    app = world.app("p1", Person(pins=dict(OTHER_PINS)))
    for _ in range(slot.tries):
        with suppress(WrongPinError):
            app.show(slot)


def revoke(world: World, slot: Slot) -> None:
    world.ca.revoke(serial(world, slot))


def order_away(world: World, slot: Slot) -> None:
    world.sp_tsm.order_removal(serial(world, slot))


Harm = Callable[[World, Slot], None]
HARMS: dict[str, tuple[Harm, str, Phase]] = {
    "blocked": (block, "is blocked: reset it", Phase.INITIAL_SETUP),
    "revoked": (revoke, "is revoked: issue another", Phase.APPLET_READY),
    "ordered away": (order_away, "certificate is ordered: it goes", Phase.APPLET_READY),
}


def status(world: World) -> PhoneStatus:
    return world.app("p1", Person()).status()


def test_all_is_well(issued: World) -> None:
    found = status(issued)
    assert (found.phase, found.pending, found.notices) == (Phase.SERVICE_USE, None, ())
    assert found.registered == (DeviceMethod.BIOMETRIC,)
    assert [(one.slot, one.condition, one.serial) for one in found.slots] == [
        (slot, CertificateCondition.GOOD, serial(issued, slot)) for slot in BOTH
    ]
    assert [one.tries_left for one in found.slots] == [slot.tries for slot in BOTH]
    assert [one.not_after for one in found.slots] == [
        issued.app("p1", Person()).show(slot).certificate.not_valid_after_utc for slot in BOTH
    ]


@pytest.mark.parametrize("harm", HARMS)
def test_what_cannot_be_used(issued: World, harm: str) -> None:
    """One certificate after the other: in service while one of them works, and back in an earlier phase after that."""
    act, said, phase = HARMS[harm]
    act(issued, SIGNING)
    found = status(issued)
    assert found.phase is Phase.SERVICE_USE
    assert [said in " ".join(one.hindrances) for one in found.slots] == [True, False]
    assert CertificateService(issued.app("p1", Person())).is_ready()
    act(issued, AUTHENTICATION)
    found = status(issued)
    assert found.phase is phase
    assert all(said in " ".join(one.hindrances) for one in found.slots)
    assert not CertificateService(issued.app("p1", Person())).is_ready()


def test_suspended_and_released(issued: World) -> None:
    """The authentication certificate alone can be; when it is all there is, the phone is not in use."""
    app, card = issued.app("p1", Person()), issued.my_number_card("hanako")
    suspension.suspend(issued.ca, serial(issued, AUTHENTICATION))
    assert [one.condition for one in app.check_validity()] == [
        CertificateCondition.GOOD,
        CertificateCondition.SUSPENDED,
    ]
    app.revoke(card, (SIGNING,))
    assert app.status().phase is Phase.INITIAL_SETUP
    assert app.status().notices == ("the authentication certificate is suspended: release it",)
    app.release(card)
    assert app.status().phase is Phase.SERVICE_USE


def test_after_its_deletion(issued: World) -> None:
    """E5: what was carried out is gone from the status too."""
    order_away(issued, AUTHENTICATION)
    app = issued.app("p1", Person())
    assert app.status().registered == ()
    app.collect()
    assert [one.slot for one in app.status().slots] == [SIGNING]
    assert app.registered == ()


def test_a_replaced_phone(issued: World) -> None:
    """E4: it has keys, and its certificates are revoked; it says so before it has heard of its order."""
    issued.app("p2", Person()).issue(issued.my_number_card("hanako"))
    found = status(issued)
    assert found.phase is Phase.APPLET_READY
    assert {one.condition for one in found.slots} == {CertificateCondition.REVOKED}
    assert all(one.ordered_away for one in found.slots)


def test_a_new_installation_of_the_app(issued: World) -> None:
    """E2: it is told nothing of what another installation has, and can only issue."""
    issued.uninstall_app("p1")
    found = status(issued)
    assert found.phase is Phase.APPLET_READY
    assert {(one.condition, one.serial) for one in found.slots} == {(CertificateCondition.UNKNOWN, None)}


def test_when_nobody_can_be_reached(issued: World) -> None:
    """What the card says stands; of the rest it says that it did not ask."""

    def silent(_sender: Party, receiver: Party, answer: bytes) -> bytes:
        raise LinkLostError(f"no way to the {receiver}, nor for {len(answer)} bytes back")

    block(issued, SIGNING)
    issued.network.line = silent
    found = status(issued)
    assert {one.condition for one in found.slots} == {CertificateCondition.NOT_ASKED}
    assert [one.blocked for one in found.slots] == [True, False]
    assert found.phase is Phase.SERVICE_USE


@pytest.mark.parametrize(
    ("before_the_end", "condition", "due"),
    [
        (RENEWAL_NOTICE.total_seconds() + 60, CertificateCondition.GOOD, False),
        (RENEWAL_NOTICE.total_seconds() - 60, CertificateCondition.GOOD, True),
        (60, CertificateCondition.GOOD, True),
        (-60, CertificateCondition.EXPIRED, False),
    ],
)
def test_renewal_is_announced(
    dated: World, later: HandSet, before_the_end: float, condition: CertificateCondition, due: bool
) -> None:
    """Three months before the end; a certificate that has ended is no longer one to renew."""
    ends = status(dated).slots[0].not_after
    assert ends is not None
    later.now = ends
    later.advance(-before_the_end)
    found = status(dated)
    assert {(one.condition, one.renewal_due) for one in found.slots} == {(condition, due)}
    assert any(f"ends on {ends:%Y-%m-%d}: renew it" in text for text in found.notices) is due


def test_interrupted(empty: World) -> None:
    """Whatever the card holds by then: it is being set up."""
    app = empty.app("p1", Person())
    empty.network.cutter.at = frozenset((empty.network.cutter.count + 150,))
    with pytest.raises(LinkLostError):
        app.issue(empty.my_number_card("hanako"))
    empty.network.cutter.at = frozenset()
    found = app.status()
    assert found.phase is Phase.INITIAL_SETUP and found.pending is not None
    app.resume()
    assert app.status().phase is Phase.SERVICE_USE


def test_nobody_else_is_told(issued: World) -> None:
    """A phone is told of its own certificates; J-LIS tells a state to whoever knows the serial number."""
    from jpki.parties.messages import AskCertificates, Certificates

    se_id = issued.cards.simulated(issued.phone_card("p1")).se_id
    for sender in (Party.SEI_TSM, Party.VERIFIER):
        with pytest.raises(PeerError):
            issued.network.call(sender, Party.SP_TSM, AskCertificates(se_id, "app"), Certificates)
    told = issued.network.call(Party.PHONE, Party.SP_TSM, AskCertificates(se_id, "another"), Certificates)
    assert told == Certificates((), ())
