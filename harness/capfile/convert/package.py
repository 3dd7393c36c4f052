"""The package being converted: its classes in card order, and every token (JCVM 3.0.4, section 4.3.7).

The specification leaves some orders open (classes, methods among their kind). Where it does, the order is the one that
kits of the vendor show for the same class files, so that the CAP files are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from harness.capfile.classfile import Access, ClassFile, Code, Constant, split_descriptor
from harness.capfile.convert.problems import Problems
from harness.capfile.errors import ClassFileError
from harness.capfile.exportfile import ExportedClass
from harness.capfile.exports import Exports

OBJECT = "java/lang/Object"
SHAREABLE = "javacard/framework/Shareable"
REMOTE = "java/rmi/Remote"
VISIBLE = Access.PUBLIC | Access.PROTECTED
PACKAGE_TOKEN = 0x80
"""Added to the token of a package-visible virtual method (6.10.2)."""


@dataclass(eq=False)
class JField:
    """A field of the package; `token` is the instance token, or the export token of a visible static."""

    owner: JClass
    access: Access
    name: str
    descriptor: str
    constant: Constant | None
    token: int = 0xFF
    offset: int = 0
    value: int = 0
    array: tuple[int, ...] | None = None

    @property
    def is_static(self) -> bool:
        """Whether the field is static."""
        return bool(self.access & Access.STATIC)

    @property
    def is_reference(self) -> bool:
        """Whether the type is a class or an array."""
        return self.descriptor[0] in "L["

    @property
    def inlined(self) -> bool:
        """A primitive constant: no field on the card (JCVM 4.3.7.3)."""
        return self.is_static and self.constant is not None and not self.is_reference


@dataclass(eq=False)
class JMethod:
    """A method; `token` is virtual (with PACKAGE_TOKEN), interface or export token, 0xFF for none."""

    owner: JClass
    access: Access
    name: str
    descriptor: str
    code: Code | None
    token: int = 0xFF
    offset: int = 0
    handlers: int = 0
    first_handler: int = 0
    size: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Name and descriptor."""
        return self.name, self.descriptor

    @property
    def is_virtual(self) -> bool:
        """Whether the method has a virtual method token: neither static, private nor a constructor."""
        return not (self.access & (Access.STATIC | Access.PRIVATE)) and self.name != "<init>"

    @property
    def argument_words(self) -> int:
        """Words of the arguments, `this` included."""
        return len(split_descriptor(self.descriptor)[0]) + (0 if self.access & Access.STATIC else 1)


Slot = tuple[str, str]
"""Name and descriptor of a virtual method: what a slot of a method table stands for."""


@dataclass(eq=False)
class JClass:
    """A class or interface of the package."""

    file: ClassFile
    token: int = 0xFF
    offset: int = 0
    superclass: JClass | ExportedClass | None = None
    interfaces: list[JClass | ExportedClass] = field(default_factory=list)
    """All superinterfaces, direct and indirect, in card order."""
    fields: list[JField] = field(default_factory=list)
    methods: list[JMethod] = field(default_factory=list)
    public_table: list[Slot] = field(default_factory=list)
    package_table: list[Slot] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Full name with slashes."""
        return self.file.name

    @property
    def access(self) -> Access:
        """Access flags."""
        return self.file.access

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface."""
        return bool(self.access & Access.INTERFACE)

    @property
    def is_public(self) -> bool:
        """Whether this is visible outside the package."""
        return bool(self.access & Access.PUBLIC)

    def method(self, key: Slot) -> JMethod | None:
        """The method declared here."""
        return next((m for m in self.methods if m.key == key), None)

    @property
    def field_count(self) -> int:
        """Instance fields declared here."""
        return sum(not f.access & Access.STATIC for f in self.file.fields)

    @property
    def parent(self) -> AnyClass:
        """The superclass; every class has one once the package is linked."""
        if self.superclass is None:
            raise ClassFileError(f"class {self.name} has no superclass")
        return self.superclass

    @property
    def instance_size(self) -> int:
        """Words of the instance fields declared here (no int: one word each)."""
        return sum(not f.is_static for f in self.fields)


AnyClass = JClass | ExportedClass
_T = TypeVar("_T")


def _partition(items: list[_T], first: Callable[[_T], bool]) -> None:
    """Bring the items for which `first` holds to the front by exchanging each with the foremost other one."""
    front = 0
    for i, item in enumerate(items):
        if first(item):
            items[front], items[i] = items[i], items[front]
            front += 1


