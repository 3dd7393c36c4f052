"""Each function of the app, uninterrupted (E1 to E5, E7, E8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from cardlab.errors import VerificationError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from jpki.certificates.indicator import Method
from jpki.client.constants import INSTANCE_AID, DeviceMethod, PinState, Slot
from jpki.client.errors import WrongPinError
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.parties.attestation import Condition
from jpki.parties.ca.status import CertStatus
from jpki.parties.messages import PeerError
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.status import Phase
from jpki.parties.recorder import FlowEventKind, Party, Section
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, check_signature, check_slot_in_use, check_world
from tests.jpki.flows.worlds import OTHER_PINS, PINS, Person


def round_trips(world: World) -> int:
    """Between phones and TSM."""
    events = world.network.recorder.events
    return len([one for one in events if one.receiver is Party.SP_TSM and one.name in ("Begin", "Answers")])


def contents(message: bytes) -> Iterator[bytes]:
    """The message as it is sent, and every byte string in it: they are written in base64."""
    yield message
    queue = [json.loads(message)]
    while queue:
        value = queue.pop()
        if isinstance(value, dict | list):
            queue += value.values() if isinstance(value, dict) else value
        elif isinstance(value, str):
            with suppress(ValueError):
                yield base64.b64decode(value, validate=True)


def test_issuing_both_from_an_empty_phone(empty: World) -> None:
    """A2, B2, B5, E1; in six round trips between phone and TSM, installation included."""
    person = Person()
    app = empty.app("p1", person)
    assert app.phase() is Phase.APP_READY
    finished = app.issue(empty.my_number_card("hanako"))
    assert [slot for slot, _ in finished.serials] == list(BOTH)
    assert app.phase() is Phase.SERVICE_USE
    for slot in BOTH:
        check_slot_in_use(empty, "p1", "hanako", slot, PINS[slot])
    check_signature(empty, app.sign(b"text"), "hanako", Slot.SIGNING)
    check_signature(empty, app.authenticate(b"challenge"), "hanako", Slot.AUTHENTICATION)
    check_world(empty)
    events = empty.network.recorder.events
    assert round_trips(empty) == 6
    told = [raw for one in events if one.kind is FlowEventKind.MESSAGE for raw in (one.request, one.response) if raw]
    said = b"\n".join(part for raw in told for part in contents(raw))
    assert INSTANCE_AID in said, "the commands that the messages carry are looked at"
    assert not any(secret in said for secret in (*PINS.values(), person.password))
    assert {one.section for one in events} >= set(Section) - {Section.OTHER}


@pytest.mark.parametrize("slot", BOTH)
def test_issuing_one_and_then_the_other(empty: World, slot: Slot) -> None:
    """A2: either alone."""
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    app.issue(card, (slot,))
    check_slot_in_use(empty, "p1", "hanako", slot, PINS[slot])
    found = card_state(empty, "p1")
    assert found is not None and len(found[1]) == 1
    (other,) = set(BOTH) - {slot}
    app.issue(card, (other,))
    for one in BOTH:
        check_slot_in_use(empty, "p1", "hanako", one, PINS[one])


def test_issuing_again_erases_what_was_there(issued: World) -> None:
    """A4: the old key, certificate and PIN are gone, the old certificates are revoked."""
    old = {one.serial for one in issued.provider_records.certificates_of("hanako")}
    person = Person(pins=dict(OTHER_PINS), new=dict(OTHER_PINS))
    issued.app("p1", person).issue(issued.my_number_card("hanako"))
    assert round_trips(issued) == 5
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "hanako", slot, OTHER_PINS[slot])
    assert all(issued.ca.status(serial).state is CertStatus.REVOKED for serial in old)
    check_world(issued)


def test_renewing_keeps_the_pins(issued: World) -> None:
    app = issued.app("p1", Person())
    before = card_state(issued, "p1")
    finished = app.renew(issued.my_number_card("hanako"))
    after = card_state(issued, "p1")
    assert before and after and all(before[1][slot] != after[1][slot] for slot in BOTH)
    for slot, serial in finished.serials:
        check_slot_in_use(issued, "p1", "hanako", slot, PINS[slot])
        assert issued.ca.status(serial).state is CertStatus.GOOD
    check_world(issued)


@pytest.mark.parametrize("with_card", [True, False])
def test_revoking(issued: World, with_card: bool) -> None:
    """By the card, or by the phone's own signing certificate; the phone goes back to an earlier phase (E1, E3)."""
    app = issued.app("p1", Person())
    serials = dict(app.revoke(issued.my_number_card("hanako") if with_card else None).serials)
    assert all(issued.ca.status(serial).state is CertStatus.REVOKED for serial in serials.values())
    found = card_state(issued, "p1")
    assert found is not None and not found[1]
    assert app.phase() is Phase.APPLET_READY
    assert not issued.provider_records.certificates_of("hanako")


def test_releasing_a_suspension(issued: World) -> None:
    """E3."""
    (serial,) = (
        one.serial for one in issued.provider_records.certificates_of("hanako") if one.slot is Slot.AUTHENTICATION
    )
    issued.ca.suspend(serial)
    issued.app("p1", Person()).release(issued.my_number_card("hanako"))
    assert issued.ca.status(serial).state is CertStatus.GOOD


def test_changing_a_pin(issued: World) -> None:
    """B6: with the present one only."""
    person = Person(new=dict(OTHER_PINS))
    app = issued.app("p1", person)
    for slot in BOTH:
        app.change_pin(slot)
        check_slot_in_use(issued, "p1", "hanako", slot, OTHER_PINS[slot])
        with pytest.raises(WrongPinError):
            app.change_pin(slot)
        check_slot_in_use(issued, "p1", "hanako", slot, OTHER_PINS[slot])


