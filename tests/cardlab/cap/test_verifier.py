"""The verifier refuses what would break type safety; each case changes one thing of a sound file."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cardlab.cap import model as m
from cardlab.cap.constants import (
    NO_TOKEN,
    NO_TYPE,
    PACKAGE_VISIBLE,
    PRIMITIVE,
    ClassAccess,
    MethodAccess,
    PoolTag,
    TypeCode,
)
from cardlab.cap.convert import Conversion, convert
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.model.refs import OBJECT_HAS_NONE
from cardlab.cap.reader import CapFile, from_components, read_cap
from cardlab.cap.verifier import verify
from cardlab.classfile.classfile import AccessFlag
from tests.cardlab.cap.conftest import Compile
from tests.cardlab.cap.corpus import PLATFORM
from tests.cardlab.cap.editing import descriptor, with_code
from tests.cardlab.cap.handmade import class_file

EXPORTS = builtin(PLATFORM)
WITH_TOKEN = (PoolTag.INSTANCE_FIELD, PoolTag.VIRTUAL_METHOD, PoolTag.SUPER_METHOD)
SOURCE = """package victim; class Victim { short number; byte[] bytes; Object any;
static void run(short a, byte[] b, Object o, Victim v) { a = v.number; b = v.bytes; o = v.any; a++; v.run2(a); }
short run2(short a) { return a; } static short twice(short a) { return (short) (a + a); } }"""


@pytest.fixture(scope="module")
def victim(compile_source: Compile) -> CapFile:
    """A sound file with one method to write over."""
    done = convert(compile_source("Victim", SOURCE), bytes.fromhex("F000000001"), (1, 0), [], EXPORTS)
    return read_cap(done.cap)


def _again(cap: CapFile) -> CapFile:
    return from_components(cap.encode(), {}, cap.folder)


def _with_code(cap: CapFile, code: bytes, method: m.MethodDescriptor | None = None) -> CapFile:
    """The file with the code of a method (the first static one) replaced, filled up with nop."""
    return with_code(cap, code, method or next(x for x in descriptor(cap).classes[0].methods if x.is_static))


def test_the_victim_is_sound(victim: CapFile) -> None:
    assert verify(victim, EXPORTS).findings == ()
    assert verify(_with_code(victim, b"\x7a"), EXPORTS).sound
    assert "runs off the end" in verify(_with_code(victim, b"\0"), EXPORTS).findings[0]


@pytest.mark.parametrize(
    "code, words",
    [
        ("18 7a", "local 0 has s"),  # aload_0 of a short
        ("1d 7a", "local 1 has"),  # sload_1 of an array
        ("1c 78", "a return of the wrong kind"),
        ("3b 7a", "the stack is empty"),
        ("03 03 92 7a", "an array is expected"),  # arraylength of a short
        ("19 03 26 7a", "aload"),  # saload of byte[]
        ("19 03 24 7a", "aaload of"),
        ("1c 93", "a reference is expected"),  # athrow of a short
        ("1a 93", "is thrown"),
        ("03 70 80", "jumps to"),
        ("70 fe", "not an instruction|jumps to"),
        ("04 60 03 03 7a", "depending on the way"),
        ("01 01 01 01 01 01 01 01 7a", "grows beyond"),
        ("2d 7a", "the stack is empty"),
        ("59 09 01 7a", "outside the frame"),
        ("3f 00 7a", "dup_x 0,0"),
        ("06 40 55 7a", "swap_x 5,5"),
        ("8f ffff 7a", "constant pool index|refers to"),
        ("0a 7a", "in a package without int"),
        ("fe 7a", "unknown bytecode"),
    ],
)
def test_code(code: str, words: str, victim: CapFile) -> None:
    try:
        found = verify(_with_code(victim, bytes.fromhex(code)), EXPORTS).findings
    except CapError as e:
        found = (str(e),)
    assert found
    assert re.search(words, " ".join(found)), found


def _change_descriptor(cap: CapFile, **fields: object) -> CapFile:
    assert cap.descriptor is not None
    first = replace(cap.descriptor.classes[0], **fields)  # type: ignore[arg-type]
    return _again(replace(cap, descriptor=replace(cap.descriptor, classes=(first, *cap.descriptor.classes[1:]))))


def test_the_descriptor_cannot_lie(victim: CapFile) -> None:
    assert victim.descriptor is not None
    c = victim.descriptor.classes[0]
    number = next(f for f in c.fields if not f.is_reference)
    reference = next(f for f in c.fields if f.is_reference)
    for fields in (
        {"fields": tuple(replace(f, type=reference.type) if f is number else f for f in c.fields)},
        {"fields": tuple(replace(f, type=PRIMITIVE | TypeCode.SHORT) if f is reference else f for f in c.fields)},
        {"fields": c.fields[1:]},
        {"methods": c.methods[1:]},
        {"methods": tuple(replace(x, type=c.methods[0].type) for x in c.methods)},
        {"methods": tuple(replace(x, flags=x.flags ^ MethodAccess.STATIC) for x in c.methods)},
        {"methods": tuple(replace(x, size=x.size + 1) for x in c.methods)},
        {"token": 0},
        {"flags": ClassAccess.INTERFACE},
        {"ref": 1},
        {"interfaces": (0,)},
    ):
        assert not verify(_change_descriptor(victim, **fields), EXPORTS).sound, fields


def test_the_types_of_the_pool_cannot_lie(victim: CapFile) -> None:
    d = victim.descriptor
    assert d is not None
    fields = [n for n, item in enumerate(victim.pool) if item.tag is PoolTag.INSTANCE_FIELD]
    for n in fields:
        for other in set(d.pool_types) - {d.pool_types[n], NO_TYPE}:
            types = tuple(other if k == n else t for k, t in enumerate(d.pool_types))
            changed = _again(replace(victim, descriptor=replace(d, pool_types=types)))
            assert not verify(changed, EXPORTS).sound


@pytest.mark.parametrize("name", ["calls", "except", "order"])
def test_the_pool_cannot_point_elsewhere(name: str, conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions[name].cap)
    for n, item in enumerate(cap.pool):
        data = bytes((item.data[0], item.data[1], 0x7E)) if item.tag in WITH_TOKEN else b"\x7f\xff\xff"
        pool = tuple(m.PoolItem(item.tag, data) if k == n else i for k, i in enumerate(cap.pool))
        assert not verify(_again(replace(cap, pool=pool)), EXPORTS).sound


def test_a_class_cannot_be_its_own_superclass(conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions["order"].cap)
    items = tuple(c if c.is_interface else replace(c, supers=(m.ClassRef(c.offset),)) for c in cap.classes.items)
    assert not verify(_again(replace(cap, classes=replace(cap.classes, items=items))), EXPORTS).sound


FAMILY = """package family; interface Counter { short next(short by); }
class Parent { short size; Parent(boolean z) { }
short run(byte[] b) { return 1; } public short next(Object o) { return 2; } }
class Child extends Parent implements Counter { Child(boolean z) { super(z); size = 1; }
short run(byte[] b) { return 2; } public short next(short by) { return by; } }"""


@pytest.fixture(scope="module")
def family(compile_source: Compile) -> CapFile:
    """A class that overrides a method and implements an interface."""
    done = convert(compile_source("Family", FAMILY), bytes.fromhex("F000000001"), (1, 0), [], EXPORTS)
    return read_cap(done.cap)


def _findings(cap: CapFile) -> str:
    return " ".join(verify(_again(cap), EXPORTS).findings)


def test_an_override_has_the_type_of_what_it_overrides(family: CapFile) -> None:
    """Else a caller of the parent's method would hand over an array where the child expects something else."""
    assert verify(family, EXPORTS).sound
    assert family.descriptor is not None
    *before, child = family.descriptor.classes
    for_bytes = next(x for x in child.methods if x.token == PACKAGE_VISIBLE)
    for other in {x.type for x in child.methods if x.type != for_bytes.type and not x.is_constructor}:
        methods = tuple(replace(x, type=other) if x is for_bytes else x for x in child.methods)
        descriptor = replace(family.descriptor, classes=(*before, replace(child, methods=methods)))
        assert "another type than the one it overrides" in _findings(replace(family, descriptor=descriptor))


