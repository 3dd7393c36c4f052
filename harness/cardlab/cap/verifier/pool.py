"""The ConstantPool component: every entry leads to a class or member of its kind (JCVM 3.0.4, 6.8)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import NO_TYPE, PACKAGE_VISIBLE, PoolTag
from cardlab.cap.errors import CapError
from cardlab.cap.model import PoolItem
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver


def _imported_static(item: PoolItem, resolver: Resolver) -> None:
    if item.tag is PoolTag.STATIC_FIELD:
        resolver.members.require_field(item.class_ref, item.token, static=True)
    else:
        resolver.members.static_method(item.class_ref, item.token)


def _static(item: PoolItem, cap: CapFile, resolver: Resolver) -> None:
    if item.is_external:
        _imported_static(item, resolver)
    elif item.data[0]:
        raise CapError("the padding of an internal static reference is not 0")
    elif item.tag is PoolTag.STATIC_FIELD and item.offset >= cap.statics.image_size:
        raise CapError(f"static field {item.offset} is outside the image")
    elif item.tag is PoolTag.STATIC_METHOD and item.offset not in resolver.members.methods:
        raise CapError(f"there is no method at {item.offset}")


def _instance_field(item: PoolItem, resolver: Resolver) -> None:
    if item.is_external:
        resolver.members.require_field(item.class_ref, item.token, static=False)
        return
    descriptor = resolver.classes.descriptors.get(item.class_ref)
    fields = descriptor.fields if descriptor else ()
    if not any(f.token == item.token and not f.is_static and f.owner == item.class_ref for f in fields):
        # The token of an instance field in a reference counts the declaring class's fields only.
        raise CapError(f"class at {item.class_ref} has no instance field of token {item.token}")


def _virtual(item: PoolItem, resolver: Resolver) -> None:
    if item.tag is PoolTag.SUPER_METHOD and item.is_external:
        raise CapError("a super method reference names an imported class")
    count = resolver.members.virtual_count(item.class_ref, bool(item.token & PACKAGE_VISIBLE))
    if count is not None and item.token & ~PACKAGE_VISIBLE >= count:
        name = resolver.classes.name(item.class_ref)
        raise CapError(f"class {name} has no virtual method of token {item.token}")
    if not item.is_external and resolver.classes.info(item.class_ref).is_interface:
        raise CapError(f"class at {item.class_ref} is an interface")


def _item(item: PoolItem, cap: CapFile, resolver: Resolver) -> None:
    if item.tag.is_static:
        _static(item, cap, resolver)
        return
    resolver.classes.name(item.class_ref)
    if item.tag is PoolTag.CLASS:
        if item.token:
            raise CapError("the padding of a class reference is not 0")
    elif item.tag is PoolTag.INSTANCE_FIELD:
        _instance_field(item, resolver)
    else:
        _virtual(item, resolver)


def _type(item: PoolItem, offset: int, resolver: Resolver) -> None:
    if item.tag is PoolTag.CLASS:
        if offset != NO_TYPE:
            raise CapError("a class has a type in the Descriptor")
    elif item.tag.is_field:
        resolver.types.field(offset)
    else:
        resolver.types.signature(offset)


def check_pool(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    """All findings."""
    types = resolver.descriptor.pool_types
    if len(types) != len(cap.pool):
        yield "Descriptor: the number of constant pool types is not that of the constant pool"
        return
    for n, (item, offset) in enumerate(zip(cap.pool, types, strict=True)):
        try:
            _item(item, cap, resolver)
            _type(item, offset, resolver)
        except CapError as e:
            yield f"ConstantPool: entry {n}: {e}"
