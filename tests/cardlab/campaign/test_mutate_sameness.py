"""Changes that nothing can notice, as types and effects of code tell, are not made; all others are."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from cardlab.campaign.mutate.mutation import Mutation, Operator
from cardlab.campaign.mutate.workshop import Workshop
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain.workbench import CompileOrder

OPTIONS = ("-source", "1.6", "-target", "1.6", "-g", "-encoding", "UTF-8", "-proc:none")
FILE = "/src/a/One.java"
ORDER = CompileOrder((Path(FILE),), api_classpath(), OPTIONS)
FIELDS = "byte[] b; short[] r; short s; short u; Two two; Object any; static short all;"
MEMBERS = """
    short pure(short x) { return (short) (x + 1); }
    short reading() { return s; }
    short writing() { return s = 1; }
    static short refusing(short x) { if (x < 0) { ISOException.throwIt((short) 1); } return x; }
    short throughOther() { return writing(); }
    short itself(short x) { return x == 0 ? x : itself(x); }
    short endless(short x) { while (x != 0) { } return x; }
    short first() { return b[0]; }
    short ofOther() { return two.get(); }
"""
OTHERS = """
    class Two { short t; short get() { return t; } short kept() { return 2; } }
    class Three extends Two { short get() { return t = 3; } }
    class Quiet { short q; Quiet(short x) { q = x; } }
    class Counting { static short made; Counting() { made++; } }
    class Told { Told last; void tell(Object one) { } }
