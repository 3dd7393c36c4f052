"""Header, Directory, Import, Applet and Export component (JCVM 3.0.5, 6.4 to 6.7 and 6.13)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import Component
from cardlab.cap.model import ClassDescriptor, ExportedClassInfo, MethodDescriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule
from cardlab.cap.verifier.types import Signature
from cardlab.iso7816 import aid

_INSTALL = Signature(("[b", "S", "B"), "v")
_APPLET = "javacard/framework/Applet"
_MULTISELECTABLE = "javacard/framework/MultiSelectable"


def check_header(cap: CapFile, _: Resolver) -> Iterator[Finding]:
    """Flags, and the applets' AIDs."""
    flags, own = cap.header.flags, cap.header.package.aid
    if bool(flags & PackageFlag.APPLET) != bool(cap.applets):
        yield Rule.APPLET_FLAG.broken("Header: the applet flag and the Applet component do not agree")
    if bool(flags & PackageFlag.EXPORT) != (cap.exports is not None):
        yield Rule.EXPORT_FLAG.broken("Header: the export flag and the Export component do not agree")
    for a in cap.applets:
        if not aid.same_provider(a.aid, own):
            yield Rule.APPLET_PROVIDER.broken(
                f"Applet: AID {aid.text(a.aid)} has another provider (first five bytes) than the package"
            )
    aids = [a.aid for a in cap.applets]
    if len(set(aids)) != len(aids):
        yield Rule.APPLET_TWICE.broken("Applet: an AID appears twice")
    if own in aids:
        yield Rule.APPLET_PACKAGE.broken("Applet: an AID is the package's")


def check_directory(cap: CapFile, _: Resolver) -> Iterator[Finding]:
    """Sizes and counts."""
    d, s = cap.directory, cap.statics
    for tag, size in enumerate(d.sizes, 1):
        raw = cap.raw.get(Component(tag))
        real = len(raw) - Component(tag).header_size if raw is not None else 0
        if real != size and tag != Component.DEBUG:
            name = Component(tag).name
            yield Rule.DIRECTORY_SIZES.broken(f"Directory: component {name} has {real} bytes, not {size}")
    if d.image_size != s.image_size:
        yield Rule.DIRECTORY_IMAGE.broken("Directory: the image size is not that of the StaticField component")
    if d.array_count != len(s.arrays):
        yield Rule.DIRECTORY_ARRAY_COUNT.broken("Directory: the number of initialised arrays is wrong")
    if d.array_bytes != sum(len(a.values) for a in s.arrays):
        yield Rule.DIRECTORY_ARRAYS.broken("Directory: the size of initialised arrays is wrong")
    if d.import_count != len(cap.imports):
        yield Rule.DIRECTORY_IMPORTS.broken("Directory: the number of imports is wrong")
    if d.applet_count != len(cap.applets):
        yield Rule.DIRECTORY_APPLETS.broken("Directory: the number of applets is wrong")


def check_resources(cap: CapFile, _: Resolver) -> Iterator[Finding]:
    """Static resources of format 2.3 (JCVM 3.1, 6.16)."""
    raw = cap.raw.get(Component.STATIC_RESOURCE)
    real = len(raw) - Component.STATIC_RESOURCE.header_size if raw is not None else 0
    if cap.directory.resource_size is not None and real != cap.directory.resource_size:
        words = f"Directory: component STATIC_RESOURCE has {real} bytes, not {cap.directory.resource_size}"
        yield Rule.DIRECTORY_RESOURCES.broken(words)
    if cap.resources is not None and not cap.resources:
        yield Rule.RESOURCE_NONE.broken("StaticResource: it has no resource")
    if len({one.id for one in cap.resources or ()}) != len(cap.resources or ()):
        yield Rule.RESOURCE_TWICE.broken("StaticResource: two resources have the same number")


def check_imports(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Each package once."""
    aids = [p.aid for p in cap.imports]
    if len(set(aids)) != len(aids):
        yield Rule.IMPORT_TWICE.broken("Import: a package is imported twice")
    if resolver.classes.lacks_language(aids):
        yield Rule.IMPORT_LANG.broken("Import: java.lang is not imported")
    if cap.header.package.aid in aids:
        yield Rule.IMPORT_ITSELF.broken("Import: the package imports itself")


def check_applets(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Install methods."""
    for a in cap.applets:
        owner, method = resolver.members.methods.get(a.install, (None, None))
        if owner is None or method is None or not method.is_static:
            yield Rule.APPLET_INSTALL.broken(f"Applet: there is no static method at {a.install}")
        else:
            yield from _install(a.install, owner, method, resolver)
    found = (resolver.members.methods.get(a.install) for a in cap.applets)
    owners = {f"@{one[0].ref}" for one in found if one is not None}
    if len({resolver.classes.implements(name, _MULTISELECTABLE) for name in owners} - {None}) > 1:
        yield Rule.APPLET_SELECTION.broken("Applet: some applets are multiselectable, and some are not")


def _install(at: int, owner: ClassDescriptor, method: MethodDescriptor, resolver: Resolver) -> Iterator[Finding]:
    what = f"Applet: the install method at {at}"
    if resolver.types.signature(method.type) != _INSTALL:
        yield Rule.APPLET_INSTALL_TYPE.broken(f"{what} is not of type (byte[], short, byte)")
    chain = resolver.classes.supers(f"@{owner.ref}")
    if chain is not None and _APPLET not in chain:
        yield Rule.APPLET_CLASS.broken(f"{what} is in a class that does not extend javacard.framework.Applet")


def check_exports(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """Classes at the place of their token, with their statics."""
    classes = resolver.classes.descriptors
    for n, c in enumerate(cap.exports or ()):
        if c.offset not in classes:
            yield Rule.EXPORT_CLASS.broken(f"Export: there is no class at {c.offset}")
            continue
        if classes[c.offset].token != n:
            yield Rule.EXPORT_TOKEN.broken(f"Export: class {n} has the token {classes[c.offset].token}")
        yield from _exported_statics(n, c, classes[c.offset])


def _exported_statics(n: int, c: ExportedClassInfo, d: ClassDescriptor) -> Iterator[Finding]:
    fields = {f.token: f.image_offset for f in d.fields if f.is_static}
    methods = {m.token: m.offset for m in d.methods if m.is_static or m.is_constructor}
    for token, offset in enumerate(c.fields):
        if fields.get(token) != offset:
            yield Rule.EXPORT_FIELD.broken(f"Export: class {n}: {offset} is not the place of static field {token}")
    for token, offset in enumerate(c.methods):
        if methods.get(token) != offset:
            yield Rule.EXPORT_METHOD.broken(f"Export: class {n}: {offset} is not the place of static method {token}")
