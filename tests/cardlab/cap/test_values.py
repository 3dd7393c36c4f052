"""What is accepted is the same with 16 bits as with 32: random expressions, computed by Java's and the card's rules."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from cardlab.cap.convert.values import (
    ADDRESS,
    BYTE,
    INT,
    REFERENCE,
    SHORT,
    UNKNOWN,
    Value,
    ValueState,
    arithmetic,
    constant,
    looked_at,
    negation,
    to_short,
)
from cardlab.classfile.opcodes import JvmOpcode
from tests.cardlab.cap.programs import ARITHMETIC, wrap

OPCODES = sorted(JvmOpcode[f"I{name.upper()}"] for name in ARITHMETIC)


@dataclass(frozen=True)
class Seen:
    """A value as the converter knows it, and what Java and the card have there."""

    known: Value
    java: int
    card: int


def _leaf(known: Value, number: int) -> Seen:
    return Seen(known, number, number)


_shorts = st.sampled_from([-32768, -1, 0, 1, 255, 256, 32767]) | st.integers(-32768, 32767)
_bytes = st.sampled_from([-128, -1, 0, 1, 127]) | st.integers(-128, 127)
_leaves = (
    st.builds(_leaf, st.just(SHORT), _shorts)
    | st.builds(_leaf, st.just(BYTE), _bytes)
    | st.builds(lambda n: _leaf(constant(n), n), _shorts | _bytes | st.integers(0, 20))
)


def _apply(opcode: JvmOpcode, left: Seen, right: Seen) -> Seen | None:
    """None when the converter refuses, or Java throws."""
    if any(v.overflow or not v.fits for v in looked_at(opcode, left.known, right.known)):
        return None
    if opcode in (JvmOpcode.IDIV, JvmOpcode.IREM) and right.java == 0:
        return None
    compute = ARITHMETIC[opcode.mnemonic[1:]]
    known = arithmetic(opcode, left.known, right.known)
    return Seen(known, wrap(compute(left.java, right.java), 32), wrap(compute(left.card, right.card), 16))


def _unary(name: str, of: Seen) -> Seen | None:
    if name == "i2s":
        return Seen(to_short(of.known), wrap(of.java, 16), of.card)
    if name == "i2b":
        return Seen(BYTE, wrap(of.java, 8), of.card if of.known.kind == "B" else wrap(of.card, 8))
    if of.known.overflow or not of.known.fits:
        return None
    return Seen(negation(of.known), wrap(-of.java, 32), wrap(-of.card, 16))


def _grow(inner: st.SearchStrategy[Seen | None]) -> st.SearchStrategy[Seen | None]:
    return st.builds(
        lambda opcode, a, b: _apply(opcode, a, b) if a and b else None, st.sampled_from(OPCODES), inner, inner
    ) | st.builds(lambda name, a: _unary(name, a) if a else None, st.sampled_from(["i2s", "i2b", "ineg"]), inner)


@given(st.recursive(_leaves, _grow, max_leaves=8))
def test_what_may_be_looked_at_is_the_same_number(seen: Seen | None) -> None:
    assume(seen is not None)
    assert seen is not None
    assert seen.card == wrap(seen.java, 16)
    assert seen.known.low <= seen.java <= seen.known.high
    if seen.known.kind == "B":
        assert -128 <= seen.java <= 127
    if seen.known.fits and not seen.known.overflow:
        event("may be looked at")
        assert seen.card == seen.java


@pytest.mark.parametrize("opcode", OPCODES, ids=lambda opcode: opcode.mnemonic)
def test_every_operation_at_the_edges(opcode: JvmOpcode) -> None:
    edges = {BYTE: (-128, -127, -1, 0, 1, 126, 127), SHORT: (-32768, -32767, -129, -1, 0, 1, 128, 32766, 32767)}
    for left, lefts in edges.items():
        for right, rights in edges.items():
            for a in lefts:
                for b in rights:
                    for known in (right, constant(b)):
                        seen = _apply(opcode, _leaf(left, a), _leaf(known, b))
                        if seen is None:
                            assert b == 0
                            continue
                        assert seen.card == wrap(seen.java, 16)
                        assert seen.known.low <= seen.java <= seen.known.high
                        assert seen.card == seen.java or seen.known.overflow or not seen.known.fits


_values = st.builds(lambda a, b: Value("S", min(a, b), max(a, b)), *[st.integers(-(1 << 31), (1 << 31) - 1)] * 2)


@given(st.lists(_values | st.sampled_from([BYTE, SHORT]), min_size=2, max_size=12))
def test_joins_hold_both_and_settle(values: list[Value]) -> None:
    grown, steps = values[0], 0
    for value in values[1:] * 2:
        joined = ValueState((grown,), ()).join(ValueState((value,), ())).stack[0]
        assert joined.low <= min(grown.low, value.low)
        assert joined.high >= max(grown.high, value.high)
        steps += joined.bounds != grown.bounds
        grown = joined
    assert steps <= 4


def test_a_join_is_the_same_from_both_sides() -> None:
    for one, other in combinations((BYTE, SHORT, INT, REFERENCE, ADDRESS, UNKNOWN), 2):
        assert one.join(other) == other.join(one)
    assert (INT.join(SHORT), SHORT.join(REFERENCE)) == (INT, UNKNOWN)
    made = [Value("A", sources=frozenset(at)) for at in ({1}, {2}, {1, 2})]
    assert made[0].join(made[1]) == made[2]
