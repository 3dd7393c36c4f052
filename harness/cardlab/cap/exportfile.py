"""Export files (JCVM 3.0.4, chapter 5): the tokens of a package's public interface, read and written.

`read_exp` accepts format versions 2.1 to 2.3, `write_exp` writes 2.1, or 2.3 as kits do for Java Card 3.1. The same
facts in text form are the token tables of `cardlab.cap.exports`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cardlab.cap.constants import NO_TOKEN, ExportClassFlag, ExportPackageFlag, ExportTag
from cardlab.cap.errors import ExportFileError
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.descriptors import check_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import Octets, u1, u2, u4

MAGIC = 0x00FACADE


@dataclass(frozen=True)
class ExportedField:
    """A field; `token` is NO_TOKEN for a compile-time constant, whose value is in `constant`."""

    token: int
    access: AccessFlag
    name: str
    descriptor: str
    constant: int | None = None

    @property
    def is_static(self) -> bool:
        """Whether the field is static."""
        return AccessFlag.STATIC in self.access

    @property
    def is_inlined(self) -> bool:
        """Whether the field is a constant without a place on the card."""
        return self.token == NO_TOKEN


@dataclass(frozen=True)
class ExportedMethod:
    """A method of a class, inherited ones included for virtual methods."""

    token: int
    access: AccessFlag
    name: str
    descriptor: str

    @property
    def is_virtual(self) -> bool:
        """Whether the token is one of virtual methods; static methods and constructors count their own (4.3.7)."""
        return not self.access & AccessFlag.STATIC and self.name != "<init>"


@dataclass(frozen=True)
class ExportedClass:
    """A class or interface; names with slashes; `supers` are all superclasses, or superinterfaces of an interface."""

    token: int
    access: ExportClassFlag
    name: str
    supers: tuple[str, ...]
    interfaces: tuple[str, ...]
    fields: tuple[ExportedField, ...]
    methods: tuple[ExportedMethod, ...]
    inheritable: int = field(default=0, compare=False)
    """Of format 2.3: how many public virtual methods subclasses in CAP files of format 2.2 and older inherit."""

    @property
    def is_interface(self) -> bool:
        """Whether this is an interface."""
        return ExportClassFlag.INTERFACE in self.access

    @property
    def shareable(self) -> bool:
        """Whether this is, or extends, javacard.framework.Shareable."""
        return ExportClassFlag.SHAREABLE in self.access

    def method(self, name: str, descriptor: str) -> ExportedMethod | None:
        """The method of that name and descriptor."""
        return next((m for m in self.methods if (m.name, m.descriptor) == (name, descriptor)), None)

    def field(self, name: str, descriptor: str) -> ExportedField | None:
        """The field of that name and descriptor."""
        return next((f for f in self.fields if (f.name, f.descriptor) == (name, descriptor)), None)


@dataclass(frozen=True)
class Reference:
    """A package that an export file of format 2.3 refers to; its name with slashes."""

    name: str
    aid: bytes
    version: tuple[int, int]


@dataclass(frozen=True)
class ExportFile:
    """A package's export file; `name` with slashes, `version` is (major, minor)."""

    name: str
    aid: bytes
    version: tuple[int, int]
    library: bool
    classes: tuple[ExportedClass, ...]
    references: tuple[Reference, ...] = field(default=(), compare=False)

    def by_token(self, token: int) -> ExportedClass | None:
        """The class of that token."""
        return next((c for c in self.classes if c.token == token), None)

    def by_name(self, name: str) -> ExportedClass | None:
        """The class of that full name (slashes)."""
        return next((c for c in self.classes if c.name == name), None)


@dataclass(frozen=True)
class _Entry:
    tag: ExportTag
    value: str | int | tuple[int, ...]
    aid: bytes = b""


def _tag(data: Octets) -> ExportTag:
    number = data.u1()
    try:
        return ExportTag(number)
    except ValueError:
        raise data.error(f"unknown constant pool tag {number}") from None


