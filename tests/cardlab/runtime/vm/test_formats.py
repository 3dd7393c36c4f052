"""Load files of CAP formats 2.1, 2.2 and 2.3 compact (JCVM 3.0.5, 6.4; 3.1, 6.9.2), and what is wrong with some."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jpype import JException

from cardlab.cap import model as m
from cardlab.cap.constants import ELSEWHERE, PackageFlag
from cardlab.cap.container import Component, load_file
from cardlab.cap.errors import CapError
from cardlab.classfile.octets import Octets, u1, u2
from tests.cardlab.runtime.vm.handmade import APPLET, Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, Card

PROCESS = 7  # the token of Applet.process()
CODE = "aload_0; sspush 700; putfield_s @Hand.s; aload_0; getfield_s @Hand.s"


def with_tag(tag: Component, info: bytes) -> bytes:
    """A component with tag and size."""
    return u1(tag) + u2(len(info)) + info


def of_format(minor: int) -> dict[Component, bytes]:
    """The components of a load file of format 2.``minor``."""
    parts = dict(Hand(CODE).components())
    name = b"hand" if minor >= 2 else None
    flags = PackageFlag.INT | PackageFlag.APPLET
    header = m.Header((2, minor), flags, m.PackageInfo(PACKAGE, (1, 0)), name)
    parts[Component.HEADER] = with_tag(Component.HEADER, header.encode())
    info = parts[Component.CLASS][3:]
    if minor >= 2:
        info = u2(0) + info  # an empty signature pool moves every class reference of the package
    if minor == 3:
        count = info[2 + 6] + info[2 + 7]  # base and length of the table of public methods
        info += bytes(range(count)) + u1(count)
    parts[Component.CLASS] = with_tag(Component.CLASS, info)
    if minor >= 2:
        parts[Component.CONSTANT_POOL] = _moved(parts[Component.CONSTANT_POOL])
    return parts


def _moved(pool: bytes) -> bytes:
    """Classes of the package are two bytes further on."""
    out = bytearray(pool)
    for at in range(5, len(pool), 4):
        if pool[at] <= 4 and not pool[at + 1] & 0x80:
            out[at + 2] += 2
    return bytes(out)


def run(block: bytes) -> str:
    """Load, install, select."""
    card = Card.fresh()
    card.load(block)
    card.machine.install(PACKAGE, APPLET, APPLET, bytes((len(APPLET),)) + APPLET + b"\x00\x00")
    return card.select_aid(APPLET).hex().upper()


@pytest.mark.parametrize("minor", [1, 2, 3])
def test_every_format_is_executed(minor: int) -> None:
    assert run(load_file(of_format(minor))) == "02BC9000"


def renumbered(mapping: bytes) -> bytes:
    """A load file of format 2.3 whose class gives process() the token that its superclass has for another method."""
    parts = of_format(3)
    classes = m.Classes.read(Octets(parts[Component.CLASS][3:], CapError, "Class"), (2, 3))
    (one,) = classes.items
    table = [ELSEWHERE] * len(mapping)
    table[mapping.index(PROCESS)] = one.public[PROCESS - one.public_base]
    changed = replace(one, public_base=0, public=tuple(table), mapping=m.TokenMapping(mapping, len(mapping)))
    parts[Component.CLASS] = with_tag(Component.CLASS, replace(classes, items=(changed,)).encode())
    return load_file(parts)


def test_methods_are_found_where_a_class_has_renumbered_them() -> None:
    """JCVM 3.1, 6.9: what the runtime environment calls by Applet's token is under the class's own."""
    assert run(renumbered(bytes((0, 1, 2, 3, 4, 5, 7, 6)))) == "02BC9000"
    assert run(renumbered(bytes((7, 1, 2, 3, 4, 5, 6, 0)))) == "02BC9000"


def test_a_mapping_beyond_the_superclass_is_refused() -> None:
    with pytest.raises(JException, match="maps method 6 to 8, its superclass ends at 8"):
        run(renumbered(bytes((0, 1, 2, 3, 4, 5, 8, 7))))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda parts: parts.pop(Component.METHOD), "Method component is missing"),
        (lambda parts: parts.update({Component.HEADER: b"\x01\x00\x03abc"}), "bytes expected"),
        (lambda parts: parts.update({Component.IMPORT: with_tag(Component.IMPORT, b"\x00")}), "leads to no class"),
        (
            lambda parts: parts.update(
                {
                    Component.IMPORT: parts[Component.IMPORT].replace(
                        bytes.fromhex("07A0000000620101"), b"\x07" + bytes(7)
                    )
                }
            ),
            "is not on this card",
        ),
        (
            lambda parts: parts.update(
                {Component.STATIC_FIELD: with_tag(Component.STATIC_FIELD, u2(11) + u2(9) + u2(0) + u2(0) + u2(0))}
            ),
            "do not make up the image",
        ),
    ],
)
def test_what_is_wrong_is_named(change: object, why: str) -> None:
    parts = dict(Hand(CODE).components())
    assert callable(change)
    change(parts)
    with pytest.raises(JException, match=why) as caught:
        run(load_file(parts))
    assert caught.value.statusWord() == 0x6A80


def test_a_newer_minor_version_of_an_api_satisfies_and_an_older_one_does_not() -> None:
    parts = dict(Hand(CODE).components())
    aid = bytes.fromhex("07A0000000620101")
    for minor, fits in ((0, True), (6, True), (7, False)):
        imported = parts[Component.IMPORT]
        at = imported.index(aid) - 2
        changed = {**parts, Component.IMPORT: imported[:at] + u1(minor) + imported[at + 1 :]}
        if fits:
            assert run(load_file(changed)) == "02BC9000"
            continue
        with pytest.raises(JException, match=r"1\.7 is wanted, this card has 1\.6"):
            run(load_file(changed))
