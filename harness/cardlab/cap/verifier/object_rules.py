"""Type rules for fields, calls and objects (JCVM 3.0.4, chapter 7; JVMS 4.10)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.constants import ArrayType, FieldAccess, PoolTag
from cardlab.cap.disasm import Decoded
from cardlab.cap.families import FIELD_ACCESSES, THIS_ACCESSES, kind
from cardlab.cap.model import ClassDescriptor, ClassRef, MethodDescriptor, PoolItem
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier.frame import THIS, UNUSABLE
from cardlab.cap.verifier.rule import MethodTyping, Typing
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import Signature, Type, computational
from cardlab.classfile.classfile import AccessFlag

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
    t = types.field(offset)
    m.rules.require(Rule.FIELD_KIND, types.field_kind(offset) == _KINDS[i.opcode], f"{i.name} of a field of type {t}")
    if i.opcode in _PUTS:
        m.rules.require(Rule.FIELD_FINAL, not _is_final_elsewhere(m, item), f"{i.name} of a final field")
        m.frame.pop_as(computational(t))
    if item.tag is PoolTag.INSTANCE_FIELD:
        _take_owner(m, i, item)
    if i.opcode not in _PUTS:
        m.frame.push(computational(t))


def _is_final_elsewhere(m: MethodTyping, item: PoolItem) -> bool:
    """Whether a field of another class is final."""
    if item.is_external:
        field = m.resolver.members.imported_field(item.class_ref, item.token, static=item.tag.is_static)
        return field is not None and bool(field.access & AccessFlag.FINAL)
    static = item.tag.is_static
    others = (c for c in m.resolver.descriptor.classes if c.ref != m.owner.ref)
    return any(
        f.ref == item.data and f.is_static == static and FieldAccess.FINAL in f.flags for c in others for f in c.fields
    )


def _object(m: MethodTyping, i: Decoded) -> Type:
    """The object of a field access."""
    if i.opcode not in THIS_ACCESSES:
        return m.frame.pop("o")
    has_this = not m.method.is_static and bool(m.frame.locals)
    m.rules.require(Rule.FIELD_STATIC_THIS, has_this, f"{i.name} in a static method")
    return m.frame.locals[0]


def _take_owner(m: MethodTyping, i: Decoded, item: PoolItem) -> None:
    t, wanted = _object(m, i), f"L{m.resolver.classes.name(item.class_ref)}"
    if t == THIS and i.opcode in _PUTS and wanted == m.this:
        return  # a constructor may set its own fields before it calls the superclass
    m.require_assignable(Rule.FIELD_OWNER, t, wanted, f"a field of {wanted} is accessed in {t}")


# Calls


def _own_method(m: MethodTyping, item: PoolItem) -> tuple[ClassDescriptor, MethodDescriptor]:
    return m.resolver.members.methods[item.offset]


def _signature(m: MethodTyping, i: Decoded) -> Signature:
    """The signature of the pool entry, which was compared with the method's."""
    types = m.resolver.types
    return types.signature(types.of_entry(i.pool)).computational


def _take_arguments(m: MethodTyping, signature: Signature) -> None:
    for p in reversed(signature.parameters):
        m.frame.pop_as(p)


def _is_static(m: MethodTyping, item: PoolItem) -> bool:
    """Whether a static method reference is to a static method; what has no token table is taken to be."""
    if not item.is_external:
        return _own_method(m, item)[1].is_static
    method = m.resolver.members.static_method(item.class_ref, item.token)
    return method is None or bool(method.access & AccessFlag.STATIC)


def _invokestatic(m: MethodTyping, i: Decoded) -> None:
    m.rules.require(Rule.STATIC_CALL, _is_static(m, m.item(i)), "invokestatic of a method that is not static")
    signature = _signature(m, i)
    _take_arguments(m, signature)
    m.frame.push(signature.result)


