"""The Class component: supertypes, method tables, interfaces, instance fields (JCVM 3.0.4, 6.9)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import ELSEWHERE, NO_REFERENCE, NO_TOKEN, TypeCode
from cardlab.cap.model import ClassDescriptor, ClassInfo
from cardlab.cap.model.refs import OBJECT_HAS_NONE
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver


def _supers(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    is_object = f"@{c.offset}" == resolver.classes.object
    if is_object and c.supers != (OBJECT_HAS_NONE,):
        yield f"class at {c.offset}: java.lang.Object has a superclass"
    for ref in c.supers if not is_object else ():
        above = resolver.classes.is_interface(resolver.classes.name(ref))
        if c.is_interface and above is False:
            yield f"interface at {c.offset} extends a class"
        if not c.is_interface and above:
            yield f"class at {c.offset} extends an interface"


def _method_table(c: ClassInfo, resolver: Resolver, package_visible: bool) -> Iterator[str]:
    base, table = (c.package_base, c.package) if package_visible else (c.public_base, c.public)
    inherited = resolver.members.virtual_count(c.supers[0], package_visible)
    if inherited is not None and (base > inherited or base + len(table) < inherited):
        yield f"class at {c.offset}: its method table does not hold the {inherited} inherited methods"
    for token, offset in enumerate(table, base):
        if offset == ELSEWHERE:
            chain = resolver.classes.supers(f"@{c.offset}")
            if (inherited is not None and token >= inherited) or (chain is not None and chain[1:] == []):
                yield f"class at {c.offset}: method {token} is in no superclass"
        elif offset not in resolver.members.methods:
            yield f"class at {c.offset}: method {token} is at {offset}, where no method is"


def _mapping(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    """JCVM 3.1, 6.9: which method of the superclass each public token stands for."""
    if c.mapping is None:
        return
    inherited = resolver.members.virtual_count(c.supers[0], False)
    for token, above in enumerate(c.mapping.tokens):
        if above != NO_TOKEN and inherited is not None and above >= inherited:
            what = f"mapped to the token {above} of the superclass, which has it not"
            yield f"class at {c.offset}: method {token} is {what}"
    known = [above for above in c.mapping.tokens if above != NO_TOKEN]
    if len(set(known)) != len(known):
        yield f"class at {c.offset}: two methods are mapped to one token of the superclass"
    if inherited is not None and len(known) < inherited:
        yield f"class at {c.offset}: not all {inherited} tokens of the superclass are mapped"
    if c.mapping.inheritable > len(c.mapping.tokens):
        yield f"class at {c.offset}: {c.mapping.inheritable} methods are inheritable, it has {len(c.mapping.tokens)}"


def _interfaces(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    for i in c.interfaces:
        if resolver.classes.is_interface(resolver.classes.name(i.ref)) is False:
            yield f"class at {c.offset} implements a class"
        for token in i.tokens:
            if token >= c.public_base + len(c.public):
                yield f"class at {c.offset}: an interface method is mapped to the token {token}, which it has not"


def _instance_fields(c: ClassInfo, d: ClassDescriptor, resolver: Resolver) -> Iterator[str]:
    words = 0
    references = []
    for f in sorted((f for f in d.fields if not f.is_static), key=lambda f: f.token):
        if f.token != words:
            yield f"class at {c.offset}: instance field tokens are not consecutive at {f.token}"
            return
        if f.is_reference:
            resolver.types.field(f.type)
            references.append(f.token)
        words += 2 if f.primitive == TypeCode.INT else 1
    first = references[0] if references else NO_REFERENCE
    if words != c.size:
        yield f"class at {c.offset}: declared instance size is {c.size}, the fields have {words} words"
    consecutive = references == list(range(first, first + len(references)))
    if (c.first_reference, c.reference_count) != (first, len(references)) or not consecutive:
        yield f"class at {c.offset}: the reference fields are not where it says"


def _class(c: ClassInfo, resolver: Resolver) -> Iterator[str]:
    yield from _supers(c, resolver)
    if c.is_interface:
        return
    resolver.classes.supers(f"@{c.offset}")
    yield from _method_table(c, resolver, package_visible=False)
    yield from _method_table(c, resolver, package_visible=True)
    yield from _mapping(c, resolver)
    yield from _interfaces(c, resolver)
    yield from _instance_fields(c, resolver.classes.descriptors[c.offset], resolver)


def check_classes(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    """All findings."""
    classes = resolver.classes
    if set(classes.descriptors) != set(classes.infos) or len(resolver.descriptor.classes) != len(classes.infos):
        yield "Descriptor: its classes are not those of the Class component"
        return
    for c in cap.classes.items:
        yield from _class(c, resolver)
