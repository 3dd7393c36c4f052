"""Kinds of instructions, for reports that count them: families of JCVM 3.0.5, 2.2.3 and 7.5 by what they work on."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum, unique

from cardlab.cap.opcodes import Opcode


@unique
class InstructionKind(Enum):
    """What an instruction works on; the value says it to people."""

    CONSTANT = "constants"
    LOCAL = "local variables"
    ARRAY = "elements and lengths of arrays"
    STACK = "the stack alone"
    ARITHMETIC = "arithmetic, logic, comparison of ints"
    CONVERSION = "conversions"
    BRANCH = "branches, jumps, subroutines"
    SWITCH = "switches"
    RETURN = "returns"
    STATIC = "static fields"
    FIELD = "fields of objects"
    CALL = "calls"
    OBJECT = "making objects and testing their classes"
    EXCEPTION = "throwing exceptions"


_K, _O = InstructionKind, Opcode
_RUNS = (  # the first instruction of each run that is of one kind
    (_O.NOP, _K.CONSTANT),
    (_O.ALOAD, _K.LOCAL),
    (_O.AALOAD, _K.ARRAY),
    (_O.ASTORE, _K.LOCAL),
    (_O.AASTORE, _K.ARRAY),
    (_O.POP, _K.STACK),
    (_O.SADD, _K.ARITHMETIC),
    (_O.SINC, _K.LOCAL),
    (_O.S2B, _K.CONVERSION),
    (_O.ICMP, _K.ARITHMETIC),
    (_O.IFEQ, _K.BRANCH),
    (_O.STABLESWITCH, _K.SWITCH),
    (_O.ARETURN, _K.RETURN),
    (_O.GETSTATIC_A, _K.STATIC),
    (_O.GETFIELD_A, _K.FIELD),
    (_O.INVOKEVIRTUAL, _K.CALL),
    (_O.NEW, _K.OBJECT),
    (_O.ARRAYLENGTH, _K.ARRAY),
    (_O.ATHROW, _K.EXCEPTION),
    (_O.CHECKCAST, _K.OBJECT),
    (_O.SINC_W, _K.LOCAL),
    (_O.IFEQ_W, _K.BRANCH),
    (_O.GETFIELD_A_W, _K.FIELD),
)
_FIRST = tuple(first for first, _ in _RUNS)


def kind_of(opcode: Opcode) -> InstructionKind:
    """The kind of an instruction."""
    return _RUNS[bisect_right(_FIRST, opcode) - 1][1]
