"""What each construct becomes (JCVM 3.0.4, chapter 7), method by method."""

from __future__ import annotations

import pytest

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert import Conversion, convert
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.exports import builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from tests.cardlab.cap.conftest import Compile
from tests.cardlab.cap.handmade import class_file

AID = bytes.fromhex("F000000001")
THIS = "short s; byte y; Object o; static short st; "

EXPECTED = {
    # static methods of shorts a, b and byte c; the statement's instructions
    "a = (short) (a + b);": "sload_0 sload_1 sadd sstore_0",
    "a = (short) (a / 3);": "sload_0 sconst_3 sdiv sstore_0",
    "a = (short) (a % b);": "sload_0 sload_1 srem sstore_0",
    "a = (short) -a;": "sload_0 sneg sstore_0",
    "a = (short) ~a;": "sload_0 sconst_m1 sxor sstore_0",
    "a = (short) (a << 2 | b >> 3);": "sload_0 sconst_2 sshl sload_1 sconst_3 sshr sor sstore_0",
    "a = (short) (a >>> 3);": "sload_0 sconst_3 sushr sstore_0",
    "c = (byte) (a & b);": "sload_0 sload_1 sand s2b sstore_2",
    "c = (byte) (c & 5);": "sload_2 sconst_5 sand sstore_2",  # a byte already
    "a = 6;": "bspush sstore_0",
    "a = -128;": "bspush sstore_0",
    "a = 128;": "sspush sstore_0",
    "a++;": "sinc",
    "a -= 128;": "sload_0 sspush ssub sstore_0",
    "a += -128;": "sinc",
    "c++;": "sload_2 sconst_1 sadd s2b sstore_2",
    "if (a == b) a = 1;": "sload_0 sload_1 if_scmpne sconst_1 sstore_0",
    "if (a < 0) { a = 1; }": "sload_0 ifge sconst_1 sstore_0",
    "switch (a) { case 1: a = 2; case 2: a = 3; }": "sload_0 stableswitch sconst_2 sstore_0 sconst_3 sstore_0",
    "switch (a) { case 1: a = 2; case 999: a = 3; }": "sload_0 slookupswitch sconst_2 sstore_0 sconst_3 sstore_0",
    "byte[] d = new byte[a]; d[1] = 0;": "sload_0 newarray astore_3 aload_3 sconst_1 sconst_0 bastore",
    "Object[] d = new Object[2]; d[0] = d;": "sconst_2 anewarray astore_3 aload_3 sconst_0 aload_3 aastore",
    "st = a;": "sload_0 putstatic_s",
    "Object x = null; if (x instanceof byte[]) a = 1;": "aconst_null astore_3 aload_3 instanceof ifeq sconst_1 sstore_0",  # noqa: E501
}
EXPECTED_THIS = {
    # the same in an instance method, where local 0 is this
    "s = 1;": "sconst_1 putfield_s_this",
    "s = a;": "sload_1 putfield_s_this",
    "o = this;": "aload_0 putfield_a_this",
    "y = c;": "sload_3 putfield_b_this",
    "a = s;": "getfield_s_this sstore_1",
    "s++;": "aload_0 dup getfield_s sconst_1 sadd putfield_s",
    "s = (short) (a + 1);": "aload_0 sload_1 sconst_1 sadd putfield_s",
    "s = y;": "aload_0 getfield_b_this putfield_s",
    "if (a > 0) { s = y; }": "sload_1 ifle aload_0 getfield_b_this putfield_s",
}


def _codes(conversion: Conversion) -> list[str]:
    """The mnemonics of each method that has code, without the return."""
    cap = read_cap(conversion.cap)
    assert cap.descriptor is not None
    assert verify(cap, builtin()).findings == ()
    out = []
    for m in cap.descriptor.classes[0].methods:
        out.append(" ".join(i.name for i in disassemble(method_code(cap, m)[1])).removesuffix(" return"))
    return out[1:]  # the constructor comes first


