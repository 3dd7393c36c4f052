"""Rules for fields, calls and objects (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.constants import ArrayType
from cardlab.cap.convert.classes import argument_words
from cardlab.cap.convert.members import NotFoundError
from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.convert.translation import NARROW_INDEX, Rule, Translation
from cardlab.cap.convert.unsupported import unsupported
from cardlab.cap.convert.values import BYTE, REFERENCE, SHORT, Value
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.classfile import NewArrayType
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.octets import u1, u2
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag, MemberRef

_ARRAYS: Mapping[int, ArrayType] = {
    NewArrayType.BOOLEAN: ArrayType.BOOLEAN,
    NewArrayType.BYTE: ArrayType.BYTE,
    NewArrayType.SHORT: ArrayType.SHORT,
    NewArrayType.INT: ArrayType.INT,
}
_ARRAY_NAMES = {int(t): t.name.lower() for t in NewArrayType}
_CASTS = {"[Z": ArrayType.BOOLEAN, "[B": ArrayType.BYTE, "[S": ArrayType.SHORT, "[I": ArrayType.INT}
_KINDS = {"B": "B", "Z": "B", "S": "S", "I": "I"}
"""The type in the mnemonic of getfield and its like; A for references."""
_FIELDS = (JvmOpcode.GETSTATIC, JvmOpcode.PUTSTATIC, JvmOpcode.GETFIELD, JvmOpcode.PUTFIELD)
_STATIC_FIELDS = (JvmOpcode.GETSTATIC, JvmOpcode.PUTSTATIC)
_PUTS = (JvmOpcode.PUTSTATIC, JvmOpcode.PUTFIELD)
_ACCESSES = {(o, kind): Opcode[f"{o.name}_{kind}"] for o in _FIELDS for kind in "ABSI"}
_CALLS: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.INVOKEVIRTUAL: Opcode.INVOKEVIRTUAL,
    JvmOpcode.INVOKESPECIAL: Opcode.INVOKESPECIAL,
    JvmOpcode.INVOKESTATIC: Opcode.INVOKESTATIC,
}


# Fields


def _field(t: Translation, i: JvmInstruction) -> None:
    """getfield, putfield, getstatic, putstatic."""
    ref = t.jpool.member(i.operand, ConstantTag.FIELD)
    t.require_type(ref.descriptor, f"field {ref.name}")
    static, put = i.opcode in _STATIC_FIELDS, i.opcode in _PUTS
    if put:
        t.pop_typed(ref.descriptor)
    if not static:
        t.pop()
    if not put:
        t.push_typed(ref.descriptor)
    entry = t.entry(lambda: t.members.field(t.method.owner, ref, static))
    t.emit(_ACCESSES[i.opcode, _KINDS.get(ref.descriptor[0], "A")], entry=entry)


# Calls


def _invoke(t: Translation, i: JvmInstruction) -> None:
    """The four invocations."""
    ref = t.jpool.member(i.operand, ConstantTag.METHOD, ConstantTag.INTERFACE_METHOD)
    parameters, result = split_descriptor(ref.descriptor)
    _require_types(t, ref.name, parameters, result)
    for n, p in enumerate(reversed(parameters)):
        t.pop_typed(p, on_top=not n)
    if i.opcode is not JvmOpcode.INVOKESTATIC:
        t.pop()
    if result != "V":
        t.push_typed(result)
    if i.opcode is JvmOpcode.INVOKEINTERFACE:
        _call_interface(t, ref, argument_words(parameters) + 1)
    else:
        t.emit(_CALLS[i.opcode], entry=t.entry(lambda: _callee(t, i.opcode, ref)))


def _require_types(t: Translation, name: str, parameters: tuple[str, ...], result: str) -> None:
    for p in parameters:
        t.require_type(p, f"parameter of invoked method {name}")
    if result != "V":
        t.require_type(result, f"result of invoked method {name}")


def _callee(t: Translation, opcode: JvmOpcode, ref: MemberRef) -> PoolEntry:
    """The entry of a method that is not an interface's."""
    if opcode is JvmOpcode.INVOKESPECIAL:
        return t.members.special(t.method.owner, ref)
    return t.members.static(ref) if opcode is JvmOpcode.INVOKESTATIC else t.members.virtual(ref)


def _call_interface(t: Translation, ref: MemberRef, words: int) -> None:
    """invokeinterface says the words of the arguments and the method's token, beside the interface."""
    try:
        entry, token = t.members.interface(ref)
    except NotFoundError as e:
        t.error(str(e))
        return
    t.emit(Opcode.INVOKEINTERFACE, u1(words & 0xFF) + u1(token), entry)


# Objects


def _new(t: Translation, i: JvmInstruction) -> None:
    t.push(REFERENCE)
    t.emit(Opcode.NEW, entry=t.class_entry(t.jpool.class_name(i.operand)))


def _newarray(t: Translation, i: JvmInstruction) -> None:
    t.look(t.pop(), NARROW_INDEX)
    t.push(REFERENCE)
    if i.operand in _ARRAYS and (t.ints or i.operand != NewArrayType.INT):
        t.emit(Opcode.NEWARRAY, u1(_ARRAYS[i.operand]))
    else:
        t.error(f"unsupported array type {_ARRAY_NAMES.get(i.operand, '?')}[]")


def _anewarray(t: Translation, i: JvmInstruction) -> None:
    t.look(t.pop(), NARROW_INDEX)
    t.push(REFERENCE)
    name = t.jpool.class_name(i.operand)
    if name.startswith("["):
        t.error("unsupported multidimensional array")
        return
    t.emit(Opcode.ANEWARRAY, entry=t.class_entry(name))


def _arraylength(t: Translation, _: JvmInstruction) -> None:
    t.pop()
    t.push(Value("S", 0, SHORT.high))
    t.emit(Opcode.ARRAYLENGTH)


def _type_test(t: Translation, i: JvmInstruction, card: Opcode) -> None:
    """A byte for the kind of array, or CLASS, and the class if there is one."""
    name = t.jpool.class_name(i.operand)
    if name in _CASTS and not unsupported(name, t.ints):
        t.emit(card, u1(_CASTS[name]) + u2(0))
    elif not name.startswith("["):
        t.emit(card, u1(ArrayType.CLASS), t.class_entry(name))
    elif bad := unsupported(name, t.ints):
        t.error(f"unsupported {bad} in {i.name}")
    else:
        t.emit(card, u1(ArrayType.REFERENCE), t.class_entry(name[2:-1]))


def _checkcast(t: Translation, i: JvmInstruction) -> None:
    t.pop()
    t.push(REFERENCE)
    _type_test(t, i, Opcode.CHECKCAST)


def _instanceof(t: Translation, i: JvmInstruction) -> None:
    t.pop()
    t.push(BYTE)
    _type_test(t, i, Opcode.INSTANCEOF)


RULES: Mapping[JvmOpcode, Rule] = {
    **dict.fromkeys(_FIELDS, _field),
    **dict.fromkeys((*_CALLS, JvmOpcode.INVOKEINTERFACE), _invoke),
    JvmOpcode.NEW: _new,
    JvmOpcode.NEWARRAY: _newarray,
    JvmOpcode.ANEWARRAY: _anewarray,
    JvmOpcode.ARRAYLENGTH: _arraylength,
    JvmOpcode.CHECKCAST: _checkcast,
    JvmOpcode.INSTANCEOF: _instanceof,
}
"""Bytecodes that name a class or a member, or make an object."""
