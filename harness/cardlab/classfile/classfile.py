"""Java class files (The Java Virtual Machine Specification, chapter 4), versions 45 to 52, as far as a converter needs.

`read_class` takes the bytes of one `.class` file. StackMapTable and other attributes that conversion has no use for
are skipped. Every malformed input raises ClassFileError.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from cardlab.classfile.descriptors import check_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import Octets
from cardlab.classfile.pool import Constant, Pool, read_pool

MAGIC = 0xCAFEBABE
OLDEST, NEWEST = 45, 52


class NewArrayType(IntEnum):
    """The atype of newarray (JVMS table 6.5.newarray-A)."""

    BOOLEAN = 4
    CHAR = 5
    FLOAT = 6
    DOUBLE = 7
    BYTE = 8
    SHORT = 9
    INT = 10
    LONG = 11


class AccessFlag(IntFlag):
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


@dataclass(frozen=True)
class ExceptionHandler:
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


def _start(line: tuple[int, int]) -> int:
    return line[0]


@dataclass(frozen=True)
class Code:
    """A Code attribute."""

    max_stack: int
    max_locals: int
    code: bytes
    handlers: tuple[ExceptionHandler, ...]
    lines: tuple[tuple[int, int], ...]
    """(program counter, source line), ascending."""
    variables: tuple[LocalVariable, ...]

    def line(self, pc: int) -> int:
        """The source line of `pc`, 0 when unknown."""
        found = bisect_right(self.lines, pc, key=_start)
        return self.lines[found - 1][1] if found else 0


@dataclass(frozen=True)
class Field:
    """A field; `constant` is the index-free ConstantValue of a static final one."""

    access: AccessFlag
    name: str
    descriptor: str
    constant: Constant | None


@dataclass(frozen=True)
class Method:
    """A method; `code` is None for abstract and native ones."""

    access: AccessFlag
    name: str
    descriptor: str
    code: Code | None


@dataclass(frozen=True)
class ClassFile:
    """A whole class; names with slashes."""

    version: int
    pool: Pool
    access: AccessFlag
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
        handlers.append(ExceptionHandler(start, end, target, pool.class_name(catch) if catch else None))
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
    access, name, descriptor = AccessFlag(data.u2()), pool.utf8(data.u2()), pool.utf8(data.u2())
    check_descriptor(descriptor, method=False)
    constant = None
    for attribute, body in _attributes(data, pool):
        if attribute == "ConstantValue":
            constant = pool.get(_sub(body, f"field {name}").u2())
    return Field(access, name, descriptor, constant)


def _read_method(data: Octets, pool: Pool) -> Method:
    access, name, descriptor = AccessFlag(data.u2()), pool.utf8(data.u2()), pool.utf8(data.u2())
    check_descriptor(descriptor, method=True)
    code = None
    for attribute, body in _attributes(data, pool):
        if attribute == "Code":
            code = _read_code(body, pool, f"method {name}")
    if (code is None) != bool(access & (AccessFlag.ABSTRACT | AccessFlag.NATIVE)):
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
    pool = read_pool(data)
    access = AccessFlag(data.u2())
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