def test_a_method_table_holds_the_nearest_method(family: CapFile) -> None:
    *before, child = family.classes.items
    swapped = replace(child, public=child.public[::-1], package=(family.classes.items[1].package[0],))
    found = _findings(replace(family, classes=replace(family.classes, items=(*before, swapped))))
    assert "the method table has another method there" in found or "in the Descriptor" in found


def test_an_interface_method_is_mapped_to_one_of_its_type(family: CapFile) -> None:
    *before, child = family.classes.items
    [mapped] = child.interfaces
    for token in set(range(child.public_base + len(child.public))) - set(mapped.tokens):
        changed = replace(child, interfaces=(replace(mapped, tokens=bytes((token,))),))
        found = _findings(replace(family, classes=replace(family.classes, items=(*before, changed))))
        assert "not of the type that interface" in found
    shorter = replace(child, interfaces=(replace(mapped, tokens=b""),))
    assert not verify(_again_classes(family, (*before, shorter)), EXPORTS).sound


def _again_classes(cap: CapFile, items: tuple[m.ClassInfo, ...]) -> CapFile:
    """The file with other classes, and the Directory's size of them."""
    classes = replace(cap.classes, items=items)
    sizes = list(cap.directory.sizes)
    sizes[5] = len(classes.encode())
    return _again(replace(cap, classes=classes, directory=replace(cap.directory, sizes=tuple(sizes))))


