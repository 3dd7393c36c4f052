"""Next to a fault: what a rule just allows and what it just refuses; notes about versions (JCVM 3.0.5, chapter 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.cap.constants import NO_TOKEN, PoolTag, TypeCode
from cardlab.cap.convert import Conversion
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier import Rule, verify
from tests.cardlab.cap.by_hand import COMPACT, PARENT, Negative, mapped, one_entry_more, room, room_of
from tests.cardlab.cap.corpus import PLATFORM
from tests.cardlab.cap.editing import again, at_name, descriptor, with_class
from tests.cardlab.cap.negatives import corpus_files, imports

Files = Mapping[str, CapFile]
EXPORTS = builtin(PLATFORM)


@pytest.fixture(scope="module")
def files(conversions: dict[str, Conversion], corpus_classes: Path) -> Files:
    """The corpus's CAP files, and one of format 2.3."""
    return corpus_files(conversions, corpus_classes)


def _broken(cap: CapFile) -> dict[Rule, str]:
    """Rules that are broken, and what is said of the last one."""
    return {fault.rule: fault.text for fault in verify(cap, EXPORTS).faults}


# Format 2.3: java.lang.Object has one method, of token 0, to which Parent's first is mapped


@pytest.mark.parametrize("above, rules", [(0, set()), (1, {Rule.MAPPING_TOKEN})])
def test_a_method_is_mapped_to_the_last_one_that_there_is(above: int, rules: set[Rule], files: Files) -> None:
    assert _broken(mapped(above)(files)).keys() == rules


def test_as_many_methods_are_inheritable_as_there_are(files: Files) -> None:
    cap = files[COMPACT]
    mapping = cap.classes.items[at_name(cap, descriptor(cap).classes[6].ref)].mapping
    assert mapping is not None
    count = len(mapping.tokens)
    assert _broken(mapped(0, inheritable=count)(files)) == {}
    [(rule, said)] = _broken(mapped(0, inheritable=count + 1)(files)).items()
    assert rule is Rule.MAPPING_INHERITABLE
    assert said.endswith(f"{count + 1} methods are inheritable, it has {count}")


@pytest.mark.parametrize(
    "made, rules",
    [
        (mapped(0), set()),
        (mapped(1), set()),
        (mapped(NO_TOKEN), set()),
        (mapped(0, 0), {Rule.MAPPING_TWICE}),
        (mapped(inheritable=50), {Rule.MAPPING_INHERITABLE}),
    ],
    ids=["all", "above", "none", "twice", "inheritable"],
)
def test_what_an_unknown_superclass_has_is_not_judged(made: Negative, rules: set[Rule], files: Files) -> None:
    """The package of java.lang.Object has no export file: only what the mapping says by itself is wrong."""
    assert {fault.rule for fault in verify(made(files), Exports()).faults} == rules


# References


@pytest.mark.parametrize(
    "tag, data, rule, said",
    [
        (PoolTag.INSTANCE_FIELD, (0, PARENT, 1), None, ""),
        (PoolTag.INSTANCE_FIELD, (0, PARENT, 2), Rule.POOL_FIELD, "class at 30 has no instance field of token 2"),
        (PoolTag.INSTANCE_FIELD, (0, 60, 0), Rule.POOL_FIELD, "class at 60 has no instance field of token 0"),
        (PoolTag.INSTANCE_FIELD, (0, 82, 0), Rule.POOL_FIELD, "class at 82 has no instance field of token 0"),
        (PoolTag.VIRTUAL_METHOD, (0, PARENT, 4), Rule.POOL_VIRTUAL, "class @30 has no virtual method of token 4"),
        (PoolTag.VIRTUAL_METHOD, (0, PARENT, 0x83), Rule.POOL_VIRTUAL, "class @30 has no virtual method of token 131"),
        (PoolTag.STATIC_FIELD, (0, 0, 6), Rule.POOL_STATIC_FIELD, "there is no static field at 6"),
        (PoolTag.CLASS, (0x82, 0, 0), Rule.IMPORT_TOKEN, "package token 2 is not imported"),
    ],
)
def test_references_to_the_last_member_and_the_next(
    tag: PoolTag, data: tuple[int, ...], rule: Rule | None, said: str, files: Files
) -> None:
    """The types are those of the last constant of the kind: of another, where the member is there."""
    found = _broken(one_entry_more(tag, bytes(data).hex(), tag)(files))
    found.pop(Rule.POOL_FIELD_TYPE, None)
    found.pop(Rule.POOL_METHOD_TYPE, None)
    assert found == ({} if rule is None else {rule: f"ConstantPool: entry {len(files['spare'].pool)}: {said}"})


# Handlers: one of `room`, whose code is 60 instructions of one byte


