"""The export file of the package that was converted (JCVM 3.0.4, chapter 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cardlab.cap.constants import ExportClassFlag
from cardlab.cap.convert.classes import OBJECT, VISIBLE, AnyClass, JClass, JField, is_shareable
from cardlab.cap.convert.components import exported_statics
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.exportfile import ExportedClass, ExportedField, ExportedMethod, ExportFile, Reference
from cardlab.classfile.classfile import AccessFlag

_CLASS_FLAGS = AccessFlag.PUBLIC | AccessFlag.FINAL | AccessFlag.INTERFACE | AccessFlag.ABSTRACT
_MEMBER_FLAGS = AccessFlag.PUBLIC | AccessFlag.PROTECTED | AccessFlag.STATIC | AccessFlag.FINAL
_METHOD_FLAGS = _MEMBER_FLAGS | AccessFlag.ABSTRACT


def _field(f: JField) -> ExportedField:
    return ExportedField(f.token, f.access & _MEMBER_FLAGS, f.name, f.descriptor, f.value if f.inlined else None)


def _virtuals(c: JClass, package: JPackage) -> list[ExportedMethod]:
    out = []
    for token, (name, descriptor) in enumerate(c.public_table):
        for s in package.supers(c):
            found = s.method((name, descriptor)) if isinstance(s, JClass) else s.method(name, descriptor)
            if found is not None:
                out.append(ExportedMethod(token, found.access & _METHOD_FLAGS, name, descriptor))
                break
    return out


def _all_interfaces(c: JClass, package: JPackage) -> list[AnyClass]:
    """The inherited ones before the class's own (5.7)."""
    found: list[AnyClass] = []
    for s in reversed(list(package.supers(c))):
        interfaces = s.interfaces if isinstance(s, JClass) else [package.need(name) for name in s.interfaces]
        found += [i for i in interfaces if i not in found]
    return found


def _public(c: AnyClass) -> bool:
    return not isinstance(c, JClass) or c.is_public


def _class(c: JClass, package: JPackage) -> ExportedClass:
    supers: list[AnyClass] = [s for s in package.supers(c) if s is not c]
    supers.reverse()  # from java.lang.Object down
    flags = ExportClassFlag(c.access & _CLASS_FLAGS)
    if is_shareable(c):
        flags |= ExportClassFlag.SHAREABLE
    visible = sorted(
        (f for f in c.fields if f.access & VISIBLE), key=lambda f: f.is_static + (f.is_static and not f.inlined)
    )
    fields = tuple(_field(f) for f in visible)
    methods = [ExportedMethod(m.token, m.access & _METHOD_FLAGS, m.name, m.descriptor) for m in exported_statics(c)]
    if c.is_interface:
        methods = [ExportedMethod(m.token, m.access & _METHOD_FLAGS, m.name, m.descriptor) for m in c.methods]
    else:
        methods += _virtuals(c, package)
    names = tuple(s.name for s in supers if _public(s)) or (OBJECT,)
    interfaces = tuple(i.name for i in _all_interfaces(c, package) if _public(i))
    return ExportedClass(
        c.token, flags, c.name, names, interfaces, fields, tuple(methods), 0 if c.is_interface else len(c.public_table)
    )


def _names(c: ExportedClass) -> Iterator[str]:
    """The classes that an export file names: above this one, and in the types of its members."""
    yield from (*c.supers, *c.interfaces)
    for descriptor in (*(f.descriptor for f in c.fields), *(m.descriptor for m in c.methods)):
        yield from re.findall(r"L([^;]+);", descriptor)


def export_file(
    package: JPackage,
    classes: Sequence[JClass],
    aid: bytes,
    version: tuple[int, int],
    applets: bool,
    imports: Sequence[ExportFile],
) -> ExportFile:
    """What other packages need to know to be converted against this one."""
    exported = tuple(_class(c, package) for c in classes)
    return ExportFile(package.name, aid, version, not applets, exported, tuple(_references(exported, imports)))


def _references(classes: Sequence[ExportedClass], imports: Sequence[ExportFile]) -> Iterator[Reference]:
    """The imported packages whose classes are named, in the order in which that is first done."""
    known = {one.name: one for one in imports}
    for package in dict.fromkeys(name.rpartition("/")[0] for one in classes for name in _names(one)):
        if package in known:
            yield Reference(package, known[package].aid, known[package].version)