@pytest.mark.parametrize(
    "code, words",
    [
        ("7a", "before the superclass's constructor"),
        ("01 2b 7a", "local 0 is overwritten"),
        ("1d 61 07 18 1d {super} 7a", "depending on the way"),
    ],
)
def test_a_constructor_calls_its_superclass_on_every_way(code: str, words: str, family: CapFile) -> None:
    assert family.descriptor is not None
    method = next(x for x in family.descriptor.classes[-1].methods if x.is_constructor)
    _, old = method_code(family, method)
    call = next(i for i in disassemble(old) if i.name == "invokespecial")
    new = bytes.fromhex(code.replace("{super}", old[call.address : call.end].hex()))
    assert words in " ".join(verify(_with_code(family, new, method), EXPORTS).findings)


@pytest.fixture(scope="module")
def language() -> CapFile:
    """A java.lang of nothing but Object, as a platform's own package is."""
    raw = class_file(b"\xb1", access=AccessFlag.PUBLIC, method_access=AccessFlag.STATIC)
    cap = read_cap(convert([raw], bytes.fromhex("A0000000620001"), (1, 9), [], EXPORTS).cap)
    [info] = cap.classes.items
    root = replace(info, supers=(OBJECT_HAS_NONE,), public_base=0)
    sizes = list(cap.directory.sizes)
    sizes[3] = 1  # Import: a count of 0
    directory = replace(cap.directory, sizes=tuple(sizes), import_count=0)
    classes = replace(cap.classes, items=(root,))
    return _again(replace(cap, classes=classes, imports=(), directory=directory))


def test_java_lang_itself(language: CapFile) -> None:
    """Object has no superclass (JCVM 3.0.4, 6.9.2)."""
    assert verify(language, EXPORTS).findings == ()
    [info] = language.classes.items
    above = replace(language.classes, items=(replace(info, supers=(m.ClassRef(0),)),))
    assert "java.lang.Object has a superclass" in _findings(replace(language, classes=above))


def test_only_object_has_no_superclass(language: CapFile) -> None:
    package = replace(language.header.package, aid=bytes.fromhex("F000000001"))
    other = replace(language, header=replace(language.header, package=package))
    sizes = list(language.directory.sizes)
    sizes[0] -= 2
    directory = replace(language.directory, sizes=tuple(sizes))
    assert "package token 127 is not imported" in _findings(replace(other, directory=directory))


HIDDEN = """package hidden; class Hidden { public static byte x; protected static void f() { } public Hidden() { }
static void g() { } private static byte y; }"""


def test_public_members_of_a_class_that_is_not_public(compile_source: Compile) -> None:
    """Kits give them tokens, though no other package can name the class."""
    cap = read_cap(convert(compile_source("Hidden", HIDDEN), bytes.fromhex("F000000001"), (1, 0), [], EXPORTS).cap)
    assert cap.descriptor is not None
    [c] = cap.descriptor.classes
    visible = MethodAccess.PUBLIC | MethodAccess.PROTECTED
    assert {x.token for x in c.methods if x.flags & visible} == {0, 1}
    assert verify(cap, EXPORTS).findings == ()
    numbered = tuple(replace(x, token=2) if x.token == NO_TOKEN else x for x in c.methods)
    assert "its token and its visibility do not agree" in _findings(_with_methods(cap, numbered))


def test_public_members_of_a_public_class_have_tokens(conversions: dict[str, Conversion]) -> None:
    cap = read_cap(conversions["library"].cap)
    assert cap.descriptor is not None
    for n, c in enumerate(cap.descriptor.classes):
        for one in c.methods if not c.is_interface else ():
            if one.token != NO_TOKEN and not one.is_virtual:
                methods = tuple(replace(x, token=NO_TOKEN) if x is one else x for x in c.methods)
                assert "its token and its visibility do not agree" in _findings(_with_methods(cap, methods, n))


def _with_methods(cap: CapFile, methods: tuple[m.MethodDescriptor, ...], of: int = 0) -> CapFile:
    """The file with other method descriptors of a class."""
    assert cap.descriptor is not None
    classes = tuple(replace(c, methods=methods) if n == of else c for n, c in enumerate(cap.descriptor.classes))
    return replace(cap, descriptor=replace(cap.descriptor, classes=classes))


def test_an_unknown_import_is_noted(conversions: dict[str, Conversion]) -> None:
    verdict = verify(read_cap(conversions["minimal"].cap), Exports())
    assert verdict.findings == ()
    assert len(verdict.notes) == 2
