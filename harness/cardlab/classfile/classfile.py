"""Java class files (The Java Virtual Machine Specification, chapter 4), versions 45 to 52, as far as a converter needs.

`read_class` takes the bytes of one `.class` file. StackMapTable and other attributes that conversion has no use for
are skipped. Every malformed input raises ClassFileError.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from cardlab.cap.errors import ClassFileError
from cardlab.cap.octets import Octets

MAGIC = 0xCAFEBABE
OLDEST, NEWEST = 45, 52


class Access(IntFlag):
    """Access and property flags of classes, fields and methods (tables 4.1-A, 4.5-A, 4.6-A)."""

    PUBLIC = 0x0001
    PRIVATE = 0x0002
    PROTECTED = 0x0004
    STATIC = 0x0008
    FINAL = 0x0010
    SYNCHRONIZED = 0x0020
    BRIDGE = 0x0040
    VARARGS = 0x0080
    NATIVE = 0x0100
    INTERFACE = 0x0200
    ABSTRACT = 0x0400
    STRICT = 0x0800
    SYNTHETIC = 0x1000


class Tag(IntEnum):
    """Constant pool tags (table 4.4-A)."""

    UTF8 = 1
    INTEGER = 3
    FLOAT = 4
    LONG = 5
    DOUBLE = 6
    CLASS = 7
    STRING = 8
    FIELD = 9
    METHOD = 10
    INTERFACE_METHOD = 11
    NAME_AND_TYPE = 12
    METHOD_HANDLE = 15
    METHOD_TYPE = 16
    INVOKE_DYNAMIC = 18


@dataclass(frozen=True)
class Constant:
    """One pool entry; `value` is a text, a number, or the indices the entry refers to."""

    tag: Tag
    value: str | int | bytes | tuple[int, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices of an entry that refers to others."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def number(self) -> int | None:
        """The number of an Integer entry."""
        return self.value if isinstance(self.value, int) else None


@dataclass(frozen=True)
class MemberRef:
    """A resolved field or method reference; names with slashes as in the class file."""

    owner: str
    name: str
    descriptor: str
    interface: bool = False


@dataclass(frozen=True)
class Handler:
    """One row of an exception table; `catch_type` is None for finally."""

    start: int
    end: int
    target: int
    catch_type: str | None


@dataclass(frozen=True)
class LocalVariable:
    """One row of LocalVariableTable."""

    start: int
    length: int
    name: str
    descriptor: str
    index: int


@dataclass(frozen=True)
class Code:
    """A Code attribute."""

    max_stack: int
    max_locals: int
    code: bytes
    handlers: tuple[Handler, ...]
    lines: tuple[tuple[int, int], ...]
    """(program counter, source line), ascending."""
    variables: tuple[LocalVariable, ...]

    def line(self, pc: int) -> int:
        """The source line of `pc`, 0 when unknown."""
        best = 0
        for start, number in self.lines:
            if start > pc:
                break
            best = number
        return best


@dataclass(frozen=True)
class Field:
    """A field; `constant` is the index-free ConstantValue of a static final one."""

    access: Access
    name: str
    descriptor: str
    constant: Constant | None


@dataclass(frozen=True)
class Method:
    """A method; `code` is None for abstract and native ones."""

    access: Access
    name: str
    descriptor: str
    code: Code | None


class Pool:
    """The constant pool: index 0 and the second half of longs and doubles are unusable."""

    def __init__(self, entries: list[Constant | None]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, index: int) -> Constant:
        """The entry at `index`."""
        entry = self._entries[index] if 0 < index < len(self._entries) else None
        if entry is None:
            raise ClassFileError(f"constant pool index {index} is not usable")
        return entry

    def _of(self, index: int, *tags: Tag) -> Constant:
        entry = self.get(index)
        if entry.tag not in tags:
            raise ClassFileError(f"constant pool entry {index} is {entry.tag.name}, expected {tags[0].name}")
        return entry

    def utf8(self, index: int) -> str:
        """The text at `index`."""
        return str(self._of(index, Tag.UTF8).value)

    def _indices(self, index: int, *tags: Tag) -> tuple[int, ...]:
        return self._of(index, *tags).indices

    def class_name(self, index: int) -> str:
        """The class or array name (slashes) at `index`."""
        return self.utf8(self._indices(index, Tag.CLASS)[0])

    def member(self, index: int, *tags: Tag) -> MemberRef:
        """The field or method reference at `index`."""
        owner, name_type = self._indices(index, *tags)
        name, descriptor = self._indices(name_type, Tag.NAME_AND_TYPE)
        interface = self.get(index).tag is Tag.INTERFACE_METHOD
        return MemberRef(self.class_name(owner), self.utf8(name), self.utf8(descriptor), interface)


@dataclass(frozen=True)
class ClassFile:
    """A whole class; names with slashes."""

    version: int
    pool: Pool
    access: Access
    name: str
    superclass: str | None
    interfaces: tuple[str, ...]
    fields: tuple[Field, ...]
    methods: tuple[Method, ...]
    source: str

    @property
    def package(self) -> str:
        """The package name with slashes; empty for the unnamed package."""
        return self.name.rpartition("/")[0]


def _modified_utf8(raw: bytes) -> str:
    # Modified UTF-8 writes NUL in two bytes and characters beyond the BMP as surrogate pairs (JVMS 4.4.7).
    try:
        return raw.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as e:
        raise ClassFileError(f"malformed text constant: {e.reason}") from e


_SHAPES: dict[Tag, int] = {
    Tag.CLASS: 1,
    Tag.STRING: 1,
    Tag.METHOD_TYPE: 1,
    Tag.FIELD: 2,
    Tag.METHOD: 2,
    Tag.INTERFACE_METHOD: 2,
    Tag.NAME_AND_TYPE: 2,
    Tag.INVOKE_DYNAMIC: 2,
}


def _read_constant(data: Octets) -> Constant:
    number = data.u1()
    try:
        tag = Tag(number)
    except ValueError:
        raise data.error(f"unknown constant pool tag {number}") from None
    if tag is Tag.UTF8:
        return Constant(tag, _modified_utf8(data.take(data.u2())))
    if tag is Tag.INTEGER:
        return Constant(tag, data.s4())
    if tag is Tag.FLOAT:
        return Constant(tag, data.take(4))
    if tag in (Tag.LONG, Tag.DOUBLE):
        return Constant(tag, data.take(8))
    if tag is Tag.METHOD_HANDLE:
        return Constant(tag, (data.u1(), data.u2()))
    return Constant(tag, tuple(data.u2() for _ in range(_SHAPES[tag])))


def _read_pool(data: Octets) -> Pool:
    count = data.u2()
    entries: list[Constant | None] = [None]
    while len(entries) < count:
        constant = _read_constant(data)
        entries.append(constant)
        if constant.tag in (Tag.LONG, Tag.DOUBLE):
            entries.append(None)
    return Pool(entries)


def _attributes(data: Octets, pool: Pool) -> list[tuple[str, bytes]]:
    return [(pool.utf8(data.u2()), data.take(data.u4())) for _ in range(data.u2())]


def _sub(raw: bytes, what: str) -> Octets:
    return Octets(raw, ClassFileError, what)


def _read_code(raw: bytes, pool: Pool, what: str) -> Code:
    data = _sub(raw, what)
    max_stack, max_locals = data.u2(), data.u2()
    code = data.take(data.u4())
    handlers = []
    for _ in range(data.u2()):
        start, end, target, catch = (data.u2() for _ in range(4))
        if not (start < end <= len(code) and target < len(code)):
            raise data.error("exception table row outside the code")
        handlers.append(Handler(start, end, target, pool.class_name(catch) if catch else None))
    lines: list[tuple[int, int]] = []
    variables: list[LocalVariable] = []
    for name, body in _attributes(data, pool):
        table = _sub(body, f"{what} {name}")
        if name == "LineNumberTable":
            lines += [(table.u2(), table.u2()) for _ in range(table.u2())]
        elif name == "LocalVariableTable":
            for _ in range(table.u2()):
                start, length, n, d, index = (table.u2() for _ in range(5))
                variables.append(LocalVariable(start, length, pool.utf8(n), pool.utf8(d), index))
    if not code:
        raise data.error("empty code")
    return Code(max_stack, max_locals, code, tuple(handlers), tuple(sorted(lines)), tuple(variables))


def _read_field(data: Octets, pool: Pool) -> Field:
    access, name, descriptor = Access(data.u2()), pool.utf8(data.u2()), pool.utf8(data.u2())
    check_descriptor(descriptor, method=False)
    constant = None
    for attribute, body in _attributes(data, pool):
        if attribute == "ConstantValue":
            constant = pool.get(_sub(body, f"field {name}").u2())
    return Field(access, name, descriptor, constant)


def _read_method(data: Octets, pool: Pool) -> Method:
    access, name, descriptor = Access(data.u2()), pool.utf8(data.u2()), pool.utf8(data.u2())
    check_descriptor(descriptor, method=True)
    code = None
    for attribute, body in _attributes(data, pool):
        if attribute == "Code":
            code = _read_code(body, pool, f"method {name}")
    if (code is None) != bool(access & (Access.ABSTRACT | Access.NATIVE)):
        raise data.error(f"method {name}: code missing, or present on an abstract or native method")
    return Method(access, name, descriptor, code)


def read_class(raw: bytes, what: str = "class file") -> ClassFile:
    """Read one class file; `what` names it in errors."""
    data = Octets(raw, ClassFileError, what)
    if data.u4() != MAGIC:
        raise data.error("not a class file (magic is not CAFEBABE)")
    _minor, major = data.u2(), data.u2()
    if not OLDEST <= major <= NEWEST:
        raise data.error(
            f"class file version {major} is not supported ({OLDEST} to {NEWEST} are);"
            " compile with -source 1.6 -target 1.6"
        )
    pool = _read_pool(data)
    access = Access(data.u2())
    name = pool.class_name(data.u2())
    super_index = data.u2()
    superclass = pool.class_name(super_index) if super_index else None
    interfaces = tuple(pool.class_name(data.u2()) for _ in range(data.u2()))
    fields = tuple(_read_field(data, pool) for _ in range(data.u2()))
    methods = tuple(_read_method(data, pool) for _ in range(data.u2()))
    source = ""
    for attribute, body in _attributes(data, pool):
        if attribute == "SourceFile":
            source = pool.utf8(_sub(body, what).u2())
    data.end()
    return ClassFile(major, pool, access, name, superclass, interfaces, fields, methods, source)


def _type_end(text: str, pos: int) -> int:
    """The index after the field descriptor that starts at `pos`."""
    start = pos
    while pos < len(text) and text[pos] == "[":
        pos += 1
    if pos < len(text) and text[pos] in "BCDFIJSZ":
        return pos + 1
    end = text.find(";", pos) if pos < len(text) and text[pos] == "L" else -1
    if end <= pos + 1:
        raise ClassFileError(f"malformed descriptor {text!r} at {start}")
    return end + 1


def check_descriptor(text: str, method: bool) -> None:
    """Refuse a malformed descriptor (JVMS 4.3)."""
    if method:
        split_descriptor(text)
    elif _type_end(text, 0) != len(text):
        raise ClassFileError(f"malformed descriptor {text!r}")


def split_descriptor(text: str) -> tuple[tuple[str, ...], str]:
    """The parameter descriptors and the return descriptor of a method descriptor."""
    if not text.startswith("("):
        raise ClassFileError(f"malformed method descriptor {text!r}")
    pos, parameters = 1, []
    while pos < len(text) and text[pos] != ")":
        end = _type_end(text, pos)
        parameters.append(text[pos:end])
        pos = end
    result = text[pos + 1 :]
    if pos >= len(text) or (result != "V" and (not result or _type_end(result, 0) != len(result))):
        raise ClassFileError(f"malformed method descriptor {text!r}")
    return tuple(parameters), result
