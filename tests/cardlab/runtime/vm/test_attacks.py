"""Known attacks of hostile load files: none works on the machine; without its checks they show.

Each is an applet made by hand that no converter writes and no verifier lets through. On a card with ``checks`` it is
refused at LOAD, or the card stops, or the firewall refuses; on a card without, it gets at what is not its own, unless
the firewall or the card's own objects stand in its way there too, which is said where it is so.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cardlab.campaign.hostile.targets import SAFE
from cardlab.cap.container import Component, load_file
from cardlab.cap.platform import api
from tests.cardlab.runtime.vm.attack_lab import ATTACK, SECRET, Lab, attacked, mute, refused, staged, unchecked
from tests.cardlab.runtime.vm.handmade import Hand

_OBJECT = "new @Hand; putstatic_a @Hand.static_a; sconst_0"
_BYTES = "sspush 64; newarray byte; putstatic_a @Hand.static_a; sconst_0"
_CHANNEL = "org/globalplatform/SecureChannel"
_INDEX = "sload 4; sspush 255; sand"
_OTHER = (
    "aload 5; sconst_5; sspush 7; invokestatic @JCSystem.lookupAID; sconst_0;"
    "invokestatic @JCSystem.getAppletShareableInterfaceObject"
)
"""The other applet's shared object; its AID is the command's data."""


def stopped_by_the_firewall(code: str) -> bool:
    """Also without checks."""
    return unchecked(code) == "6F00"


# Arrays


@pytest.mark.parametrize("load", ["saload", "iaload; i2s"])
def test_an_array_of_bytes_is_not_read_as_one_of_something_longer(load: str) -> None:
    attack = f"getstatic_a @Hand.static_a; {_INDEX}; {load}"
    assert "an array is used as one of another type" in mute(attack, _BYTES)
    found = attacked(attack, _BYTES, checks=False).shorts(64)
    assert any(SECRET[at : at + 2] in found for at in (0, 2)), "what lies behind the array is read"


def test_an_array_of_bytes_is_not_written_as_one_of_shorts() -> None:
    attack = f"getstatic_a @Hand.static_a; {_INDEX}; sspush 0x7777; sastore; sconst_0"
    assert "an array is used as one of another type" in mute(attack, _BYTES)
    lab = attacked(attack, _BYTES, checks=False)
    for p2 in range(44, 64):
        lab.send(ATTACK, p2)
    assert not lab.is_safe


def test_an_array_is_of_a_type_that_there_is() -> None:
    """An element of a type that there is not has no size."""
    attack = "sspush 100; raw 90 0e; arraylength"
    assert "newarray of type 14" in mute(attack)
    assert "newarray of type 14" in unchecked(attack), "the card has no such array in any case"


@pytest.mark.parametrize("length", ["sconst_m1", "sspush 32767"])
def test_an_array_is_as_long_as_there_is_memory_for(length: str) -> None:
    """A card's own exceptions, on both: a negative length, and more than there is."""
    attack = f"{length}; newarray int; arraylength"
    for checks in (True, False):
        lab = attacked(attack, checks=checks)
        assert lab.send(ATTACK) == "6F00"
        assert lab.is_safe


def test_array_copy_takes_no_object_for_an_array() -> None:
    """Its references would be numbers."""
    attack = """
        aload_0; aload_0; putfield_a @Hand.a
        aload_0; sconst_0; aload 5; sconst_0; sconst_4; invokestatic @Util.arrayCopyNonAtomic; pop
        aload 5; sconst_0; invokestatic @Util.getShort
    """
    assert "an argument is no [B" in mute(attack)
    assert int(unchecked(attack)[:4], 16) >= 512, "a reference of the attacker's own"


def test_array_copy_takes_no_number_for_an_array() -> None:
    attack = "sspush 514; sconst_0; aload 5; sconst_0; sconst_4; invokestatic @Util.arrayCopyNonAtomic"
    assert "a short where a reference" in mute(attack)
    assert stopped_by_the_firewall(attack)


def test_the_api_takes_no_other_object_for_the_apdu() -> None:
    """SecureChannel.processSecurity(APDU): on a card without checks it stumbles, and the card is mute."""
    methods = next(
        one for table in api("3.0.5", "1.6").packages() for one in table.classes if one.name == _CHANNEL
    ).methods
    token = next(one.token for one in methods if one.name == "processSecurity")
    attack = f"invokestatic @GPSystem.getSecureChannel; aload_0; invokeinterface 2 @SecureChannel {token}"
    assert "is no Ljavacard/framework/APDU;" in mute(attack)
    assert "has no getCurrentState()B" in unchecked(attack)


# Fields


def test_a_field_is_one_of_the_object() -> None:
    """A field's token is added to the object's place: behind it lies another object."""
    attack = "getstatic_a @Hand.static_a; getfield_s @Hand.field@{}"
    for token in (5, 100, 255):
        assert f"no field with token {token}" in refused(attack.format(token), _OBJECT)
    found = b"".join(attacked(attack.format(token), _OBJECT, checks=False).shorts(1) for token in range(20, 50))
    assert SECRET[:4] in found


