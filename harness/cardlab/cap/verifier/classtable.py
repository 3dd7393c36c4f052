"""The classes of a CAP file and of the token tables of its imports."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cardlab.cap.constants import NO_TOKEN, ClassAccess, ExportClassFlag
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.model import ClassDescriptor, ClassInfo, ClassRef, Descriptor
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.rules import Rule
from cardlab.cap.verifier.types import OBJECT, REMOTE, SHAREABLE, THROWABLE


class ClassTable:
    """Look-ups by reference and by name, raising RuleError for references that lead nowhere."""

    def __init__(self, cap: CapFile, descriptor: Descriptor, exports: Exports) -> None:
        self._exports = exports
        self._packages: list[ExportFile | None] = [exports.by_aid(p.aid) for p in cap.imports]
        self.infos: Mapping[int, ClassInfo] = {c.offset: c for c in cap.classes.items}
        self.descriptors: Mapping[int, ClassDescriptor] = {c.ref: c for c in descriptor.classes}
        self.own = exports.by_aid(cap.header.package.aid)
        """The token table of the package itself, whatever its version; None without one."""
        self._language = exports.package("java/lang")
        self.object = self._language_class(OBJECT)
        """java.lang.Object by the name used in types: imported, or a class of the file when it is java.lang itself."""
        self.throwable = self._language_class(THROWABLE)

    def _language_class(self, name: str) -> str:
        token = found.token if self.own and (found := self.own.by_name(name)) else NO_TOKEN
        own = next((c.ref for c in self.descriptors.values() if c.token == token != NO_TOKEN), None)
        return name if own is None else f"@{own}"

    def lacks_language(self, imported: Collection[bytes]) -> bool:
        """Whether java.lang, if its token table is known, is neither imported nor the package itself."""
        lang = self._language
        return lang is not None and lang is not self.own and lang.aid not in imported

    def info(self, offset: int) -> ClassInfo:
        """The class at an offset of the Class component."""
        if offset not in self.infos:
            raise Rule.CLASS_REF.error(f"there is no class at {offset}")
        return self.infos[offset]

    def _table(self, package: int) -> ExportFile | None:
        if package >= len(self._packages):
            raise Rule.IMPORT_TOKEN.error(f"package token {package} is not imported")
        return self._packages[package]

    def exported(self, ref: ClassRef) -> ExportedClass | None:
        """The imported class of an external class_ref, None without a token table."""
        table = self._table(ref.package)
        if table is None:
            return None
        found = table.by_token(ref.token)
        if found is None:
            raise Rule.EXPORTED_CLASS.error(f"{table.name.replace('/', '.')} exports no class of token {ref.token}")
        return found

    def name(self, ref: ClassRef) -> str:
        """The name of a class_ref, as used in types."""
        if not ref.is_external:
            self.info(ref)
            return f"@{ref}"
        found = self.exported(ref)
        return found.name if found else f"?{ref.package}.{ref.token}"

    def is_interface(self, name: str) -> bool | None:
        """Whether a class name is an interface; None when unknown."""
        if name.startswith("@"):
            return self.info(int(name[1:])).is_interface
        found = self._exports.find(name)
        return found.is_interface if found else None

    def is_final(self, name: str) -> bool:
        """Whether a class is known to be final."""
        if name.startswith("@"):
            own = self.descriptors.get(int(name[1:]))
            return own is not None and ClassAccess.FINAL in own.flags
        found = self._exports.find(name)
        return found is not None and ExportClassFlag.FINAL in found.access

    def is_abstract(self, name: str) -> bool:
        """Whether a class is known to be abstract."""
        if name.startswith("@"):
            return ClassAccess.ABSTRACT in self.descriptors[int(name[1:])].flags
        found = self._exports.find(name)
        return found is not None and ExportClassFlag.ABSTRACT in found.access

    def defines(self, name: str, flag: ExportClassFlag) -> bool:
        """Whether a class of the file is, in its package's own token table, one that has the flag of itself.

        So are javacard.framework.Shareable and java.rmi.Remote, in their packages.
        """
        own = self.descriptors.get(int(name[1:]))
        found = self.own.by_token(own.token) if self.own and own else None
        return found is not None and found.name in (SHAREABLE, REMOTE) and flag in found.access

    def superinterfaces(self, name: str) -> set[str]:
        """All superinterfaces of an interface, as far as they are known."""
        if name.startswith("@"):
            return {self.name(ref) for ref in self.info(int(name[1:])).supers}
        found = self._exports.find(name)
        return set(found.interfaces) if found else set()

    def implements(self, name: str, interface: str) -> bool | None:
        """Whether a class implements an imported interface, itself or through a superclass; None when unknown."""
        chain = self.supers(name)
        if chain is None:
            return None
        own = (i.ref for c in chain if c.startswith("@") for i in self.info(int(c[1:])).interfaces)
        imported = (self._exports.find(c) for c in chain if not c.startswith("@"))
        return interface in map(self.name, own) or any(c is not None and interface in c.interfaces for c in imported)

    def supers(self, name: str) -> list[str] | None:
        """The class and its superclasses, nearest first, ending in Object; None when they are not all known."""
        out = [name]
        while out[-1].startswith("@") and out[-1] != self.object:
            info = self.info(int(out[-1][1:]))
            if info.is_interface:
                return [*out, self.object]
            parent = self.name(info.supers[0])
            if parent in out:
                raise Rule.CLASS_CIRCLE.error(f"class at {name[1:]} is its own superclass")
            out.append(parent)
        return out if out[-1] == self.object else self._exported_supers(out)

    def _exported_supers(self, chain: list[str]) -> list[str] | None:
        found = self._exports.find(chain[-1])
        if found is None:
            return None
        # The supers of an export file are all superclasses, in no promised order: the nearest has the most itself.
        parents = [(len(c.supers) if (c := self._exports.find(s)) else 0, s) for s in found.supers if s != OBJECT]
        return chain + [s for _, s in sorted(parents, reverse=True)] + [OBJECT]
