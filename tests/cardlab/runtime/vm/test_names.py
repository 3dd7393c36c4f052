"""Names and lines for what the machine tells by numbers, from a Debug component (JCVM 3.0.5, 6.15)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cardlab.cap.container import Component
from cardlab.classfile.octets import u1, u2, u4
from cardlab.runtime.vm.names import Names, counted, kept_of_file

AID = bytes.fromhex("F000000001")
NUMBERED = f"{AID.hex().upper()}/class"
_STATIC = 0x0008


@dataclass
class Debug:
    """Writes a Debug component of two classes; the second stands first in it."""

    strings: list[str] = field(default_factory=list)

    def _string(self, text: str) -> bytes:
        if text not in self.strings:
            self.strings.append(text)
        return u2(self.strings.index(text))

    def _field(self, name: str, descriptor: str, flags: int, place: int) -> bytes:
        return self._string(name) + self._string(descriptor) + u4(flags) + u4(place)

    def _method(self, name: str, location: int, lines: list[tuple[int, int, int]]) -> bytes:
        head = self._string(name) + self._string("()V") + u4(0) + u2(location) + u1(2) + u2(20) + u2(0)
        return head + u2(len(lines)) + b"".join(u2(n) for line in lines for n in line)

    def _class(self, name: str, location: int, fields: list[bytes], methods: list[bytes]) -> bytes:
        head = self._string(name) + u4(0) + u2(location) + self._string("java/lang/Object")
        members = b"".join((*fields, *methods))
        return head + self._string(f"{name[4:]}.java") + u1(0) + u2(len(fields)) + u2(len(methods)) + members

    def component(self) -> bytes:
        second = self._class("box/Second", 20, [self._field("size", "S", 0, 0)], [])
        first = self._class("box/First", 0, self._fields(), [self._method("go", 10, [(0, 3, 7), (4, 4, 9)])])
        texts = b"".join(u2(len(one)) + one.encode() for one in self.strings)
        info = u2(len(self.strings)) + texts + self._string("box") + u2(2) + second + first
        return u1(Component.DEBUG) + u2(len(info)) + info

    def _fields(self) -> list[bytes]:
        statics = [("table", "[B", 0), ("flag", "Z", 2), ("count", "B", 3), ("total", "I", 4), ("last", "S", 8)]
        return [
            *(self._field(name, descriptor, _STATIC, place) for name, descriptor, place in statics),
            self._field("wide", "I", 0, 1),
            self._field("next", "Lbox/First;", 0, 3),
        ]


@dataclass
class Converted:
    debug: bytes


@dataclass
class File:
    """A load file with its Debug component."""

    data_block: bytes
    converted: Converted


KEPT = bytes.fromhex("01000101") + bytes.fromhex("0700020102")
BLOCK = bytes.fromhex("02000100") + KEPT + bytes.fromhex("0900020000") + bytes.fromhex("0B000100")


@pytest.fixture
def names() -> Names:
    """Of a card that keeps the file."""
    known = (File(b"\1\0\1\2", Converted(b"")), File(BLOCK, Converted(Debug().component())))
    return Names(known, lambda aid: KEPT if aid == AID else b"")


def test_what_a_card_keeps_of_a_file() -> None:
    """Not Directory, Reference Location, Descriptor, Debug; static resources have four bytes of size."""
    assert kept_of_file(BLOCK) == KEPT
    resources = bytes.fromhex("0D00000003010203")
    assert kept_of_file(resources + BLOCK + bytes.fromhex("0C000100")) == resources + KEPT
    assert kept_of_file(b"") == b""


def test_classes_by_their_order_on_the_card(names: Names) -> None:
    assert [names.class_name(f"{NUMBERED}{n}") for n in range(3)] == ["box.First", "box.Second", "F000000001.class2"]
    assert [names.is_known(f"{NUMBERED}{n}") for n in range(3)] == [True, True, False]
    assert names.class_name("javacard/framework/OwnerPIN") == "javacard.framework.OwnerPIN"
    assert not names.is_known("javacard/framework/OwnerPIN")
    assert not names.is_known("F000000002/class0")


def test_texts_of_the_machine(names: Names) -> None:
    """Both forms of a class's number, in a text."""
    told = f"{NUMBERED}0 is no {AID.hex().upper()}.class1, F000000002/class0"
    assert names.in_words(told) == "box.First is no box.Second, F000000002.class0"


def test_fields_of_objects(names: Names) -> None:
    assert [names.field(f"{NUMBERED}0", token) for token in range(5)] == [None, "wide", None, "next", None]
    assert names.field(f"{NUMBERED}1", 0) == "size"
    assert names.field(f"{NUMBERED}2", 0) is None
    assert [names.is_integer(f"{NUMBERED}0", token) for token in range(5)] == [False, True, False, False, False]
    assert not names.is_integer(f"{NUMBERED}2", 1)


def test_static_fields_with_their_bytes(names: Names) -> None:
    assert [*names.static_fields(AID)] == [
        ("box.First.table", 0, 2),
        ("box.First.flag", 2, 1),
        ("box.First.count", 3, 1),
        ("box.First.total", 4, 4),
        ("box.First.last", 8, 2),
    ]
    assert [*names.static_fields(b"12345")] == []


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (12, "box.First.go(First.java:7)"),
        (15, "box.First.go(First.java:7)"),
        (16, "box.First.go(First.java:9)"),
        (17, "box.First.go(First.java)"),
    ],
)
def test_places_in_code(at: int, told: str, names: Names) -> None:
    """The header of the method has two bytes."""
    assert names.place(f"{AID.hex().upper()} 10 {at}") == told


def test_places_without_names(names: Names) -> None:
    assert names.place(f"{AID.hex().upper()} 11 15") == f"{AID.hex().upper()} method@11+4"
    assert names.place("F000000002 10 15") == "F000000002 method@10+5"
    assert names.place("- javacard.framework.Util.arrayCopy(Util.java)") == "javacard.framework.Util.arrayCopy"
    assert names.place("") == ""


def test_names_of_a_package_that_went() -> None:
    """They are looked up once, until something is loaded or deleted."""
    kept = {AID: KEPT}
    known = (File(BLOCK, Converted(Debug().component())),)
    changing = Names(known, lambda aid: kept.get(aid, b""))
    assert changing.is_known(f"{NUMBERED}0")
    del kept[AID]
    assert changing.is_known(f"{NUMBERED}0")
    changing.forget()
    assert not changing.is_known(f"{NUMBERED}0")


def test_a_place_that_repeats_is_told_once() -> None:
    assert [*counted("aabaaa")] == ["a (2 times)", "b", "a (3 times)"]
    assert [*counted([])] == []