def _invokevirtual(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    signature = _signature(m, i)
    _take_arguments(m, signature)
    t, wanted = m.frame.pop("r"), f"L{m.resolver.classes.name(item.class_ref)}"
    m.require_assignable(Rule.VIRTUAL_RECEIVER, t, wanted, f"a method of {wanted} is called on {t}")
    m.frame.push(signature.result)


def _invokespecial(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    signature = _signature(m, i)
    _take_arguments(m, signature)
    t = m.frame.pop("o")
    if item.tag is PoolTag.SUPER_METHOD:
        _check_super_call(m, item.class_ref, t)
    elif _is_constructor(m, item, t):
        _initialise(m, item, t)
    else:
        wanted = _private_owner(m, item)
        words = f"a private method of {wanted} is called on {t}"
        m.require_assignable(Rule.SPECIAL_RECEIVER, t, wanted, words)
    m.frame.push(signature.result)


def _check_super_call(m: MethodTyping, ref: ClassRef, t: Type) -> None:
    words = "a super call from another class"
    m.rules.require(Rule.SUPER_CLASS, m.resolver.classes.name(ref) == m.this[1:], words)
    m.require_assignable(Rule.SUPER_RECEIVER, t, m.this, f"a super call on {t}")


def _private_owner(m: MethodTyping, item: PoolItem) -> Type:
    if item.is_external:
        raise Rule.SPECIAL_EXTERNAL.error("a private method of an imported class is called")
    owner, method = _own_method(m, item)
    m.rules.require(Rule.SPECIAL_STATIC, not method.is_static, "invokespecial of a static method")
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
    made = m.this if t == THIS else t[t.index("L") :] if t.startswith("u") else t
    if t == THIS:
        fits = name in (m.this[1:], classes.name(classes.info(m.owner.ref).supers[0]))
        m.rules.require(Rule.CONSTRUCTOR_THIS, fits, f"a constructor calls one of {name}")
    elif t.startswith("u"):
        words = f"{made} is initialised by a constructor of {name}"
        m.rules.require(Rule.CONSTRUCTOR_NEW, made == f"L{name}", words)
    else:
        words = "a constructor is called on an object that has been initialised"
        m.rules.require(Rule.CONSTRUCTOR_AGAIN, False, words)
    m.frame.replace(t, made)


def _invokeinterface(m: MethodTyping, i: Decoded) -> None:
    item = m.item(i)
    words, token = i.operands
    found = m.resolver.members.interface_method(item.class_ref, token)
    if found is None:
        raise Rule.INTERFACE_TABLE.error("the interface's package has no token table; give its export file")
    signature = found.computational
    given = f"{words} argument words are given, the method has {signature.words + 1}"
    m.rules.require(Rule.INTERFACE_WORDS, signature.words + 1 == words, given)
    _take_arguments(m, signature)
    m.frame.pop("r")
    m.frame.push(signature.result)


# Objects


def _new(m: MethodTyping, i: Decoded) -> None:
    t, classes = m.class_type(i), m.resolver.classes
    m.rules.require(Rule.NEW_INTERFACE, not classes.is_interface(t[1:]), "new of an interface")
    makes_one = bool(classes.is_interface(t[1:])) or not classes.is_abstract(t[1:])
    m.rules.require(Rule.NEW_ABSTRACT, makes_one, "new of an abstract class")
    made = f"u{i.address}{t}"
    m.frame.locals = [UNUSABLE if w == made else w for w in m.frame.locals]
    m.frame.push(made)


def _newarray(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("s")
    m.rules.require(Rule.ARRAY_TYPE, i.operands[0] in _ARRAYS, f"newarray of type {i.operands[0]}")
    m.frame.push(_ARRAYS.get(i.operands[0], "n"))


def _anewarray(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("s")
    m.frame.push("[" + m.class_type(i))


def _cast_type(m: MethodTyping, i: Decoded) -> Type:
    code = i.operands[0]
    if code in _ARRAYS:
        m.rules.require(Rule.CAST_INDEX, not i.pool, f"{i.name} to an array of a primitive type has the index {i.pool}")
        return _ARRAYS[code]
    m.rules.require(Rule.CAST_TYPE, code in (ArrayType.CLASS, ArrayType.REFERENCE), f"{i.name} of type {code}")
    return ("[" if code == ArrayType.REFERENCE else "") + m.class_type(i)


def _checkcast(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("r")
    m.frame.push(_cast_type(m, i))


def _instanceof(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("r")
    _cast_type(m, i)
    m.frame.push("s")


RULES: Mapping[Opcode, Typing] = {
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
