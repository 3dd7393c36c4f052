"""Sizes, counts and flags of the components, and the order in which everything but code is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.cap.constants import PRIMITIVE_SIZES, PackageFlag
from cardlab.cap.container import Component
from cardlab.cap.errors import CapError
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.classes import check_classes
from cardlab.cap.verifier.methods import check_locations, check_methods
from cardlab.cap.verifier.overrides import check_overrides
from cardlab.cap.verifier.pool import check_pool
from cardlab.cap.verifier.pooltypes import check_pool_types
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.tokens import check_descriptor
from cardlab.cap.verifier.types import Signature
from cardlab.iso7816 import aid

_Check = Callable[[CapFile, Resolver], Iterator[str]]
_INSTALL = Signature(("[b", "s", "s"), "v")


def _header(cap: CapFile, _: Resolver) -> Iterator[str]:
    flags = cap.header.flags
    if bool(flags & PackageFlag.APPLET) != bool(cap.applets):
        yield "Header: the applet flag and the Applet component do not agree"
    if bool(flags & PackageFlag.EXPORT) != (cap.exports is not None):
        yield "Header: the export flag and the Export component do not agree"
    for a in cap.applets:
        if not aid.same_provider(a.aid, cap.header.package.aid):
            yield f"Applet: AID {aid.text(a.aid)} has another provider (first five bytes) than the package"
    aids = [a.aid for a in cap.applets]
    if len(set(aids)) != len(aids):
        yield "Applet: an AID appears twice"


def _directory(cap: CapFile, _: Resolver) -> Iterator[str]:
    d = cap.directory
    for tag, size in enumerate(d.sizes, 1):
        raw = cap.raw.get(Component(tag))
        real = len(raw) - Component(tag).header_size if raw is not None else 0
        if real != size and tag != Component.DEBUG:
            yield f"Directory: component {Component(tag).name} has {real} bytes, not {size}"
    yield from _resources(cap)
    s = cap.statics
    if (d.image_size, d.array_count) != (s.image_size, len(s.arrays)):
        yield "Directory: the static field sizes are not those of the StaticField component"
    if d.array_bytes != sum(len(a.values) for a in s.arrays):
        yield "Directory: the size of initialised arrays is wrong"
    if d.import_count != len(cap.imports) or d.applet_count != len(cap.applets):
        yield "Directory: the numbers of imports and applets are wrong"
    if len({p.aid for p in cap.imports}) != len(cap.imports):
        yield "Import: a package is imported twice"


def _resources(cap: CapFile) -> Iterator[str]:
    """JCVM 3.1, 6.16."""
    raw = cap.raw.get(Component.STATIC_RESOURCE)
    real = len(raw) - Component.STATIC_RESOURCE.header_size if raw is not None else 0
    if cap.directory.resource_size is not None and real != cap.directory.resource_size:
        yield f"Directory: component STATIC_RESOURCE has {real} bytes, not {cap.directory.resource_size}"
    if cap.resources is not None and not cap.resources:
        yield "StaticResource: it has no resource"
    if len({one.id for one in cap.resources or ()}) != len(cap.resources or ()):
        yield "StaticResource: two resources have the same number"


def _statics(cap: CapFile, _: Resolver) -> Iterator[str]:
    s = cap.statics
    if 2 * s.reference_count + s.default_bytes + len(s.values) != s.image_size:
        yield "StaticField: the segments do not add up to the image size"
    if len(s.arrays) > s.reference_count:
        yield "StaticField: more initialised arrays than references"
    for n, a in enumerate(s.arrays):
        size = PRIMITIVE_SIZES.get(a.type)
        if size is None or len(a.values) % size:
            yield f"StaticField: array {n} of type {a.type} with {len(a.values)} bytes"


def _exports(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    classes, methods = resolver.classes.descriptors, resolver.members.methods
    for n, c in enumerate(cap.exports or ()):
        if c.offset not in classes:
            yield f"Export: there is no class at {c.offset}"
            continue
        if classes[c.offset].token != n:
            yield f"Export: class {n} has the token {classes[c.offset].token}"
        for offset in c.fields:
            if offset >= cap.statics.image_size:
                yield f"Export: static field {offset} is outside the image"
        for offset in c.methods:
            if offset not in methods:
                yield f"Export: there is no method at {offset}"


def _applets(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    for a in cap.applets:
        found = resolver.members.methods.get(a.install)
        if found is None or not found[1].is_static:
            yield f"Applet: there is no static method at {a.install}"
        elif resolver.types.signature(found[1].type) != _INSTALL:
            yield f"Applet: the install method at {a.install} is not of type (byte[], short, byte)"


def _descriptor(cap: CapFile, resolver: Resolver) -> Iterator[str]:
    for c in resolver.descriptor.classes:
        for f in c.fields:
            if f.is_reference:
                resolver.types.field(f.type)
            elif f.primitive not in PRIMITIVE_SIZES:
                yield f"Descriptor: field type 0x{f.type:04x}"
            if f.is_static and f.image_offset >= cap.statics.image_size:
                yield "Descriptor: a static field is outside the image"
        for m in c.methods:
            resolver.types.signature(m.type)


_CHECKS: tuple[_Check, ...] = (
    _header,
    _directory,
    _statics,
    _descriptor,
    check_classes,
    check_descriptor,
    check_methods,
    check_pool,
    check_locations,
    _exports,
    _applets,
)
"""Where a check cannot go on, the next ones may still find something."""
_LATER_CHECKS: tuple[_Check, ...] = (check_overrides, check_pool_types)
"""They follow superclasses and types, and rely on all that was checked before."""


def check_structure(cap: CapFile, resolver: Resolver, findings: list[str]) -> None:
    """Add every fault of structure to `findings`; a check that cannot go on is a finding itself."""
    for checks in (_CHECKS, _LATER_CHECKS):
        for check in checks:
            try:
                findings.extend(check(cap, resolver))
            except CapError as e:
                findings.append(str(e))
        if findings:
            return
