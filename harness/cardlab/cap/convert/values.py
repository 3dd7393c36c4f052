"""What is known of the words on Java's stack, and what arithmetic makes of them (JCVM 3.0.4, section 2.2.3).

Java computes with 32 bits, the card with 16. The card's word is always the low 16 bits of Java's. An instruction that
looks at a whole value (a comparison, a division, an index) is therefore the same on both only where the value fits in
a short. Two things are known of each value: bounds, which show whether it does, and what the vendor's converter takes
for an overflow, which mostly is the more cautious.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.classfile.opcodes import JvmOpcode

Bounds = tuple[int, int]
_BYTE, _SHORT, _INT = (-128, 127), (-32768, 32767), (-(1 << 31), (1 << 31) - 1)


@dataclass(frozen=True)
class Value:
    """A word on the stack or in a local.

    `kind` is B (byte, boolean), S (short), I (int, where the package may use it: two words), A (reference), R (return
    address) or U (anything: after an error). `low` and `high` are bounds of a byte or short. `overflow` says that the
    vendor's converter lets nothing look at it.
    """

    kind: str
    low: int = 0
    high: int = 0
    overflow: bool = False
    sources: frozenset[int] = frozenset()
    """Where the package may use int: the program counters of the instructions that made the value."""
    undeclared: bool = False
    """Whether the value was read from a local without a declared type; an int of that kind may be cut where it is."""

    @property
    def words(self) -> int:
        """Words on the card's stack."""
        return 2 if self.kind == "I" else 1

    @property
    def is_number(self) -> bool:
        """Whether this is a byte or a short."""
        return self.kind in "BS"

    @property
    def fits(self) -> bool:
        """Whether Java and the card have the same number here."""
        return _within((self.low, self.high), _SHORT)

    @property
    def bounds(self) -> Bounds:
        """Lowest and highest number."""
        return self.low, self.high

    def join(self, other: Value) -> Value:
        """What is known when control comes from two places."""
        if self == other:
            return self
        sources = self.sources | other.sources
        if self.is_number and other.is_number:
            kind = self.kind if self.kind == other.kind else "S"
            grown = _union(self.bounds, other.bounds)
            return Value(kind, *grown, self.overflow or other.overflow, sources)
        if {self.kind, other.kind} <= {"B", "S", "I"}:
            return Value("I", sources=sources)
        return Value(self.kind, sources=sources) if self.kind == other.kind else UNKNOWN


BYTE, SHORT, INT = Value("B", *_BYTE), Value("S", *_SHORT), Value("I")
REFERENCE, ADDRESS, UNKNOWN = Value("A"), Value("R"), Value("U")


@dataclass(frozen=True)
class ValueState:
    """Stack (top last) and locals before an instruction."""

    stack: tuple[Value, ...]
    locals: tuple[Value, ...]

    def join(self, other: ValueState) -> ValueState:
        """Element by element; stacks of different heights keep the common part."""
        depth = min(len(self.stack), len(other.stack))
        stack = tuple(a.join(b) for a, b in zip(self.stack[:depth], other.stack[:depth], strict=True))
        variables = tuple(a.join(b) for a, b in zip(self.locals, other.locals, strict=True))
        return ValueState(stack, variables)


def constant(number: int) -> Value:
    """A number that is known."""
    return Value("B" if _within((number, number), _BYTE) else "S", number, number)


def value_of(descriptor: str, ints: bool = False) -> Value:
    """What a field, parameter or result of that descriptor is on the stack; `ints` where the package may use int."""
    if descriptor == "I":
        return INT if ints else UNKNOWN
    return {"B": BYTE, "Z": BYTE, "S": SHORT, "L": REFERENCE, "[": REFERENCE}.get(descriptor[0], UNKNOWN)


def looked_at(opcode: JvmOpcode, left: Value, right: Value) -> tuple[Value, ...]:
    """The operands of a Java operation whose whole value counts; of a shift's distance only five bits do."""
    if opcode in (JvmOpcode.IDIV, JvmOpcode.IREM):
        return left, right
    return (left,) if opcode in (JvmOpcode.ISHR, JvmOpcode.IUSHR) else ()


def arithmetic(opcode: JvmOpcode, left: Value, right: Value) -> Value:
    """The result of iadd and its like."""
    if "U" in (left.kind, right.kind):
        return UNKNOWN
    kind, overflow = _as_the_vendor(opcode, left, right)
    bounds = _BOUNDS[opcode](left.bounds, right.bounds)
    return Value(kind, *(bounds if _within(bounds, _INT) else _INT), overflow)


