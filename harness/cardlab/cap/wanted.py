"""What a CAP file wants of other packages, in words: names instead of tokens, and who has what a card has not.

Names are those of the API's token tables; of a package without one, AIDs and tokens have to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from cardlab.cap.constants import PoolTag
from cardlab.cap.exportfile import ExportedClass, ExportedMethod, ExportFile
from cardlab.cap.exports import platforms, token_table
from cardlab.cap.model import PackageInfo, PoolItem
from cardlab.classfile.descriptors import split_descriptor

_VIRTUAL = (PoolTag.VIRTUAL_METHOD, PoolTag.SUPER_METHOD)
_PRIMITIVES = {"B": "byte", "I": "int", "S": "short", "Z": "boolean"}
_GLOBALPLATFORM = "globalplatform-"


@dataclass(frozen=True, slots=True)
class _Known:
    """A version of a package, and the first platform that has it, for people."""

    table: ExportFile
    platform: str


def package(wanted: PackageInfo) -> str:
    """``javacard.security (A0000000620102)``, or the AID of a package that nobody knows."""
    known, aid = _versions(wanted.aid), wanted.aid.hex().upper()
    return f"{_dots(known[0].table.name)} ({aid})" if known else aid


def who_has_package(wanted: PackageInfo) -> str:
    """``; Java Card 3.0.5 has it``, or nothing when no token table is known to have it."""
    fitting = (one for one in _versions(wanted.aid) if one.table.version[0] == wanted.version[0])
    return _has(one.platform for one in fitting if one.table.version >= wanted.version)


def member(wanted: PackageInfo, item: PoolItem) -> str:
    """What an external constant pool entry names: ``javacardx.crypto.Cipher.getInstance(byte, byte, boolean)``."""
    for known in _versions(wanted.aid):
        found = known.table.by_token(item.class_ref.token)
        if found is not None and (named := _member(found, item)) is not None:
            return named
    return _by_token(wanted, item)


def who_has_member(wanted: PackageInfo, item: PoolItem) -> str:
    """``; Java Card 3.0.5 has it``, or nothing."""
    classes = ((one, one.table.by_token(item.class_ref.token)) for one in _versions(wanted.aid))
    return _has(one.platform for one, found in classes if found is not None and _member(found, item) is not None)


def who_has_class(name: str) -> str:
    """``; Java Card 3.1 has it`` for a class by its name (slashes), or nothing."""
    found = (one.platform for one in _all() if one.table.by_name(name) is not None)
    return _has(found)


def who_has_named(owner: str, name: str, descriptor: str) -> str:
    """The same for a field or method of a class (slashes), declared there or inherited."""
    for one in _all():
        found = one.table.by_name(owner)
        if found is not None and (found.method(name, descriptor) or found.field(name, descriptor)):
            return _has((one.platform,))
    return ""


def class_name(wanted: PackageInfo, token: int) -> str:
    """The name of a class by its token, as far as it is known."""
    for known in _versions(wanted.aid):
        found = known.table.by_token(token)
        if found is not None:
            return _dots(found.name)
    return f"class {token} of package {package(wanted)}"


def _has(platforms_with_it: Iterable[str]) -> str:
    first = next(iter(platforms_with_it), "")
    return f"; {first} has it" if first else ""


def _member(of: ExportedClass, item: PoolItem) -> str | None:
    """None when the class has no member with the token."""
    name = _dots(of.name)
    if item.tag is PoolTag.CLASS:
        return name
    if item.tag in (PoolTag.INSTANCE_FIELD, PoolTag.STATIC_FIELD):
        is_static = item.tag is PoolTag.STATIC_FIELD
        fields = (one for one in of.fields if one.token == item.token and one.is_static is is_static)
        return next((f"{name}.{one.name}" for one in fields), None)
    is_virtual = item.tag in _VIRTUAL
    for one in of.methods:
        if one.token == item.token and one.is_virtual is is_virtual:
            prefix = "new " if one.name == "<init>" else f"{name}."
            return prefix + java_signature(of, one)
    return None


def java_signature(of: ExportedClass, method: ExportedMethod) -> str:
    """``getInstance(byte, byte, boolean)``; a constructor with the full name of its class."""
    called = _dots(of.name) if method.name == "<init>" else method.name
    return f"{called}({', '.join(map(_java_type, split_descriptor(method.descriptor)[0]))})"


def _by_token(wanted: PackageInfo, item: PoolItem) -> str:
    home = class_name(wanted, item.class_ref.token)
    kind = item.tag.name.lower().replace("_", " ")
    return home if item.tag is PoolTag.CLASS else f"{kind} {item.token} of {home}"


def _java_type(descriptor: str) -> str:
    """``byte[]`` for ``[B``; a class without its package."""
    element = descriptor.lstrip("[")
    name = _PRIMITIVES.get(element) or element[1:-1].rpartition("/")[2]
    return name + "[]" * (len(descriptor) - len(element))


def _dots(name: str) -> str:
    return name.replace("/", ".")


@cache
def _versions(aid: bytes) -> tuple[_Known, ...]:
    """Every version of a package that a token table has, the oldest first."""
    found = {one.table.version: one for one in reversed(list(_all())) if one.table.aid == aid}
    return tuple(found[version] for version in sorted(found))


@cache
def _all() -> tuple[_Known, ...]:
    return tuple(_every())


def _every() -> Iterator[_Known]:
    for name, packages in platforms().items():
        said = f"the GlobalPlatform API {name[len(_GLOBALPLATFORM) :]}" if name.startswith(_GLOBALPLATFORM) else ""
        for one, version in packages.items():
            yield _Known(token_table(one, version), said or f"Java Card {name}")
