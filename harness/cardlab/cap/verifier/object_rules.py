"""Type rules for fields, calls and objects (JCVM 3.0.4, chapter 7; JVMS 4.10)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cap.constants import ArrayType, PoolTag
from cardlab.cap.disasm import Decoded
from cardlab.cap.families import FIELD_ACCESSES, THIS_ACCESSES
from cardlab.cap.model import ClassDescriptor, MethodDescriptor, PoolItem
from cardlab.cap.opcodes import Opcode
from cardlab.cap.verifier.frame import THIS, UNUSABLE
from cardlab.cap.verifier.operands import ARRAYS, PUTS
from cardlab.cap.verifier.rule import MethodTyping, Typing
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import Signature, Type, computational

# Fields


def _field(m: MethodTyping, i: Decoded) -> None:
    item, types = m.item(i), m.resolver.types
    t = computational(types.field(types.of_entry(i.pool)))
    if i.opcode in PUTS:
        m.frame.pop_as(t)
    if item.tag is PoolTag.INSTANCE_FIELD:
        _take_owner(m, i, item)
    if i.opcode not in PUTS:
        m.frame.push(t)


def _object(m: MethodTyping, i: Decoded) -> Type:
    """The object of a field access."""
    if i.opcode not in THIS_ACCESSES:
        return m.frame.pop("o")
    return m.frame.locals[0] if m.frame.locals else UNUSABLE


def _take_owner(m: MethodTyping, i: Decoded, item: PoolItem) -> None:
    t, wanted = _object(m, i), f"L{m.resolver.classes.name(item.class_ref)}"
    if t == THIS and i.opcode in PUTS and wanted == m.this:
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


def _invokestatic(m: MethodTyping, i: Decoded) -> None:
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
        m.require_assignable(Rule.SUPER_RECEIVER, t, m.this, f"a super call on {t}")
    elif _is_constructor(m, item, t):
        _initialise(m, item, t)
    else:
        wanted = _private_owner(m, item)
        words = f"a private method of {wanted} is called on {t}"
        m.require_assignable(Rule.SPECIAL_RECEIVER, t, wanted, words)
    m.frame.push(signature.result)


def _private_owner(m: MethodTyping, item: PoolItem) -> Type:
    if item.is_external:
        raise Rule.SPECIAL_EXTERNAL.error("a private method of an imported class is called")
    return f"L@{_own_method(m, item)[0].ref}"


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
    m.frame.push(ARRAYS.get(i.operands[0], "n"))


def _anewarray(m: MethodTyping, i: Decoded) -> None:
    m.frame.pop("s")
    m.frame.push("[" + m.class_type(i))


def _cast_type(m: MethodTyping, i: Decoded) -> Type:
    code = i.operands[0]
    if code in ARRAYS:
        return ARRAYS[code]
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
