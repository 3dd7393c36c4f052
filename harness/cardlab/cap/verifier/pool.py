"""The ConstantPool component: every entry leads to a class or member of its kind (JCVM 3.0.5, 6.8)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import NO_TYPE, PACKAGE_VISIBLE, PoolTag
from cardlab.cap.model import PoolItem
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule, RuleError


def _imported_static(item: PoolItem, resolver: Resolver) -> None:
    if item.tag is PoolTag.STATIC_FIELD:
        resolver.members.imported_field(item.class_ref, item.token, static=True)
    else:
        resolver.members.static_method(item.class_ref, item.token)


def _own_static(item: PoolItem, resolver: Resolver) -> None:
    if item.tag is PoolTag.STATIC_FIELD:
        if not any(f.is_static and f.ref == item.data for c in resolver.descriptor.classes for f in c.fields):
            raise Rule.POOL_STATIC_FIELD.error(f"there is no static field at {item.offset}")
        return
    _, method = resolver.members.methods.get(item.offset, (None, None))
    if method is None or method.is_virtual:
        raise Rule.POOL_STATIC_METHOD.error(f"there is no static method, private one or constructor at {item.offset}")


def _static(item: PoolItem, resolver: Resolver) -> None:
    if item.is_external:
        _imported_static(item, resolver)
        return
    resolver.rules.require(Rule.POOL_PADDING, not item.data[0], "the padding of an internal static reference is not 0")
    _own_static(item, resolver)


def _instance_field(item: PoolItem, resolver: Resolver) -> None:
    if item.is_external:
        resolver.members.imported_field(item.class_ref, item.token, static=False)
        return
    descriptor = resolver.classes.descriptors.get(item.class_ref)
    fields = descriptor.fields if descriptor else ()
    if not any(f.token == item.token and not f.is_static and f.owner == item.class_ref for f in fields):
        # The token of an instance field in a reference counts the declaring class's fields only.
        raise Rule.POOL_FIELD.error(f"class at {item.class_ref} has no instance field of token {item.token}")


def _virtual(item: PoolItem, resolver: Resolver) -> None:
    if item.tag is PoolTag.SUPER_METHOD and item.is_external:
        raise Rule.POOL_SUPER.error("a super method reference names an imported class")
    name = resolver.classes.name(item.class_ref)
    if resolver.classes.is_interface(name):
        raise Rule.POOL_INTERFACE.error(f"{name} is an interface")
    count = resolver.members.virtual_count(item.class_ref, bool(item.token & PACKAGE_VISIBLE))
    if count is not None and item.token & ~PACKAGE_VISIBLE >= count:
        raise Rule.POOL_VIRTUAL.error(f"class {name} has no virtual method of token {item.token}")


def _item(item: PoolItem, resolver: Resolver) -> None:
    if item.tag.is_static:
        _static(item, resolver)
        return
    resolver.classes.name(item.class_ref)
    if item.tag is PoolTag.CLASS:
        resolver.rules.require(Rule.POOL_CLASS_PADDING, not item.token, "the padding of a class reference is not 0")
    elif item.tag is PoolTag.INSTANCE_FIELD:
        _instance_field(item, resolver)
    else:
        _virtual(item, resolver)


def _type(item: PoolItem, offset: int, resolver: Resolver) -> None:
    if item.tag is PoolTag.CLASS:
        resolver.rules.require(Rule.POOL_CLASS_TYPE, offset == NO_TYPE, "a class has a type in the Descriptor")
    elif item.tag.is_field:
        resolver.types.field(offset)
    else:
        resolver.types.signature(offset)


def check_pool(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings."""
    types = resolver.descriptor.pool_types
    if len(types) != len(cap.pool):
        words = "Descriptor: the number of constant pool types is not that of the constant pool"
        yield Rule.POOL_TYPES.broken(words)
        return
    for n, (item, offset) in enumerate(zip(cap.pool, types, strict=True)):
        try:
            _item(item, resolver)
            _type(item, offset, resolver)
        except RuleError as e:
            yield e.finding.at(f"ConstantPool: entry {n}")