def negation(value: Value) -> Value:
    """The result of ineg."""
    if value.kind == "U":
        return UNKNOWN
    return Value("S", -value.high, -value.low, value.kind != "B")


def to_short(value: Value) -> Value:
    """The result of i2s."""
    if value.kind == "B" and not value.overflow:
        return value
    return Value("S", *value.bounds) if value.is_number and value.fits else SHORT


def _as_the_vendor(opcode: JvmOpcode, left: Value, right: Value) -> tuple[str, bool]:
    """The kind of a result, and whether it counts as an overflow."""
    bytes_only = left.kind == right.kind == "B"
    if opcode in (JvmOpcode.IADD, JvmOpcode.ISUB, JvmOpcode.IMUL):
        return "S", not bytes_only or left.overflow or right.overflow
    if opcode is JvmOpcode.IDIV:
        return "S", left.kind != "B"  # -32768 / -1
    if opcode is JvmOpcode.IREM:
        return ("B" if "B" in (left.kind, right.kind) else "S"), False
    if opcode in (JvmOpcode.ISHL, JvmOpcode.IUSHR):
        return "S", True
    if opcode is JvmOpcode.ISHR:
        return left.kind, right.overflow
    return ("B" if bytes_only else "S"), right.overflow  # of | & ^ it looks at the right operand only


def _within(inner: Bounds, outer: Bounds) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _union(a: Bounds, b: Bounds) -> Bounds:
    for bounds in (a, b, _BYTE, _SHORT):
        if _within(a, bounds) and _within(b, bounds):
            return bounds
    return _INT


def _width(*bounds: Bounds) -> int:
    """Bits, without the sign, that hold all these numbers."""
    return max((n if n >= 0 else ~n).bit_length() for pair in bounds for n in pair)


def _multiplied(a: Bounds, b: Bounds) -> Bounds:
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)


def _divided(a: Bounds, _b: Bounds) -> Bounds:
    largest = max(-a[0], a[1])
    return -largest, largest


def _remaining(a: Bounds, b: Bounds) -> Bounds:
    """The remainder has the sign of the dividend and is nearer to 0 than the divisor (JLS 15.17.3)."""
    below = max(-b[0], b[1], 1) - 1
    return max(min(a[0], 0), -below), min(max(a[1], 0), below)


def _shifted_left(a: Bounds, b: Bounds) -> Bounds:
    if b[0] != b[1]:
        return _INT
    return a[0] << (b[0] & 31), a[1] << (b[0] & 31)


def _shifted_right(a: Bounds, b: Bounds) -> Bounds:
    if b[0] != b[1]:
        return min(a[0], 0), max(a[1], -1)
    return a[0] >> (b[0] & 31), a[1] >> (b[0] & 31)


def _shifted_unsigned(a: Bounds, b: Bounds) -> Bounds:
    if a[0] >= 0:
        return _shifted_right(a, b)
    distance = b[0] & 31 if b[0] == b[1] else 0
    return (0, 0xFFFFFFFF >> distance) if distance else _INT


def _and(a: Bounds, b: Bounds) -> Bounds:
    masks = [high for low, high in (a, b) if low >= 0]
    return (0, min(masks)) if masks else _bitwise(a, b)


def _or(a: Bounds, b: Bounds) -> Bounds:
    negative = [low for low, high in (a, b) if high < 0]
    return (max(negative), -1) if negative else _bitwise(a, b)


def _bitwise(a: Bounds, b: Bounds) -> Bounds:
    width = _width(a, b)
    return (0 if a[0] >= 0 and b[0] >= 0 else -(1 << width)), (1 << width) - 1


_BOUNDS: dict[JvmOpcode, Callable[[Bounds, Bounds], Bounds]] = {
    JvmOpcode.IADD: lambda a, b: (a[0] + b[0], a[1] + b[1]),
    JvmOpcode.ISUB: lambda a, b: (a[0] - b[1], a[1] - b[0]),
    JvmOpcode.IMUL: _multiplied,
    JvmOpcode.IDIV: _divided,
    JvmOpcode.IREM: _remaining,
    JvmOpcode.ISHL: _shifted_left,
    JvmOpcode.ISHR: _shifted_right,
    JvmOpcode.IUSHR: _shifted_unsigned,
    JvmOpcode.IAND: _and,
    JvmOpcode.IOR: _or,
    JvmOpcode.IXOR: _bitwise,
}
"""Bounds of a result of 32 bits from those of the operands; beyond an int anything may be left."""
