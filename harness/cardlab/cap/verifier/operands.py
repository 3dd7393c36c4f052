"""What every instruction must be, reached or not: its operands, and what these lead to (JCVM 3.0.5, 7.5).

Kits look at these of code that is never reached, too; at the types on stack and in locals only where control comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from cardlab.cap.constants import ArrayType, FieldAccess, MethodAccess, PoolTag
from cardlab.cap.disasm import Decoded
from cardlab.cap.families import FIELD_ACCESSES, INCREMENTS, LOADS, LOCAL, STORES, THIS_ACCESSES, kind
from cardlab.cap.model import PoolItem
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier.rule import MethodTyping, Typing
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import Type
from cardlab.classfile.classfile import AccessFlag

ARRAYS: Mapping[int, Type] = {
    ArrayType.BOOLEAN: "[z",
    ArrayType.BYTE: "[b",
    ArrayType.SHORT: "[s",
    ArrayType.INT: "[i",
}
"""Arrays of primitive types by their codes."""
PUTS = frozenset(o for o in FIELD_ACCESSES if o.mnemonic.startswith("put"))
_KINDS = {o: kind(o) for o in FIELD_ACCESSES}
_CASTS = (Opcode.CHECKCAST, Opcode.INSTANCEOF)
_LOCALS = frozenset((*LOADS, *STORES, *INCREMENTS, Opcode.RET))


def nibbles(i: Decoded) -> tuple[int, int]:
    """The two numbers of dup_x and swap_x."""
    return i.operands[0] >> 4, i.operands[0] & 15


def local(i: Decoded) -> int:
    """The local variable of an instruction."""
    return i.operands[0] if i.operands else LOCAL[i.opcode]


def returns(m: MethodTyping, i: Decoded) -> bool:
    """Whether a return is of the kind of the method's result."""
    result = m.signature.result
    return (result if result in "vsi" else "a") == ("v" if i.opcode is Opcode.RETURN else i.name[0])


# Stack, locals, arrays


def _local(m: MethodTyping, i: Decoded) -> None:
    index, size = local(i), m.locals - (1 if i.opcode.needs_int else 0)
    m.rules.require(Rule.LOCAL_INDEX, index < size, f"local {index} is outside the frame")


def _dup_x(m: MethodTyping, i: Decoded) -> None:
    top_words, depth = nibbles(i)
    fits = 1 <= top_words <= 4 and (not depth or top_words <= depth <= top_words + 4)
    m.rules.require(Rule.DUP_X, fits, f"dup_x {top_words},{depth}")


def _swap_x(m: MethodTyping, i: Decoded) -> None:
    top_words, below_words = nibbles(i)
    fits = top_words in (1, 2) and below_words in (1, 2)
    m.rules.require(Rule.SWAP_X, fits, f"swap_x {top_words},{below_words}")


def _return(m: MethodTyping, i: Decoded) -> None:
    words = f"a return of the wrong kind: the method's result is {m.signature.result}"
    m.rules.require(Rule.RETURN_KIND, returns(m, i), words)


def _lookup(m: MethodTyping, i: Decoded) -> None:
    rising = all(a < b for a, b in pairwise(i.keys))
    m.rules.require(Rule.SWITCH_ORDER, rising, f"the keys {', '.join(str(k) for k in i.keys)} do not rise")


def _newarray(m: MethodTyping, i: Decoded) -> None:
    m.rules.require(Rule.ARRAY_TYPE, i.operands[0] in ARRAYS, f"newarray of type {i.operands[0]}")


def _cast(m: MethodTyping, i: Decoded) -> None:
    code = i.operands[0]
    if code in ARRAYS:
        m.rules.require(Rule.CAST_INDEX, not i.pool, f"{i.name} to an array of a primitive type has the index {i.pool}")
        return
    m.rules.require(Rule.CAST_TYPE, code in (ArrayType.CLASS, ArrayType.REFERENCE), f"{i.name} of type {code}")
    m.item(i)


# Fields and methods