def test_a_static_field_is_one_of_the_image() -> None:
    """Its offset has 16 bits: all memory behind the image could be read and written."""
    place = _distance(attacked("sconst_0", checks=False))
    attack = f"getstatic_s @Hand.static@{place}"
    assert f"static field at {place} of an image" in refused(attack)
    assert attacked(attack, checks=False).shorts(1) == SECRET[:2]
    attack = f"sspush 0x7777; putstatic_s @Hand.static@{place}; sconst_0"
    lab = attacked(attack, checks=False)
    lab.send(ATTACK)
    assert not lab.is_safe


def _distance(lab: Lab) -> int:
    """From the attacker's static field image to a copy of the secret; the image is the last one that was made."""
    lines = [str(line).split(" ", 2) for line in lab.card.machine.inspector().map()]
    image = max(int(at) for at, _, what in lines if what.startswith("static fields")) + 12
    memory = bytes(lab.card.machine.card().heap().nvm().bytes())
    return memory.index(SECRET, image) - image


def test_a_static_field_holds_references_or_numbers() -> None:
    """A number is put into it and a reference taken out."""
    attack = "sspush 514; putstatic_s @Hand.static_a; getstatic_a @Hand.static_a; arraylength"
    assert "of the static image at 0" in refused(attack)
    assert stopped_by_the_firewall(attack)


def test_an_object_is_not_used_as_one_of_another_class() -> None:
    """The constructor of OwnerPIN, called on an object that is smaller than one, writes behind it."""
    attack = "getstatic_a @Hand.static_a; sconst_3; sspush 16; invokespecial @OwnerPIN.<init>; sconst_0"
    assert "is called on an object of" in mute(attack, "new @Object; putstatic_a @Hand.static_a; sconst_0")
    attack = "getstatic_a @Hand.static_a; sspush 6; invokestatic @OwnerPIN.<init>"
    assert "is not what invokestatic calls" in refused(attack)


# Forged references, objects of others


def test_a_reference_is_not_taken_for_a_number() -> None:
    attack = "aload_0; sstore_3; sload_3"
    assert "a reference where a short" in mute(attack)
    assert int(unchecked(attack)[:4], 16) >= 512


@pytest.mark.parametrize(
    "use",
    ["getfield_s @Hand.s", "sconst_0; baload", "arraylength", "invokevirtual @Applet.select", "athrow"],
)
def test_another_applet_s_object_is_not_reached_by_its_number(use: str) -> None:
    """The firewall is asked however the reference came about (JCRE 3.0.5, 6.2.8)."""
    number = 512 if "invoke" in use else 514  # the applet itself, and an array of its
    assert "a short where a reference" in mute(f"sspush {number}; {use}")
    assert stopped_by_the_firewall(f"sspush {number}; {use}")


def test_aid_objects_of_the_card_are_not_looked_into() -> None:
    """They can be had by anybody (JCSystem.lookupAID), and are the card's own."""
    aid = "invokestatic @JCSystem.getAID"
    for use in ("sconst_0; baload", "getfield_s @Hand.s", "sconst_1; putfield_s @Hand.s; sconst_0"):
        for checks in (True, False):
            lab = attacked(f"{aid}; {use}", checks=checks)
            assert lab.send(ATTACK) == "6F00"
            assert "SecurityException" in lab.card.why
            assert lab.is_safe


def test_an_object_that_an_aborted_transaction_made_is_null_everywhere() -> None:
    """A reference kept in a local variable would lead to whatever is made there next (JCRE 3.0.5, 7.6.3)."""
    attack = """
        invokestatic @JCSystem.beginTransaction; sconst_5; newarray byte; astore 6
        invokestatic @JCSystem.abortTransaction; sconst_1; aload 6; ifnull gone; pop; sconst_0; gone:; nop
    """
    for checks in (True, False):
        assert attacked(attack, checks=checks).send(ATTACK) == "00019000"


# A shared interface


def test_a_client_s_number_is_no_reference_for_the_server() -> None:
    """The client is linked with an interface of its own making: the server gets a number for its array.

    In the server's context its own secret could be reached so; what it answers would tell of it.
    """
    attack = f"{_OTHER}; sspush {{}}; sspush 16; invokeinterface 3 @Door 0"
    assert _meet(attack, checks=True) == {""}
    answers = _meet(attack, checks=False)
    assert f"{sum(byte != 0 for byte in SECRET):04X}9000" in answers, "the server counts the bytes of its secret"


def _meet(attack: str, *, checks: bool) -> set[str]:
    """The answers for references from 512 on."""
    answers = set()
    for number in range(512, 524):
        lab = attacked(attack.format(number), checks=checks)
        answers.add(lab.send_data(SAFE))
        assert lab.is_safe
        assert bool(lab.mute) == checks or lab.mute == "" or not checks
    return answers


@pytest.mark.parametrize("token", [2, 7, 255])
def test_an_interface_has_the_methods_it_has(token: int) -> None:
    attack = f"{_OTHER}; invokeinterface 1 @Door {token}; sconst_0"
    for checks in (True, False):
        lab = attacked(attack, checks=checks)
        lab.send_data(SAFE)
        assert "no such method" in lab.mute
        assert lab.is_safe