@pytest.mark.parametrize("kind, table", [("static ", EXPECTED), ("", EXPECTED_THIS)])
def test_statements(kind: str, table: dict[str, str], compile_source: Compile) -> None:
    methods = "\n".join(f"{kind}void m{n}(short a, short b, byte c) {{ {t} }}" for n, t in enumerate(table))
    raw = compile_source("Lower", f"package lower; class Lower {{ {THIS} {methods} }}")
    found = _codes(convert(raw, AID, (1, 0), [], builtin()))
    assert dict(zip(table, found, strict=True)) == table


def _run(code: bytes, descriptor: str = "()V", *, ints: bool = False) -> list[str]:
    cap = read_cap(convert([class_file(code, descriptor)], AID, (1, 0), [], builtin(), ints=ints).cap)
    assert cap.descriptor is not None
    assert verify(cap, builtin()).findings == ()
    return [i.name for i in disassemble(method_code(cap, cap.descriptor.classes[0].methods[0])[1])]


@pytest.mark.parametrize(
    "code, expected",
    [
        ("00 b1", "nop return"),
        ("04 05 58 b1", "sconst_1 sconst_2 pop2 return"),
        ("04 05 5f 57 57 b1", "sconst_1 sconst_2 swap_x pop pop return"),
        ("04 05 5a 57 57 57 b1", "sconst_1 sconst_2 dup_x pop pop pop return"),
        ("04 05 06 5d 58 58 57 b1", "sconst_1 sconst_2 sconst_3 dup_x pop2 pop2 pop return"),
        ("04 05 06 07 5e 58 58 58 b1", "sconst_1 sconst_2 sconst_3 sconst_4 dup_x pop2 pop2 pop2 return"),
        ("a8 0004 b1 3a 04 a9 04", "jsr return astore ret"),
    ],
)
def test_bytecodes_no_compiler_makes(code: str, expected: str) -> None:
    assert _run(bytes.fromhex(code)) == expected.split()


def test_two_ints_are_copied_at_once() -> None:
    """Four words, the most that dup_x copies (JCVM 3.0.5, 7.5)."""
    code = bytes.fromhex("1a 1b 5c 60 57 57 57 b1")
    assert _run(code, "(II)V", ints=True) == ["iload_0", "iload_2", "dup_x", "iadd", "pop2", "pop2", "pop2", "return"]


@pytest.mark.parametrize(("distance", "branch"), [(127, "ifeq"), (128, "ifeq_w"), (-128, "ifeq"), (-129, "ifeq_w")])
def test_a_branch_is_wide_where_a_byte_does_not_reach(distance: int, branch: str) -> None:
    """JCVM 3.0.5, 7.5, if<cond>_w: forwards over the branch itself and nops, backwards over nops and a constant."""
    nops = bytes(distance - 2 if distance > 0 else -distance - 1)
    if distance > 0:
        code = bytes.fromhex("03 99") + (3 + len(nops)).to_bytes(2, "big") + nops + bytes.fromhex("b1")
    else:
        code = nops + bytes.fromhex("03 99") + distance.to_bytes(2, "big", signed=True) + bytes.fromhex("b1")
    assert [name for name in _run(code) if name != "nop"] == ["sconst_0", branch, "return"]


def test_a_join_of_byte_and_short_is_a_short() -> None:
    # iload_0 ifeq: iload_1 (byte) or iload_2 (short), then i2b: it must stay. Kits lose it (docs/reference/cap.md).
    code = bytes.fromhex("1a 99 0007 1b a7 0004 1c 91 ac")
    assert _run(code, "(SBS)B") == ["sload_0", "ifeq", "sload_1", "goto", "sload_2", "s2b", "sreturn"]


def test_a_class_is_never_the_first_constant(compile_source: Compile) -> None:
    # Index 0 in a handler means anything (6.10.1), and here ISOException is used first of all.
    text = """package first; class First { static final void m(byte[] b) {
        try { b[0] = 1; } catch (javacard.framework.ISOException e) { b[0] = 2; } } }"""
    cap = read_cap(convert(compile_source("First", text), AID, (1, 0), [], builtin()).cap)
    assert cap.pool[0].tag is not PoolTag.CLASS
    assert cap.methods.handlers[0].catch_type == 1