@pytest.mark.parametrize("slot", BOTH)
def test_resetting_a_blocked_pin(issued: World, slot: Slot) -> None:
    """B6, B7: key and certificate stay."""
    person = Person(pins=dict(OTHER_PINS), new=dict(OTHER_PINS))
    app = issued.app("p1", person)
    for _ in range(slot.tries):
        with pytest.raises(WrongPinError):
            app.show(slot)
    found = card_state(issued, "p1")
    assert found is not None and found[0].slots[slot].pin_state is PinState.BLOCKED
    app.reset_pin(issued.my_number_card("hanako"), (slot,))
    check_slot_in_use(issued, "p1", "hanako", slot, OTHER_PINS[slot])


def test_changing_phones(issued: World) -> None:
    """E4, E5: only the new phone is needed; the old one deletes its applet when it hears of it."""
    old, new = issued.app("p1", Person()), issued.app("p2", Person())
    serials = {one.serial for one in issued.provider_records.certificates_of("hanako")}
    new.issue(issued.my_number_card("hanako"))
    assert all(issued.ca.status(serial).state is CertStatus.REVOKED for serial in serials)
    assert new.collect() == 0
    assert old.collect() == 1
    assert old.phase() is Phase.APP_READY and card_state(issued, "p1") is None
    assert old.collect() == 0
    for slot in BOTH:
        check_slot_in_use(issued, "p2", "hanako", slot, PINS[slot])
    check_world(issued)


def test_moving_one_certificate_leaves_the_other(issued: World) -> None:
    old, new = issued.app("p1", Person()), issued.app("p2", Person())
    new.issue(issued.my_number_card("hanako"), (Slot.SIGNING,))
    assert old.collect() == 1
    check_slot_in_use(issued, "p1", "hanako", Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
    found = card_state(issued, "p1")
    assert found is not None and not found[0].slots[Slot.SIGNING].has_key
    check_world(issued)


@pytest.mark.parametrize("user", ["hanako", "taro"])
def test_the_applet_is_deleted_when_the_app_is_new(issued: World, user: str) -> None:
    """E2: the app was installed again, or somebody else has the phone now."""
    old = {one.serial for one in issued.provider_records.certificates_of("hanako")}
    issued.uninstall_app("p1")
    app = issued.app("p1", Person(new=dict(OTHER_PINS), pins=dict(OTHER_PINS)))
    app.issue(issued.my_number_card(user))
    for slot in BOTH:
        check_slot_in_use(issued, "p1", user, slot, OTHER_PINS[slot])
    assert all(issued.ca.status(serial).state is CertStatus.REVOKED for serial in old)
    check_world(issued)


def test_a_tampered_phone_is_refused(empty: World) -> None:
    """E8: and the refusal is for good, so nothing is left to resume."""
    app = empty.app("p1", Person())
    empty.tamper("p1")
    with pytest.raises(PeerError, match="tampered"):
        app.issue(empty.my_number_card("hanako"))
    assert app.pending is None and card_state(empty, "p1") is None
    empty.tamper("p1", Condition.UNTOUCHED.integrity)
    app.issue(empty.my_number_card("hanako"))


def test_another_residents_phone_is_refused(issued: World) -> None:
    """Nobody renews, revokes, releases or resets what is another's."""
    app, card = issued.app("p1", Person()), issued.my_number_card("taro")
    asks: list[Callable[[], object]] = [
        lambda: app.renew(card),
        lambda: app.revoke(card),
        lambda: app.release(card),
        lambda: app.reset_pin(card, BOTH),
    ]
    for ask in asks:
        with pytest.raises(PeerError, match=r"no \w+ certificate of yours"):
            ask()
    for slot in BOTH:
        check_slot_in_use(issued, "p1", "hanako", slot, PINS[slot])


def test_a_revoked_card_authorises_nothing(empty: World) -> None:
    (serial,) = (one.serial for one in empty.ca.certificates_of("hanako") if one.slot is Slot.SIGNING)
    empty.ca.revoke(serial)
    app = empty.app("p1", Person())
    with pytest.raises(PeerError, match="revoked"):
        app.issue(empty.my_number_card("hanako"))
    assert card_state(empty, "p1") is None


@pytest.mark.parametrize("slot", BOTH)
def test_trying_a_certificate(issued: World, slot: Slot) -> None:
    """As the trial did after registration, in sections 8 and 9 of its table (F1)."""
    tried = issued.app("p1", Person()).try_out(slot)
    (serial,) = (one.serial for one in issued.provider_records.certificates_of("hanako") if one.slot is slot)
    assert (tried.slot, tried.serial) == (slot, serial)
    assert tried.indicator.method is (Method.PASSWORD if slot is Slot.SIGNING else Method.PIN)


def test_trying_notices_another_ca_certificate(issued: World) -> None:
    """What the card holds must fit together, which is what a trial is for."""
    card = issued.cards.simulated(issued.phone_card("p1"))
    device = issued.provider_records.device(card.se_id)
    assert device is not None
    card.reset()
    JpkiClient(card).select()
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, device.own_keys))
    tsm.store_certificate(Slot.SIGNING.ca_certificate, issued.ca.ca_certificate(Slot.AUTHENTICATION))
    with pytest.raises(VerificationError):
        issued.app("p1", Person()).try_out(Slot.SIGNING)


def test_showing(issued: World) -> None:
    app = issued.app("p1", Person())
    shown = app.show(Slot.SIGNING)
    assert shown.certificate.issuer == shown.ca_certificate.subject
    assert DeviceMethod.BIOMETRIC in app.registered