def test_a_server_s_object_is_not_called_past_its_interface() -> None:
    """JCRE 3.0.5, 6.2.8.5: its virtual methods are for its own context."""
    attack = f"{_OTHER}; invokevirtual @Applet.deselect; sconst_0"
    for checks in (True, False):
        lab = attacked(attack, checks=checks)
        assert lab.send_data(SAFE) == "6F00"
        assert "SecurityException" in lab.card.why


# The stack


def test_a_local_variable_is_one_of_the_method() -> None:
    """Beyond them is what other methods left on the stack, other applets' among them."""
    attack = f"{_OTHER}; aload 5; sspush 16; invokeinterface 3 @Door 0; pop; sload 28"
    assert "no local variable 28" in refused(attack)
    lab = attacked(attack, checks=False)
    assert lab.send_data(SAFE).endswith("9000")


@pytest.mark.parametrize("under", ["pop; pop2; pop2; sconst_0", "swap_x 0x44; sconst_0", "dup_x 0x48; sconst_0"])
def test_what_is_below_the_method_s_stack_is_out_of_reach(under: str) -> None:
    assert "a cell holds nothing" in mute(under)
    assert "empty" not in unchecked(under)


def test_the_stack_ends() -> None:
    for checks in (True, False):
        lab = attacked("more:; sconst_1; goto more", checks=checks)
        lab.send(ATTACK)
        assert "pushes more than the card's stack holds" in lab.mute
        assert lab.is_safe


def test_calls_without_end_find_no_room() -> None:
    hand = Hand(
        staged("sconst_0; invokestatic @Hand.method_0"),
        methods=[("sload_0; invokestatic @Hand.method_0; sreturn", 1, 0)],
    )
    for checks in (True, False):
        lab = Lab.open(hand, checks=checks)
        lab.hide()
        assert lab.send(ATTACK) == "6F00"
        assert "SystemException" in lab.card.why
        assert lab.is_safe


# Control


def test_a_branch_leads_to_an_instruction() -> None:
    """Another instruction hides in the operand of the one that a verifier reads."""
    attack = "sconst_1; sconst_0; raw 60 03; raw 11 06 41"  # ifeq to the 06 41 of sspush 0641: sconst_3, sadd
    assert "overlap" in refused(attack)
    assert unchecked(attack) == "00049000"


@pytest.mark.parametrize("distance", [-200, -120, 200, 32767, -32768])
def test_a_branch_stays_in_the_method(distance: int) -> None:
    attack = f"raw a8 {distance % 65536:04x}; sconst_0"
    assert "control leaves the method" in refused(attack) or "overlap" in refused(attack)


def test_a_return_address_is_not_made_of_a_number() -> None:
    attack = "jsr s; s:; sconst_2; sadd; sstore 6; ret 6; sconst_0"
    assert "return address" in mute(attack)
    assert "return address" in mute("sconst_5; sstore 6; ret 6; sconst_0")
    assert (
        unchecked("jsr s; sconst_0; goto e; sconst_4; goto e; s:; sconst_3; sadd; sstore 6; ret 6; e:; nop")
        == "00049000"
    )


def test_a_handler_leads_into_its_method() -> None:
    parts = Hand(staged("a:; sconst_0; b:; nop"), handlers=[("a", "b", "a", "")]).components()
    assert "is not sound" in _loaded(parts, Component.METHOD, 3 + 1 + 4, b"\x00\x01")


# Components


def test_a_method_header_has_the_flags_that_there_are() -> None:
    """A flag for native methods would have the machine take code for a number of one of its own."""
    parts = Hand(staged("sconst_0")).components()
    header = 3 + 1  # the first method's, behind the number of handlers
    assert "flags that do not exist" in _loaded(
        parts, Component.METHOD, header, bytes((parts[Component.METHOD][header] | 0x20,))
    )


def test_a_constant_pool_entry_is_what_the_instruction_takes() -> None:
    for attack in ("raw 7b 00 00; sconst_0", "raw 8d 7f ff; sconst_0"):
        assert "constant pool entry" in refused(attack)
        lab = attacked(attack, checks=False)
        lab.send(ATTACK)
        assert lab.mute, "the card's own tables have no such entry"


def test_the_reference_location_component_changes_nothing() -> None:
    """Operands are found by reading the code, so a file that names others as pool indexes moves nothing."""
    hand = Hand(staged("sspush 0x1234"))
    parts = hand.components()
    false = bytes((9, 0, 12)) + b"\x00\x04\x01\x02\x03\x04" + b"\x00\x04\x05\x06\x07\x08"
    lab = Lab.of_block(load_file({**parts, Component.REFERENCE_LOCATION: false}), checks=False)
    assert lab.send(ATTACK) == "12349000"


def _loaded(parts: Mapping[Component, bytes], tag: Component, at: int, changed: bytes) -> str:
    """What LOAD says of the file with these bytes in a component."""
    raw = bytearray(parts[tag])
    raw[at : at + len(changed)] = changed
    lab = Lab.of_block(load_file({**parts, tag: bytes(raw)}), checks=True)
    assert lab.refusal
    return lab.refusal
