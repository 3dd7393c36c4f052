"""Fields and methods of a CAP file and of the token tables of its imports, by their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cardlab.cap.constants import NO_TOKEN, PACKAGE_VISIBLE, FieldAccess, MethodAccess, PoolTag
from cardlab.cap.exportfile import ExportedClass, ExportedField, ExportedMethod
from cardlab.cap.model import ClassDescriptor, ClassRef, Descriptor, MethodDescriptor, PoolItem
from cardlab.cap.model.refs import OBJECT_HAS_NONE
from cardlab.cap.verifier.classtable import ClassTable
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import Signature, signature_of
from cardlab.cap.verifier.typetable import TypeTable
from cardlab.classfile.classfile import AccessFlag


def _dotted(c: ExportedClass) -> str:
    return c.name.replace("/", ".")


class MemberTable:
    """Look-ups, all raising RuleError for references that lead nowhere."""

    def __init__(self, descriptor: Descriptor, classes: ClassTable, types: TypeTable) -> None:
        self._classes = classes
        self._types = types
        self.methods: Mapping[int, tuple[ClassDescriptor, MethodDescriptor]] = {
            m.offset: (c, m) for c in descriptor.classes if not c.is_interface for m in c.methods
        }
        """Class and method by offset in the Method component; interfaces have none there."""
        self._fields: Mapping[tuple[bool, bytes], tuple[ClassRef, FieldAccess]] = {
            (f.is_static, f.ref): (c.ref, f.flags) for c in descriptor.classes for f in c.fields
        }

    def own_field(self, item: PoolItem) -> tuple[ClassRef, FieldAccess]:
        """The class that has a field of the package, and the field's flags: none of one that is not there."""
        return self._fields.get((item.tag.is_static, item.data), (ClassRef(0), FieldAccess(0)))

    def own_member(self, item: PoolItem) -> tuple[ClassRef, int]:
        """The same of a field, or of a method that is not virtual."""
        if item.tag is not PoolTag.STATIC_METHOD:
            return self.own_field(item)
        owner, method = self.methods[item.offset]
        return owner.ref, method.flags

    def is_protected(self, item: PoolItem) -> bool:
        """Whether an imported member is known to be protected."""
        if item.tag is PoolTag.STATIC_METHOD:
            found: ExportedMethod | ExportedField | None = self.static_method(item.class_ref, item.token)
        elif item.tag is PoolTag.VIRTUAL_METHOD:
            owner = self._classes.exported(item.class_ref)
            methods = owner.methods if owner else ()
            found = next((m for m in methods if m.token == item.token and m.is_virtual), None)
        else:
            found = self.imported_field(item.class_ref, item.token, static=item.tag.is_static)
        return found is not None and bool(found.access & AccessFlag.PROTECTED)

    def interface_method(self, ref: ClassRef, token: int) -> Signature | None:
        """The signature of an interface method; None without a token table."""
        if not ref.is_external:
            methods = self._classes.descriptors[ref].methods if ref in self._classes.descriptors else ()
            own = next((m for m in methods if m.token == token), None)
            if own is None or not self._classes.info(ref).is_interface:
                raise Rule.INTERFACE_CALL.error(f"class at {ref} is no interface with a method of token {token}")
            return self._types.signature(own.type)
        found = self._classes.exported(ref)
        if found is None:
            return None
        method = next((m for m in found.methods if m.token == token), None)
        if method is None or not found.is_interface:
            raise Rule.INTERFACE_IMPORTED.error(f"{_dotted(found)} is no interface with a method of token {token}")
        return signature_of(method.descriptor)

    def _above(self, ref: ClassRef) -> ClassRef:
        """The superclass, java.lang.Object's of an interface."""
        info = self._classes.info(ref)
        return OBJECT_HAS_NONE if info.is_interface else info.supers[0]

    def _own_chain(self, ref: ClassRef) -> Iterator[ClassRef]:
        """A class and its superclasses, as far as they are of the package; each once, should they form a circle."""
        seen: set[ClassRef] = set()
        while not ref.is_external and ref not in seen:
            seen.add(ref)
            yield ref
            ref = self._above(ref)

    def own_virtuals(self, ref: ClassRef, token: int) -> Iterator[MethodDescriptor]:
        """The package's virtual methods of that token, from a class upwards."""
        for own in self._own_chain(ref):
            yield from (m for m in self._classes.descriptors[own].methods if m.token == token and m.is_virtual)

    def overrides_final(self, ref: ClassRef, token: int) -> bool:
        """Whether a class of the package has a method that a superclass declares final."""
        own = [m for m in self._classes.descriptors[ref].methods if m.token == token and m.is_virtual]
        above = self._above(ref)
        return bool(own) and any(MethodAccess.FINAL in m.flags for m in self.own_virtuals(above, token))

    def is_public(self, ref: ClassRef, token: int) -> bool:
        """Whether the method of a virtual method token is public; those of other packages are taken to be."""
        nearest = next(self.own_virtuals(ref, token), None)
        return nearest is None or MethodAccess.PUBLIC in nearest.flags

    def virtual_signatures(self, ref: ClassRef, token: int) -> Iterator[Signature]:
        """The types of all methods of a virtual method token, in a class and its superclasses."""
        for m in self.own_virtuals(ref, token):
            yield self._types.signature(m.type)
        *_, ref = (self._above(own) for own in self._own_chain(ref)) if not ref.is_external else (ref,)
        elsewhere = ref != OBJECT_HAS_NONE and not token & PACKAGE_VISIBLE
        found = self._classes.exported(ref) if elsewhere else None
        for method in found.methods if found else ():
            if method.token == token and method.is_virtual:
                yield signature_of(method.descriptor)

    def interface_signatures(self, ref: ClassRef) -> list[Signature] | None:
        """The types of an interface's methods by token, inherited ones included; None without a token table."""
        if not ref.is_external:
            methods = self._classes.descriptors[ref].methods
            return [self._types.signature(m.type) for m in sorted(methods, key=lambda m: m.token)]
        found = self._classes.exported(ref)
        if found is None:
            return None
        return [signature_of(m.descriptor) for m in sorted(found.methods, key=lambda m: m.token)]

    def imported_field(self, ref: ClassRef, token: int, *, static: bool) -> ExportedField | None:
        """An imported field; None without a token table."""
        found = self._classes.exported(ref)
        if found is None:
            return None
        field = next((f for f in found.fields if f.token == token != NO_TOKEN and f.is_static == static), None)
        if field is None:
            rule = Rule.IMPORTED_STATIC_FIELD if static else Rule.IMPORTED_FIELD
            raise rule.error(f"{_dotted(found)} has no {'static ' if static else ''}field of token {token}")
        return field

    def static_method(self, ref: ClassRef, token: int) -> ExportedMethod | None:
        """An imported static method or constructor; None without a token table."""
        found = self._classes.exported(ref)
        if found is None:
            return None
        method = next((m for m in found.methods if m.token == token and not m.is_virtual), None)
        if method is None:
            raise Rule.IMPORTED_STATIC_METHOD.error(f"{_dotted(found)} has no static of token {token}")
        return method

    def virtual_count(self, ref: ClassRef, package_visible: bool) -> int | None:
        """The number of virtual method tokens of a class; None when unknown."""
        if not ref.is_external:
            info = self._classes.info(ref)
            if package_visible:
                return info.package_base + len(info.package)
            return info.public_base + len(info.public)
        if package_visible or ref == OBJECT_HAS_NONE:
            return 0
        found = self._classes.exported(ref)
        if found is None:
            return None
        return max((m.token for m in found.methods if m.is_virtual), default=-1) + 1