def _pool(data: Octets) -> list[_Entry]:
    entries = []
    for _ in range(data.u2()):
        tag = _tag(data)
        if tag is ExportTag.UTF8:
            entries.append(_Entry(tag, data.take(data.u2()).decode("utf-8", "replace")))
        elif tag is ExportTag.INTEGER:
            entries.append(_Entry(tag, data.s4()))
        elif tag is ExportTag.CLASS:
            entries.append(_Entry(tag, (data.u2(),)))
        else:
            flags, name, minor, major = data.u1(), data.u2(), data.u1(), data.u1()
            entries.append(_Entry(tag, (flags, name, minor, major), data.take(data.u1())))
    return entries


class _Reader:
    """Reads an export file whose pool is known."""

    def __init__(self, data: Octets, pool: list[_Entry], minor: int) -> None:
        self.data = data
        self.pool = pool
        self.minor = minor

    def _entry(self, index: int, tag: ExportTag) -> _Entry:
        if index >= len(self.pool) or self.pool[index].tag != tag:
            raise self.data.error(f"constant pool index {index} has not tag {int(tag)}")
        return self.pool[index]

    def _text(self, index: int) -> str:
        return str(self._entry(index, ExportTag.UTF8).value)

    def _indices(self, entry: _Entry) -> tuple[int, ...]:
        return entry.value if isinstance(entry.value, tuple) else ()

    def text(self) -> str:
        """A name: u2 index of a text."""
        return self._text(self.data.u2())

    def class_name(self) -> str:
        """A class name: u2 index of a class reference."""
        return self._text(self._indices(self._entry(self.data.u2(), ExportTag.CLASS))[0])

    def package(self) -> tuple[str, bytes, tuple[int, int], bool]:
        """The package entry: u2 index."""
        entry = self._entry(self.data.u2(), ExportTag.PACKAGE)
        flags, name, minor, major = self._indices(entry)
        return self._text(name), entry.aid, (major, minor), bool(flags & ExportPackageFlag.LIBRARY)

    def field(self) -> ExportedField:
        """field_info (5.8)."""
        token, access, name, descriptor = self.data.u1(), AccessFlag(self.data.u2()), self.text(), self.text()
        constant = None
        for _ in range(self.data.u2()):
            attribute, size = self.text(), self.data.u4()
            if attribute == "ConstantValue" and size == 2:
                value = self._entry(self.data.u2(), ExportTag.INTEGER).value
                constant = value if isinstance(value, int) else None
            else:
                self.data.take(size)
        self._check(descriptor, False)
        return ExportedField(token, access, name, descriptor, constant)

    def method(self) -> ExportedMethod:
        """method_info (5.9)."""
        method = ExportedMethod(self.data.u1(), AccessFlag(self.data.u2()), self.text(), self.text())
        self._check(method.descriptor, True)
        return method

    def _check(self, descriptor: str, method: bool) -> None:
        try:
            check_descriptor(descriptor, method)
        except ClassFileError as e:
            raise self.data.error(str(e)) from None

    def exported_class(self) -> ExportedClass:
        """class_info (5.7)."""
        data = self.data
        token, access, name = data.u1(), ExportClassFlag(data.u2()), self.class_name()
        supers = tuple(self.class_name() for _ in range(data.u2()))
        interfaces = tuple(self.class_name() for _ in range(data.u1()))
        fields = tuple(self.field() for _ in range(data.u2()))
        methods = tuple(self.method() for _ in range(data.u2()))
        inheritable = data.u1() if self.minor >= 3 else 0
        return ExportedClass(token, access, name, supers, interfaces, fields, methods, inheritable)


