"""Rules for local variables (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cardlab.cap.convert.translation import Rule, Translation
from cardlab.cap.convert.unsupported import unsupported
from cardlab.cap.convert.values import INT, SHORT, UNKNOWN, Value, value_of
from cardlab.cap.families import OF_LOCAL
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import u1, u2
from cardlab.classfile.opcodes import JvmOpcode

_INT_LOCAL = "unsupported int type of local variable (a for loop over an array needs one, too)"
_INCREMENTS = {
    (False, True): Opcode.SINC,
    (False, False): Opcode.SINC_W,
    (True, True): Opcode.IINC,
    (True, False): Opcode.IINC_W,
}
"""By whether the local is an int, and whether the amount fits in a byte."""
_LONGEST_INDEX = 255  # more local variables are refused later


def _declared(t: Translation, index: int, pc: int) -> Value | None:
    """The declared type of a local at `pc`, reporting types that the card has not."""
    for v in t.code.variables:
        if v.index == index and v.start <= pc < v.start + v.length:
            if v.descriptor in "ICJFD" and (bad := unsupported(v.descriptor, t.ints)):
                t.error(f"unsupported {bad} of local variable {v.name}")
            return value_of(v.descriptor, t.ints)
    return t.parameters.get(index)


def _undeclared(t: Translation, index: int) -> Value:
    """What kits take a local without a declaration for: a short, whatever was stored, or throughout the method an int.

    It is an int where the package may use int and the local is stored, read or counted as one anywhere.
    """
    return replace(INT if index in t.int_slots else SHORT, undeclared=True)


def _known(t: Translation, index: int) -> Value:
    return t.locals[index] if index < len(t.locals) else UNKNOWN


def _access(t: Translation, opcode: Opcode, local: int) -> None:
    """Write a load or a store in its short form where there is one."""
    local = t.place(local)
    short = OF_LOCAL.get((opcode, local))
    t.emit(short or opcode, b"" if short else u1(min(local, _LONGEST_INDEX)), local=local)


def _note(t: Translation, local: int, value: Value) -> bool:
    """Whether the value is an int; its local variable takes two words then."""
    if value.kind == "I":
        t.int_locals.add(local)
    return value.kind == "I"


def _store(t: Translation, opcode: Opcode, local: int, value: Value) -> None:
    if local >= len(t.locals):
        raise ClassFileError(f"local {local} is outside the frame")
    t.locals[local] = value
    _access(t, opcode, local)


def _iload(t: Translation, i: JvmInstruction) -> None:
    if _known(t, i.operand).kind == "A":
        raise ClassFileError(f"iload of a reference at {i.pc}")
    declared = _declared(t, i.operand, i.pc)
    if declared is None and i.pc in t.wide:
        t.int_slots.add(i.operand)
    value = declared or _undeclared(t, i.operand)
    cut = i.pc in t.cut - t.whole
    t.push(replace(SHORT, undeclared=True) if cut else value)
    _access(t, Opcode.ILOAD if _note(t, i.operand, value) else Opcode.SLOAD, i.operand)
    if cut:
        t.deepest = max(t.deepest, t.depth + 1)
        t.emit(Opcode.I2S)


def _aload(t: Translation, i: JvmInstruction) -> None:
    t.push(_known(t, i.operand))
    _access(t, Opcode.ALOAD, i.operand)


def _istore(t: Translation, i: JvmInstruction) -> None:
    value = t.pop()
    declared = _declared(t, i.operand, i.end)
    if declared is None and value.kind == "I":
        t.int_slots.add(i.operand)
    kept = declared or _undeclared(t, i.operand)
    if is_int := _note(t, i.operand, kept):
        t.want_int(value)
    elif value.kind == "I":
        t.narrow(value)
    _store(t, Opcode.ISTORE if is_int else Opcode.SSTORE, i.operand, kept)


def _astore(t: Translation, i: JvmInstruction) -> None:
    _store(t, Opcode.ASTORE, i.operand, t.pop())


def _iinc(t: Translation, i: JvmInstruction) -> None:
    declared = _declared(t, i.operand, i.end)
    if declared is None and t.ints:
        t.int_slots.add(i.operand)
        declared = INT
    if declared is None:
        t.error(_INT_LOCAL)
    elif declared.kind != "U":
        short = -128 <= i.extra <= 127
        amount = u1(i.extra & 0xFF) if short else u2(i.extra & 0xFFFF)
        card = _INCREMENTS[_note(t, i.operand, declared), short]
        t.emit(card, u1(t.place(i.operand) & 0xFF) + amount)


def _ret(t: Translation, i: JvmInstruction) -> None:
    t.emit(Opcode.RET, u1(min(t.place(i.operand), _LONGEST_INDEX)))


RULES: Mapping[JvmOpcode, Rule] = {
    JvmOpcode.ILOAD: _iload,
    JvmOpcode.ALOAD: _aload,
    JvmOpcode.ISTORE: _istore,
    JvmOpcode.ASTORE: _astore,
    JvmOpcode.IINC: _iinc,
    JvmOpcode.RET: _ret,
}
