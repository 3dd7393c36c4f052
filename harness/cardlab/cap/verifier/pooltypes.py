"""The types that the Descriptor gives to constant pool entries, against the types of the members they refer to.

The data flow analysis trusts the former, so a difference would be a hole in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import PoolTag
from cardlab.cap.model import FieldDescriptor, PoolItem
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule
from cardlab.cap.verifier.types import OF_CODE, Signature, Type, signature_of, type_of


def _declared(resolver: Resolver, f: FieldDescriptor) -> Type | None:
    return resolver.types.field(f.type) if f.is_reference else OF_CODE.get(f.primitive)


def _is_named(f: FieldDescriptor, item: PoolItem) -> bool:
    """Whether an internal reference names this field; both have the same three bytes."""
    return f.is_static == item.tag.is_static and f.ref == item.data


def _field_type(item: PoolItem, resolver: Resolver) -> Type | None:
    """The type of the field that a reference names; None where that is not known."""
    if item.is_external:
        field = resolver.members.imported_field(item.class_ref, item.token, static=item.tag.is_static)
        return type_of(field.descriptor) if field else None
    fields = (f for c in resolver.descriptor.classes for f in c.fields)
    return next((_declared(resolver, f) for f in fields if _is_named(f, item)), None)


def _signatures(item: PoolItem, resolver: Resolver) -> Iterator[Signature]:
    """The types of the methods that a reference may reach."""
    if item.tag is not PoolTag.STATIC_METHOD:
        yield from resolver.members.virtual_signatures(item.class_ref, item.token)
    elif not item.is_external:
        _, own = resolver.members.methods.get(item.offset, (None, None))
        if own is not None:
            yield resolver.types.signature(own.type)
    elif method := resolver.members.static_method(item.class_ref, item.token):
        yield signature_of(method.descriptor)


def check_pool_types(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    for n, item in enumerate(cap.pool):
        what = f"ConstantPool: entry {n}"
        if item.tag.is_field:
            declared = _field_type(item, resolver)
            if declared not in (None, resolver.types.field(resolver.types.of_entry(n))):
                yield Rule.POOL_FIELD_TYPE.broken(f"{what}: its type is not that of the field")
        elif item.tag is not PoolTag.CLASS:
            stated = resolver.types.signature(resolver.types.of_entry(n))
            if any(s != stated for s in _signatures(item, resolver)):
                yield Rule.POOL_METHOD_TYPE.broken(f"{what}: its type is not that of the method")
