"""Every instruction and every exception it can throw (JCVM 3.0.5, 7.5), in load files made by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cardlab.cap.opcodes import Opcode
from cardlab.runtime import jvm
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card

NULL, INDEX, ARITHMETIC = "NullPointer", "ArrayIndexOutOfBounds", "Arithmetic"
INT_TO_SHORTS = "istore 3; iload 3; bipush 16; ishr; i2s; iload 3; i2s; sxor"
"""An int on the stack as the exclusive or of its halves."""
YES, NO = "sconst_0; goto z; y:; sconst_1; z:; nop", "sconst_1; goto z; y:; sconst_0; z:; nop"
"""Behind a branch to y: 1 when it was taken, and 0."""


def run(hand: Hand, **properties: str) -> Card:
    """A card on which the applet was selected and got one command; the answer is in ``answer``."""
    card = Card.fresh(**properties)
    card.load(hand.block())
    parameters = bytes((len(APPLET),)) + APPLET + b"\x00\x00"
    card.machine.install(PACKAGE, APPLET, APPLET, parameters)
    card.answer = card.select_aid(APPLET).hex().upper()
    return card


def value(code: str, **more: object) -> int:
    """The short that the code leaves."""
    card = run(Hand(code, **more))  # type: ignore[arg-type]
    assert card.answer.endswith("9000"), f"{card.answer}: {card.why}"
    return int.from_bytes(bytes.fromhex(card.answer[:4]), "big", signed=True)


VALUES = {
    # constants and stack
    "sconst_m1": -1,
    "sconst_0": 0,
    "sconst_1": 1,
    "sconst_2": 2,
    "sconst_3": 3,
    "sconst_4": 4,
    "sconst_5": 5,
    "nop; sconst_1": 1,
    "bspush -128": -128,
    "sspush -32768": -32768,
    "iconst_m1; i2s": -1,
    "iconst_0; i2s": 0,
    "iconst_1; i2s": 1,
    "iconst_2; i2s": 2,
    "iconst_3; i2s": 3,
    "iconst_4; i2s": 4,
    "iconst_5; i2s": 5,
    "bipush -7; i2s": -7,
    "sipush 300; i2s": 300,
    f"iipush 0x12345678; {INT_TO_SHORTS}": 0x1234 ^ 0x5678,
    "sconst_1; sconst_2; pop": 1,
    "sconst_1; sconst_2; sconst_3; pop2": 1,
    "sconst_3; dup; sadd": 6,
    "sconst_1; sconst_2; dup2; sadd; sadd; sadd": 6,
    "sconst_1; sconst_2; dup_x 0x12; ssub; sadd": 2 + (1 - 2),
    "sconst_1; sconst_2; sconst_3; dup_x 0x13; pop; ssub; ssub": 3 - (1 - 2),
    "sconst_5; sconst_2; dup_x 0x10; sadd; sadd": 9,
    "sconst_5; sconst_2; dup_x 0x20; sadd; sadd; sadd": 14,
    "sconst_1; sconst_5; swap_x 0x11; ssub": 4,
    "sconst_1; sconst_2; sconst_5; swap_x 0x21; ssub; ssub": 2 - (5 - 1),
    # local variables
    "sconst_5; sstore_3; sload_3": 5,
    "sconst_5; sstore 7; sload 7": 5,
    "sconst_5; sstore_2; sload_2": 5,
    f"aload_0; astore_3; aload_3; aload_0; if_acmpeq y; {YES}": 1,
    f"aload_1; astore 9; aload 9; ifnull y; {NO}": 1,
    f"aload_0; astore_2; aload_2; ifnonnull y; {YES}": 1,
    "iconst_5; istore_2; iload_2; i2s": 5,
    "iconst_5; istore_3; iload_3; i2s": 5,
    "iconst_5; istore 7; iload 7; i2s": 5,
    "sconst_5; sstore_2; sinc 2 -8; sload_2": -3,
    "sspush 32767; sstore_2; sinc 2 1; sload_2": -32768,
    "sconst_5; sstore_2; sinc_w 2 1000; sload_2": 1005,
    "iconst_5; istore_2; iinc 2 -8; iload_2; i2s": -3,
    "iconst_5; istore_2; iinc_w 2 1000; iload_2; i2s": 1005,
    # short arithmetic
    "sspush 32767; sconst_1; sadd": -32768,
    "sspush -32768; sconst_1; ssub": 32767,
    "sspush 300; sspush 300; smul": 24464,
    "bspush -7; sconst_2; sdiv": -3,
    "bspush -7; sconst_2; srem": -1,
    "sspush -32768; sconst_m1; sdiv": -32768,
    "sspush -32768; sneg": -32768,
    "sconst_1; bspush 15; sshl": -32768,
    "sspush -32768; bspush 15; sshr": -1,
    "sspush -32768; bspush 15; sushr": -1,
    "sconst_1; bspush 33; sshl": 2,
    "bspush -1; bspush 28; sushr": 15,
    "bspush 12; bspush 10; sand": 8,
    "bspush 12; bspush 10; sor": 14,
    "bspush 12; bspush 10; sxor": 6,
    "sspush 0x0180; s2b": -128,
    # int
    f"iipush 0x7fffffff; iconst_1; iadd; {INT_TO_SHORTS}": -32768,
    f"iconst_0; iconst_1; isub; {INT_TO_SHORTS}": 0,
    f"iipush 70000; iconst_3; imul; {INT_TO_SHORTS}": (210000 >> 16) ^ (210000 & 0xFFFF),
    "iipush -7; iconst_2; idiv; i2s": -3,
    "iipush -7; iconst_2; irem; i2s": -1,
    "iconst_5; ineg; i2s": -5,
    f"iconst_1; bipush 31; ishl; {INT_TO_SHORTS}": -32768,
    "iipush 0x80000000; bipush 31; ishr; i2s": -1,
    "iipush 0x80000000; bipush 31; iushr; i2s": 1,
    "bipush 12; bipush 10; iand; i2s": 8,
    "bipush 12; bipush 10; ior; i2s": 14,
    "bipush 12; bipush 10; ixor; i2s": 6,
    "sconst_m1; s2i; i2s": -1,
    "iipush 0x0180; i2b": -128,
    "iipush 0x18000; i2s": -32768,
    "iipush 100000; iipush 99999; icmp": 1,
    "iipush 100000; iipush 100000; icmp": 0,
    "iipush -100000; iipush 99999; icmp": -1,
    # arrays
    "sconst_3; newarray byte; arraylength": 3,
    "sconst_3; newarray byte; astore_2; aload_2; sconst_2; bspush -5; bastore; aload_2; sconst_2; baload": -5,
    "sconst_3; newarray boolean; astore_2; aload_2; sconst_2; sconst_3; bastore; aload_2; sconst_2; baload": 1,
    "sconst_3; newarray short; astore_2; aload_2; sconst_2; sspush 999; sastore; aload_2; sconst_2; saload": 999,
    "sconst_3; newarray int; astore_2; aload_2; sconst_2; iipush 99; iastore; aload_2; sconst_2; iaload; i2s": 99,
    "sconst_2; anewarray @Hand; astore_2; aload_2; sconst_1; aload_0; aastore; aload_2; sconst_1; aaload; aload_0;"
    f"if_acmpeq y; {YES}": 1,
    # fields
    "aload_0; sspush 700; putfield_s @Hand.s; aload_0; getfield_s @Hand.s": 700,
    "aload_0; sspush 0x0180; putfield_b @Hand.b; aload_0; getfield_b @Hand.b": -128,
    "aload_0; iipush 70000; putfield_i @Hand.i; aload_0; getfield_i @Hand.i; i2s": 4464,
    f"aload_0; aload_0; putfield_a @Hand.a; aload_0; getfield_a @Hand.a; ifnull y; {NO}": 1,
    "sspush 701; putfield_s_this @Hand.s; getfield_s_this @Hand.s": 701,
    "bspush 71; putfield_b_this @Hand.b; getfield_b_this @Hand.b": 71,
    "iipush 72; putfield_i_this @Hand.i; getfield_i_this @Hand.i; i2s": 72,
    f"aload_0; putfield_a_this @Hand.a2; getfield_a_this @Hand.a2; ifnull y; {NO}": 1,
    "aload_0; sspush 702; putfield_s_w @Hand.s; aload_0; getfield_s_w @Hand.s": 702,
    "aload_0; bspush 73; putfield_b_w @Hand.b; aload_0; getfield_b_w @Hand.b": 73,
    "aload_0; iipush 74; putfield_i_w @Hand.i; aload_0; getfield_i_w @Hand.i; i2s": 74,
    f"aload_0; aload_0; putfield_a_w @Hand.a; aload_0; getfield_a_w @Hand.a; ifnull y; {NO}": 1,
    # static fields
    "sspush 0x0180; putstatic_b @Hand.static_b; getstatic_b @Hand.static_b": -128,
    "sspush 703; putstatic_s @Hand.static_s; getstatic_s @Hand.static_s": 703,
    "iipush 70000; putstatic_i @Hand.static_i; getstatic_i @Hand.static_i; i2s": 4464,
    f"aload_0; putstatic_a @Hand.static_a; getstatic_a @Hand.static_a; ifnull y; {NO}": 1,
    f"getstatic_a @Hand.static_a2; ifnull y; {YES}": 1,
    # classes
    f"aload_0; checkcast class @Applet; ifnull y; {NO}": 1,
    f"aconst_null; checkcast class @Hand; ifnull y; {YES}": 1,
    "aload_0; instanceof class @Applet": 1,
    "aload_0; instanceof class @Throwable": 0,
    "aconst_null; instanceof class @Applet": 0,
    "sconst_1; newarray byte; instanceof byte 0": 1,
    "sconst_1; newarray byte; instanceof short 0": 0,
    "sconst_1; newarray byte; instanceof class @Object": 1,
    "sconst_1; anewarray @Hand; instanceof array @Applet": 1,
    "sconst_1; anewarray @Applet; instanceof array @Hand": 0,
    "new @Hand; instanceof class @Hand": 1,
    # control
    "goto_w y; x:; sconst_1; goto z; y:; goto x; z:; nop": 1,
    "jsr sub; sload_2; goto z; sub:; astore_3; sconst_4; sstore_2; ret 3; z:; nop": 4,
    "sconst_2; stableswitch d 1 a b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 5,
    "sconst_3; stableswitch d 1 a b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 0,
    "sconst_m1; stableswitch d -1 a b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 1,
    "sspush 300; slookupswitch d -5=a 300=b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 5,
    "sspush 301; slookupswitch d -5=a 300=b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 0,
    "iconst_2; itableswitch d 1 a b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 5,
    "iipush 70000; ilookupswitch d -5=a 70000=b; a:; sconst_1; goto z; b:; sconst_5; goto z; d:; sconst_0; z:; nop": 5,
}

BRANCHES = [
    ("ifeq", 0, True),
    ("ifeq", 1, False),
    ("ifne", 1, True),
    ("ifne", 0, False),
    ("iflt", -1, True),
    ("iflt", 0, False),
    ("ifge", 0, True),
    ("ifge", -1, False),
    ("ifgt", 1, True),
    ("ifgt", 0, False),
    ("ifle", 0, True),
    ("ifle", 1, False),
]
COMPARISONS = [
    ("eq", 2, 2, True),
    ("eq", 2, 3, False),
    ("ne", 2, 3, True),
    ("ne", 2, 2, False),
    ("lt", 1, 2, True),
    ("lt", 2, 2, False),
    ("ge", 2, 2, True),
    ("ge", 1, 2, False),
    ("gt", 3, 2, True),
    ("gt", 2, 2, False),
    ("le", 2, 2, True),
    ("le", 3, 2, False),
]
REFERENCES = [
    ("ifnull", "aconst_null", True),
    ("ifnull", "aload_0", False),
    ("ifnonnull", "aload_0", True),
    ("ifnonnull", "aconst_null", False),
    ("if_acmpeq", "aload_0; aload_0", True),
    ("if_acmpeq", "aload_0; aload_1", False),
    ("if_acmpne", "aload_0; aload_1", True),
    ("if_acmpne", "aload_0; aload_0", False),
]

THROWS = {
    # what each instruction throws (7.5), reference by reference
    "aconst_null; arraylength": NULL,
    "aconst_null; sconst_0; baload": NULL,
    "aconst_null; sconst_0; saload": NULL,
    "aconst_null; sconst_0; iaload; i2s": NULL,
    "aconst_null; sconst_0; aaload; pop; sconst_0": NULL,
    "aconst_null; sconst_0; sconst_0; bastore; sconst_0": NULL,
    "aconst_null; sconst_0; sconst_0; sastore; sconst_0": NULL,
    "aconst_null; sconst_0; iconst_0; iastore; sconst_0": NULL,
    "aconst_null; sconst_0; aconst_null; aastore; sconst_0": NULL,
    "aconst_null; getfield_s @Hand.s": NULL,
    "aconst_null; sconst_0; putfield_s @Hand.s; sconst_0": NULL,
    "aconst_null; getfield_a @Hand.a; pop; sconst_0": NULL,
    "aconst_null; getfield_b @Hand.b": NULL,
    "aconst_null; getfield_i @Hand.i; i2s": NULL,
    "aconst_null; aconst_null; putfield_a @Hand.a; sconst_0": NULL,
    "aconst_null; sconst_0; putfield_b @Hand.b; sconst_0": NULL,
    "aconst_null; iconst_0; putfield_i @Hand.i; sconst_0": NULL,
    "aconst_null; athrow; sconst_0": NULL,
    "aconst_null; invokevirtual @APDU.getBuffer; pop; sconst_0": NULL,
    "aconst_null; aload_1; invokevirtual @Hand.virtual_7; sconst_0": NULL,
    "aconst_null; sconst_1; invokespecial @ISOException.<init>; sconst_0": NULL,
    "sconst_2; newarray byte; sconst_2; baload": INDEX,
    "sconst_2; newarray byte; sconst_m1; baload": INDEX,
    "sconst_2; newarray boolean; sconst_2; baload": INDEX,
    "sconst_2; newarray short; sconst_2; saload": INDEX,
    "sconst_2; newarray int; sconst_2; iaload; i2s": INDEX,
    "sconst_2; anewarray @Hand; sconst_2; aaload; pop; sconst_0": INDEX,
    "sconst_2; newarray byte; sconst_2; sconst_0; bastore; sconst_0": INDEX,
    "sconst_2; newarray short; sconst_m1; sconst_0; sastore; sconst_0": INDEX,
    "sconst_2; newarray int; sconst_2; iconst_0; iastore; sconst_0": INDEX,
    "sconst_2; anewarray @Hand; sconst_2; aconst_null; aastore; sconst_0": INDEX,
    "sconst_2; anewarray @AID; sconst_1; aload_0; aastore; sconst_0": "ArrayStore",
    "sconst_m1; newarray byte; pop; sconst_0": "NegativeArraySize",
    "sconst_m1; anewarray @Hand; pop; sconst_0": "NegativeArraySize",
    "sconst_1; sconst_0; sdiv": ARITHMETIC,
    "sconst_1; sconst_0; srem": ARITHMETIC,
    "iconst_1; iconst_0; idiv; i2s": ARITHMETIC,
    "iconst_1; iconst_0; irem; i2s": ARITHMETIC,
    "aload_0; checkcast class @AID; pop; sconst_0": "ClassCast",
    "aload_0; checkcast byte 0; pop; sconst_0": "ClassCast",
    "sconst_1; newarray byte; checkcast short 0; pop; sconst_0": "ClassCast",
    "sconst_1; anewarray @Applet; checkcast array @Hand; pop; sconst_0": "ClassCast",
    # JCRE 6.2.8: entry points and global arrays
    "aload_1; putstatic_a @Hand.static_a; sconst_0": "Security",
    "aload_0; aload_1; putfield_a @Hand.a; sconst_0": "Security",
    "aload_1; putfield_a_this @Hand.a; sconst_0": "Security",
    "aload_1; invokevirtual @APDU.getBuffer; putstatic_a @Hand.static_a; sconst_0": "Security",
    "sconst_1; anewarray @Object; sconst_0; aload_1; aastore; sconst_0": "Security",
}


@pytest.mark.parametrize("code", VALUES)
def test_the_value(code: str) -> None:
    assert value(code) == VALUES[code]


@pytest.mark.parametrize("wide", ["", "_w"])
@pytest.mark.parametrize(("name", "operand", "taken"), BRANCHES)
def test_branches_on_a_short(name: str, operand: int, taken: bool, wide: str) -> None:
    assert value(f"bspush {operand}; {name}{wide} y; {YES}") == taken


@pytest.mark.parametrize("wide", ["", "_w"])
@pytest.mark.parametrize(("name", "left", "right", "taken"), COMPARISONS)
def test_branches_on_two_shorts(name: str, left: int, right: int, taken: bool, wide: str) -> None:
    code = f"bspush {left}; bspush {right}; if_scmp{name}{wide} y; {YES}"
    assert value(code) == taken


@pytest.mark.parametrize("wide", ["", "_w"])
@pytest.mark.parametrize(("name", "operands", "taken"), REFERENCES)
def test_branches_on_references(name: str, operands: str, taken: bool, wide: str) -> None:
    assert value(f"{operands}; {name}{wide} y; {YES}") == taken


@pytest.mark.parametrize("code", THROWS)
def test_the_exception(code: str) -> None:
    card = run(Hand(code))
    assert (card.answer, THROWS[code] in card.why) == ("6F00", True), card.why


@pytest.mark.parametrize(("kind", "code"), [("ireturn", "iipush 70000; ireturn"), ("areturn", "aload_0; areturn")])
def test_methods_return_what_they_say(kind: str, code: str) -> None:
    after = "i2s" if kind == "ireturn" else "instanceof class @Hand"
    hand = Hand(f"aload_0; invokestatic @Hand.method_0; {after}", methods=[(code, 1, 0)])
    assert run(hand).answer == ("11709000" if kind == "ireturn" else "00019000")


def test_virtual_and_special_calls_and_their_arguments() -> None:
    add = ("sload_1; sload_2; ssub; sreturn", 3, 0)
    hand = Hand("aload_0; sconst_5; sconst_3; invokevirtual @Hand.virtual_8", methods=[add], virtuals=[0])
    assert run(hand).answer == "00029000"
    special = Hand("aload_0; sconst_5; sconst_3; invokespecial @Hand.method_0", methods=[add])
    assert run(special).answer == "00029000"


def test_a_super_call_reaches_the_superclass() -> None:
    assert value("aload_0; invokespecial @Hand.super_6") == 1  # Applet.select()


def test_an_interface_call_finds_the_class_s_method() -> None:
    code = (
        "sconst_3; bspush 8; sconst_1; invokestatic @OwnerPINBuilder.buildOwnerPIN; astore_2;"
        "aload_2; invokeinterface 1 @PIN 1"
    )
    assert value(code) == 3


@pytest.mark.parametrize("caught", ["", "ArithmeticException", "RuntimeException", "Throwable"])
def test_a_handler_catches(caught: str) -> None:
    code = "a:; sconst_1; sconst_0; sdiv; b:; goto z; h:; pop; bspush 77; z:; nop"
    assert value(code, handlers=[("a", "b", "h", caught)]) == 77


def test_the_first_handler_that_fits_catches_and_others_let_through() -> None:
    code = "a:; sconst_1; sconst_0; sdiv; b:; goto z; g:; pop; bspush 66; goto z; h:; pop; bspush 77; z:; nop"
    rows = [("a", "b", "g", "NullPointerException"), ("a", "b", "h", "ArithmeticException"), ("a", "b", "g", "")]
    assert value(code, handlers=rows) == 77
    card = run(Hand(code, handlers=[("a", "b", "g", "NullPointerException")]))
    assert card.answer == "6F00" and "Arithmetic" in card.why


def test_a_handler_catches_what_a_called_method_throws() -> None:
    code = "a:; sconst_0; invokestatic @Hand.method_0; b:; goto z; h:; pop; bspush 77; z:; nop"
    hand = Hand(code, handlers=[("a", "b", "h", "")], methods=[("sconst_1; sload_0; sdiv; sreturn", 1, 0)])
    assert run(hand).answer == "004D9000"


def test_endless_recursion_is_a_system_exception_that_can_be_caught() -> None:
    code = "a:; sconst_0; invokestatic @Hand.method_0; b:; goto z; h:; pop; bspush 77; z:; nop"
    endless = ("sload_0; invokestatic @Hand.method_0; sreturn", 1, 0)
    assert run(Hand(code, handlers=[("a", "b", "h", "SystemException")], methods=[endless])).answer == "004D9000"
    card = run(Hand("sconst_0; invokestatic @Hand.method_0", methods=[endless]))
    assert card.answer == "6F00" and "NO_RESOURCE" in card.why


def test_every_instruction_is_in_these_tests() -> None:
    source = Path(__file__).read_text("utf-8")
    used = set(re.findall(r"[a-z_0-9]+", source))
    branches = {f"if_scmp{name}{wide}" for name, *_ in COMPARISONS for wide in ("", "_w")}
    branches |= {f"{name}_w" for name, *_ in BRANCHES + REFERENCES}
    local = {
        f"{kind}{number}"
        for kind in ("aload_", "sload_", "iload_", "astore_", "sstore_", "istore_")
        for number in range(4)
    }
    assert {one.mnemonic for one in Opcode} <= used | branches | local


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("kind", ["s", "i", "a"])
def test_short_forms_reach_their_variable(kind: str, number: int) -> None:
    push, after = {
        "s": ("bspush 9", ""),
        "i": ("bipush 9", "; i2s"),
        "a": ("bspush 9; newarray byte", "; arraylength"),
    }[kind]
    code = f"{push}; {kind}store_{number}; {kind}load {number}{after}; sstore 5; "
    code += f"{push}; {kind}store {number}; {kind}load_{number}{after}; sload 5; sadd; sreturn"
    assert run(Hand("invokestatic @Hand.method_0", methods=[(code, 0, 6)])).answer == "00129000"


def test_the_interpreter_s_constants_are_the_table() -> None:
    jvm.start()
    fields = jvm.java_class("java.lang.Class").forName("cardlab.vm.interpreter.Op").getDeclaredFields()
    constants = {}
    for one in fields:
        one.setAccessible(True)
        constants[str(one.getName())] = int(one.getInt(None))
    table = {str(one.name()): int(one.ordinal()) for one in jvm.java_class("cardlab.vm.link.Opcode").values()}
    assert constants == table
    assert {name.lower(): number for name, number in table.items()} == {one.mnemonic: int(one) for one in Opcode}
