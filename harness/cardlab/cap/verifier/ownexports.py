"""A package against its own export file, where that of its version is among those given (JCVM 3.0.5, chapter 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntFlag

from cardlab.cap.constants import NO_TOKEN, ClassAccess, ClassFlag, FieldAccess, MethodAccess
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.model import ClassDescriptor, FieldDescriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.resolver import Resolver
from cardlab.cap.verifier.rules import Finding, Rule
from cardlab.cap.verifier.types import OBJECT, OF_CODE, Signature, Type, signature_of, type_of

_HIDDEN = "?"
"""Stands for the name of a class of the package that it does not export."""
_Member = tuple[frozenset[str], Type | Signature]
"""Flags and type."""
_Key = tuple[bool, int]
"""Which of the two numberings a token is from, and the token."""


def _words(flags: IntFlag) -> frozenset[str]:
    return frozenset(one.name for one in type(flags) if one in flags and one.name)


class _Own:
    """One class in the CAP file and in the export file, both in the words of the latter."""

    def __init__(self, resolver: Resolver, names: Mapping[str, str], package: str) -> None:
        self._resolver = resolver
        self._names = names
        self._package = package

    def _named(self, name: str) -> str:
        return self._names.get(name, _HIDDEN) if name.startswith("@") else name

    def _type(self, t: Type) -> Type:
        kind, at, name = t.partition("L")
        if not at:
            return t
        own = name.rpartition("/")[0] == self._package and name not in self._names.values()
        return f"{kind}L{_HIDDEN if own else self._named(name)}"

    def _signature(self, s: Signature) -> Signature:
        return Signature(tuple(self._type(p) for p in s.parameters), self._type(s.result))

    def above(self, c: ClassDescriptor) -> set[str]:
        """Exported superclasses and superinterfaces."""
        classes, info = self._resolver.classes, self._resolver.classes.info(c.ref)
        chain = [OBJECT] if info.is_interface else classes.supers(f"@{c.ref}") or []
        found = [
            *chain[0 if info.is_interface else 1 :],
            *(classes.name(ref) for ref in info.supers if info.is_interface),
        ]
        found += [
            classes.name(i.ref)
            for name in chain
            if name.startswith("@")
            for i in classes.info(int(name[1:])).interfaces
        ]
        return {self._named(name) for name in found} - {_HIDDEN}

    def flags(self, c: ClassDescriptor) -> frozenset[str]:
        """Those of class and Descriptor."""
        own = self._resolver.classes.info(c.ref).flags & (ClassFlag.SHAREABLE | ClassFlag.REMOTE)
        return _words(c.flags) | _words(ClassFlag(own))

    def fields(self, c: ClassDescriptor) -> dict[_Key, _Member]:
        """The visible fields of the CAP file."""
        visible = FieldAccess.PUBLIC | FieldAccess.PROTECTED
        return {(f.is_static, f.token): (_words(f.flags), self._field(f)) for f in c.fields if f.flags & visible}

    def _field(self, f: FieldDescriptor) -> Type:
        return self._type(self._resolver.types.field(f.type)) if f.is_reference else OF_CODE[f.primitive]

    def methods(self, c: ClassDescriptor) -> dict[_Key, _Member]:
        """The visible methods that the class of the CAP file has of its own."""
        visible, types = MethodAccess.PUBLIC | MethodAccess.PROTECTED, self._resolver.types
        return {
            (m.is_virtual, m.token): (_words(m.flags), self._signature(types.signature(m.type)))
            for m in c.methods
            if m.flags & visible
        }

    def exported_fields(self, c: ExportedClass) -> dict[_Key, _Member]:
        """The fields of the export file; constants are in no CAP file."""
        return {
            (f.is_static, f.token): (
                _words(f.access) & FieldAccess.__members__.keys(),
                self._type(type_of(f.descriptor)),
            )
            for f in c.fields
            if f.token != NO_TOKEN
        }

    def exported_methods(self, c: ExportedClass) -> dict[_Key, _Member]:
        """The methods of the export file, inherited ones as well."""
        found: dict[_Key, _Member] = {}
        for m in c.methods:
            flags = _words(m.access) & MethodAccess.__members__.keys()
            made = flags | {"INIT"} if m.name == "<init>" else flags
            found[m.is_virtual, m.token] = frozenset(made), self._signature(signature_of(m.descriptor))
        return found


def _differences(have: Mapping[_Key, _Member], want: Mapping[_Key, _Member], inherited: bool) -> list[int]:
    """The tokens at which members differ; `inherited` ones need not be the class's own."""
    keys = have.keys() | {key for key in want if not (inherited and key[0])}
    return sorted(token for which, token in keys if have.get((which, token)) != want.get((which, token)))


def _class(what: str, own: _Own, c: ClassDescriptor, exported: ExportedClass) -> Iterator[Finding]:
    flags = _words(exported.access) & (ClassAccess.__members__.keys() | {"SHAREABLE", "REMOTE"})
    if own.flags(c) != flags:
        yield Rule.OWN_CLASS_FLAGS.broken(f"{what} has other flags than in the package's export file")
    if own.above(c) != {*exported.supers, *exported.interfaces}:
        yield Rule.OWN_SUPERTYPES.broken(f"{what} has other supertypes than in the package's export file")
    for token in _differences(own.fields(c), own.exported_fields(exported), inherited=False):
        yield Rule.OWN_FIELDS.broken(f"{what}: the field of token {token} is not that of the package's export file")
    for token in _differences(own.methods(c), own.exported_methods(exported), inherited=not c.is_interface):
        yield Rule.OWN_METHODS.broken(f"{what}: the method of token {token} is not that of the package's export file")


def check_own_exports(cap: CapFile, resolver: Resolver) -> Iterator[Finding]:
    """All findings; none without an export file of the package."""
    table = resolver.classes.own
    if table is None or table.version != cap.header.package.version:
        return
    offsets = [c.offset for c in cap.exports or ()]
    if len(offsets) != len(table.classes):
        words = f"Export: {len(offsets)} classes, the package's export file has {len(table.classes)}"
        yield Rule.OWN_CLASSES.broken(words)
        return
    yield from _classes(table, offsets, resolver)


def _classes(table: ExportFile, offsets: list[int], resolver: Resolver) -> Iterator[Finding]:
    classes = sorted(table.classes, key=lambda c: c.token)
    own = _Own(resolver, {f"@{at}": c.name for at, c in zip(offsets, classes, strict=True)}, table.name)
    for offset, c in zip(offsets, classes, strict=True):
        name = c.name.replace("/", ".")
        yield from _class(f"class at {offset}, {name},", own, resolver.classes.descriptors[offset], c)
