"""The types that the Descriptor gives to constant pool entries, against the types of the members they refer to.

The data flow analysis trusts the former, so a difference would be a hole in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import PoolTag
from cardlab.cap.errors import CapError
from cardlab.cap.model import FieldDescriptor, PoolItem
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.types import CODES, OF_CODE, Signature, Type, signature_of, type_of


def _stated(resolver: Resolver, offset: int) -> tuple[Type, int]:
    """A field type as the pool's type says it: the type, and the code of a primitive."""
    t = resolver.types.field(offset)
    return t, resolver.types.first_code(offset) if t in ("s", "i") else 0


def _declared(resolver: Resolver, f: FieldDescriptor) -> tuple[Type, int]:
    if f.is_reference:
        return resolver.types.field(f.type), 0
    return OF_CODE[f.primitive], f.primitive


def _own_field(item: PoolItem, resolver: Resolver) -> FieldDescriptor:
    for c in resolver.descriptor.classes:
        for f in c.fields:
            if item.tag is PoolTag.STATIC_FIELD and f.is_static and f.ref == item.data:
                return f
            if (
                item.tag is PoolTag.INSTANCE_FIELD
                and not f.is_static
                and (c.ref, f.token) == (item.class_ref, item.token)
            ):
                return f
    raise CapError("the Descriptor has no such field")


def _field(item: PoolItem, stated: tuple[Type, int], resolver: Resolver) -> None:
    if not item.is_external:
        if _declared(resolver, _own_field(item, resolver)) != stated:
            raise CapError("its type is not that of the field")
        return
    found = resolver.classes.exported(item.class_ref)
    if found is None:
        return
    for f in found.fields:
        if f.token == item.token and f.is_static == item.tag.is_static:
            if (type_of(f.descriptor), CODES.get(f.descriptor, 0)) != stated:
                raise CapError("its type is not that of the field")
            return
    raise CapError(f"{found.name.replace('/', '.')} has no such field")


def _signatures(item: PoolItem, resolver: Resolver) -> Iterator[Signature]:
    """The types of the methods that a reference may reach."""
    if item.tag is not PoolTag.STATIC_METHOD:
        yield from resolver.members.virtual_signatures(item.class_ref, item.token)
    elif not item.is_external:
        yield resolver.types.signature(resolver.members.methods[item.offset][1].type)
    elif found := resolver.classes.exported(item.class_ref):
        for m in found.methods:
            if m.token == item.token and not m.is_virtual:
                yield signature_of(m.descriptor)


def _method(item: PoolItem, stated: Signature, resolver: Resolver) -> None:
    if any(s != stated for s in _signatures(item, resolver)):
        raise CapError("its type is not that of the method")


def check_pool_types(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    """All findings."""
    for n, item in enumerate(cap.pool):
        try:
            if item.tag.is_field:
                _field(item, _stated(resolver, resolver.types.of_entry(n)), resolver)
            elif item.tag is not PoolTag.CLASS:
                _method(item, resolver.types.signature(resolver.types.of_entry(n)), resolver)
        except CapError as e:
            yield f"ConstantPool: entry {n}: {e}"
