"""Numbers of the export and CAP file formats by name (JCVM 3.0.4, chapters 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, IntFlag

NO_TOKEN = 0xFF
"""In place of a token: the class or member is not visible outside the package (6.14)."""
NO_TYPE = 0xFFFF
"""In place of a type: the constant pool entry is a class (6.14.4)."""
NO_REFERENCE = 0xFF
"""In place of a token: the class declares no instance field that is a reference (6.9.2)."""
ELSEWHERE = 0xFFFF
"""In a method table: the method is in another package (6.9.2)."""
PACKAGE_VISIBLE = 0x80
"""Set in the token of a virtual method that is visible in its package only (4.3.7.6)."""


HANDLER_SIZE = 8
"""Bytes of an exception handler (6.10.1)."""
STOP_BIT = 0x8000
"""Set in the length of a handler that is the last one for its range (6.10.1)."""
FAR = 255
"""In reference locations: add 255, and the next distance (6.12)."""


class PoolTag(IntEnum):
    """Constant pool tags of a CAP file (table 6-5)."""

    CLASS = 1
    INSTANCE_FIELD = 2
    VIRTUAL_METHOD = 3
    SUPER_METHOD = 4
    STATIC_FIELD = 5
    STATIC_METHOD = 6

    @property
    def is_static(self) -> bool:
        """Whether an entry inside the package holds an offset, not a class and a token (6.8.3)."""
        return self in (PoolTag.STATIC_FIELD, PoolTag.STATIC_METHOD)

    @property
    def is_field(self) -> bool:
        """Whether entries name a field."""
        return self in (PoolTag.INSTANCE_FIELD, PoolTag.STATIC_FIELD)


class ExportTag(IntEnum):
    """Constant pool tags of an export file (table 5-1)."""

    UTF8 = 1
    INTEGER = 3
    CLASS = 7
    PACKAGE = 13


class ExportClassFlag(IntFlag):
    """Access and modifier flags of a class or interface in an export file (table 5-3)."""

    PUBLIC = 0x0001
    FINAL = 0x0010
    INTERFACE = 0x0200
    ABSTRACT = 0x0400
    SHAREABLE = 0x0800
    REMOTE = 0x1000


class ExportPackageFlag(IntFlag):
    """Package flags of an export file (table 5-2)."""

    LIBRARY = 0x01


class PackageFlag(IntFlag):
    """Package flags of the Header component (table 6-4)."""

    INT = 0x01
    EXPORT = 0x02
    APPLET = 0x04
    EXTENDED = 0x08
    """The extended format of Java Card 3.1."""


class ClassFlag(IntFlag):
    """Flags of interface_info and class_info, in the upper half of the byte (table 6-12)."""

    INTERFACE = 0x80
    SHAREABLE = 0x40
    REMOTE = 0x20


class MethodFlag(IntFlag):
    """Flags of method_header_info, in the upper half of the byte (table 6-13)."""

    EXTENDED = 0x80
    ABSTRACT = 0x40


class ClassAccess(IntFlag):
    """Access flags of class_descriptor_info (table 6-18)."""

    PUBLIC = 0x01
    FINAL = 0x10
    INTERFACE = 0x40
    ABSTRACT = 0x80


class FieldAccess(IntFlag):
    """Access flags of field_descriptor_info (table 6-19)."""

    PUBLIC = 0x01
    PRIVATE = 0x02
    PROTECTED = 0x04
    STATIC = 0x08
    FINAL = 0x10


class MethodAccess(IntFlag):
    """Access flags of method_descriptor_info (table 6-21)."""

    PUBLIC = 0x01
    PRIVATE = 0x02
    PROTECTED = 0x04
    STATIC = 0x08
    FINAL = 0x10
    ABSTRACT = 0x40
    INIT = 0x80


class TypeCode(IntEnum):
    """Nibbles of a type descriptor (table 6-6)."""

    VOID = 0x1
    BOOLEAN = 0x2
    BYTE = 0x3
    SHORT = 0x4
    INT = 0x5
    REFERENCE = 0x6
    BOOLEAN_ARRAY = 0xA
    BYTE_ARRAY = 0xB
    SHORT_ARRAY = 0xC
    INT_ARRAY = 0xD
    REFERENCE_ARRAY = 0xE


PRIMITIVE = 0x8000
"""Set in the type of a field descriptor that holds a TypeCode, not an offset (table 6-20)."""
PRIMITIVE_SIZES: Mapping[int, int] = {TypeCode.BOOLEAN: 1, TypeCode.BYTE: 1, TypeCode.SHORT: 2, TypeCode.INT: 4}
"""Bytes of a static field, and of an element of an initialised array (tables 6-15 and 6-16)."""


class ArrayType(IntEnum):
    """The atype of newarray, checkcast and instanceof (tables 7-2 to 7-4)."""

    CLASS = 0
    """No array: a class or interface; not for newarray."""
    BOOLEAN = 10
    BYTE = 11
    SHORT = 12
    INT = 13
    REFERENCE = 14
    """Not for newarray."""

    @property
    def names_class(self) -> bool:
        """Whether the constant pool index that follows says the class."""
        return self in (ArrayType.CLASS, ArrayType.REFERENCE)