def read_exp(raw: bytes, what: str = "export file") -> ExportFile:
    """Read an `.exp` file; `what` names it in errors."""
    data = Octets(raw, ExportFileError, what)
    if data.u4() != MAGIC:
        raise data.error("not an export file (magic is not 00FACADE)")
    minor, major = data.u1(), data.u1()
    if major != 2 or not 1 <= minor <= 3:
        raise data.error(f"export file format {major}.{minor} is not supported (2.1 to 2.3 are)")
    reader = _Reader(data, _pool(data), minor)
    name, aid, version, library = reader.package()
    named = [reader.package() for _ in range(data.u1())] if minor >= 3 else []
    references = tuple(Reference(*one[:3]) for one in named)
    classes = tuple(reader.exported_class() for _ in range(data.u1()))
    data.end()
    return ExportFile(name, aid, version, library, classes, references)


class _PoolWriter:
    """Collects constants in order of first use."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self._index: dict[bytes, int] = {}

    def add(self, raw: bytes) -> int:
        """The index of the entry with these bytes."""
        if raw not in self._index:
            self._index[raw] = len(self.entries)
            self.entries.append(raw)
        return self._index[raw]

    def text(self, value: str) -> bytes:
        """Index of a text."""
        raw = value.encode()
        return u2(self.add(u1(ExportTag.UTF8) + u2(len(raw)) + raw))

    def integer(self, value: int) -> bytes:
        """Index of a number."""
        return u2(self.add(u1(ExportTag.INTEGER) + u4(value & 0xFFFFFFFF)))

    def class_name(self, name: str) -> bytes:
        """Index of a class reference."""
        return u2(self.add(u1(ExportTag.CLASS) + self.text(name)))


def _field_bytes(pool: _PoolWriter, f: ExportedField) -> bytes:
    out = u1(f.token) + u2(int(f.access)) + pool.text(f.name) + pool.text(f.descriptor)
    if f.constant is None:
        return out + u2(0)
    return out + u2(1) + pool.text("ConstantValue") + u4(2) + pool.integer(f.constant)


def _class_bytes(pool: _PoolWriter, c: ExportedClass, minor: int) -> bytes:
    # The pool grows in the order: fields, methods, the class, its supers, its interfaces.
    fields = [_field_bytes(pool, f) for f in c.fields]
    methods = [u1(m.token) + u2(int(m.access)) + pool.text(m.name) + pool.text(m.descriptor) for m in c.methods]
    name = pool.class_name(c.name)
    supers = [pool.class_name(s) for s in c.supers]
    interfaces = [pool.class_name(i) for i in c.interfaces]
    return b"".join(
        (
            u1(c.token) + u2(c.access) + name + u2(len(supers)),
            *supers,
            u1(len(interfaces)),
            *interfaces,
            u2(len(fields)),
            *fields,
            u2(len(methods)),
            *methods,
            u1(c.inheritable) if minor >= 3 else b"",
        )
    )


def write_exp(export: ExportFile, export_format: tuple[int, int] = (2, 1)) -> bytes:
    """The `.exp` file, of format 2.1 or 2.3."""
    pool, minor = _PoolWriter(), export_format[1]
    classes = [_class_bytes(pool, c, minor) for c in export.classes]
    flags = ExportPackageFlag.LIBRARY if export.library else 0
    packages = _package_bytes(pool, flags, export.name, export.version, export.aid)
    if minor >= 3:
        named = (_package_bytes(pool, 0, one.name, one.version, one.aid) for one in export.references)
        packages += u1(len(export.references)) + b"".join(named)
    head = u4(MAGIC) + bytes((minor, export_format[0])) + u2(len(pool.entries))
    return head + b"".join(pool.entries) + packages + u1(len(classes)) + b"".join(classes)


def _package_bytes(pool: _PoolWriter, flags: int, name: str, version: tuple[int, int], aid: bytes) -> bytes:
    """Index of a package."""
    text, (major, minor) = pool.text(name), version
    entry = u1(ExportTag.PACKAGE) + u1(flags) + text + u1(minor) + u1(major) + u1(len(aid)) + aid
    return u2(pool.add(entry))
