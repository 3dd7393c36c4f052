"""Rules for constants, the stack, arrays and arithmetic (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.convert.translation import NARROW_INDEX, Rule, Translation
from cardlab.cap.convert.values import (
    BYTE,
    INT,
    REFERENCE,
    SHORT,
    UNKNOWN,
    Value,
    arithmetic,
    constant,
    looked_at,
    negation,
    to_short,
)
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.octets import u1, u2, u4
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag

_BINARY: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.IADD: Opcode.SADD,
    JvmOpcode.ISUB: Opcode.SSUB,
    JvmOpcode.IMUL: Opcode.SMUL,
    JvmOpcode.IDIV: Opcode.SDIV,
    JvmOpcode.IREM: Opcode.SREM,
    JvmOpcode.ISHL: Opcode.SSHL,
    JvmOpcode.ISHR: Opcode.SSHR,
    JvmOpcode.IUSHR: Opcode.SUSHR,
    JvmOpcode.IAND: Opcode.SAND,
    JvmOpcode.IOR: Opcode.SOR,
    JvmOpcode.IXOR: Opcode.SXOR,
}
_DUPLICATIONS: Mapping[JvmOpcode, tuple[int, int]] = {
    # values copied from the top, and values below them that the copies are put under
    JvmOpcode.DUP: (1, 0),
    JvmOpcode.DUP_X1: (1, 1),
    JvmOpcode.DUP_X2: (1, 2),
    JvmOpcode.DUP2: (2, 0),
    JvmOpcode.DUP2_X1: (2, 1),
    JvmOpcode.DUP2_X2: (2, 2),
}
_DUP_X_WORDS = 4  # at most, and as many below (JCVM 3.0.5, 7.5 dup_x)
_INT_OF_SHORT: Mapping[Opcode, Opcode] = {o: Opcode["I" + o.name[1:]] for o in (*_BINARY.values(), Opcode.SNEG)}
_INT_CONSTANTS: Mapping[int, Opcode] = {-1: Opcode.ICONST_M1} | {n: Opcode[f"ICONST_{n}"] for n in range(6)}
_CONSTANTS: Mapping[int, Opcode] = {-1: Opcode.SCONST_M1} | {n: Opcode[f"SCONST_{n}"] for n in range(6)}
_ELEMENTS: Mapping[JvmOpcode, tuple[Value, Opcode]] = {
    JvmOpcode.BALOAD: (BYTE, Opcode.BALOAD),
    JvmOpcode.SALOAD: (SHORT, Opcode.SALOAD),
    JvmOpcode.AALOAD: (REFERENCE, Opcode.AALOAD),
    JvmOpcode.IALOAD: (INT, Opcode.IALOAD),
}
_ELEMENT_STORES: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.BASTORE: Opcode.BASTORE,
    JvmOpcode.SASTORE: Opcode.SASTORE,
    JvmOpcode.AASTORE: Opcode.AASTORE,
    JvmOpcode.IASTORE: Opcode.IASTORE,
}
_CONSTANT_KINDS = {
    ConstantTag.INTEGER: "int",
    ConstantTag.STRING: "String",
    ConstantTag.CLASS: "Class",
    ConstantTag.FLOAT: "float",
}


# Constants and the stack


def _nop(t: Translation, _: JvmInstruction) -> None:
    t.emit(Opcode.NOP)


def _null(t: Translation, _: JvmInstruction) -> None:
    t.push(REFERENCE)
    t.emit(Opcode.ACONST_NULL, constant=0)


def _number(t: Translation, value: int) -> None:
    """A number in its shortest form."""
    if t.ints and (t.is_wide() or not -32768 <= value <= 32767):
        _int_number(t, value)
        return
    t.push(constant(value))
    if value in _CONSTANTS:
        t.emit(_CONSTANTS[value], constant=value)
    elif -128 <= value <= 127:
        t.emit(Opcode.BSPUSH, u1(value & 0xFF), constant=value)
    else:
        t.emit(Opcode.SSPUSH, u2(value & 0xFFFF), constant=value)


def _int_number(t: Translation, value: int) -> None:
    t.push(INT)
    if value in _INT_CONSTANTS:
        t.emit(_INT_CONSTANTS[value], constant=value)
    elif -128 <= value <= 127:
        t.emit(Opcode.BIPUSH, u1(value & 0xFF), constant=value)
    elif -32768 <= value <= 32767:
        t.emit(Opcode.SIPUSH, u2(value & 0xFFFF), constant=value)
    else:
        t.emit(Opcode.IIPUSH, u4(value & 0xFFFFFFFF), constant=value)


def _sipush(t: Translation, i: JvmInstruction) -> None:
    _number(t, i.operand)


def _ldc(t: Translation, i: JvmInstruction) -> None:
    found = t.jpool.get(i.operand)
    if found.number is not None and (t.ints or -32768 <= found.number <= 32767):
        _number(t, found.number)
        return
    number = "" if found.number is None else f" {found.number}"
    t.error(f"unsupported {_CONSTANT_KINDS.get(found.tag, found.tag.name)} type constant{number}")
    t.push(UNKNOWN)


def _taken(t: Translation, count: int) -> list[Value]:
    """The values on top, the deepest first."""
    return [t.pop() for _ in range(count)][::-1]


def _words(values: list[Value]) -> int:
    return sum(v.words for v in values)


def _pop(t: Translation, i: JvmInstruction) -> None:
    words = _words(_taken(t, 1 if i.opcode is JvmOpcode.POP else 2))
    for _ in range(words // 2):
        t.emit(Opcode.POP2)
    if words % 2:
        t.emit(Opcode.POP)


def _duplicate(t: Translation, i: JvmInstruction) -> None:
    """dup and its like: the copies keep where the values come from."""
    copied, over = _DUPLICATIONS[i.opcode]
    top, below = _taken(t, copied), _taken(t, over)
    t.stack += [*top, *below, *top]
    m, n = _words(top), _words(below)
    if not over and m <= 2:
        t.emit(Opcode.DUP if m == 1 else Opcode.DUP2)
    elif m <= _DUP_X_WORDS and n <= _DUP_X_WORDS:
        t.emit(Opcode.DUP_X, u1(m << 4 | (m + n if over else 0)))
    else:
        t.error(f"unsupported {i.name} of {m} words over {n}")


def _swap(t: Translation, _: JvmInstruction) -> None:
    below, top = _taken(t, 2)
    t.stack += [top, below]
    t.emit(Opcode.SWAP_X, u1(top.words << 4 | below.words))


# Arrays and arithmetic


def _array_load(t: Translation, i: JvmInstruction) -> None:
    t.look(t.pop(), NARROW_INDEX)
    t.pop()
    value, card = _ELEMENTS[i.opcode]
    if value is INT:
        t.require_type("[I", "an element")
    t.push(value)
    t.emit(card)


def _array_store(t: Translation, i: JvmInstruction) -> None:
    if i.opcode is JvmOpcode.IASTORE:
        t.require_type("[I", "an element")
        t.want_int(t.pop())
    else:
        t.narrow(t.pop())
    t.look(t.pop(), NARROW_INDEX)
    t.pop()
    t.emit(_ELEMENT_STORES[i.opcode])


def _binary(t: Translation, i: JvmInstruction) -> None:
    """iadd and its like."""
    right, left = t.pop(), t.pop()
    if t.is_wide(left, right):
        _int_result(t, _BINARY[i.opcode], left, right)
        return
    for operand in looked_at(i.opcode, left, right):
        t.look(operand)
    t.push(arithmetic(i.opcode, left, right))
    t.emit(_BINARY[i.opcode])


def _int_result(t: Translation, short: Opcode, *operands: Value) -> None:
    for operand in operands:
        t.want_int(operand)
    t.push(INT)
    t.emit(_INT_OF_SHORT[short])


def _ineg(t: Translation, _: JvmInstruction) -> None:
    value = t.pop()
    if t.is_wide(value):
        _int_result(t, Opcode.SNEG, value)
        return
    t.look(value)
    t.push(negation(value))
    t.emit(Opcode.SNEG)


def _i2s(t: Translation, _: JvmInstruction) -> None:
    value = t.pop()
    t.push(to_short(value))
    t.emit(Opcode.I2S if value.kind == "I" else None, cast=value.kind != "I")


def _i2b(t: Translation, _: JvmInstruction) -> None:
    value = t.pop()
    if value.kind != "B":
        t.emit(Opcode.I2B if value.kind == "I" else Opcode.S2B)
    t.push(BYTE)


RULES: Mapping[JvmOpcode, Rule] = {
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_DUPLICATIONS, _duplicate),
    **dict.fromkeys((JvmOpcode.POP, JvmOpcode.POP2), _pop),
    JvmOpcode.SWAP: _swap,
    **dict.fromkeys(_ELEMENTS, _array_load),
    **dict.fromkeys(_ELEMENT_STORES, _array_store),
    JvmOpcode.NOP: _nop,
    JvmOpcode.ACONST_NULL: _null,
    JvmOpcode.SIPUSH: _sipush,
    JvmOpcode.LDC: _ldc,
    JvmOpcode.INEG: _ineg,
    JvmOpcode.I2S: _i2s,
    JvmOpcode.I2B: _i2b,
}
