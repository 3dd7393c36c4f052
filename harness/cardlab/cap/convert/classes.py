"""Classes, fields and methods of the package being converted, and the order in which a card has them.

The specification leaves some orders open (classes, methods among their kind). Where it does, the order is the one that
kits of the vendor show for the same class files, so that the CAP files are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cardlab.cap.constants import NO_TOKEN
from cardlab.cap.exportfile import ExportedClass
from cardlab.classfile.classfile import AccessFlag, ClassFile, Code
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.pool import Constant

OBJECT = "java/lang/Object"
SHAREABLE = "javacard/framework/Shareable"
REMOTE = "java/rmi/Remote"
VISIBLE = AccessFlag.PUBLIC | AccessFlag.PROTECTED


def argument_words(parameters: Sequence[str]) -> int:
    """Words that arguments of these types take on the card."""
    return sum(2 if p == "I" else 1 for p in parameters)


@dataclass(eq=False)
class JField:
    """A field of the package; `token` is the instance token, or the export token of a visible static."""

    owner: JClass
    access: AccessFlag
    name: str
    descriptor: str
    constant: Constant | None
    token: int = NO_TOKEN
    offset: int = 0
    value: int = 0
    array: tuple[int, ...] | None = None

    @property
    def is_static(self) -> bool:
        """Whether the field is static."""
        return bool(self.access & AccessFlag.STATIC)

    @property
    def is_reference(self) -> bool:
        """Whether the type is a class or an array."""
        return self.descriptor[0] in "L["

    @property
    def words(self) -> int:
        """Words of an instance field (JCVM 3.0.5, 4.3.7.5)."""
        return 2 if self.descriptor == "I" else 1

    @property
    def inlined(self) -> bool:
        """A primitive constant: no field on the card (JCVM 4.3.7.3)."""
        return self.is_static and self.constant is not None and not self.is_reference


@dataclass(eq=False)
class JMethod:
    """A method; `token` is virtual (with PACKAGE_VISIBLE), interface or export token, NO_TOKEN for none."""

    owner: JClass
    access: AccessFlag
    name: str
    descriptor: str
    code: Code | None
    token: int = NO_TOKEN
    offset: int = 0
    handlers: int = 0
    first_handler: int = 0
    size: int = 0
    header_size: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    """Offset of the first instruction of each source line, and the line."""

    @property
    def key(self) -> tuple[str, str]:
        """Name and descriptor."""
        return self.name, self.descriptor

    @property
    def is_virtual(self) -> bool:
        """Whether the method has a virtual method token: neither static, private nor a constructor."""
        return not (self.access & (AccessFlag.STATIC | AccessFlag.PRIVATE)) and self.name != "<init>"

    @property
    def argument_words(self) -> int:
        """Words of the arguments, `this` included."""
        return argument_words(split_descriptor(self.descriptor)[0]) + (0 if self.access & AccessFlag.STATIC else 1)


Slot = tuple[str, str]
"""Name and descriptor of a virtual method: what a slot of a method table stands for."""


@dataclass(eq=False)
class JClass:
    """A class or interface of the package."""

    file: ClassFile
    token: int = NO_TOKEN
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
    def access(self) -> AccessFlag:
        """AccessFlag flags."""
        return self.file.access

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface."""
        return bool(self.access & AccessFlag.INTERFACE)

    @property
    def is_public(self) -> bool:
        """Whether this is visible outside the package."""
        return bool(self.access & AccessFlag.PUBLIC)

    def method(self, key: Slot) -> JMethod | None:
        """The method declared here."""
        return next((m for m in self.methods if m.key == key), None)

    @property
    def field_count(self) -> int:
        """Instance fields declared here."""
        return sum(not f.access & AccessFlag.STATIC for f in self.file.fields)

    @property
    def parent(self) -> AnyClass:
        """The superclass; every class has one once the package is linked."""
        if self.superclass is None:
            raise ClassFileError(f"class {self.name} has no superclass")
        return self.superclass

    @property
    def instance_size(self) -> int:
        """Words of the instance fields declared here."""
        return sum(f.words for f in self.fields if not f.is_static)


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
