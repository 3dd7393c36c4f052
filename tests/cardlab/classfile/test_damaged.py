"""Class files and bytecode that are none: each check of the reader with what it alone refuses (JVMS 4 and 6.5)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from cardlab.classfile.bytecode import decode
from cardlab.classfile.classfile import ClassFile, read_class
from cardlab.classfile.descriptors import check_descriptor
from cardlab.classfile.errors import ClassFileError

RETURN, ABSTRACT = b"\xb1", 0x0400
NAMES = ("A", "java/lang/Object", "f", "()V", "Code", "I", "x", "ConstantValue")


def utf8(text: bytes) -> bytes:
    return struct.pack(">BH", 1, len(text)) + text


POOL = (*(utf8(name.encode()) for name in NAMES), b"\x07\x00\x01", b"\x07\x00\x02")
"""Entries 1 to 8 are the names, 9 and 10 the class and its superclass."""


def code_attribute(code: bytes = RETURN, handlers: Sequence[tuple[int, int, int]] = ()) -> bytes:
    rows = b"".join(struct.pack(">HHHH", *one, 0) for one in handlers)
    body = struct.pack(">HHI", 1, 1, len(code)) + code + struct.pack(">H", len(handlers)) + rows + b"\0\0"
    return struct.pack(">HI", 5, len(body)) + body


def class_file(
    *,
    magic: int = 0xCAFEBABE,
    version: int = 50,
    pool: Sequence[bytes] = POOL,
    this: int = 9,
    descriptor: int = 4,
    access: int = 1,
    attributes: Sequence[bytes] = (code_attribute(),),
    rest: bytes = b"",
) -> bytes:
    """A class of one method, right but for what is said."""
    head = struct.pack(">IHHH", magic, 0, version, len(pool) + 1) + b"".join(pool)
    members = struct.pack(">HHHHHH", 1, this, 10, 0, 0, 1) + struct.pack(
        ">HHHH", access, 3, descriptor, len(attributes)
    )
    return head + members + b"".join(attributes) + b"\0\0" + rest


def test_the_class_that_these_tests_damage_is_one() -> None:
    found: ClassFile = read_class(class_file())
    assert (found.name, found.superclass, [one.name for one in found.methods]) == ("A", "java/lang/Object", ["f"])
    assert read_class(class_file(access=ABSTRACT, attributes=())).methods[0].code is None


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (class_file(magic=0xCAFEBABF), "magic is not CAFEBABE"),
        (class_file(version=44), "class file version 44 is not supported"),
        (class_file(version=99), "class file version 99 is not supported"),
        (class_file(pool=(b"\x63", *POOL[1:])), "unknown constant pool tag 99"),
        (class_file(pool=(utf8(b"\xff"), *POOL[1:])), "malformed text constant"),
        (class_file(this=0), "constant pool index 0 is not usable"),
        (class_file(this=11), "constant pool index 11 is not usable"),
        (class_file(this=1), "constant pool entry 1 is UTF8, expected CLASS"),
        (class_file(descriptor=3), "malformed method descriptor 'f'"),
        (class_file(attributes=()), "code missing, or present on an abstract or native method"),
        (class_file(access=ABSTRACT), "code missing, or present on an abstract or native method"),
        (class_file(attributes=(code_attribute(b""),)), "empty code"),
        (class_file(attributes=(code_attribute(handlers=[(0, 1, 1)]),)), "exception table row outside the code"),
        (class_file(attributes=(code_attribute(handlers=[(0, 2, 0)]),)), "exception table row outside the code"),
        (class_file(attributes=(code_attribute(handlers=[(0, 0, 0)]),)), "exception table row outside the code"),
        (class_file(rest=b"\0"), "1 bytes too many"),
    ],
)
def test_what_is_wrong_with_a_class_file_is_said(damaged: bytes, reason: str) -> None:
    with pytest.raises(ClassFileError, match=reason):
        read_class(damaged)


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}i", *values)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"\xaa\0\0\0" + words(0, 5, 4), "tableswitch at 0 has bounds 5 to 4"),
        (b"\xaa\0\0\0" + words(0, 0, 1_000_000), "tableswitch at 0 has bounds 0 to 1000000"),
        (b"\xab\0\0\0" + words(0, -1), "lookupswitch at 0 has -1 pairs"),
        (b"\xab\0\0\0" + words(0, 1_000_000), "lookupswitch at 0 has 1000000 pairs"),
        (b"\xc4\x00\0\0", "wide before 0x00 at 0"),
        (b"\xc4\xff\0\0", "wide before 0xff at 0"),
        (b"\xff", "unknown bytecode 0xff at 0"),
        (b"\xa7\x00\x01\xb1", "goto at 0 jumps to 1, which is not an instruction"),
        (b"\xa7\x7f\xff", "goto at 0 jumps to 32767, which is not an instruction"),
    ],
)
def test_what_is_wrong_with_bytecode_is_said(code: bytes, reason: str) -> None:
    with pytest.raises(ClassFileError, match=reason):
        decode(code)


@pytest.mark.parametrize("text", ["", "Q", "L;", "La", "[", "II", "V", "Ia"])
def test_no_type_of_a_field(text: str) -> None:
    with pytest.raises(ClassFileError, match="malformed descriptor"):
        check_descriptor(text, method=False)


@pytest.mark.parametrize("text", ["", "V", "(", "()", "(I", "()VV", "()II", "I()V"])
def test_no_type_of_a_method(text: str) -> None:
    with pytest.raises(ClassFileError, match=r"malformed (method )?descriptor"):
        check_descriptor(text, method=True)
