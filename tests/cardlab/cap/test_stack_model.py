"""What the converter takes to be on the stack, by instruction (JCVM 3.0.5, 2.2): a value that overflows lies below it.

Whatever leaves a word too many or too few there, or another one, hides the value from the comparison that looks at it.
"""

from __future__ import annotations

import pytest

from cardlab.cap.convert import convert
from cardlab.cap.errors import ConversionError
from cardlab.cap.exports import builtin
from tests.cardlab.cap.conftest import Compile

AID = bytes.fromhex("F000000001")
ABOVE = [
    "c",
    "5",
    "s",
    "t",
    "me.f",
    "me.bytes[c]",
    "arr[c]",
    "arr.length",
    "objects[c].f",
    "g(null)",
    "g(new Object())",
    "g(new Refuse(c, o))",
    "k(new byte[c])",
    "n(new Object[c])",
    "n(objects)",
    "w(c, o)",
    "me.own(c)",
    "me.hidden(c)",
    "face.call(c)",
    "g((Refuse) o)",
    "k((byte[]) o)",
    "(s = c)",
    "(me.f = c)",
    "(arr[c] = d)",
    "(me.bytes[c] = d)",
    "s++",
    "me.f++",
    "arr[c]++",
    "c++",
    "-c",
    "~c",
    "c + d",
    "c * d",
    "(c & d)",
    "a % b",
    "a >> 2",
    "(byte) a",
    "(short) (a + b)",
    "(z ? c : d)",
    "(c > d ? c : d)",
    "(c == 0 ? c : d)",
    "(o == null ? c : d)",
    "(o != me ? c : d)",
    "(o instanceof Refuse ? c : d)",
    "g(z ? o : me)",
]
"""What is computed while the value lies on the stack."""
MEMBERS = """static short s; static byte t; short f; byte[] bytes; static Refuse me; static Refuse[] objects;
static Face face; Refuse(byte c, Object o) { } static short g(Object o) { return 1; }
static short k(byte[] b) { return 1; } static short n(Object[] x) { return 1; }
static short w(short x, Object y) { return x; } short own(short x) { return x; }
private short hidden(short x) { return x; }"""
FIRST = 1 + MEMBERS.count("\n") + 2
"""The line of the first method."""


COMPARED = "if (({below}) > {above}) a = 1;"
ADDED = "a = (short) (({below}) + ({above}));"


def _class_files(compile_source: Compile, statement: str, value: str) -> list[bytes]:
    methods = (
        f"static void m{n}(short a, short b, byte c, byte d, short[] arr, boolean z, Object o)"
        f" {{ {statement.format(below=value, above=above)} }}"
        for n, above in enumerate(ABOVE)
    )
    text = "\n".join(("package refuse; class Refuse {", MEMBERS, *methods))
    return compile_source("Refuse", f"{text}\n}}\ninterface Face {{ short call(short x); }}")


def test_what_lies_below_is_looked_at(compile_source: Compile) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(_class_files(compile_source, COMPARED, "a + b"), AID, (1, 0), [], builtin())
    told = {one.method: one.line for one in caught.value.problems}
    missed = [above for n, above in enumerate(ABOVE) if told.get(f"m{n}") != FIRST + n]
    assert missed == []


def test_what_does_not_overflow_is_accepted(compile_source: Compile) -> None:
    """The same above an exact value."""
    assert convert(_class_files(compile_source, COMPARED, "c + d"), AID, (1, 0), [], builtin()).cap


def test_what_overflows_is_accepted_where_its_low_bits_are_asked_for(compile_source: Compile) -> None:
    """And nothing else takes it for its own meanwhile."""
    assert convert(_class_files(compile_source, ADDED, "a + b"), AID, (1, 0), [], builtin()).cap
