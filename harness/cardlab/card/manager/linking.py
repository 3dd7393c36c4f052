"""What a card checks of a load file before it takes it: structure, imports, tokens (JCVM 3.0.4, 4.3 to 4.5 and 6).

A fault is answered with 6A80 (GPCS Table 11-10: incorrect values in command data), as LOAD has no status word of its
own for it. Type safety is not checked here: no card does, and what is executed was converted from class files that the
Java virtual machine verifies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cardlab.cap import wanted
from cardlab.cap.constants import ELSEWHERE, NO_TOKEN, PACKAGE_VISIBLE, PackageFlag, PoolTag
from cardlab.cap.container import Component
from cardlab.cap.errors import CapError
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.model import ClassRef, PoolItem, ReferenceLocations
from cardlab.cap.platform import cap_format, tables
from cardlab.cap.reader import CapFile, read_load_file
from cardlab.card.manager.refusal import Refusal
from cardlab.iso7816 import aid as aids
from cardlab.iso7816.status import SW

_VIRTUAL = (PoolTag.VIRTUAL_METHOD, PoolTag.SUPER_METHOD)
_KEPT = (
    Component.APPLET, Component.CLASS, Component.METHOD, Component.EXPORT, Component.CONSTANT_POOL,
    Component.STATIC_RESOURCE,
)  # fmt: skip
_NEWEST_OF_3_0 = (2, 2)  # CAP format
_ENTRY = 64  # bytes of the card's table of packages: AIDs, versions, imports


@dataclass(frozen=True, slots=True)
class OfferedClass:
    """What another package can refer to of a class, as numbers of tokens."""

    static_fields: frozenset[int]
    static_methods: frozenset[int]
    instance_fields: frozenset[int]
    virtual_methods: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A package on the card, as its importers see it; ``classes`` by token."""

    version: tuple[int, int]
    classes: Mapping[int, OfferedClass]


@lru_cache(maxsize=64)
def read(data_block: bytes) -> CapFile:
    """The components of a load file data block; 6A80 when they cannot be read."""
    try:
        return read_load_file(data_block)
    except CapError as error:
        raise Refusal(SW.WRONG_DATA, str(error)) from error


def code_size(cap: CapFile) -> int:
    """Persistent bytes of the code: the components that a card keeps, and the static fields' image.

    Header, Directory, Import and RefLocation have done their work when the package is linked. What static fields lead
    to is counted by the runtime.
    """
    return _ENTRY + sum(len(cap.raw[tag]) for tag in _KEPT if tag in cap.raw) + cap.statics.image_size


def imports(data_block: bytes) -> frozenset[bytes]:
    """The AIDs of the packages that a load file on the card uses."""
    return frozenset(one.aid for one in read(data_block).imports)


@lru_cache(maxsize=4)
def platform_offers(java_card: str) -> Mapping[bytes, Offer]:
    """The API packages of a card by AID."""
    return {table.aid: _offer_of_table(table) for table in tables(java_card)}


def offer_of(cap: CapFile) -> Offer:
    """What a package that was loaded offers to later ones (JCVM 3.0.4, 6.13)."""
    by_offset = {info.offset: info for info in cap.classes.items}
    classes = {}
    for token, exported in enumerate(cap.exports or ()):
        info = by_offset.get(exported.offset)
        if info is not None:
            classes[token] = OfferedClass(
                frozenset(range(len(exported.fields))),
                frozenset(range(len(exported.methods))),
                frozenset(range(info.size)),
                info.public_base + len(info.public),
            )
    return Offer(cap.header.package.version, classes)


@lru_cache(maxsize=64)  # it depends on nothing else, and tests make cards in great numbers with the same load files
def linked(data_block: bytes, aid: bytes, java_card: str, loaded: tuple[bytes, ...], integers: bool = False) -> CapFile:
    """Read a load file data block, and link it with the platform's packages and those ``loaded`` before; or refuse.

    ``integers``: the card has the type int.
    """
    cap = read(data_block)
    offers = dict(platform_offers(java_card))
    for other in map(read, loaded):
        offers[other.header.package.aid] = offer_of(other)
    link(cap, aid, offers, integers=integers)
    newest = max(cap_format(java_card), _NEWEST_OF_3_0)
    if cap.header.format > newest:
        written, known = (".".join(map(str, one)) for one in (cap.header.format, newest))
        raise Refusal(
            SW.WRONG_DATA, f"Header: CAP format {written}, this card of Java Card {java_card} takes up to {known}"
        )
    return cap