def _handled(files: Files, start: int, length: int, target: int) -> dict[Rule, str]:
    cap = room(Opcode.SCONST_0, Opcode.SRETURN)(files)
    at = room_of(cap).offset + 2
    row = replace(cap.methods.handlers[0], start=at + start, length=length, target=at + target)
    rows = tuple(row if one == cap.methods.handlers[0] else one for one in cap.methods.handlers)
    return _broken(again(replace(cap, methods=replace(cap.methods, handlers=rows))))


WHOLE = 60


@pytest.mark.parametrize(
    "start, length, target, fits",
    [
        (0, WHOLE, 0, True),
        (0, WHOLE, WHOLE - 1, True),
        (WHOLE - 1, 1, 0, True),
        (-1, WHOLE, 0, False),
        (0, WHOLE + 1, 0, False),
        (0, 0, 0, False),
        (0, WHOLE, WHOLE, False),
        (0, WHOLE, -1, False),
    ],
)
def test_handlers_stay_in_their_method(start: int, length: int, target: int, fits: bool, files: Files) -> None:
    found = _handled(files, start, length, target)
    assert (Rule.HANDLER_RANGE in found) is not fits


@pytest.mark.parametrize("second, stops", [(3, True), (2, False), (0, False)])
def test_a_range_that_begins_where_another_ends_is_another(second: int, stops: bool, files: Files) -> None:
    """The stop bit is that of the last handler of a range (6.10.1); of the second of two it is always set."""
    cap = files["except"]
    one = next(x for c in descriptor(cap).classes for x in c.methods if x.handler_count == 2)
    first, other = cap.methods.handlers[one.first_handler : one.first_handler + 2]
    for bit in (True, False):
        rows = list(cap.methods.handlers)
        rows[one.first_handler] = replace(first, length=3, stop=bit)
        rows[one.first_handler + 1] = replace(other, start=first.start + second, length=3, stop=True)
        found = _broken(again(replace(cap, methods=replace(cap.methods, handlers=tuple(rows)))))
        assert (Rule.HANDLER_STOP in found) is (bit is not stops)


# The image of static fields


def test_static_booleans_begin_as_0_or_1(files: Files) -> None:
    """Each of the package, the first and the last byte of the image's values, too."""
    cap = files["consts"]
    s = cap.statics
    first = 2 * s.reference_count + s.default_bytes
    fields = [f for c in descriptor(cap).classes for f in c.fields if f.is_static and not f.is_reference]
    booleans = [f.image_offset - first for f in fields if f.primitive == TypeCode.BOOLEAN]
    places = [at for at in booleans if at >= 0]
    assert places
    for at in places:
        for value in (0, 1, 2):
            values = s.values[:at] + bytes((value,)) + s.values[at + 1 :]
            found = _broken(again(replace(cap, statics=replace(s, values=values))))
            assert found.keys() == ({Rule.STATIC_BOOLEAN} if value > 1 else set())


# Method tables


@pytest.mark.parametrize("token, rule", [(3, None), (4, Rule.INTERFACE_TOKEN)])
def test_an_interface_method_is_mapped_to_the_last_token(token: int, rule: Rule | None, files: Files) -> None:
    """Parent's last public token is 3; whether that is of the type is another rule."""
    cap = files["spare"]
    n = at_name(cap, PARENT)
    [one, other] = cap.classes.items[n].interfaces
    found = _broken(with_class(cap, n, interfaces=(replace(one, tokens=bytes((token,))), other)))
    assert (Rule.INTERFACE_TOKEN in found) is (rule is not None)


# Notes


@pytest.mark.parametrize(
    "major, minor, noted",
    [(0, 0, False), (0, -1, False), (0, 1, True), (1, 0, True), (-1, 0, True), (-1, 1, True)],
)
def test_versions_of_imports(major: int, minor: int, noted: bool, files: Files) -> None:
    """A file that needs a higher minor version, or another major one, is checked against another: that is said."""
    cap = files["minimal"]
    known = EXPORTS.by_aid(cap.imports[0].aid)
    assert known is not None
    version = (known.version[0] + major, known.version[1] + minor)
    changed = replace(cap, imports=(replace(cap.imports[0], version=version), *cap.imports[1:]))
    name, have = known.name.replace("/", "."), f"{known.version[0]}.{known.version[1]}"
    said = f"{name} {version[0]}.{version[1]} is imported, checked against version {have}"
    others = verify(cap, EXPORTS).notes
    assert verify(again(changed), EXPORTS).notes == ((said, *others) if noted else others)
    assert others == ()


def test_a_package_without_a_token_table_is_named(files: Files, conversions: dict[str, Conversion]) -> None:
    cap = files["user"]
    library = files["library"].header.package.aid
    [note] = verify(cap, EXPORTS).notes
    assert note == f"no token table for the imported package {library.hex().upper()}: its use is not checked"
    assert verify(cap, imports(conversions, cap)).notes == ()
