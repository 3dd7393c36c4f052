"""The types that the Descriptor gives to constant pool entries, against the types of the members they refer to.

The data flow analysis trusts the former, so a difference would be a hole in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.errors import CapError
from cardlab.cap.model import FieldDescriptor, PoolItem
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.world import Signature, Type, World, type_of

_PRIMITIVES = {0x8002: 2, 0x8003: 3, 0x8004: 4, 0x8005: 5}
_CODES = {"Z": 2, "B": 3, "S": 4, "I": 5}


def _stated(world: World, offset: int) -> tuple[Type, int]:
    """A field type as the pool's type says it: the type, and the code of a primitive."""
    t = world.field_type(offset)
    return t, world.descriptor.nibbles(offset)[0] if t in ("s", "i") else 0


def _declared(world: World, f: FieldDescriptor) -> tuple[Type, int]:
    if f.type in _PRIMITIVES:
        return ("i" if f.type == 0x8005 else "s"), _PRIMITIVES[f.type]
    return world.field_type(f.type), 0


def _own_field(item: PoolItem, world: World) -> FieldDescriptor:
    for c in world.descriptor.classes:
        for f in c.fields:
            if item.tag == 5 and f.is_static and f.ref == item.data:
                return f
            if item.tag == 2 and not f.is_static and c.ref == item.class_ref and f.token == item.token:
                return f
    raise CapError("the Descriptor has no such field")


def _field(item: PoolItem, stated: tuple[Type, int], world: World) -> None:
    if not item.is_external:
        if _declared(world, _own_field(item, world)) != stated:
            raise CapError("its type is not that of the field")
        return
    found = world.exported(item.class_ref)
    if found is None:
        return
    for f in found.fields:
        if f.token == item.token and f.is_static == (item.tag == 5):
            if (type_of(f.descriptor), _CODES.get(f.descriptor, 0)) != stated:
                raise CapError("its type is not that of the field")
            return
    raise CapError(f"{found.name.replace('/', '.')} has no such field")


def _signatures(item: PoolItem, world: World) -> Iterator[Signature]:
    """The types of the methods that a reference may reach."""
    if item.tag != 6:
        yield from world.virtual_signatures(item.class_ref, item.token)
    elif not item.is_external:
        yield world.signature(world.methods[item.offset][1].type)
    elif found := world.exported(item.class_ref):
        for m in found.methods:
            if m.token == item.token and not m.is_virtual:
                yield world.exported_signature(m)


def _method(item: PoolItem, stated: Signature, world: World) -> None:
    if any(s != stated for s in _signatures(item, world)):
        raise CapError("its type is not that of the method")


def check_pool_types(cap: CapFile, world: World) -> Iterator[str]:
    """All findings."""
    for n, item in enumerate(cap.pool):
        try:
            if item.tag in (2, 5):
                _field(item, _stated(world, world.pool_type(n)), world)
            elif item.tag != 1:
                _method(item, world.signature(world.pool_type(n)), world)
        except CapError as e:
            yield f"ConstantPool: entry {n}: {e}"