def link(cap: CapFile, aid: bytes, offers: Mapping[bytes, Offer], *, integers: bool = False) -> None:
    """Refuse with 6A80 unless the package is the one announced, is sound, and finds all that it uses in ``offers``."""
    if cap.header.package.aid != aid:
        other = cap.header.package.aid.hex().upper()
        raise Refusal(SW.WRONG_DATA, f"the load file holds package {other}, INSTALL [for load] announced another")
    for problem in (*_structure(cap, integers), *_imports(cap, offers)):
        raise Refusal(SW.WRONG_DATA, problem)
    imported = [offers[one.aid] for one in cap.imports]
    for problem in (*_classes(cap, imported), *_pool(cap, imported), *_places(cap)):
        raise Refusal(SW.WRONG_DATA, problem)


def _structure(cap: CapFile, integers: bool) -> Iterator[str]:
    """JCVM 3.0.4, 6.3 to 6.5 and 6.11."""
    flags, directory, statics = cap.header.flags, cap.directory, cap.statics
    if PackageFlag.INT in flags and not integers:
        yield "the package uses int, which this card does not have (its choice integers = true would give it)"
    if bool(flags & PackageFlag.APPLET) != bool(cap.applets) or bool(flags & PackageFlag.EXPORT) != (
        cap.exports is not None
    ):
        yield "Header: its flags do not say which components follow"
    for tag, size in enumerate(directory.sizes, 1):
        there = cap.raw.get(Component(tag)) if tag <= Component.DEBUG else None
        if there is not None and len(there) - 3 != size:
            yield f"Directory: {Component(tag).name} has {len(there) - 3} bytes, not {size}"
        if there is None and size and tag not in (Component.DESCRIPTOR, Component.DEBUG):
            yield f"Directory: {Component(tag).name} is named, and not there"
    resources = cap.raw.get(Component.STATIC_RESOURCE, b"")
    if directory.resource_size is not None and max(0, len(resources) - 5) != directory.resource_size:
        yield f"Directory: STATIC_RESOURCE has {max(0, len(resources) - 5)} bytes, not {directory.resource_size}"
    arrays = sum(len(array.values) for array in statics.arrays)
    if (directory.image_size, directory.array_count, directory.array_bytes) != (
        statics.image_size, len(statics.arrays), arrays,
    ):  # fmt: skip
        yield "Directory: its sizes of static fields are not those of StaticField"
    if (directory.import_count, directory.applet_count) != (len(cap.imports), len(cap.applets)):
        yield "Directory: it counts other imports or applets than there are"
    if 2 * statics.reference_count + statics.default_bytes + len(statics.values) != statics.image_size:
        yield "StaticField: its parts do not add up to the image"
    if len(statics.arrays) > statics.reference_count:
        yield "StaticField: more arrays than references"
    modules = [applet.aid for applet in cap.applets]
    if len(set(modules)) != len(modules):
        yield "Applet: an AID comes twice"
    if not all(aids.same_provider(module, cap.header.package.aid) for module in modules):
        yield "Applet: package and applets belong to different providers"


def _imports(cap: CapFile, offers: Mapping[bytes, Offer]) -> Iterator[str]:
    """The same major version and at least the minor version of what was converted for (JCVM 3.0.4, 4.5)."""
    if len({one.aid for one in cap.imports}) != len(cap.imports):
        yield "Import: a package comes twice"
    for one in cap.imports:
        name, version = wanted.package(one), ".".join(map(str, one.version))
        offer = offers.get(one.aid)
        if offer is None:
            yield f"Import: package {name} is not on this card, wanted as {version}{wanted.who_has_package(one)}"
        elif offer.version[0] != one.version[0] or offer.version < one.version:
            there = ".".join(map(str, offer.version))
            yield f"Import: package {name} is wanted as {version}, this card has {there}{wanted.who_has_package(one)}"


def _classes(cap: CapFile, imported: list[Offer]) -> Iterator[str]:
    own = {info.offset: info for info in cap.classes.items}
    end, start = len(cap.methods.info), cap.methods.start
    for info in cap.classes.items:
        for ref in (*info.supers, *(one.ref for one in info.interfaces)):
            if not _finds(ref, own, imported):  # nor may a superclass be none: java.lang is loaded by nobody (6.9.2)
                what = f"a class {ref:04X} that is not there{_named(cap, ref)}"
                yield f"Class: the class at {info.offset} refers to {what}"
        if any(offset != ELSEWHERE and not start <= offset < end for offset in (*info.public, *info.package)):
            yield f"Class: a method of the class at {info.offset} is outside the Method component"
        tokens = info.public_base + len(info.public)
        if any(token >= tokens for one in info.interfaces for token in one.tokens):
            yield f"Class: the class at {info.offset} lacks a method of an interface"


