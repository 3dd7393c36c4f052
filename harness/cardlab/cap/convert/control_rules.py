"""Rules for branches, switches and the end of a method (JCVM 3.0.4, chapter 7)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.convert.translation import Rule, Translation
from cardlab.cap.convert.unsupported import unsupported_bytecode
from cardlab.cap.convert.values import (
    ADDRESS,
    INT,
    UNKNOWN,
    Value,
)
from cardlab.cap.opcodes import Opcode
from cardlab.classfile.bytecode import JvmInstruction
from cardlab.classfile.flow import Flow
from cardlab.classfile.opcodes import JvmOpcode

_BRANCHES: Mapping[JvmOpcode, Opcode] = {
    o: Opcode[o.name.replace("IF_ICMP", "IF_SCMP")] for o in JvmOpcode if o.flow is Flow.BRANCH
}
_SWITCHES: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.TABLESWITCH: Opcode.STABLESWITCH,
    JvmOpcode.LOOKUPSWITCH: Opcode.SLOOKUPSWITCH,
}
_INT_SWITCHES: Mapping[JvmOpcode, Opcode] = {
    JvmOpcode.TABLESWITCH: Opcode.ITABLESWITCH,
    JvmOpcode.LOOKUPSWITCH: Opcode.ILOOKUPSWITCH,
}
_INT_SWITCH = "unsupported int type constant in a switch"


def _branch(t: Translation, i: JvmInstruction) -> None:
    """ifeq, if_icmplt, ifnull and their like."""
    operands = [t.pop() for _ in range(i.opcode.words[0])]
    for operand in operands:
        t.look(operand)
    if any(v.kind == "I" or v.sources & t.wide for v in operands):
        _compare_ints(t, i, operands)
    else:
        t.emit(_BRANCHES[i.opcode], targets=i.targets)


def _compare_ints(t: Translation, i: JvmInstruction, operands: list[Value]) -> None:
    """icmp of both, or of the one and 0, and a branch upon its result."""
    for operand in operands:
        t.want_int(operand)
    if len(operands) == 1:
        t.emit(Opcode.ICONST_0)
        t.deepest = max(t.deepest, t.depth + 2 * INT.words)
    t.emit(Opcode.ICMP)
    t.emit(Opcode[i.opcode.name.replace("IF_ICMP", "IF")], targets=i.targets)


def _goto(t: Translation, i: JvmInstruction) -> None:
    t.emit(Opcode.GOTO, targets=i.targets)


def _jsr(t: Translation, i: JvmInstruction) -> None:
    t.push(ADDRESS)
    t.emit(Opcode.JSR, targets=i.targets)


def _switch(t: Translation, i: JvmInstruction) -> None:
    value = t.pop()
    t.look(value)
    if any(not -32768 <= k <= 32767 for k in i.keys):
        if t.ints:
            t.want_int(value)
        else:
            t.error(_INT_SWITCH)
    cards = _INT_SWITCHES if value.kind == "I" else _SWITCHES
    t.emit(cards[i.opcode], targets=i.targets, keys=i.keys)


def _ireturn(t: Translation, _: JvmInstruction) -> None:
    value = t.pop()
    if t.ints and t.method.descriptor.endswith(")I"):
        t.want_int(value)
        t.emit(Opcode.IRETURN)
    else:
        t.narrow(value)
        t.emit(Opcode.SRETURN)


def _areturn(t: Translation, _: JvmInstruction) -> None:
    t.pop()
    t.emit(Opcode.ARETURN)


def _return(t: Translation, _: JvmInstruction) -> None:
    t.emit(Opcode.RETURN)


def _athrow(t: Translation, _: JvmInstruction) -> None:
    t.pop()
    t.emit(Opcode.ATHROW)


def not_supported(t: Translation, i: JvmInstruction) -> None:
    """Report it; the analysis goes on behind it."""
    t.error(unsupported_bytecode(i.opcode))
    taken, left = (i.extra, 1) if i.opcode is JvmOpcode.MULTIANEWARRAY else i.opcode.words
    for _ in range(taken):
        t.pop()
    for _ in range(left):
        t.push(UNKNOWN)


RULES: Mapping[JvmOpcode, Rule] = {
    **dict.fromkeys(_BRANCHES, _branch),
    JvmOpcode.GOTO: _goto,
    JvmOpcode.JSR: _jsr,
    JvmOpcode.TABLESWITCH: _switch,
    JvmOpcode.LOOKUPSWITCH: _switch,
    JvmOpcode.IRETURN: _ireturn,
    JvmOpcode.ARETURN: _areturn,
    JvmOpcode.RETURN: _return,
    JvmOpcode.ATHROW: _athrow,
}
