"""A look into memory: what stands where, and what objects hold."""

from __future__ import annotations

import pytest

from cardlab.errors import UsageError
from cardlab.runtime.feature import Feature
from cardlab.runtime.inspector import APDU_BUFFER, ELEMENTS, CardObject, Inspector, Memory
from tests.conformance.cards import RuntimeCard, module_aid, select_command
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS, Feature.INSPECTOR))
RSA_KEY, EC_KEY = 1, 2  # instructions of Cryptography
COUNT, ECHO = 0x00, 0x02


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Transactions", "Lengths")
    card.install("Transactions")
    card.start("Lengths")
    return card


def inspector(card: RuntimeCard) -> Inspector:
    return card.runtime.inspector()


def test_bytes_are_found_in_the_buffer_and_gone_with_the_next_command(card: RuntimeCard) -> None:
    secret = b"stands nowhere else"
    assert inspector(card).find(secret) == ()
    assert card.ask(ECHO, secret) == secret
    found = inspector(card).find(secret)
    assert (Memory.BUFFER, APDU_BUFFER, 5) in {(one.block.memory, one.block.name, one.offset) for one in found}
    assert not any(one.block.memory is Memory.EEPROM for one in found)
    card.ask(ECHO, b"x" * 40)
    assert inspector(card).find(secret) == ()
    assert inspector(card).find(b"") == ()


def test_persistent_and_transient_arrays_are_told_apart(make_card: MakeCard) -> None:
    card = make_card("Selection")
    card.start("Selection")
    card.ask(0x04, p1=0x11, p2=0x22)  # session and power bytes, in transient memory
    ram = [block for block in inspector(card).memory_map() if block.memory is Memory.RAM and any(block.content)]
    assert sorted(block.content.strip(b"\0") for block in ram) == [b"\x11", b"\x22"]
    assert {block.holder for block in ram} == {"runtimetest.Selection"}
    card.reset()
    assert not any(any(one.content) for one in inspector(card).memory_map() if one.memory is Memory.RAM)


def test_objects_by_class_and_field(card: RuntimeCard) -> None:
    applet = inspector(card).applet(module_aid("Transactions"))
    assert applet.class_name == "runtimetest.Transactions"
    assert applet.persistent
    assert [one.class_name for one in inspector(card).objects("runtimetest.Lengths")] == ["runtimetest.Lengths"]
    names = {one.class_name for one in inspector(card).objects()}
    assert {"runtimetest.Transactions", "runtimetest.Lengths", "byte[]"} <= names
    pin: CardObject = applet.field("pin")
    assert pin.field("value") == bytes(len(pin.field("value"))), "its PIN is zero"
    with pytest.raises(UsageError, match="no field nothing"):
        applet.field("nothing")


def test_the_selected_applet(card: RuntimeCard) -> None:
    assert inspector(card).applet().class_name == "runtimetest.Lengths"
    card.runtime.deselect(select_command(b"other"))
    with pytest.raises(UsageError, match="selected"):
        inspector(card).applet()


def test_arrays_can_be_changed_past_the_applet(make_card: MakeCard) -> None:
    card = make_card("Statics", "Transactions")
    card.start("Transactions")
    arrays = [one for one in inspector(card).objects("byte[]") if len(one.field(ELEMENTS)) > 8]
    before: bytes = arrays[0].field(ELEMENTS)
    arrays[0].put(ELEMENTS, b"\x55" * len(before))
    assert arrays[0].field(ELEMENTS) == b"\x55" * len(before)
    assert inspector(card).find(b"\x55" * len(before))
    with pytest.raises(UsageError, match="no array of 1 bytes"):
        arrays[0].put(ELEMENTS, b"x")


def test_keys_have_the_components_that_their_getters_tell(make_card: MakeCard) -> None:
    card = make_card("Cryptography")
    card.start("Cryptography")
    applet = inspector(card).applet()
    pairs = [value for name in applet.fields() if is_pair(value := applet.field(name))]
    rsa, ec = pairs
    assert rsa.field("privateKey").field("P") is None
    assert ec.field("privateKey").field("S") is None
    modulus, point = card.ask(RSA_KEY), card.ask(EC_KEY)
    assert rsa.field("publicKey").field("Modulus") == modulus
    assert ec.field("publicKey").field("W") == point
    p, q = (int.from_bytes(rsa.field("privateKey").field(name), "big") for name in "PQ")
    assert p * q == int.from_bytes(modulus, "big")
    assert ec.field("privateKey").field("S")


def is_pair(value: object) -> bool:
    return "privateKey" in getattr(value, "fields", tuple)()


def test_looking_changes_nothing(card: RuntimeCard) -> None:
    before = card.runtime.save() if Feature.IMAGES in card.backend.capabilities else b""
    inspector(card).memory_map()
    inspector(card).objects()
    assert before == (card.runtime.save() if before else b"")
    assert card.ask(ECHO, b"still there") == b"still there"
