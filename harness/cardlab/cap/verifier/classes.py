"""The Class component: supertypes, method tables, interfaces, instance fields (JCVM 3.0.5, 6.9)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import ELSEWHERE, NO_REFERENCE, NO_TOKEN, ClassAccess, FieldAccess, TypeCode
from cardlab.cap.model import ClassDescriptor, ClassInfo, ClassRef, FieldDescriptor
from cardlab.cap.model.refs import OBJECT_HAS_NONE
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule

_VISIBLE = FieldAccess.PUBLIC | FieldAccess.PROTECTED


def _supers(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    is_object = f"@{c.offset}" == resolver.classes.object
    if is_object and c.supers != (OBJECT_HAS_NONE,):
        yield Rule.OBJECT_SUPER.broken(f"class at {c.offset}: java.lang.Object has a superclass")
    for ref in c.supers if not is_object else ():
        name = resolver.classes.name(ref)
        above = resolver.classes.is_interface(name)
        if c.is_interface and above is False:
            yield Rule.INTERFACE_EXTENDS_CLASS.broken(f"interface at {c.offset} extends a class")
        if not c.is_interface and above:
            yield Rule.CLASS_EXTENDS_INTERFACE.broken(f"class at {c.offset} extends an interface")
        if not c.is_interface and resolver.classes.is_final(name):
            yield Rule.CLASS_EXTENDS_FINAL.broken(f"class at {c.offset} extends a final class")


def _method_table(c: ClassInfo, resolver: Resolver, package_visible: bool) -> Iterator[Finding]:
    base, table = (c.package_base, c.package) if package_visible else (c.public_base, c.public)
    inherited = resolver.members.virtual_count(c.supers[0], package_visible)
    if inherited is not None and (base > inherited or base + len(table) < inherited):
        yield Rule.TABLE_SIZE.broken(
            f"class at {c.offset}: its method table does not hold the {inherited} inherited methods"
        )
    for token, offset in enumerate(table, base):
        if offset == ELSEWHERE:
            chain = resolver.classes.supers(f"@{c.offset}")
            if (inherited is not None and token >= inherited) or (chain is not None and chain[1:] == []):
                yield Rule.TABLE_ELSEWHERE.broken(f"class at {c.offset}: method {token} is in no superclass")


def _mapping(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    """JCVM 3.1, 6.9: which method of the superclass each public token stands for."""
    if c.mapping is None:
        return
    inherited = resolver.members.virtual_count(c.supers[0], False)
    for token, above in enumerate(c.mapping.tokens):
        if above != NO_TOKEN and inherited is not None and above >= inherited:
            what = f"mapped to the token {above} of the superclass, which has it not"
            yield Rule.MAPPING_TOKEN.broken(f"class at {c.offset}: method {token} is {what}")
    known = [above for above in c.mapping.tokens if above != NO_TOKEN]
    if len(set(known)) != len(known):
        yield Rule.MAPPING_TWICE.broken(f"class at {c.offset}: two methods are mapped to one token of the superclass")
    if inherited is not None and len(known) < inherited:
        yield Rule.MAPPING_ALL.broken(f"class at {c.offset}: not all {inherited} tokens of the superclass are mapped")
    if c.mapping.inheritable > len(c.mapping.tokens):
        what = f"{c.mapping.inheritable} methods are inheritable, it has {len(c.mapping.tokens)}"
        yield Rule.MAPPING_INHERITABLE.broken(f"class at {c.offset}: {what}")


def _interfaces(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    for i in c.interfaces:
        if resolver.classes.is_interface(resolver.classes.name(i.ref)) is False:
            yield Rule.IMPLEMENTS_CLASS.broken(f"class at {c.offset} implements a class")
        for token in i.tokens:
            if token >= c.public_base + len(c.public):
                yield Rule.INTERFACE_TOKEN.broken(
                    f"class at {c.offset}: an interface method is mapped to the token {token}, which it has not"
                )
    if len({i.ref for i in c.interfaces}) != len(c.interfaces):
        yield Rule.IMPLEMENTS_TWICE.broken(f"class at {c.offset} names an interface twice")


def _segment(f: FieldDescriptor) -> int:
    """The place of a field among the others: visible primitives, visible references, other references, the rest."""
    if f.flags & _VISIBLE:
        return 1 if f.is_reference else 0
    return 2 if f.is_reference else 3


def _fields(c: ClassInfo, fields: list[FieldDescriptor]) -> Iterator[Finding]:
    segments = [_segment(f) for f in fields]
    if segments != sorted(segments):
        yield Rule.FIELD_ORDER.broken(
            f"class at {c.offset}: the instance fields are not ordered by visibility and kind"
        )


def _instance_fields(c: ClassInfo, d: ClassDescriptor) -> Iterator[Finding]:
    words = 0
    references = []
    fields = sorted((f for f in d.fields if not f.is_static), key=lambda f: f.token)
    for f in fields:
        if f.token != words:
            yield Rule.FIELD_TOKENS.broken(
                f"class at {c.offset}: instance field tokens are not consecutive at {f.token}"
            )
            return
        if f.is_reference:
            references.append(f.token)
        words += 2 if f.primitive == TypeCode.INT else 1
    yield from _fields(c, fields)
    first = references[0] if references else NO_REFERENCE
    if words != c.size:
        yield Rule.FIELD_SIZE.broken(
            f"class at {c.offset}: declared instance size is {c.size}, the fields have {words} words"
        )
    if (c.first_reference, c.reference_count) != (first, len(references)):
        yield Rule.FIELD_REFERENCES.broken(f"class at {c.offset}: the reference fields are not where it says")


def _is_above_itself(c: ClassInfo, resolver: Resolver) -> bool:
    seen: set[ClassRef] = set()
    ways = list(c.supers)
    while ways:
        ref = ways.pop()
        if ref == c.offset:
            return True
        if not ref.is_external and ref not in seen:
            seen.add(ref)
            ways += resolver.classes.info(ref).supers
    return False


def _class(c: ClassInfo, resolver: Resolver) -> Iterator[Finding]:
    yield from _supers(c, resolver)
    if c.is_interface:
        if _is_above_itself(c, resolver):
            yield Rule.INTERFACE_CIRCLE.broken(f"interface at {c.offset} is its own superinterface")
        return
    resolver.classes.supers(f"@{c.offset}")
    yield from _method_table(c, resolver, package_visible=False)
    yield from _method_table(c, resolver, package_visible=True)
    yield from _mapping(c, resolver)
    yield from _interfaces(c, resolver)
    yield from _instance_fields(c, resolver.classes.descriptors[c.offset])


def _final_methods(c: ClassDescriptor) -> Iterator[Finding]:
    if ClassAccess.ABSTRACT in c.flags and ClassAccess.FINAL in c.flags:
        yield Rule.ABSTRACT_FINAL.broken(f"Descriptor: class at {c.ref}: it is abstract and final")


def check_classes(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    classes = resolver.classes
    if set(classes.descriptors) != set(classes.infos) or len(resolver.descriptor.classes) != len(classes.infos):
        yield Rule.CLASS_DESCRIPTORS.broken("Descriptor: its classes are not those of the Class component")
        return
    for c in cap.classes.items:
        yield from _class(c, resolver)
        yield from _final_methods(classes.descriptors[c.offset])
