"""Word by push: the application ends, the notice of issue comes later, and the push service reads none of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import CardError, RefusedError
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.ca.status import CertStatus
from jpki.parties.codec import encode
from jpki.parties.messages import Applied, Finished, PushMessage, PushMessages
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH, PendingError
from jpki.parties.phone.records import Stage
from jpki.parties.phone.status import Phase
from jpki.parties.recorder import Party
from jpki.parties.word import KEY_SIZE, CertificatesIssued, RemoveKeys, Word, opened, sealed
from jpki.parties.world import World
from tests.jpki.flows.truth import check_slot_in_use, check_world
from tests.jpki.flows.worlds import PINS, Person

WORDS: tuple[Word, ...] = (
    RemoveKeys("order", BOTH),
    RemoveKeys("order", (Slot.SIGNING,)),
    RemoveKeys("order", ()),
    CertificatesIssued("request"),
)


def waiting(world: World) -> list[PushMessage]:
    """All that the push service has, read past it."""
    with closing(sqlite3.connect(world.folder / "push.sqlite")) as file:
        return [PushMessage(*row) for row in file.execute("SELECT message_id, payload FROM waiting")]


def stage(app: PhoneApp) -> Stage | None:
    """How far what was begun is."""
    return None if app.pending is None else app.pending.stage


def request_id(app: PhoneApp) -> str:
    """Of what was begun."""
    assert app.pending is not None
    return app.pending.request_id


def names(world: World) -> list[str]:
    """The messages so far, by name."""
    return [one.name for one in world.network.recorder.events]


def test_applying_registering(empty: World) -> None:
    """E11: two functions of the app; in between the certificates are issued, and not on the phone."""
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    with pytest.raises(RefusedError, match="no word"):
        app.register()
    assert isinstance(app.apply(card), Applied)
    assert names(empty)[-1] == "Notify" and "STORE CERTIFICATE" not in names(empty)
    assert stage(app) is Stage.APPLIED
    assert (app.phase(), app.status().notices) == (
        Phase.INITIAL_SETUP,
        ("certificates are applied for: word comes by push when they are issued",),
    )
    assert app.arrived() == (CertificatesIssued(request_id(app)),)
    assert app.apply(card) == Applied(request_id(app))
    with pytest.raises(PendingError, match="has not ended"):
        app.apply(card, (Slot.SIGNING,))
    for act in (app.show, app.try_out, lambda _: app.register_device_auth(DeviceMethod.BIOMETRIC)):
        with pytest.raises(CardError, match="holds no authentication certificate"):
            act(Slot.AUTHENTICATION)
    assert app.collect() == 0 and app.arrived() == () and waiting(empty) == []
    assert stage(app) is Stage.ISSUED
    assert "register them" in app.status().notices[0]
    empty.network.recorder.clear()
    assert isinstance(app.register(), Finished)
    assert stage(app) is None
    assert app.phase() is Phase.SERVICE_USE
    phone = [one for one in empty.ca.certificates_of("hanako") if one.medium.name == "PHONE"]
    assert [empty.ca.status(one.serial).state for one in phone] == [CertStatus.GOOD] * len(BOTH)
    for slot in BOTH:
        check_slot_in_use(empty, "p1", "hanako", slot, PINS[slot])
    check_world(empty)


def test_issuing_in_one_does_not_wait_for_a_word(empty: World) -> None:
    """Whatever it was to stop at when it was begun."""
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    app.apply(card)
    assert isinstance(app.issue(card), Finished)
    assert app.collect() == 0 and app.pending is None, "the word about what is registered is old"
    assert waiting(empty) == []


def test_a_word_about_what_was_given_up(empty: World) -> None:
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    app.apply(card)
    app.abandon()
    assert app.collect() == 0
    with pytest.raises(RefusedError, match="no word"):
        app.register()
    assert isinstance(app.issue(card), Finished)


def test_an_order_for_what_is_not_registered(empty: World) -> None:
    """E5: certificates that were applied for are ordered away before they are on the phone."""
    app, card = empty.app("p1", Person()), empty.my_number_card("hanako")
    app.apply(card)
    serial = empty.provider_records.certificates_of("hanako")[0].serial
    empty.sp_tsm.order_removal(serial)
    assert empty.ca.status(serial).state is CertStatus.REVOKED
    assert [type(one) for one in app.arrived()] == [CertificatesIssued, RemoveKeys]
    assert app.collect() == 1
    check_world(empty)


def test_the_push_service_reads_nothing(issued: World) -> None:
    """Of a removal and of a notice of issue: no slot, serial or kind, and one length."""
    issued.app("p2", Person()).apply(issued.my_number_card("hanako"), (Slot.SIGNING,))
    for known in issued.provider_records.certificates_on(issued.cards.simulated(issued.phone_card("p1")).se_id):
        issued.sp_tsm.order_removal(known.serial)
    found = waiting(issued)
    assert len(found) == 1 + len(BOTH)
    assert len({len(one.payload) for one in found}) == 1
    assert len({one.payload for one in found}) == len(found)
    for one in found:
        for text in (b"SIGN", b"AUTH", b"Remove", b"Issued", one.message_id.encode()):
            assert text not in one.payload


def test_somebody_on_the_line_to_the_push_service(issued: World) -> None:
    """Altered, exchanged and invented messages do nothing, and use up nothing: the right one is taken later."""
    app = issued.app("p1", Person())
    for known in issued.provider_records.certificates_of("hanako"):
        issued.sp_tsm.order_removal(known.serial)
    real = waiting(issued)

    def line(messages: list[PushMessage]) -> None:
        def change(_: Party, receiver: Party, answer: bytes) -> bytes:
            is_push = receiver is Party.PUSH and answer.startswith(b'{"is":"PushMessages"')
            return encode(PushMessages(tuple(messages))) if is_push else answer

        issued.network.line = change

    flipped = [PushMessage(one.message_id, one.payload[:-1] + bytes([one.payload[-1] ^ 1])) for one in real]
    exchanged = [PushMessage(one.message_id, other.payload) for one, other in zip(real, real[::-1], strict=True)]
    invented = [PushMessage("order", sealed(RemoveKeys("order", BOTH), bytes(KEY_SIZE), "order", bytes))]
    for messages in (flipped, exchanged, invented, [PushMessage("", b"")], [PushMessage("x", bytes(11))]):
        line(messages)
        assert app.collect() == 0
    assert waiting(issued) == real
    issued.network.line = lambda _sender, _receiver, answer: answer
    assert app.collect() == len(real)
    assert waiting(issued) == [] and app.phase() is Phase.APP_READY


@given(word=st.sampled_from(WORDS), at=st.integers(0, 300), bit=st.integers(0, 7))
def test_no_flipped_bit_is_a_word(word: Word, at: int, bit: int) -> None:
    key = bytes(range(KEY_SIZE))
    raw = bytearray(sealed(word, key, "name", lambda size: bytes(size)))
    assert opened(bytes(raw), key, "name") == word
    assert opened(bytes(raw), key, "other name") is None
    assert opened(bytes(raw), bytes(KEY_SIZE), "name") is None
    raw[at % len(raw)] ^= 1 << bit
    assert opened(bytes(raw), key, "name") is None
