"""A refused order changes nothing: not in anybody's records, not on a card, not for what somebody else had begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cardlab.errors import RefusedError
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.errors import WrongPinError
from jpki.parties.attestation import Condition
from jpki.parties.ca import suspension
from jpki.parties.messages import Feature, PeerError
from jpki.parties.network import LinkLostError
from jpki.parties.phone.managing import BOTH, PendingError
from jpki.parties.policy import LIFE
from jpki.parties.world import World
from tests.jpki.flows.snapshot import snapshot
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import OTHER_PINS, PINS, HandSet, Person

SIGNING, AUTHENTICATION = BOTH


def serial(world: World, slot: Slot, *, medium: str = "PHONE") -> int:
    return next(
        one.serial for one in world.ca.certificates_of("hanako") if (one.slot, one.medium.name) == (slot, medium)
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An order, why it is refused, and what has to come before it."""

    order: Callable[[World], object]
    reason: str
    before: Callable[[World], object] = lambda _world: None


REFUSALS: dict[str, Refusal] = {
    "release what is good": Refusal(
        lambda world: world.app("p1", Person()).release(world.my_number_card("hanako")), "no suspension to end"
    ),
    "release what is revoked": Refusal(
        lambda world: world.app("p1", Person()).release(world.my_number_card("hanako")),
        "no suspension to end",
        lambda world: world.ca.revoke(serial(world, AUTHENTICATION)),
    ),
    "suspend a signing certificate": Refusal(
        lambda world: suspension.suspend(world.ca, serial(world, SIGNING)), "only authentication certificates"
    ),
    "release a signing certificate": Refusal(
        lambda world: suspension.release(world.ca, serial(world, SIGNING)), "only authentication certificates"
    ),
    "suspend twice": Refusal(
        lambda world: suspension.suspend(world.ca, serial(world, AUTHENTICATION)),
        "cannot be suspended",
        lambda world: suspension.suspend(world.ca, serial(world, AUTHENTICATION)),
    ),
    "suspend what is revoked": Refusal(
        lambda world: suspension.suspend(world.ca, serial(world, AUTHENTICATION)),
        "cannot be suspended",
        lambda world: world.ca.revoke(serial(world, AUTHENTICATION)),
    ),
    "delete what is on no phone": Refusal(
        lambda world: world.sp_tsm.order_removal(serial(world, SIGNING, medium="CARD")), "not on any phone"
    ),
    "renew what is another's": Refusal(
        lambda world: world.app("p1", Person()).renew(world.my_number_card("taro")), "no signing certificate of yours"
    ),
    "reset what is another's": Refusal(
        lambda world: world.app("p1", Person()).reset_pin(world.my_number_card("taro"), BOTH), "certificate of yours"
    ),
    "revoke what is another's": Refusal(
        lambda world: world.app("p1", Person()).revoke(world.my_number_card("taro")), "certificate of yours"
    ),
    "issue on a phone that was tampered with": Refusal(
        lambda world: world.app("p1", Person()).issue(world.my_number_card("hanako")),
        "tampered",
        lambda world: world.tamper("p1", Condition.HOOKED.integrity),
    ),
    "issue with a card that is revoked": Refusal(
        lambda world: world.app("p1", Person()).issue(world.my_number_card("hanako")),
        "revoked",
        lambda world: world.ca.revoke(serial(world, SIGNING, medium="CARD")),
    ),
    "issue nothing": Refusal(
        lambda world: world.app("p1", Person()).issue(world.my_number_card("hanako"), ()), "nothing to"
    ),
    "renew nothing": Refusal(
        lambda world: world.app("p1", Person()).renew(world.my_number_card("hanako"), ()), "nothing to"
    ),
    "register what is not there": Refusal(
        lambda world: world.app("p1", Person()).authenticate(b"text", DeviceMethod.LOCK_SCREEN), "not registered"
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refused_order_changes_nothing(issued: World, name: str) -> None:
    """E3, E8; and that the refusal is the one that is meant."""
    refusal = REFUSALS[name]
    refusal.before(issued)
    issued.app("p1", Person()).status()  # what an app finds out and keeps for itself
    before = snapshot(issued)
    with pytest.raises((PeerError, RefusedError), match=refusal.reason):
        refusal.order(issued)
    assert snapshot(issued) == before


def test_a_method_that_is_switched_off_is_not_registered(dated: World, later: HandSet) -> None:
    """E7: neither on the card nor in the Keystore."""
    app = dated.app("p1", Person())
    later.advance(LIFE)
    dated.sp_tsm.set_feature("M1", Feature.LOCK_SCREEN, enabled=False)
    app.authenticate(b"text")
    before = snapshot(dated)
    with pytest.raises(RefusedError, match="switched off"):
        app.register_device_auth(DeviceMethod.LOCK_SCREEN)
    assert snapshot(dated) == before


def test_a_refused_order_does_not_end_what_had_begun(issued: World) -> None:
    """Another resident's application on the same phone, while one was interrupted: the first is resumed (E6)."""
    app, card, cutter = issued.app("p1", Person()), issued.my_number_card("hanako"), issued.network.cutter
    cutter.at = frozenset((cutter.count + 90,))
    with pytest.raises(LinkLostError):
        app.renew(card)
    cutter.at = frozenset()
    with pytest.raises(PendingError):
        app.release(card)
    journal = app.pending
    assert journal is not None
    app.abandon()  # on purpose, to send another order from the same installation
    with pytest.raises(PeerError, match="no suspension to end"):
        app.release(card)
    open_cases = issued.provider_records.open_cases()
    assert [one.request_id for one in open_cases] == [journal.request_id]


def test_a_wrong_pin_registers_nothing(dated: World) -> None:
    """C2: the try is counted, and that is all."""
    dated.app("p1", Person()).authenticate(b"text")  # and with it the app knows what its model may
    app = dated.app("p1", Person(pins=dict(OTHER_PINS)))
    before = snapshot(dated)
    with pytest.raises(WrongPinError):
        app.register_device_auth(DeviceMethod.LOCK_SCREEN)
    after = snapshot(dated)
    assert {name for name in before if before[name] != after[name]} == {"card of p1"}
    check_slot_in_use(dated, "p1", "hanako", AUTHENTICATION, PINS[AUTHENTICATION])
    assert app.registered == (DeviceMethod.BIOMETRIC,)
