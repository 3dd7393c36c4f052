"""Finding the fields and methods that bytecode names, in the package and in imported packages."""

from __future__ import annotations

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert.classes import OBJECT, AnyClass, JClass, JField, JMethod
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.pool import PoolEntry
from cardlab.cap.exportfile import ExportedClass, ExportedField, ExportedMethod
from cardlab.cap.wanted import who_has_named
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.pool import MemberRef


class NotFoundError(Exception):
    """A reference that cannot be resolved; the text says why."""


class Members:
    """Resolution of references within one package and what it imports."""

    def __init__(self, package: JPackage) -> None:
        self.package = package
        self._methods: dict[MemberRef, tuple[AnyClass, JMethod | ExportedMethod]] = {}

    def need(self, name: str) -> AnyClass:
        """The class of that name, arrays standing for java.lang.Object."""
        if name.startswith("["):
            name = OBJECT
        found = self.package.resolve(name)
        if found is None:
            raise NotFoundError(self.package.missing(name))
        return found

    def class_entry(self, name: str) -> PoolEntry:
        """A class reference."""
        return PoolEntry(PoolTag.CLASS, self.need(name))

    def field(self, user: JClass, ref: MemberRef, static: bool) -> PoolEntry:
        """A field reference; an inherited field named through the class itself counts as named where declared."""
        tag = PoolTag.STATIC_FIELD if static else PoolTag.INSTANCE_FIELD
        for c in self._field_owners(self.need(ref.owner)):
            found = _field(c, ref)
            if found is None:
                continue
            if bool(found.access & AccessFlag.STATIC) != static:
                raise NotFoundError(f"field {_dotted(ref)} is {'not ' if static else ''}static")
            if isinstance(found, ExportedField) and found.is_inlined:
                raise NotFoundError(
                    f"field {_dotted(ref)} is a constant without a place on the card; recompile the class"
                )
            own = isinstance(found, JField) and ref.owner == user.name
            return PoolEntry(tag, c, found, c.name if own else ref.owner)
        raise NotFoundError(f"field {_dotted(ref)} does not exist or is not exported{_who_has(ref)}")

    def _field_owners(self, start: AnyClass) -> list[AnyClass]:
        out: list[AnyClass] = []
        for c in self.package.supers(start):
            interfaces: list[AnyClass]
            if isinstance(c, JClass):
                interfaces = list(c.interfaces)
            else:
                interfaces = [i for i in (self.package.resolve(n) for n in c.interfaces) if i is not None]
            out += [c, *interfaces]
        return out

    def method(self, ref: MemberRef) -> tuple[AnyClass, JMethod | ExportedMethod]:
        """The nearest declaration of a method, from the class named upwards."""
        if ref not in self._methods:
            self._methods[ref] = self._nearest(ref)
        return self._methods[ref]

    def _nearest(self, ref: MemberRef) -> tuple[AnyClass, JMethod | ExportedMethod]:
        start = self.need(ref.owner)
        for c in self.package.supers(start):
            found = _method(c, ref)
            if found is not None:
                return c, found
        if isinstance(start, JClass):
            for i in start.interfaces:
                found = _method(i, ref)
                if found is not None:
                    return i, found
        raise NotFoundError(f"method {_dotted(ref)}{ref.descriptor} does not exist or is not exported{_who_has(ref)}")

    def virtual(self, ref: MemberRef) -> PoolEntry:
        """The entry for invokevirtual."""
        owner, found = self.method(ref)
        if isinstance(found, JMethod) and found.access & AccessFlag.PRIVATE:
            return PoolEntry(PoolTag.STATIC_METHOD, owner, found, ref.owner)
        if found.access & AccessFlag.STATIC:
            raise NotFoundError(f"method {_dotted(ref)} is static")
        return PoolEntry(PoolTag.VIRTUAL_METHOD, owner, found, ref.owner)

    def static(self, ref: MemberRef) -> PoolEntry:
        """The entry for invokestatic."""
        owner, found = self.method(ref)
        if not found.access & AccessFlag.STATIC:
            raise NotFoundError(f"method {_dotted(ref)} is not static")
        # Of another package it is one entry, through whatever subclass it is named; of this one an entry for each.
        return PoolEntry(PoolTag.STATIC_METHOD, owner, found, ref.owner if isinstance(owner, JClass) else owner.name)

    def special(self, user: JClass, ref: MemberRef) -> PoolEntry:
        """The entry for invokespecial: a constructor, a private method, or a method of a superclass."""
        owner, found = self.method(ref)
        if ref.name == "<init>":
            if owner.name != ref.owner:
                raise NotFoundError(
                    f"constructor {_dotted(ref)}{ref.descriptor} does not exist or is not exported{_who_has(ref)}"
                )
            return PoolEntry(PoolTag.STATIC_METHOD, owner, found, ref.owner)
        if found.access & (AccessFlag.STATIC | AccessFlag.ABSTRACT):
            raise NotFoundError(f"method {_dotted(ref)} is static or abstract")
        if found.access & AccessFlag.PRIVATE:
            return PoolEntry(PoolTag.STATIC_METHOD, owner, found, ref.owner)
        return PoolEntry(PoolTag.SUPER_METHOD, user, found, ref.owner)

    def interface(self, ref: MemberRef) -> tuple[PoolEntry, int]:
        """The class entry and the interface method token for invokeinterface."""
        owner = self.need(ref.owner)
        is_interface = owner.is_interface
        if not is_interface:
            raise NotFoundError(f"{ref.owner.replace('/', '.')} is not an interface")
        slots = self.package.interface_slots(owner)
        if (ref.name, ref.descriptor) not in slots:
            raise NotFoundError(
                f"method {_dotted(ref)}{ref.descriptor} does not exist or is not exported{_who_has(ref)}"
            )
        return PoolEntry(PoolTag.CLASS, owner), slots.index((ref.name, ref.descriptor))


def _who_has(ref: MemberRef) -> str:
    """``; Java Card 3.1 has it``, where a later version does."""
    return who_has_named(ref.owner, ref.name, ref.descriptor)


def _dotted(ref: MemberRef) -> str:
    return f"{ref.owner.replace('/', '.')}.{ref.name}"


def _field(c: AnyClass, ref: MemberRef) -> JField | ExportedField | None:
    if isinstance(c, ExportedClass):
        return c.field(ref.name, ref.descriptor)
    return next((f for f in c.fields if (f.name, f.descriptor) == (ref.name, ref.descriptor)), None)


def _method(c: AnyClass, ref: MemberRef) -> JMethod | ExportedMethod | None:
    if isinstance(c, ExportedClass):
        return c.method(ref.name, ref.descriptor)
    return c.method((ref.name, ref.descriptor))
