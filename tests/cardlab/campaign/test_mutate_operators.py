"""What the operators find in Java, and that every mutant is another program."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.mutate.mutation import Mutation, Operator
from cardlab.campaign.mutate.workshop import DoesNotCompileError, Workshop
from cardlab.errors import BuildError
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain.workbench import CompileOrder

OPTIONS = ("-source", "1.6", "-target", "1.6", "-g", "-encoding", "UTF-8", "-proc:none")
FILE = "/src/a/One.java"
HEAD = (
    "package a; import javacard.framework.JCSystem; class One { byte[] b; short s; boolean f; short t() { return 1; }"
)


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture(scope="module")
def order() -> CompileOrder:
    return CompileOrder((Path(FILE),), api_classpath(), OPTIONS)


def found(workshop: Workshop, order: CompileOrder, code: str, operator: Operator | None = None) -> set[str]:
    """What statements become, in a method of a class; each of them is other text."""
    text = f"{HEAD} void go(short x, short y, boolean p, boolean q) {{\n{code}\n}} }}"
    mutations = [one for one in workshop.find(order, {FILE: text}) if one.identity.member == "One.go"]
    assert len({one.applied(text) for one in mutations}) == len(mutations)
    return {one.identity.mutated for one in mutations if operator in (None, Operator(one.identity.operator))}


CASES = [
    (Operator.CONDITION, "if (p) s = x;", {"if (!(p))"}),
    (Operator.CONDITION, "f = !p;", {"f = p;"}),
    (Operator.CONDITION, "do { s = x; } while (p);", {"!(p))"}),
    (Operator.CONDITION, "s = p ? x : y;", {"s = !(p) ? x : y;"}),
    (Operator.OPERAND, "f = p && q;", {"f = p;", "f = q;", "f = p || q;"}),
    (Operator.OPERAND, "f = !(p || q);", {"f = !(p);", "f = !(q);", "f = !(p && q);"}),
    (Operator.COMPARISON, "f = x < y;", {"f = x <= y;", "f = x >= y;", "f = x != y;"}),
    (Operator.COMPARISON, "f = x == y;", {"f = x != y;", "f = x <= y;", "f = x >= y;"}),
    (Operator.COMPARISON, "f = x /* < */ // <\n < y;", {f"f = x /* < */ // < {s} y;" for s in ("<=", ">=", "!=")}),
    (Operator.CONSTANT, "s = 7;", {"s = 8;", "s = 6;", "s = 0;"}),
    (Operator.CONSTANT, "s = 0x80;", {"s = 0x81;", "s = 0x7F;", "s = 0x00;"}),
    (Operator.CONSTANT, "s = 0;", {"s = 1;", "s = (-1);"}),
    (Operator.CONSTANT, "f = true;", {"f = false;"}),
    (Operator.ARITHMETIC, "s = (short) (x + y);", {"s = (short) (x - y);"}),
    (Operator.ARITHMETIC, "s = (short) (x & y);", {"s = (short) (x | y);", "s = (short) (x ^ y);"}),
    (Operator.ARITHMETIC, "s <<= x;", {"s >>= x;"}),
    (Operator.ARITHMETIC, "s++;", {"s--;"}),
    (Operator.ARITHMETIC, "s = (short) -x;", {"s = (short) x;"}),
    (Operator.CALL, "JCSystem.requestObjectDeletion();", {";"}),
    (Operator.CALL, "s = t();", {"s = (short) 0;"}),
    (Operator.CALL, "f = JCSystem.isObjectDeletionSupported();", {"f = true;", "f = false;"}),
    (Operator.CALL, "b = JCSystem.makeTransientByteArray(x, (byte) 1);", {"b = null;"}),
    (Operator.STATEMENT, "s = x;", {";"}),
    (Operator.STATEMENT, "if (p) { s = x; }", {";"}),
    (Operator.STATEMENT, "try { s = t(); } finally { s = 1; f = p; }", {";", "{ }"}),
    (Operator.ORDER, "s = x; f = p;", {"f = p; s = x;"}),
    (Operator.ORDER, "switch (x) { case 1: s = x; break; default: f = p; }", {"break; s = x;"}),
]


@pytest.mark.parametrize(("operator", "code", "expected"), CASES, ids=[f"{one[0]} {one[1]}" for one in CASES])
def test_operators(workshop: Workshop, order: CompileOrder, operator: Operator, code: str, expected: set[str]) -> None:
    assert found(workshop, order, code, operator) == expected


def test_transactions(workshop: Workshop, order: CompileOrder) -> None:
    """None, one of its ends left out, and each statement before it and behind it."""
    code = "JCSystem.beginTransaction(); s = x; f = p; JCSystem.commitTransaction();"
    begin, commit = "JCSystem.beginTransaction();", "JCSystem.commitTransaction();"
    assert found(workshop, order, code, Operator.TRANSACTION) == {
        ";",  # either end
        "; s = x; f = p; ;",
        f"s = x; {begin} ; f = p; {commit}",
        f"f = p; {begin} s = x; ; {commit}",
        f"{begin} ; f = p; {commit} s = x;",
        f"{begin} s = x; ; {commit} f = p;",
    }


def test_values_that_are_returned(workshop: Workshop, order: CompileOrder) -> None:
    methods = "short a(short x) { return x; } boolean b(boolean p) { return !p; } Object c() { return this; }"
    text = f"package a; class One {{ {methods} }}"
    made = workshop.find(order, {FILE: text})
    returned = {one.identity.mutated for one in made if one.identity.operator == Operator.RETURN}
    assert returned == {
        "return (short) 0;", "return (short) (x + 1);", "return true;", "return false;", "return null;"
    }  # fmt: skip


def test_a_constant_changes_where_it_is_used(workshop: Workshop, order: CompileOrder) -> None:
    fields = "static final short A = 7;\n static final short B = A;"
    text = f"package a;\nclass One {{\n {fields}\nshort b() {{\nreturn B;\n}}\n}}\n"
    constants = [one for one in workshop.find(order, {FILE: text}) if one.identity.member == "One.A"]
    assert {one.identity.mutated for one in constants} == {"short A = 8;", "short A = 6;", "short A = 0;"}
    assert {place for one in constants for place in one.places} == {(FILE, 4), (FILE, 6)}
    assert all(one.in_field for one in constants)


def test_of_a_table_one_bit_of_each_value_changes(workshop: Workshop, order: CompileOrder) -> None:
    text = "package a; class One { static final byte[] A = { 1, 'x', (byte) 0x80 }; }"
    assert {one.identity.mutated for one in workshop.find(order, {FILE: text})} == {
        f"byte[] A = {{ {values} }};"
        for values in ("0, 'x', (byte) 0x80", "1, 121, (byte) 0x80", "1, 'x', (byte) 0x81")
    }


def test_a_change_compiles_alone(workshop: Workshop, order: CompileOrder, tmp_path: Path) -> None:
    """Against the other classes as they were."""
    other = "/src/a/Two.java"
    both = CompileOrder((Path(FILE), Path(other)), order.classpath, order.options)
    one = "package a; class One { short one() { return Two.TWO; } }"
    texts = {FILE: one, other: "package a; class Two { static short TWO; }"}
    whole = workshop.compile(both, texts)
    (tmp_path / "a").mkdir()
    for name, code in whole.items():
        (tmp_path / name.replace(".", "/")).with_suffix(".class").write_bytes(code)
    assert set(whole) == {"a.One", "a.Two"}
    assert workshop.compile(both, texts, [FILE], [tmp_path]) == {"a.One": whole["a.One"]}
    wrong = {**texts, FILE: one.replace("TWO", "THREE")}
    with pytest.raises(DoesNotCompileError, match=r"One\.java:1"):
        workshop.compile(both, wrong, [FILE], [tmp_path])
    with pytest.raises(BuildError, match="THREE"):
        workshop.find(both, wrong)


def test_a_method_more_changes_the_bytes_and_nothing_else(workshop: Workshop, order: CompileOrder) -> None:
    text = "package a;\nclass One {\n short one() { return 1; }\n}\n"
    more = workshop.with_one_method_more(order, {FILE: text})
    assert workshop.compile(order, more) != workshop.compile(order, {FILE: text})
    assert more[FILE].count("\n") == text.count("\n")
    assert workshop.with_one_method_more(order, {FILE: "package a; interface One { }"}) == {}


def test_lines_are_those_of_the_statement(workshop: Workshop, order: CompileOrder) -> None:
    text = f"{HEAD}\nvoid go(short x) {{\n if (x <\n  3) {{ s = x; }}\n }} }}"
    made: list[Mutation] = [
        one for one in workshop.find(order, {FILE: text}) if one.identity.operator == Operator.COMPARISON
    ]
    assert {one.lines for one in made} == {(3, 4)}
    assert {one.where for one in made} == {"One.java:3"}