"""
PARAMETERS = "(APDU apdu, byte[] c, short x, short y, boolean p, short i, short j)"

UNSEEN = [
    "short k = x; short l = y;",
    "i = s; j = u;",
    "i = x; s = y;",
    "i = pure(x); s = y;",
    "i = reading(); j = s;",
    "i = reading(); b = null;",
    "i = b[0]; j = r[1];",
    "i = c[x]; j = Util.getShort(c, y);",
    "i = x; c[0] = 1;",
    "i = (short) (x + 1); writing();",
    "i = x; two = new Two();",
    "i = x; refusing(y);",
    "i = ISO7816.OFFSET_P1; ISOException.throwIt(x);",
    "i = two.kept(); j = s;",
    "byte[] k = apdu.getBuffer(); i = s;",
    "i = x; if (p) { s = y; }",
    "i = x; Util.setShort(c, x, y);",
    "i = x; while (p) { s++; }",
    "try { i = x; j = s; } finally { p = false; }",
]
SEEN = [
    "i = x; j = i;",  # one reads what the other writes
    "i = j; j = x;",
    "i = x; i = y;",
    "i += x; j = i;",
    "i++; j = i;",
    "s++; i = s;",
    "s = x; i = s;",
    "writing(); i = s;",
    "throughOther(); i = reading();",
    "i = two.get(); two = null;",
    "i = ofOther(); j = two.t;",  # by the method that a subclass has in its place
    "b[0] = 1; i = c[0];",  # two arrays may be one
    "s = x; u = y;",  # a tear is seen between two writes that last
    "b[0] = 1; b[1] = 2;",
    "b[0] = 1; r[0] = 2;",
    "all = x; s = y;",
    "two.t = x; s = y;",
    "s = x; Util.setShort(c, x, y);",
    "all = x; new Counting();",
    "i = first(); s = 1;",  # who throws first keeps the other from being done
    "s = 1; i = b[x];",
    "s = x; refusing(y);",
    "i = (short) (x / y); s = x;",
    "s = x; any = (Two) any;",
    "s = x; i = itself(x);",
    "s = x; i = endless(x);",
    "s = x; b = new byte[2];",  # memory may be full
    "i = refusing(x); j = refusing(y);",  # which of two refusals
    "i = refusing(x); j = c[y];",
    "i = endless(x); j = refusing(y);",
    "i = s; apdu.setOutgoing();",  # nobody knows what it does
    "i = x; if (p) { return; }",
    "try { i = x; j = b[0]; } catch (RuntimeException e) { s = i; }",  # seen where it is caught
]
ALONE_UNSEEN = [
    "s = x; u = y;",
    "this.s = x; b = new byte[4];",
    "s = x; r = JCSystem.makeTransientShortArray((short) 1, JCSystem.CLEAR_ON_RESET);",
    "s = x; any = new Quiet(y);",
    "s = x; One.refusing(y);",
    "s = x; two.t = y;",
]
ALONE_SEEN = [
    "s = x; u = s;",
    "b = new byte[x]; r = new short[y];",  # which of two does not fit
    "all = x; two.t = y;",
]
GIVEN_AWAY = [
    "any = this; s = x; u = y;",
    "new Told().tell(this); s = x; u = y;",
    "tell(); s = x; u = y;",
]
COMPARISONS = [
    ("(x & 0x60) != 0", "== <"),
    ("(x & y) != 0", "== < >"),
    ("(byte) (x & 0x0F) == 0", "!= >="),
    ("(byte) (x & 0xF0) == 0", "!= <= >="),
    ("(x & 0x0F) < 0x10", ">="),
    ("c[0] == (byte) 0x80", "!= >="),
    ("c[0] > 128", "!= <="),
    ("c.length == 0", "!= >="),
    ("c.length <= x", "< > =="),
    ("s >= -32768", "> < =="),
    ("c != null", "== < >"),
]


def found(code: str) -> dict[str, list[Mutation]]:
    """By the member that they are in."""
    members: dict[str, list[Mutation]] = defaultdict(list)
    for one in Workshop().find(ORDER, {FILE: f"package a; import javacard.framework.*; {code}"}):
        members[one.identity.member].append(one)
    return members


@pytest.fixture(scope="module")
def exchanged() -> dict[str, int]:
    """How many orders are changed in each piece of code, as a method or as a constructor."""
    methods = "".join(f"void go{n}{PARAMETERS} {{ {code} }}" for n, code in enumerate(UNSEEN + SEEN))
    classes = "".join(
        f"class A{n} {{ {FIELDS} short tell() {{ return s; }} A{n}{PARAMETERS} {{ {code} }} }}"
        for n, code in enumerate(ALONE_UNSEEN + ALONE_SEEN + GIVEN_AWAY)
    )
    members = found(f"class One {{ {FIELDS} {MEMBERS} {methods} }} {OTHERS} {classes}")
    counts = {name: sum(one.identity.operator == Operator.ORDER for one in each) for name, each in members.items()}
    named = {code: counts.get(f"One.go{n}", 0) for n, code in enumerate(UNSEEN + SEEN)}
    constructed = ALONE_UNSEEN + ALONE_SEEN + GIVEN_AWAY
    return named | {f"new: {code}": counts.get(f"A{n}.<init>", 0) for n, code in enumerate(constructed)}


@pytest.mark.parametrize("code", UNSEEN)
def test_an_order_that_nothing_sees(exchanged: dict[str, int], code: str) -> None:
    assert exchanged[code] == 0


@pytest.mark.parametrize("code", SEEN)
def test_an_order_that_may_be_seen(exchanged: dict[str, int], code: str) -> None:
    assert exchanged[code] == 1


@pytest.mark.parametrize("code", ALONE_UNSEEN)
def test_nobody_sees_in_which_order_the_fields_of_a_new_object_are_set(exchanged: dict[str, int], code: str) -> None:
    assert exchanged[f"new: {code}"] == 0


@pytest.mark.parametrize("code", ALONE_SEEN)
def test_what_a_constructor_does_beside_that_may_be_seen(exchanged: dict[str, int], code: str) -> None:
    assert exchanged[f"new: {code}"] == 1


@pytest.mark.parametrize("code", GIVEN_AWAY)
def test_others_may_look_at_an_object_that_they_know(exchanged: dict[str, int], code: str) -> None:
    assert exchanged[f"new: {code}"] == 2


def test_failures_that_somebody_tells_have_an_order() -> None:
    """Which of two failures of the virtual machine comes first is seen by who catches one of them alone."""
    code = "class One {{ short go(byte[] a, byte[] b, short x) {{ short i = a[x]; short j = b[x]; return j; }} {} }}"
    catching = "void other(byte[] a) { try { a[9] = 1; } catch (NullPointerException e) { a = null; } }"
    counts = [
        sum(one.identity.operator == Operator.ORDER for one in found(code.format(more))["One.go"])
        for more in ("", catching)
    ]
    assert counts == [1, 2]  # one of them: the return before what it needs


@pytest.fixture(scope="module")
def compared() -> dict[str, set[str]]:
    """The signs that each comparison is changed to."""
    methods = "".join(f"boolean go{n}{PARAMETERS} {{ return {code}; }}" for n, (code, _) in enumerate(COMPARISONS))
    members = found(f"class One {{ {FIELDS} {methods} }} {OTHERS}")
    return {
        code: {
            one.edits[0].text for one in members[f"One.go{n}"] if one.identity.operator == Operator.COMPARISON
        }
        for n, (code, _) in enumerate(COMPARISONS)
    }  # fmt: skip


@pytest.mark.parametrize(("code", "signs"), COMPARISONS, ids=[one[0] for one in COMPARISONS])
def test_comparisons_that_come_to_another_answer(compared: dict[str, set[str]], code: str, signs: str) -> None:
    assert compared[code] == set(signs.split())