def _field(m: MethodTyping, i: Decoded) -> None:
    item, types = m.item(i), m.resolver.types
    offset = types.of_entry(i.pool)
    words = f"{i.name} of a field of type {types.field(offset)}"
    m.rules.require(Rule.FIELD_KIND, types.field_kind(offset) == _KINDS[i.opcode], words)
    has_this = i.opcode not in THIS_ACCESSES or not m.method.is_static
    m.rules.require(Rule.FIELD_STATIC_THIS, has_this, f"{i.name} in a static method")
    if i.opcode in PUTS:
        m.rules.require(Rule.FIELD_FINAL, not _is_final_elsewhere(m, item), f"{i.name} of a final field")
    _access(m, item)


def _is_final_elsewhere(m: MethodTyping, item: PoolItem) -> bool:
    """Whether a field of another class is final."""
    if item.is_external:
        field = m.resolver.members.imported_field(item.class_ref, item.token, static=item.tag.is_static)
        return field is not None and bool(field.access & AccessFlag.FINAL)
    owner, flags = m.resolver.members.own_field(item)
    return owner != m.owner.ref and FieldAccess.FINAL in flags


def _access(m: MethodTyping, item: PoolItem) -> None:
    """Private members are for their class, protected ones of another package for subclasses (JVMS 5.4.4)."""
    if item.is_external:
        name = m.resolver.classes.name(item.class_ref)
        chain = m.resolver.classes.supers(m.this[1:])
        allowed = chain is None or name in chain or not m.resolver.members.is_protected(item)
        m.rules.require(Rule.PROTECTED_ACCESS, allowed, f"a protected member of {name} is used")
    elif item.tag is not PoolTag.VIRTUAL_METHOD:
        owner, flags = m.resolver.members.own_member(item)
        allowed = owner == m.owner.ref or MethodAccess.PRIVATE not in MethodAccess(flags)
        m.rules.require(Rule.PRIVATE_ACCESS, allowed, f"a private member of @{owner} is used")


def _invokestatic(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    m.rules.require(Rule.STATIC_CALL, _is_static(m, item), "invokestatic of a method that is not static")
    _access(m, item)


def _is_static(m: MethodTyping, item: PoolItem) -> bool:
    """Whether a static method reference is to a static method; what has no token table is taken to be."""
    if not item.is_external:
        return m.resolver.members.methods[item.offset][1].is_static
    method = m.resolver.members.static_method(item.class_ref, item.token)
    return method is None or bool(method.access & AccessFlag.STATIC)


def _invokespecial(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    if item.tag is PoolTag.SUPER_METHOD:
        own = m.resolver.classes.name(item.class_ref) == m.this[1:]
        m.rules.require(Rule.SUPER_CLASS, own, "a super call from another class")
        return
    if not item.is_external:
        static = m.resolver.members.methods[item.offset][1].is_static
        m.rules.require(Rule.SPECIAL_STATIC, not static, "invokespecial of a static method")
    _access(m, item)


def _invokevirtual(m: MethodTyping, i: Decoded) -> None:
    _access(m, m.item(i))


_CHECKS: Mapping[Opcode, Typing] = {
    **dict.fromkeys(_LOCALS, _local),
    **dict.fromkeys(FIELD_ACCESSES, _field),
    **dict.fromkeys(_CASTS, _cast),
    **dict.fromkeys((Opcode.ARETURN, Opcode.SRETURN, Opcode.IRETURN, Opcode.RETURN), _return),
    **dict.fromkeys((Opcode.SLOOKUPSWITCH, Opcode.ILOOKUPSWITCH), _lookup),
    Opcode.DUP_X: _dup_x,
    Opcode.SWAP_X: _swap_x,
    Opcode.NEWARRAY: _newarray,
    Opcode.INVOKESTATIC: _invokestatic,
    Opcode.INVOKESPECIAL: _invokespecial,
    Opcode.INVOKEVIRTUAL: _invokevirtual,
}


def check_operands(m: MethodTyping, i: Decoded) -> None:
    """RuleError when an instruction is none that could stand in the method."""
    check = _CHECKS.get(i.opcode)
    if check is not None:
        check(m, i)
    elif i.opcode.pool:
        m.item(i)
