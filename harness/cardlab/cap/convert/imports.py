"""The order of imported packages: as the classes name them, class by class."""

from __future__ import annotations

from cardlab.cap.convert.classes import OBJECT, JClass, JMethod
from cardlab.cap.convert.code import Body
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.pool import ImportedPackages, PoolEntry
from cardlab.cap.exportfile import ExportedClass
from cardlab.classfile.descriptors import split_descriptor


class _Walk:
    def __init__(self, package: JPackage, imports: ImportedPackages) -> None:
        self.package = package
        self.imports = imports

    def name(self, name: str) -> None:
        if isinstance(self.package.resolve(name), ExportedClass):
            self.imports.token(name)

    def descriptor(self, descriptor: str) -> None:
        types = [descriptor]
        if descriptor.startswith("("):
            parameters, result = split_descriptor(descriptor)
            types = [*parameters, result]
        for t in types:
            element = t.lstrip("[")
            if element.startswith("L"):
                self.name(element[1:-1])

    def entry(self, e: PoolEntry) -> None:
        self.name(e.owner.name)
        if e.member is not None:
            self.descriptor(e.descriptor)

    def header(self, c: JClass) -> None:
        self.name(OBJECT if c.is_interface else c.file.superclass or OBJECT)
        for i in c.interfaces:
            self.name(i.name)
        for f in c.fields:
            if not f.inlined:
                self.descriptor(f.descriptor)

    def supers(self, c: JClass) -> None:
        for s in self.package.supers(c):
            self.name(s.name)

    def method(self, m: JMethod, body: Body | None) -> None:
        self.descriptor(m.descriptor)
        if body is None:
            return
        for h in body.handlers:
            if h.catch_type is not None:
                self.entry(h.catch_type)
        for i in body.instructions:
            if i.entry is not None:
                self.entry(i.entry)


def import_all(package: JPackage, bodies: dict[JMethod, Body], imports: ImportedPackages) -> None:
    """Give every package that is needed its token: superclasses, interfaces, fields, then methods with their code."""
    walk = _Walk(package, imports)
    for c in package.classes:
        walk.header(c)
        for m in c.methods:
            walk.method(m, bodies.get(m))
        walk.supers(c)