def _supers_first(items: list[JClass], supers: Callable[[JClass], Sequence[str]]) -> None:
    """Exchange a class with its first superclass (or superinterface) that stands behind it, until none does."""
    names = [c.name for c in items]
    for i in range(len(items)):
        for _ in range(len(items)):
            behind = next((names.index(s) for s in supers(items[i]) if s in names[i + 1 :]), None)
            if behind is None:
                break
            items[i], items[behind] = items[behind], items[i]
            names[i], names[behind] = names[behind], names[i]


def card_order(files: Sequence[ClassFile]) -> list[JClass]:
    """Interfaces before classes, supertypes before subtypes, else by file name."""
    classes = [JClass(f) for f in sorted(files, key=lambda f: f.name + ".class")]
    _partition(classes, lambda c: c.is_interface)
    count = sum(c.is_interface for c in classes)
    interfaces, plain = classes[:count], classes[count:]
    _supers_first(interfaces, lambda c: c.file.interfaces)
    _supers_first(plain, lambda c: (c.file.superclass or "",))
    return interfaces + plain


class Package:
    """All classes of one package with their tokens; `resolve` finds classes here and in the imported packages."""

    def __init__(self, name: str, files: Sequence[ClassFile], exports: Exports, problems: Problems) -> None:
        self.name = name
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
            return f"package {package.replace('/', '.')} has no export file; give one with --exports"
        return f"class {dotted} is not exported by its package, version {self._version(package)}"

    def _version(self, package: str) -> str:
        found = self.exports.package(package)
        return ".".join(str(n) for n in found.version) if found else "?"

    def _link(self) -> None:
        for c in self.classes:
            if c.file.superclass is not None and not c.is_interface:
                c.superclass = self._need(c, c.file.superclass)
            c.interfaces = self._all_interfaces(c)
            if len(c.interfaces) > 15:
                self.problems.error(
                    c.name, "", 0, f"{len(c.interfaces)} interfaces with inherited ones; 15 are allowed"
                )
            if self._is_above_itself(c):
                self.problems.error(c.name, "", 0, "the class is its own superclass or superinterface")
        if len(self.classes) > 255:
            self.problems.error(self.name, "", 0, f"{len(self.classes)} classes; a package can have 255")
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
        for token, f in enumerate(instance):
            f.token = token
        c.fields = instance + [f for f in c.fields if f.is_static]
        visible_statics = [f for f in c.fields if f.is_static and f.access & VISIBLE and not f.inlined]
        for token, f in enumerate(visible_statics):
            f.token = token
        total = sum(s.field_count for s in self.supers(c) if isinstance(s, JClass))
        if total > 255:
            self.problems.error(c.name, "", 0, f"{total} instance fields with the inherited ones; a class can have 255")
        # Final methods first, abstract ones last: virtual tokens follow this order.
        methods = [m for m in c.file.methods if m.name != "<clinit>"]
        methods.sort(key=lambda m: 0 if m.access & Access.FINAL else 2 if m.access & Access.ABSTRACT else 1)
        c.methods = [JMethod(c, m.access, m.name, m.descriptor, m.code) for m in methods]
        static = [m for m in c.methods if m.access & VISIBLE and not m.is_virtual]
        for token, method in enumerate(static):
            method.token = token
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
        c.methods = [own.get(k) or JMethod(c, Access.PUBLIC | Access.ABSTRACT, *k, None) for k in slots]
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
        if c.access & Access.ABSTRACT:
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
        return PACKAGE_TOKEN | c.package_table.index(m.key)

    def _add_mirandas(self, c: JClass) -> None:
        """Interface methods that an abstract class leaves out get abstract methods of their own."""
        known = {*c.public_table, *(m.key for m in c.methods)}
        for i in c.interfaces:
            for key in self.interface_slots(i):
                if key not in known:
                    known.add(key)
                    c.methods.append(JMethod(c, Access.PUBLIC | Access.ABSTRACT, *key, None))

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


def is_shareable(c: AnyClass) -> bool:
    """Whether the class or interface is, extends or implements Shareable."""
    if isinstance(c, ExportedClass):
        return c.shareable or c.name == SHAREABLE
    inherited = isinstance(c.superclass, JClass) and is_shareable(c.superclass)
    return inherited or any(is_shareable(i) for i in c.interfaces)


def exported_virtuals(c: ExportedClass) -> list[Slot]:
    """The public virtual method table of an imported class, by token."""
    rows = {m.token: (m.name, m.descriptor) for m in c.methods if m.is_virtual}
    return [rows.get(t, ("", f"()V{t}")) for t in range(max(rows, default=-1) + 1)]
