"""The package being converted: its classes linked to one another, and every token (JCVM 3.0.4, section 4.3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cardlab.cap.constants import PACKAGE_VISIBLE
from cardlab.cap.convert.classes import (
    VISIBLE,
    AnyClass,
    JClass,
    JField,
    JMethod,
    Slot,
    card_order,
    exported_virtuals,
    is_shareable,
)
from cardlab.cap.convert.problems import Problems
from cardlab.cap.exportfile import ExportedClass
from cardlab.cap.exports import Exports
from cardlab.cap.wanted import who_has_class
from cardlab.classfile.classfile import AccessFlag, ClassFile
from cardlab.classfile.errors import ClassFileError


class JPackage:
    """All classes of one package with their tokens; `resolve` finds classes here and in the imported packages."""

    def __init__(
        self, name: str, files: Sequence[ClassFile], exports: Exports, problems: Problems, ints: bool = False
    ) -> None:
        self.name = name
        self.ints = ints
        """Whether int may be used."""
        self.exports = exports
        self.problems = problems
        self.classes = card_order(files)
        self._by_name = {c.name: c for c in self.classes}
        self._link()
        problems.stop()

    def resolve(self, name: str) -> AnyClass | None:
        """The class of that name (slashes)."""
        return self._by_name.get(name) or self.exports.find(name)

    def need(self, name: str) -> AnyClass:
        """The class of that name (slashes), which earlier checks have found already."""
        found = self.resolve(name)
        if found is None:
            raise ClassFileError(self.missing(name))
        return found

    def _need(self, user: JClass, name: str) -> AnyClass | None:
        found = self.resolve(name)
        if found is None:
            self.problems.error(user.name, "", 0, self.missing(name))
        return found

    def missing(self, name: str) -> str:
        """Why a class cannot be found, and what to do."""
        package = name.rpartition("/")[0]
        dotted = name.replace("/", ".")
        if package == self.name:
            return f"class {dotted} is not among the class files given"
        if self.exports.package(package) is None:
            known = who_has_class(name)
            return f"package {package.replace('/', '.')} has no export file{known or '; give one with --exports'}"
        return f"class {dotted} is not exported by its package, version {self._version(package)}{who_has_class(name)}"

    def _version(self, package: str) -> str:
        found = self.exports.package(package)
        return ".".join(str(n) for n in found.version) if found else "?"

    def _link(self) -> None:
        for c in self.classes:
            if c.file.superclass is not None and not c.is_interface:
                c.superclass = self._need(c, c.file.superclass)
            c.interfaces = self._all_interfaces(c)
            if self._is_above_itself(c):
                self.problems.error(c.name, "", 0, "the class is its own superclass or superinterface")
        self.problems.stop()
        for c in self.classes:
            self._members(c)
        for c in self.classes:
            if c.is_interface:
                self._interface_tokens(c)
            else:
                self._virtual_tokens(c)

    def _is_above_itself(self, c: JClass) -> bool:
        seen: set[str] = set()
        ways = [c.file]
        while ways:
            for name in (ways[-1].superclass, *ways.pop().interfaces):
                above = self._by_name.get(name or "")
                if above is c:
                    return True
                if above is not None and above.name not in seen:
                    seen.add(above.name)
                    ways.append(above.file)
        return False

    def number_classes(self, applets: bool) -> None:
        """Class tokens: of public classes, where applets are shareable interfaces before the rest."""
        public = [c for c in self.classes if c.is_public]
        if applets:
            public.sort(key=lambda c: not (c.is_interface and is_shareable(c)))
        for token, c in enumerate(public):
            c.token = token

    def _all_interfaces(self, c: JClass) -> list[AnyClass]:
        out: list[AnyClass] = []
        for name in c.file.interfaces:
            found = self._need(c, name)
            if found is None:
                continue
            inherited = found.interfaces if isinstance(found, JClass) else [self._need(c, n) for n in found.interfaces]
            for i in (*inherited, found):
                if i is not None and i not in out:
                    out.append(i)
        return out

    def _members(self, c: JClass) -> None:
        visible = [f for f in c.file.fields if f.access & VISIBLE]
        hidden = [f for f in c.file.fields if not f.access & VISIBLE]
        c.fields = [JField(c, f.access, f.name, f.descriptor, f.constant) for f in (*visible, *hidden)]
        instance = [f for f in c.fields if not f.is_static]
        # Table 4-3: visible primitives, visible references, hidden references, hidden primitives.
        rank = {(True, False): 0, (True, True): 1, (False, True): 2, (False, False): 3}
        instance.sort(key=lambda f: rank[bool(f.access & VISIBLE), f.is_reference])
        token = 0
        for f in instance:
            f.token = token
            token += f.words
        c.fields = instance + [f for f in c.fields if f.is_static]
        visible_statics = [f for f in c.fields if f.is_static and f.access & VISIBLE and not f.inlined]
        for n, f in enumerate(visible_statics):
            f.token = n
        total = sum(s.field_count for s in self.supers(c) if isinstance(s, JClass))
        if total > 255:
            self.problems.error(c.name, "", 0, f"{total} instance fields with the inherited ones; a class can have 255")
        # Final methods first, abstract ones last: virtual tokens follow this order.
        methods = [m for m in c.file.methods if m.name != "<clinit>"]
        methods.sort(key=lambda m: 0 if m.access & AccessFlag.FINAL else 2 if m.access & AccessFlag.ABSTRACT else 1)
        c.methods = [JMethod(c, m.access, m.name, m.descriptor, m.code) for m in methods]
        static = [m for m in c.methods if m.access & VISIBLE and not m.is_virtual]
        for n, method in enumerate(static):
            method.token = n
        for what, count in (("methods and constructors", len(static)), ("fields", len(visible_statics))):
            if count > 255:
                self.problems.error(c.name, "", 0, f"{count} visible static {what}; a class can have 255")

    def _interface_tokens(self, c: JClass) -> None:
        slots: list[Slot] = []
        for i in c.interfaces:
            for key in self.interface_slots(i):
                if key not in slots:
                    slots.append(key)
        for m in c.methods:
            if m.key not in slots:
                slots.append(m.key)
        if len(slots) > 128:
            self.problems.error(c.name, "", 0, f"{len(slots)} methods; an interface can have 128")
        own = {m.key: m for m in c.methods}
        c.methods = [own.get(k) or JMethod(c, AccessFlag.PUBLIC | AccessFlag.ABSTRACT, *k, None) for k in slots]
        for token, m in enumerate(c.methods):
            m.token = token

    def interface_slots(self, c: AnyClass) -> list[Slot]:
        """The methods of an interface by token."""
        if isinstance(c, JClass):
            return [m.key for m in c.methods]
        return [(m.name, m.descriptor) for m in sorted(c.methods, key=lambda m: m.token)]

    def _virtual_tokens(self, c: JClass) -> None:
        parent = c.superclass
        if isinstance(parent, JClass):
            c.public_table, c.package_table = list(parent.public_table), list(parent.package_table)
        elif parent is not None:
            c.public_table = exported_virtuals(parent)
        if c.access & AccessFlag.ABSTRACT:
            self._add_mirandas(c)
        for m in c.methods:
            if not m.is_virtual:
                continue
            m.token = self._slot(c, m)
        if len(c.public_table) > 128 or len(c.package_table) > 128:
            self.problems.error(c.name, "", 0, "more than 128 public or 128 package-visible virtual methods")

    def _slot(self, c: JClass, m: JMethod) -> int:
        if m.access & VISIBLE:
            # A package-visible method made public keeps its package token as well; the kits refuse it, and so do we.
            if m.key in c.package_table:
                message = "a package-visible method cannot be made public or protected in a subclass"
                self.problems.error(c.name, m.name, 0, message)
            if m.key not in c.public_table:
                c.public_table.append(m.key)
            return c.public_table.index(m.key)
        if m.key not in c.package_table:
            c.package_table.append(m.key)
        return PACKAGE_VISIBLE | c.package_table.index(m.key)

    def _add_mirandas(self, c: JClass) -> None:
        """Interface methods that an abstract class leaves out get abstract methods of their own."""
        known = {*c.public_table, *(m.key for m in c.methods)}
        for i in c.interfaces:
            for key in self.interface_slots(i):
                if key not in known:
                    known.add(key)
                    c.methods.append(JMethod(c, AccessFlag.PUBLIC | AccessFlag.ABSTRACT, *key, None))

    # Looking members up

    def supers(self, start: AnyClass) -> Iterator[AnyClass]:
        """The class and its superclasses, nearest first."""
        at: AnyClass | None = start
        while at is not None:
            yield at
            if isinstance(at, JClass):
                at = at.superclass
            else:
                # The supers of an export file are all superclasses, in no promised order.
                parents = [p for p in (self.resolve(s) for s in at.supers) if isinstance(p, ExportedClass)]
                yield from sorted(parents, key=lambda p: -len(p.supers))
                return

    def is_subclass(self, c: AnyClass, name: str) -> bool:
        """Whether `c` is, extends or implements the class of that name."""
        for s in self.supers(c):
            if s.name == name:
                return True
            interfaces = [i.name for i in s.interfaces] if isinstance(s, JClass) else s.interfaces
            if name in interfaces:
                return True
        return False
