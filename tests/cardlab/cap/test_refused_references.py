"""References and initialisers that no compiler makes of sources that fit together, each refused by its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cardlab.cap.constants import ExportClassFlag
from cardlab.cap.convert import convert
from cardlab.cap.errors import ConversionError
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.reader import read_cap
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import u1, u2
from cardlab.classfile.opcodes import JvmOpcode
from cardlab.classfile.pool import ConstantTag
from tests.cardlab.cap.handmade import Pool, class_file

AID = bytes.fromhex("F000000001")
HAND, ISO7816, OWNER = "hand/Hand", "javacard/framework/ISO7816", "javacard/framework/OwnerPIN"
STATIC = AccessFlag.STATIC
FIELDS = ((STATIC, "bytes", "[B"), (STATIC, "shorts", "[S"), (STATIC, "small", "B"), (AccessFlag(0), "own", "S"))

Code = Callable[[Pool], bytes]


@pytest.fixture(scope="module")
def exports() -> Exports:
    return builtin()


def _converted(code: Code, method: str, exports: Exports) -> None:
    pool = Pool()
    raw = class_file(code(pool), fields=FIELDS, pool=pool, method=method)
    convert([raw], AID, (1, 0), [], exports)


def _using(tag: ConstantTag, opcode: JvmOpcode, owner: str, name: str, descriptor: str) -> Code:
    """An instruction on a reference, with what it takes from the stack in front."""
    more = b"\1\0" if opcode is JvmOpcode.INVOKEINTERFACE else b""
    return lambda pool: b"\1\1" + u1(opcode) + u2(pool.member(tag, owner, name, descriptor)) + more + b"\xb1"


def _field(opcode: JvmOpcode, owner: str, name: str, descriptor: str = "S") -> Code:
    return _using(ConstantTag.FIELD, opcode, owner, name, descriptor)


def _call(opcode: JvmOpcode, owner: str, name: str, descriptor: str = "()V") -> Code:
    return _using(ConstantTag.METHOD, opcode, owner, name, descriptor)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (_field(JvmOpcode.GETFIELD, HAND, "small", "B"), "field hand.Hand.small is static"),
        (_field(JvmOpcode.GETSTATIC, HAND, "own"), "field hand.Hand.own is not static"),
        (
            _field(JvmOpcode.GETSTATIC, ISO7816, "SW_WRONG_DATA"),
            "field javacard.framework.ISO7816.SW_WRONG_DATA is a constant without a place on the card; "
            "recompile the class",
        ),
        (_field(JvmOpcode.GETSTATIC, HAND, "none"), "field hand.Hand.none does not exist or is not exported"),
        (_call(JvmOpcode.INVOKEVIRTUAL, HAND, "run"), "method hand.Hand.run is static"),
        (_call(JvmOpcode.INVOKESTATIC, OWNER, "reset"), "method javacard.framework.OwnerPIN.reset is not static"),
        (
            _call(JvmOpcode.INVOKESPECIAL, HAND, "<init>"),
            "constructor hand.Hand.<init>()V does not exist or is not exported",
        ),
        (_call(JvmOpcode.INVOKESPECIAL, HAND, "run"), "method hand.Hand.run is static or abstract"),
        (_call(JvmOpcode.INVOKEINTERFACE, OWNER, "reset"), "javacard.framework.OwnerPIN is not an interface"),
        (
            _call(JvmOpcode.INVOKEINTERFACE, "javacard/framework/PIN", "none"),
            "method javacard.framework.PIN.none()V does not exist or is not exported",
        ),
    ],
    ids=range(10),
)
def test_references_that_do_not_fit_what_they_name(code: Code, reason: str, exports: Exports) -> None:
    """They are what is left when a class was compiled with another one than it is converted with (JLS 13.4)."""
    with pytest.raises(ConversionError) as refused:
        _converted(code, "run", exports)
    assert [one.message for one in refused.value.problems] == [reason]


def _set(name: str, descriptor: str, owner: str = HAND) -> Code:
    return lambda pool: u1(JvmOpcode.PUTSTATIC) + u2(pool.member(ConstantTag.FIELD, owner, name, descriptor))


def _constant(raw: bytes) -> Code:
    return lambda pool: u1(JvmOpcode.LDC) + u1(pool.add(raw))


_ZERO, _MINUS, _NULL, _BYTES = b"\3", b"\2", b"\1", b"\xbc\x08"
_BYTE_STORE, _TO_BYTE = b"\x54", b"\x91"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ((_NULL, _TO_BYTE), "a static initialiser mixes numbers and arrays"),
        ((_TO_BYTE,), "malformed static initialiser"),
        ((_constant(u1(ConstantTag.FLOAT) + bytes(4)),), "unsupported Float type constant in a static initialiser"),
        ((_MINUS, _BYTES), "array of -1 elements in a static initialiser"),
        ((_NULL, _ZERO, _ZERO, _BYTE_STORE), "malformed array in a static initialiser"),
        ((_ZERO, _BYTES, _ZERO, _ZERO, _BYTE_STORE), "malformed array in a static initialiser"),
        ((_ZERO, _set("max", "S", "hand/Other")), "a static initialiser may only set fields of its own class"),
        ((_ZERO, _set("none", "S")), "a static initialiser may only set fields of its own class"),
        ((_ZERO, _BYTES, _set("shorts", "[S")), "unsupported array type of static field shorts"),
        ((b"\x11\x00\x80", _set("small", "B")), "value 128 of static field small is too big"),
        ((_ZERO, _set("own", "S")), "a static initialiser may only set fields of its own class"),
    ],
    ids=range(11),
)
def test_initialisers_that_no_static_image_can_hold(
    code: tuple[bytes | Code, ...], reason: str, exports: Exports
) -> None:
    """JCVM 3.0.5, 2.2.4.6 and 6.11: fields of the class itself, constants, and arrays of them."""
    with pytest.raises(ConversionError) as refused:
        _converted(
            lambda pool: b"".join(one if isinstance(one, bytes) else one(pool) for one in code), "<clinit>", exports
        )
    assert [one.message for one in refused.value.problems] == [reason]


def test_a_handler_that_starts_inside_an_instruction(exports: Exports) -> None:
    sipush_pop = bytes.fromhex("11 0001 57 b1")
    for handler in ((1, 4, 4), (0, 2, 4), (0, 4, 1)):
        with pytest.raises(ConversionError, match="method run: an exception handler starts inside an instruction"):
            convert([class_file(sipush_pop, handlers=[handler])], AID, (1, 0), [], exports)


def test_a_class_without_a_superclass(exports: Exports) -> None:
    """Only java.lang.Object has none, and nobody converts that."""
    with pytest.raises(ClassFileError, match="class hand/Hand has no superclass"):
        convert([class_file(b"\xb1", parent="")], AID, (1, 0), [], exports)


def test_a_component_of_more_than_64_kilobytes(exports: Exports) -> None:
    """The Descriptor, which has seven bytes for each field, reaches the limit before the static fields do (6.14)."""
    fields = [(AccessFlag.PRIVATE | STATIC, f"f{n}", "B") for n in range(9400)]
    with pytest.raises(ConversionError, match=r"hand: component DESCRIPTOR has 65.* bytes; 65535 are allowed"):
        convert([class_file(b"\xb1", fields=fields)], AID, (1, 0), [], exports)


def test_a_number_that_does_not_fit_its_place(exports: Exports) -> None:
    """Fields are counted, and those of ints take two words each; a token and the size of an instance have one byte."""
    fields = [(AccessFlag.PRIVATE, f"f{n}", "I") for n in range(200)]
    words = "hand: the package is too large: a number does not fit its place in the CAP file"
    with pytest.raises(ConversionError, match=words):
        convert([class_file(b"\xb1", fields=fields)], AID, (1, 0), [], exports, ints=True)


def _packages(count: int) -> list[ExportFile]:
    supers = ("java/lang/Object",)
    return [
        ExportFile(
            f"p{n}",
            AID + bytes((n,)),
            (1, 0),
            True,
            (ExportedClass(0, ExportClassFlag.PUBLIC, f"p{n}/C", supers, (), (), ()),),
        )
        for n in range(count)
    ]


def test_more_imports_than_there_are_tokens(exports: Exports) -> None:
    """Java's own package is one of them."""
    for count in (127, 128):
        pool = Pool()
        casts = b"".join(b"\1\xc0" + u2(pool.class_name(f"p{n}/C")) + b"\x57" for n in range(count))
        classes = [class_file(casts + b"\xb1", pool=pool)]
        if count < 128:
            cap = convert(classes, AID + b"\xff", (1, 0), [], exports.plus(_packages(count))).cap
            assert len(read_cap(cap).imports) == 128
            continue
        with pytest.raises(ConversionError, match=r"hand: more than 128 packages are imported"):
            convert(classes, AID + b"\xff", (1, 0), [], exports.plus(_packages(count)))
