"""Type rules for the stack, local variables, arrays and the end of a method (JCVM 3.0.4, chapter 7; JVMS 4.10)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.disasm import Decoded
from cardlab.cap.families import ARRAY_LOADS, ARRAY_STORES, INCREMENTS, LOADS, STORES, kind
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier.frame import ADDRESS, LOW, THIS
from cardlab.cap.verifier.operands import local, nibbles, returns
from cardlab.cap.verifier.rule import MethodTyping, Typing
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import Type

_ELEMENTS = {"b": ("[b", "[z"), "s": ("[s",), "i": ("[i",)}
_EFFECTS = {o: (taken[::-1], left) for o in Opcode for taken, _, left in [o.effect.partition(">")]}
_KINDS = {o: kind(o) for o in (*LOADS, *STORES, *ARRAY_LOADS, *ARRAY_STORES, *INCREMENTS)}


def by_effect(m: MethodTyping, i: Decoded) -> None:
    """An instruction of which the table says all."""
    taken, left = _EFFECTS[i.opcode]
    for wanted in taken:
        m.frame.pop(wanted)
    for t in left:
        m.frame.push(t)


def _load(m: MethodTyping, i: Decoded) -> None:
    m.frame.load(local(i), _KINDS[i.opcode])


def _store(m: MethodTyping, i: Decoded) -> None:
    m.frame.store(local(i), _KINDS[i.opcode])


def _increment(m: MethodTyping, i: Decoded) -> None:
    m.frame.load(i.operands[0], _KINDS[i.opcode])
    m.frame.pop(_KINDS[i.opcode])


def _array(m: MethodTyping, i: Decoded) -> Type:
    """Index and array are taken; the array's type."""
    m.frame.pop("s")
    array, of = m.frame.pop("A"), _KINDS[i.opcode]
    fits = array == "n" or (array.startswith("[L") if of == "a" else array in _ELEMENTS[of])
    m.rules.require(Rule.ARRAY_KIND, fits, f"{i.name} of {array}")
    return array


def _array_load(m: MethodTyping, i: Decoded) -> None:
    array, of = _array(m, i), _KINDS[i.opcode]
    if of == "a":
        m.frame.push(array[1:] if array.startswith("[L") else "n")
    else:
        m.frame.push("i" if of == "i" else "s")


def _array_store(m: MethodTyping, i: Decoded) -> None:
    of = _KINDS[i.opcode]
    m.frame.pop({"a": "r", "i": "i"}.get(of, "s"))
    _array(m, i)  # whether the value is one of its elements, the card looks at (aastore)


def _pop(m: MethodTyping, _: Decoded) -> None:
    m.rules.require(Rule.INT_HALF, m.frame.pop_word() not in ("i", LOW), "half an int is removed")


def _pop2(m: MethodTyping, _: Decoded) -> None:
    m.frame.take(2)


def _dup(m: MethodTyping, _: Decoded) -> None:
    m.frame.put(m.frame.take(1) * 2)


def _dup2(m: MethodTyping, _: Decoded) -> None:
    m.frame.put(m.frame.take(2) * 2)


def _dup_x(m: MethodTyping, i: Decoded) -> None:
    top_words, depth = nibbles(i)
    top = m.frame.take(top_words)
    below = m.frame.take(depth - top_words) if depth > top_words else []
    m.frame.put(top + below + top)


def _swap_x(m: MethodTyping, i: Decoded) -> None:
    top_words, below_words = nibbles(i)
    top = m.frame.take(top_words)
    below = m.frame.take(below_words)
    m.frame.put(top + below)


def _jsr(m: MethodTyping, _: Decoded) -> None:
    m.frame.push(ADDRESS)


def _ret(m: MethodTyping, i: Decoded) -> None:
    index = i.operands[0]
    found = m.frame.locals[index : index + 1] == [ADDRESS]
    m.rules.require(Rule.RETURN_ADDRESS, found, f"local {index} has no return address")


def _athrow(m: MethodTyping, _: Decoded) -> None:
    t = m.frame.pop("r")
    m.require_assignable(Rule.THROWN, t, f"L{m.resolver.classes.throwable}", f"{t} is thrown")


def _return_value(m: MethodTyping, i: Decoded) -> None:
    if returns(m, i):
        m.frame.pop_as(m.signature.result)


def _return(m: MethodTyping, _: Decoded) -> None:
    words = "the constructor returns before the superclass's constructor was called"
    m.rules.require(Rule.THIS_UNFINISHED, THIS not in m.frame.locals[:1], words)


RULES: Mapping[Opcode, Typing] = {
    **dict.fromkeys(LOADS, _load),
    **dict.fromkeys(STORES, _store),
    **dict.fromkeys(INCREMENTS, _increment),
    **dict.fromkeys(ARRAY_LOADS, _array_load),
    **dict.fromkeys(ARRAY_STORES, _array_store),
    Opcode.POP: _pop,
    Opcode.POP2: _pop2,
    Opcode.DUP: _dup,
    Opcode.DUP2: _dup2,
    Opcode.DUP_X: _dup_x,
    Opcode.SWAP_X: _swap_x,
    Opcode.JSR: _jsr,
    Opcode.RET: _ret,
    Opcode.ATHROW: _athrow,
    **dict.fromkeys((Opcode.ARETURN, Opcode.SRETURN, Opcode.IRETURN), _return_value),
    Opcode.RETURN: _return,
}
"""Instructions for which the types or operands at hand decide."""
