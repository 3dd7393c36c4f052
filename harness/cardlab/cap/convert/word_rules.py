"""Rules for constants, the stack, arrays and arithmetic (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.convert.translation import NARROW_INDEX, Rule, Translation
from cardlab.cap.convert.values import (
    BYTE,
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
from cardlab.classfile.octets import u1, u2
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
_SHUFFLES: Mapping[JvmOpcode, tuple[int, tuple[int, ...], Opcode, bytes]] = {
    # words taken, words put back (index from the top, deepest first), card instruction, operand
    JvmOpcode.POP: (1, (), Opcode.POP, b""),
    JvmOpcode.POP2: (2, (), Opcode.POP2, b""),
    JvmOpcode.DUP: (1, (0, 0), Opcode.DUP, b""),
    JvmOpcode.DUP_X1: (2, (0, 1, 0), Opcode.DUP_X, b"\x12"),
    JvmOpcode.DUP_X2: (3, (0, 2, 1, 0), Opcode.DUP_X, b"\x13"),
    JvmOpcode.DUP2: (2, (1, 0, 1, 0), Opcode.DUP2, b""),
    JvmOpcode.DUP2_X1: (3, (1, 0, 2, 1, 0), Opcode.DUP_X, b"\x23"),
    JvmOpcode.DUP2_X2: (4, (1, 0, 3, 2, 1, 0), Opcode.DUP_X, b"\x24"),
    JvmOpcode.SWAP: (2, (0, 1), Opcode.SWAP_X, b"\x11"),
}
_CONSTANTS: Mapping[int, Opcode] = {-1: Opcode.SCONST_M1} | {n: Opcode[f"SCONST_{n}"] for n in range(6)}
_ELEMENTS: Mapping[JvmOpcode, tuple[Value, Opcode]] = {
    JvmOpcode.BALOAD: (BYTE, Opcode.BALOAD),
    JvmOpcode.SALOAD: (SHORT, Opcode.SALOAD),
    JvmOpcode.AALOAD: (REFERENCE, Opcode.AALOAD),
}
_ELEMENT_STORES: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.BASTORE: Opcode.BASTORE,
    JvmOpcode.SASTORE: Opcode.SASTORE,
    JvmOpcode.AASTORE: Opcode.AASTORE,
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
    t.push(constant(value))
    if value in _CONSTANTS:
        t.emit(_CONSTANTS[value], constant=value)
    elif -128 <= value <= 127:
        t.emit(Opcode.BSPUSH, u1(value & 0xFF), constant=value)
    else:
        t.emit(Opcode.SSPUSH, u2(value & 0xFFFF), constant=value)


def _sipush(t: Translation, i: JvmInstruction) -> None:
    _number(t, i.operand)


def _ldc(t: Translation, i: JvmInstruction) -> None:
    found = t.jpool.get(i.operand)
    if found.number is not None and -32768 <= found.number <= 32767:
        _number(t, found.number)
        return
    number = "" if found.number is None else f" {found.number}"
    t.error(f"unsupported {_CONSTANT_KINDS.get(found.tag, found.tag.name)} type constant{number}")
    t.push(UNKNOWN)


def _shuffle(t: Translation, i: JvmInstruction) -> None:
    """pop, dup and their like."""
    taken, put, card, data = _SHUFFLES[i.opcode]
    words = [t.pop() for _ in range(taken)]
    for index in put:
        t.push(words[index])
    t.emit(card, data)


# Arrays and arithmetic


def _array_load(t: Translation, i: JvmInstruction) -> None:
    t.look(t.pop(), NARROW_INDEX)
    t.pop()
    value, card = _ELEMENTS[i.opcode]
    t.push(value)
    t.emit(card)


def _array_store(t: Translation, i: JvmInstruction) -> None:
    t.look(t.pop())
    t.look(t.pop(), NARROW_INDEX)
    t.pop()
    t.emit(_ELEMENT_STORES[i.opcode])


def _binary(t: Translation, i: JvmInstruction) -> None:
    """iadd and its like."""
    right, left = t.pop(), t.pop()
    for operand in looked_at(i.opcode, left, right):
        t.look(operand)
    t.push(arithmetic(i.opcode, left, right))
    t.emit(_BINARY[i.opcode])


def _ineg(t: Translation, _: JvmInstruction) -> None:
    value = t.pop()
    t.look(value)
    t.push(negation(value))
    t.emit(Opcode.SNEG)


def _i2s(t: Translation, _: JvmInstruction) -> None:
    t.push(to_short(t.pop()))
    t.emit(None, cast=True)


def _i2b(t: Translation, _: JvmInstruction) -> None:
    if t.pop().kind != "B":
        t.emit(Opcode.S2B)
    t.push(BYTE)


RULES: Mapping[JvmOpcode, Rule] = {
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_SHUFFLES, _shuffle),
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
