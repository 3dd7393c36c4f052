"""Code that no verifier lets through: refused at LOAD, or the card stops; never another's memory or a Java error."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jpype import JException

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import Component
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card
from tests.cardlab.runtime.vm.test_opcodes import run

REFUSED = {
    "raw 70 01; sconst_0": "overlap",
    "raw 70 7f; sconst_0": "leaves the method",
    "raw fe; sconst_0": "opcode 254",
    "raw b9; sconst_0": "opcode 185",
    "sload 99; sconst_0": "no local variable 99",
    "iload 9; i2s": "no local variable 9",
    "raw 7b ff ff; sconst_0": "constant pool entry 65535",
    "getstatic_s @Hand.static_a": "static image",
    "getstatic_a @Hand.static_s; pop; sconst_0": "static image",
    "aload_0; getfield_s @Hand.a": "of cell 0",
    "aload_0; getfield_a @Hand.s; pop; sconst_0": "of cell 2",
    "new @APDU.getBuffer; pop; sconst_0": "is not what new takes",
    "new @Shareable; pop; sconst_0": "is not what new takes",
    "aload_0; invokeinterface 1 @Hand 0": "is not what",
    "invokestatic @Hand.static_s": "is not what",
    "sconst_0; raw 73 00 05 00 09 00 01; sconst_0": "switch",
    "sconst_0; raw 75 00 05 00 ff; sconst_0": "overlap",
}

STOPPED = {
    "sconst_0; sconst_0; baload": "a short where a reference",
    "aload_0; sconst_1; sadd": "a reference where a short",
    "pop; sconst_0": "stack of the method is empty",
    "pop2; sconst_0": "stack of the method is empty",
    "sadd": "stack of the method is empty",
    "dup; pop; sconst_0": "is empty",
    "sconst_1; dup2; sconst_0": "is empty",
    "sconst_1; swap_x 0x11; pop": "is empty",
    "sload_3": "nothing",
    "aload_3; pop; sconst_0": "nothing",
    "iload_3; i2s": "nothing",
    "iconst_1; sadd": "half an int",
    "sconst_1; sconst_1; i2s": "a short where half an int",
    "sspush 600; getfield_s @Hand.s": "a short where a reference",
    "sconst_5; arraylength": "a short where a reference",
    "aload_0; arraylength": "no array",
    "aload_0; sconst_0; baload": "another type",
    "sconst_2; newarray short; sconst_0; baload": "another type",
    "sconst_2; newarray byte; sconst_1; saload": "another type",
    "sconst_2; newarray byte; getfield_s @Hand.s": "is used as one",
    "aload_0; invokevirtual @APDU.getBuffer; pop; sconst_0": "is called on an object of",
    "aload_0; athrow; sconst_0": "no Throwable",
    "raw 72 02; sconst_0": "return address",
    "jsr s; goto z; s:; sconst_1; sadd; ret 3; z:; sconst_0": "return address",
    "aload_0; sconst_0; aload_0; sconst_0; sconst_1; invokestatic @Util.arrayCopy": "is no [B",
    "aload_1; sconst_1; sconst_1; invokestatic @Util.setShort": "is no [B",
    "sconst_1; sconst_1; sconst_1; invokestatic @Util.setShort": "a short where a reference",
    "aload_0; invokestatic @JCSystem.isAppletActive": "is no Ljavacard/framework/AID;",
    "aload_0; invokeinterface 1 @PIN 1": "no such method",
    "raw 77; sconst_0": "another type",
    "areturn; sconst_0": "",
    "sreturn; sconst_0": "",
    "sconst_1; newarray byte; pop; raw 90 05; sconst_0": "",
    "sconst_1; raw 90 0e; pop; sconst_0": "newarray of type 14",
    "new @Applet; aload_1; invokevirtual @Applet.process; sconst_0": "abstract",
}


@pytest.mark.parametrize("code", REFUSED)
def test_it_is_refused_at_load(code: str) -> None:
    with pytest.raises(JException) as caught:
        run(Hand(code))
    assert caught.type.__name__.endswith("Refusal"), caught.value
    assert REFUSED[code] in str(caught.value)


@pytest.mark.parametrize("code", STOPPED)
def test_the_card_stops(code: str) -> None:
    with pytest.raises(JException) as caught:
        run(Hand(code))
    assert caught.type.__name__.endswith("CardMute"), caught.value
    assert STOPPED[code] in str(caught.value)
    assert "method@" in str(caught.value)


def test_a_field_of_another_context_s_object_cannot_be_read() -> None:
    card = run(Hand("aload_1; checkcast class @Object; pop; sconst_0"))
    assert card.answer == "00009000"
    card = run(Hand("aload_1; getfield_s @Hand.s"))
    assert card.answer == "6F00"
    assert "SecurityException" in card.why


def test_a_missing_api_method_is_named_at_load() -> None:
    with pytest.raises(JException) as caught:
        run(Hand("aconst_null; invokestatic @CardRemoteObject.export; sconst_0"))
    assert "does not have javacard/framework/service/CardRemoteObject.export(Ljava/rmi/Remote;)V" in str(caught.value)


def test_int_is_refused_on_a_card_without_it() -> None:
    with pytest.raises(JException) as caught:
        run(Hand("sconst_0"), vm_int="false")
    assert "int" in str(caught.value)
    with pytest.raises(JException) as caught:
        run(Hand("iconst_1; i2s", flags=PackageFlag.APPLET), vm_int="false")
    assert "iconst_1 needs int" in str(caught.value)
    assert run(Hand("sconst_1", flags=PackageFlag.APPLET), vm_int="false").answer == "00019000"


def test_without_checks_a_number_is_taken_for_a_reference() -> None:
    """What the checks prevent: the attack works on a card that trusts its verifier."""
    code = "sspush 2; sconst_0; baload"  # 2 is the APDU buffer's reference here
    assert run(Hand(code), vm_checks="false").answer.endswith("9000")
    with pytest.raises(JException):
        run(Hand(code))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_changed_bytes_never_make_the_host_fail(data: st.DataObject) -> None:
    """Any byte of any component may be another one: a refusal, a card that stops, or an answer."""
    sources = [
        "aload_0; sspush 700; putfield_s @Hand.s; aload_0; getfield_s @Hand.s",
        "sconst_3; newarray byte; arraylength",
    ]
    parts = dict(Hand(data.draw(st.sampled_from(sources))).components())
    for _ in range(data.draw(st.integers(1, 3))):
        tag = data.draw(st.sampled_from([t for t in parts if t is not Component.DIRECTORY]))
        raw = bytearray(parts[tag])
        if len(raw) > 3:
            raw[data.draw(st.integers(3, len(raw) - 1))] = data.draw(st.integers(0, 255))
        parts[tag] = bytes(raw)
    outcome = _try(b"".join(parts.values()), data.draw(st.booleans()))
    assert outcome in ("answer", "Refusal", "CardMute"), outcome


def _try(block: bytes, checked: bool) -> str:
    card = Card.fresh(vm_checks=str(checked).lower())
    card.machine.setBudget(20_000)
    try:
        card.load(block)
        card.machine.install(PACKAGE, APPLET, APPLET, bytes((len(APPLET),)) + APPLET + b"\x00\x00")
        card.select_aid(APPLET)
        card.send("0000000000")
    except JException as thrown:
        return type(thrown).__name__.rpartition(".")[2]
    return "answer"
