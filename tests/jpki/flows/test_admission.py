"""Whom the SP-TSM lets in, and whose unfinished business ends with that: each rule where no other one says the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cardlab.errors import IntegrityError
from cardlab.globalplatform.constants import INS_SELECT
from cardlab.transport import Layer, Transport
from jpki.client.constants import INSTANCE_AID, Slot
from jpki.parties.application import Application
from jpki.parties.codec import encode
from jpki.parties.messages import Answers, Begin, Device, Finished, Function, PeerError, Removed
from jpki.parties.network import LinkLostError
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.records import Pending
from jpki.parties.recorder import Party
from jpki.parties.sp_tsm.records import Case, CaseState
from jpki.parties.world import World
from tests.jpki.flows.truth import check_slot_in_use, check_world
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS, Images, Person


def se_id(world: World, phone: str) -> bytes:
    return world.cards.simulated(world.phone_card(phone)).se_id


def device(world: World, phone: str) -> Device:
    known = world.provider_records.device(se_id(world, phone))
    assert known is not None
    return Device(known.se_id, known.app_id, known.model, known.push_token, known.push_key)


def interrupt(world: World, phone: str, user: str, function: Function, *, after: int = 90) -> Case:
    """An application that got so many crossings far, and is not resumed; gives its case."""
    app, cutter = world.app(phone, Person()), world.network.cutter
    cutter.at = frozenset((cutter.count + after,))
    with pytest.raises(LinkLostError):
        getattr(app, function.value)(world.my_number_card(user))
    cutter.at = frozenset()
    app.abandon()
    (case,) = (one for one in world.provider_records.open_cases() if (one.user, one.function) == (user, function))
    return case


def state(world: World, case: Case) -> CaseState:
    known = world.provider_records.case(case.request_id)
    assert known is not None
    return known.state


def test_only_authentication_certificates_are_released(issued: World) -> None:
    """E3: that is said before anybody looks whether there is a suspension."""
    app, phone = issued.app("p1", Person()), device(issued, "p1")
    for slots in ((Slot.SIGNING,), BOTH):
        asked = Application("r1", Function.RELEASE, slots, phone.se_id, phone.app_id)
        signed = issued.my_number_card("hanako").sign_application(asked.to_bytes(), CARD_PASSWORD)
        app._records.begin(Pending("r1", Function.RELEASE, slots, signed))
        with pytest.raises(PeerError, match="nothing to release was named"):
            app.resume()


def test_a_new_application_ends_what_was_open_on_the_same_phone(issued: World) -> None:
    """Whoever's it was: one case for a secure element."""
    case = interrupt(issued, "p1", "hanako", Function.RENEW)
    issued.app("p1", Person()).issue(issued.my_number_card("taro"))
    assert state(issued, case) is CaseState.CLOSED
    check_world(issued)


def test_it_ends_nothing_of_others_on_other_phones(issued: World) -> None:
    case = interrupt(issued, "p1", "hanako", Function.RENEW)
    issued.app("p2", Person()).issue(issued.my_number_card("taro"))
    assert state(issued, case) is CaseState.OPEN
    check_world(issued)


def test_it_ends_an_issuance_of_the_same_users_elsewhere(empty: World) -> None:
    """What the other phone has of it goes; with a certificate of the other kind it would not."""
    case = interrupt(empty, "p1", "hanako", Function.ISSUE)
    empty.app("p2", Person()).issue(empty.my_number_card("hanako"), (Slot.SIGNING,))
    assert state(empty, case) is CaseState.CLOSED
    (order,) = empty.provider_records.removals(se_id(empty, "p1"))
    assert order.slots == (Slot.SIGNING,)


def test_beginning_anew_on_the_same_phone_orders_nothing_away(empty: World) -> None:
    """A removal order would hit what is issued now."""
    first = interrupt(empty, "p1", "hanako", Function.ISSUE)
    second = interrupt(empty, "p1", "hanako", Function.ISSUE, after=60)
    assert (state(empty, first), state(empty, second)) == (CaseState.CLOSED, CaseState.OPEN)
    assert empty.provider_records.removals(se_id(empty, "p1")) == []