def _named(cap: CapFile, ref: ClassRef) -> str:
    """What a class of another package is called, as far as it is known."""
    known = ref.is_external and ref.package < len(cap.imports)
    return f": {wanted.class_name(cap.imports[ref.package], ref.token)}" if known else ""


def _finds(ref: ClassRef, own: Mapping[int, object], imported: list[Offer]) -> bool:
    return ref in own if not ref.is_external else _external(ref, imported) is not None


def _external(ref: ClassRef, imported: list[Offer]) -> OfferedClass | None:
    return imported[ref.package].classes.get(ref.token) if ref.package < len(imported) else None


def _pool(cap: CapFile, imported: list[Offer]) -> Iterator[str]:
    """JCVM 3.0.4, 6.8: every entry names a class or member that is there."""
    own = {info.offset: info for info in cap.classes.items}
    for number, item in enumerate(cap.pool):
        if item.is_external:
            there = _external(item.class_ref, imported)
            if there is None or not _has(item, there):
                yield f"ConstantPool: entry {number}: {_words(cap, item)}"
        elif item.tag.is_static:
            in_methods = cap.methods.start, len(cap.methods.info)
            low, high = (0, cap.statics.image_size) if item.tag is PoolTag.STATIC_FIELD else in_methods
            if item.data[0] or not low <= item.offset < high:
                yield f"ConstantPool: entry {number} leads to {item.offset}, where nothing static is"
        elif item.class_ref not in own:
            yield f"ConstantPool: entry {number} names a class at {item.class_ref}, where none is"
        elif item.tag in _VIRTUAL and not item.token & PACKAGE_VISIBLE:
            info = own[item.class_ref]
            if item.token >= info.public_base + len(info.public):
                yield f"ConstantPool: entry {number} names a virtual method {item.token} that is not there"


def _words(cap: CapFile, item: PoolItem) -> str:
    """What an entry names that is not there."""
    nowhere = "is in no package on this card"
    if item.class_ref.package >= len(cap.imports):
        return f"{item.data.hex().upper()} {nowhere}"
    home = cap.imports[item.class_ref.package]
    return f"{wanted.member(home, item)} {nowhere}{wanted.who_has_member(home, item)}"


def _has(item: PoolItem, there: OfferedClass) -> bool:
    if item.tag is PoolTag.CLASS:
        return True
    if item.tag in _VIRTUAL:
        return item.token < there.virtual_methods
    members = {
        PoolTag.INSTANCE_FIELD: there.instance_fields,
        PoolTag.STATIC_FIELD: there.static_fields,
        PoolTag.STATIC_METHOD: there.static_methods,
    }
    return item.token in members[item.tag]


def _places(cap: CapFile) -> Iterator[str]:
    """Where the card is to write resolved references, and where applets begin (JCVM 3.0.4, 6.5, 6.10, 6.12)."""
    end, start, pool = len(cap.methods.info), cap.methods.start, len(cap.pool)
    one, two = (ReferenceLocations.places(part) for part in (cap.locations.one_byte, cap.locations.two_byte))
    code = cap.methods.info
    if any(not 0 < place < end or code[place] >= pool for place in one):
        yield "RefLocation: a reference of one byte is outside the code, or beyond the constant pool"
    if any(not 0 < place < end - 1 or int.from_bytes(code[place : place + 2], "big") >= pool for place in two):
        yield "RefLocation: a reference of two bytes is outside the code, or beyond the constant pool"
    if any(not start <= applet.install < end for applet in cap.applets):
        yield "Applet: an install method is outside the Method component"
    if any(not start <= handler.start < end or not start <= handler.target < end for handler in cap.methods.handlers):
        yield "Method: an exception handler is outside the code"


def _offer_of_table(table: ExportFile) -> Offer:
    return Offer(table.version, {one.token: _offered(one) for one in table.classes})


def _offered(one: ExportedClass) -> OfferedClass:
    static_fields = {f.token for f in one.fields if f.is_static and f.token != NO_TOKEN}
    instance_fields = {f.token for f in one.fields if not f.is_static}
    static_methods = {m.token for m in one.methods if not m.is_virtual}
    virtual = [m.token for m in one.methods if m.is_virtual]
    return OfferedClass(
        frozenset(static_fields), frozenset(static_methods), frozenset(instance_fields), max(virtual, default=-1) + 1
    )
