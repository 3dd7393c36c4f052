"""Type rules for fields, calls and objects (JCVM 3.0.4, chapter 7; JVMS 4.10)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.constants import ArrayType, ClassAccess, PoolTag
from cardlab.cap.disasm import Decoded
from cardlab.cap.errors import CapError
from cardlab.cap.families import FIELD_ACCESSES, THIS_ACCESSES, kind
from cardlab.cap.model import ClassDescriptor, ClassRef, MethodDescriptor, PoolItem
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier.frame import THIS, UNUSABLE, FaultError
from cardlab.cap.verifier.rule import MethodTyping, Rule
from cardlab.cap.verifier.types import Signature, Type

_ARRAYS: Mapping[int, Type] = {
    ArrayType.BOOLEAN: "[z",
    ArrayType.BYTE: "[b",
    ArrayType.SHORT: "[s",
    ArrayType.INT: "[i",
}
_KINDS = {o: kind(o) for o in FIELD_ACCESSES}
_PUTS = frozenset(o for o in FIELD_ACCESSES if o.mnemonic.startswith("put"))


# Fields


def _field(m: MethodTyping, i: Decoded) -> None:
    item, types = m.item(i), m.resolver.types
    offset = types.of_entry(i.pool)
    if types.field_kind(offset) != _KINDS[i.opcode]:
        raise FaultError(f"{i.name} of a field of type {types.field(offset)}")
    t = types.field(offset)
    if i.opcode in _PUTS:
        m.frame.pop_as(t)
    if item.tag is PoolTag.INSTANCE_FIELD:
        _take_owner(m, i, item)
    if i.opcode not in _PUTS:
        m.frame.push(t)


def _take_owner(m: MethodTyping, i: Decoded, item: PoolItem) -> None:
    """The object of a field access."""
    if i.opcode in THIS_ACCESSES:
        if m.method.is_static or not m.frame.locals:
            raise FaultError(f"{i.name} in a static method")
        t = m.frame.locals[0]
    else:
        t = m.frame.pop("o")
    wanted = f"L{m.resolver.classes.name(item.class_ref)}"
    if t == THIS and i.opcode in _PUTS and wanted == m.this:
        return  # a constructor may set its own fields before it calls the superclass
    m.require_assignable(t, wanted, f"a field of {wanted} is accessed in {t}")


# Calls


def _own_method(m: MethodTyping, item: PoolItem) -> tuple[ClassDescriptor, MethodDescriptor]:
    return m.resolver.members.methods[item.offset]


def _signature(m: MethodTyping, i: Decoded, item: PoolItem) -> Signature:
    """The signature in the pool, refused when it is not that of the method."""
    types = m.resolver.types
    signature = types.signature(types.of_entry(i.pool))
    if item.tag is PoolTag.STATIC_METHOD and not item.is_external:
        _, method = _own_method(m, item)
        if types.signature(method.type) != signature:
            raise FaultError("the type of the reference is not that of the method")
    return signature


def _take_arguments(m: MethodTyping, signature: Signature) -> None:
    for p in reversed(signature.parameters):
        m.frame.pop_as(p)


def _invokestatic(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    if not item.is_external and not _own_method(m, item)[1].is_static:
        raise FaultError("invokestatic of a method that is not static")
    signature = _signature(m, i, item)
    _take_arguments(m, signature)
    m.frame.push(signature.result)


def _invokevirtual(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    signature = _signature(m, i, item)
    _take_arguments(m, signature)
    t, wanted = m.frame.pop("r"), f"L{m.resolver.classes.name(item.class_ref)}"
    m.require_assignable(t, wanted, f"a method of {wanted} is called on {t}")
    m.frame.push(signature.result)


def _invokespecial(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    signature = _signature(m, i, item)
    _take_arguments(m, signature)
    t = m.frame.pop("o")
    if item.tag is PoolTag.SUPER_METHOD:
        _check_super_call(m, item.class_ref, t)
    elif _is_constructor(m, item, t):
        _initialise(m, item, t)
    else:
        wanted = _private_owner(m, item)
        m.require_assignable(t, wanted, f"a private method of {wanted} is called on {t}")
    m.frame.push(signature.result)


def _check_super_call(m: MethodTyping, ref: ClassRef, t: Type) -> None:
    words = "a super call from another class"
    if m.resolver.classes.name(ref) != m.this[1:]:
        raise FaultError(words)
    m.require_assignable(t, m.this, words)


def _private_owner(m: MethodTyping, item: PoolItem) -> Type:
    if item.is_external:
        raise FaultError("a private method of an imported class is called")
    owner, method = _own_method(m, item)
    if method.is_static:
        raise FaultError("invokespecial of a static method")
    return f"L@{owner.ref}"


def _is_constructor(m: MethodTyping, item: PoolItem, receiver: Type) -> bool:
    if not item.is_external:
        return _own_method(m, item)[1].is_constructor
    method = m.resolver.members.static_method(item.class_ref, item.token)
    return method.name == "<init>" if method else receiver[0] in "uU"


def _initialise(m: MethodTyping, item: PoolItem, t: Type) -> None:
    """The call of a constructor on `t` makes it usable."""
    classes = m.resolver.classes
    name = classes.name(item.class_ref) if item.is_external else f"@{_own_method(m, item)[0].ref}"
    if t == THIS:
        if name not in (m.this[1:], classes.name(classes.info(m.owner.ref).supers[0])):
            raise FaultError(f"a constructor calls one of {name}")
        made = m.this
    elif t.startswith("u"):
        made = t[t.index("L") :]
        if made != f"L{name}":
            raise FaultError(f"{made} is initialised by a constructor of {name}")
    else:
        raise FaultError("a constructor is called on an object that has been initialised")
    m.frame.replace(t, made)


def _invokeinterface(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    words, token = i.operands
    signature = m.resolver.members.interface_method(item.class_ref, token)
    if signature is None:
        raise CapError("the interface's package has no token table; give its export file")
    if signature.words + 1 != words:
        raise FaultError(f"{words} argument words are given, the method has {signature.words + 1}")
    _take_arguments(m, signature)
    m.frame.pop("r")
    m.frame.push(signature.result)


# Objects


def _new(m: MethodTyping, i: Decoded) -> None:
    t, classes = m.class_type(i), m.resolver.classes
    if classes.is_interface(t[1:]):
        raise FaultError("new of an interface")
    if t.startswith("L@") and ClassAccess.ABSTRACT in classes.descriptors[int(t[2:])].flags:
        raise FaultError("new of an abstract class")
    made = f"u{i.address}{t}"
    if made in m.frame.stack:
        raise FaultError("an object that was not initialised is made again")
    m.frame.locals = [UNUSABLE if w == made else w for w in m.frame.locals]
    m.frame.push(made)


def _newarray(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("s")
    if i.operands[0] not in _ARRAYS:
        raise FaultError(f"newarray of type {i.operands[0]}")
    m.frame.push(_ARRAYS[i.operands[0]])


def _anewarray(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("s")
    m.frame.push("[" + m.class_type(i))


def _cast_type(m: MethodTyping, i: Decoded) -> Type:
    code = i.operands[0]
    if code in _ARRAYS:
        return _ARRAYS[code]
    if code not in (ArrayType.CLASS, ArrayType.REFERENCE):
        raise FaultError(f"{i.name} of type {code}")
    return ("[" if code == ArrayType.REFERENCE else "") + m.class_type(i)


def _checkcast(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("r")
    m.frame.push(_cast_type(m, i))


def _instanceof(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("r")
    _cast_type(m, i)
    m.frame.push("s")


RULES: Mapping[Opcode, Rule] = {
    **dict.fromkeys(FIELD_ACCESSES, _field),
    Opcode.INVOKESTATIC: _invokestatic,
    Opcode.INVOKEVIRTUAL: _invokevirtual,
    Opcode.INVOKESPECIAL: _invokespecial,
    Opcode.INVOKEINTERFACE: _invokeinterface,
    Opcode.NEW: _new,
    Opcode.NEWARRAY: _newarray,
    Opcode.ANEWARRAY: _anewarray,
    Opcode.CHECKCAST: _checkcast,
    Opcode.INSTANCEOF: _instanceof,
}
"""Instructions that name a class or a member, or make an object."""