def test_a_certificate_counts_as_replaced_as_soon_as_the_new_one_is_there(issued: World) -> None:
    """E4: not only when the new phone's case is closed and the order for the old one written."""
    hanako = issued.my_number_card("hanako")

    def lose(sender: Party, receiver: Party, answer: bytes) -> bytes:
        if receiver is Party.SP_TSM and len(issued.provider_records.certificates_on(se_id(issued, "p2"))) == len(BOTH):
            raise LinkLostError("the link was lost")
        return answer

    issued.network.line = lose
    new, old = issued.app("p2", Person()), issued.app("p1", Person())
    with pytest.raises(LinkLostError):
        new.issue(hanako)
    issued.network.line = lambda _sender, _receiver, answer: answer
    assert issued.provider_records.removals(se_id(issued, "p1")) == []
    with pytest.raises(PeerError, match="given up or replaced"):
        old.renew(hanako)
    new.resume()
    for slot in BOTH:
        check_slot_in_use(issued, "p2", "hanako", slot, PINS[slot])


def test_ending_a_suspension_asks_the_card_for_nothing(issued: World) -> None:
    """E3: the SP-TSM opens no session for what J-LIS does alone."""
    (one,) = (one for one in issued.provider_records.certificates_of("hanako") if one.slot is Slot.AUTHENTICATION)
    issued.ca.suspend(one.serial)
    issued.network.recorder.clear()
    issued.app("p1", Person()).release(issued.my_number_card("hanako"))
    events = issued.network.recorder.events
    assert any(event.receiver is Party.SP_TSM for event in events)
    ours = [event.name for event in events if event.receiver is Party.APPLET]
    assert "INITIALIZE UPDATE" not in ours


def test_an_issuer_that_did_something_else_prepared_nothing(empty: World) -> None:
    """The answer of the other kind is taken for what it is; with the right one the same request goes on."""
    phone = se_id(empty, "p1")

    def other(_sender: Party, receiver: Party, answer: bytes) -> bytes:
        return encode(Removed(phone)) if receiver is Party.SEI_TSM and b'"Prepared"' in answer else answer

    empty.network.line = other
    app = empty.app("p1", Person())
    with pytest.raises(PeerError, match="did not prepare the applet"):
        app.issue(empty.my_number_card("hanako"))
    empty.network.line = lambda _sender, _receiver, answer: answer
    app.resume()
    for slot in BOTH:
        check_slot_in_use(empty, "p1", "hanako", slot, PINS[slot])


def test_an_order_that_nobody_gave_removes_nothing(issued: World) -> None:
    """E5: an order's number says which card it is for; one of another card is refused in test_trust.py."""
    request = Begin("no such order", Function.REMOVE, BOTH, device(issued, "p1"))
    with pytest.raises(PeerError, match="there is no such order"):
        issued.network.call(Party.PHONE, Party.SP_TSM, request, Finished)
    check_world(issued)


def test_a_key_for_statements_that_is_of_another_kind(empty: World) -> None:
    """E7: apps have a P-256 key built in; the records are damaged when they hold none."""
    ed25519 = Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    empty.provider_records.policy_key(ed25519)
    with pytest.raises(IntegrityError, match="no P-256 key"):
        empty.app("p1", Person())


def test_a_conversation_that_is_over_is_not_gone_on_with(issued: World) -> None:
    """Nor one that never was: the phone begins anew, and nothing is lost."""
    with pytest.raises(PeerError, match="this conversation has ended"):
        issued.network.call(Party.PHONE, Party.SP_TSM, Answers("no such conversation", ()), Finished)


class Emptied(Layer):
    """A card from which somebody else took the applet."""

    def transmit(self, command: bytes) -> bytes:
        gone = command[1] == INS_SELECT and INSTANCE_AID in command
        return b"\x6a\x82" if gone else super().transmit(command)


def test_an_applet_that_is_gone_is_told(images: Images, tmp_path: Path) -> None:
    """The records say so from then on, and issuing installs it again."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    with images.open(tmp_path / "world", seed="before") as before:
        phone = se_id(before, "p1")

    def layer(lower: Transport) -> Transport:
        return Emptied(lower) if getattr(lower, "se_id", b"") == phone else lower

    with images.open(tmp_path / "world", seed="gone", layer=layer) as world:
        with pytest.raises(PeerError, match="the applet is not on this secure element any more"):
            world.app("p1", Person()).renew(world.my_number_card("hanako"))
        known = world.provider_records.device(se_id(world, "p1"))
        assert known is not None and not known.ready
