"""How far classes, fields and methods go: the last that there is links, the one after it is refused (JCVM 3.0.5, 6).

The linker alone judges here; a runtime that has class files would refuse whatever differs from what it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cardlab.cap.container import Component
from cardlab.cap.model import ReferenceLocations
from cardlab.cap.model.classes import Interface
from cardlab.cap.model.methods import HandlerInfo
from cardlab.cap.model.statics import StaticArray
from cardlab.cap.platform import tables
from cardlab.cap.reader import CapFile
from cardlab.card.manager import linking
from cardlab.card.manager.refusal import Refusal
from tests.cardlab.card.loads import LIBRARY, USER, components, edited, library, user

LIBRARY_BLOCK, USER_BLOCK = library().data_block, user().data_block
CODE = len(components(USER_BLOCK)[Component.METHOD]) - 3
LINKS = ""


def verdict(cap: CapFile) -> str:
    """Why a package does not link with the platform and the library; nothing when it does."""
    offers = {**linking.platform_offers("3.0.4"), LIBRARY: linking.offer_of(linking.read(LIBRARY_BLOCK))}
    try:
        linking.link(cap, cap.header.package.aid, offers)
    except Refusal as refusal:
        return str(refusal)
    return LINKS


def put(block: bytes, tag: Component, place: int, new: str) -> str:
    """The verdict on a package with other bytes at a place of a component's info."""
    raw = bytes.fromhex(new)
    return verdict(linking.read(edited(block, tag, lambda info: info[:place] + raw + info[place + len(raw) :])))


def entry(number: int, new: str, block: bytes = USER_BLOCK) -> str:
    """The verdict on a package with another entry in its constant pool."""
    return put(block, Component.CONSTANT_POOL, 2 + 4 * number, new)


# The library's class Tally (token 0): one static field, two static methods (the constructor and make), one instance
# field, and next behind the one method of Object. The user imports the library first, and three packages in all.
IMPORTED = {
    "class": ("01800000", "01800100"),
    "class of a package": ("01800000", "01830000"),
    "static field": ("05800000", "05800001"),
    "static method": ("06800001", "06800002"),
    "instance field": ("02800000", "02800001"),
    "virtual method": ("03800001", "03800002"),
    "method of the superclass": ("04800001", "04800002"),
}


@pytest.mark.parametrize("kind", IMPORTED)
def test_imported_members_go_as_far_as_the_library(kind: str) -> None:
    last, beyond = IMPORTED[kind]
    assert entry(17, last) == LINKS
    assert f"entry 17: {beyond[2:]}" in entry(17, beyond) or "is in no package on this card" in entry(17, beyond)


def test_a_constant_of_the_platform_has_no_place_that_code_could_refer_to() -> None:
    """Its token FF in an export file says that it has none (JCVM 3.0.5, 5.9); ISO7816 holds nothing but constants."""
    linking.platform_offers.cache_clear()  # made here, not before
    assert "is in no package on this card" in entry(17, "058200FF")


def test_methods_go_as_far_as_those_of_a_class_of_the_platform() -> None:
    """Of every class of javacard.framework; some have none, and then there is no first one either."""
    linking.platform_offers.cache_clear()
    (framework,) = (one for one in tables("3.0.4", "1.6") if one.name == "javacard/framework")
    counts = {
        one.token: 1 + max((m.token for m in one.methods if m.is_virtual), default=-1) for one in framework.classes
    }
    assert 0 in counts.values() and max(counts.values()) > 5
    for token, count in counts.items():
        assert "is in no package on this card" in entry(17, f"0382{token:02X}{count:02X}")
        assert not count or entry(17, f"0382{token:02X}{count - 1:02X}") == LINKS


OWN = {
    "class": ("01000C00", "01000B00", "names a class at"),
    "class of an instance field": ("02000C00", "02000D00", "names a class at"),
    "virtual method": ("03000C07", "03000C08", "names a virtual method 8 that is not there"),
    "method of the superclass": ("04000C07", "04000C08", "names a virtual method 8 that is not there"),
    "first static method": ("06000001", "06000000", "leads to 0, where nothing static is"),
    "last static method": (f"0600{CODE - 1:04X}", f"0600{CODE:04X}", f"leads to {CODE}, where nothing static is"),
    "first byte of a static reference": ("06000001", "06010001", "leads to 1, where nothing static is"),
}


@pytest.mark.parametrize("kind", OWN)
def test_own_members_go_as_far_as_the_package(kind: str) -> None:
    last, beyond, reason = OWN[kind]
    assert entry(17, last) == LINKS
    assert reason in entry(17, beyond)


def test_own_static_fields_go_as_far_as_their_image() -> None:
    """The library has one field of two bytes."""
    assert entry(4, "05000001", LIBRARY_BLOCK) == LINKS
    assert "leads to 2, where nothing static is" in entry(4, "05000002", LIBRARY_BLOCK)
    assert "leads to 0, where nothing static is" in entry(17, "05000000"), "the user has no image"


@pytest.mark.parametrize(
    ("place", "last", "beyond", "reason"),
    [
        (13, "000C", "0001", "refers to a class 0001 that is not there"),
        (13, "8000", "8001", "refers to a class 8001 that is not there"),
        (13, "8000", "8300", "refers to a class 8300 that is not there"),
        (13, "8000", "FFFF", "refers to a class FFFF that is not there"),
        (22, f"{CODE - 1:04X}", f"{CODE:04X}", "the class at 12 is outside the Method component"),
        (22, "0001", "0000", "the class at 12 is outside the Method component"),
        (22, "FFFF", "FFFE", "the class at 12 is outside the Method component"),
        (10, f"{CODE - 1:04X}", f"{CODE:04X}", "the class at 0 is outside the Method component"),
        (10, "0001", "0000", "the class at 0 is outside the Method component"),
    ],
)
def test_classes_lead_to_classes_and_methods(place: int, last: str, beyond: str, reason: str) -> None:
    assert put(USER_BLOCK, Component.CLASS, place, last) == LINKS
    assert reason in put(USER_BLOCK, Component.CLASS, place, beyond)


@pytest.mark.parametrize(("last", "beyond"), [(f"{CODE - 1:04X}", f"{CODE:04X}"), ("0001", "0000")])
def test_an_applet_begins_in_the_code(last: str, beyond: str) -> None:
    assert put(USER_BLOCK, Component.APPLET, 9, last) == LINKS
    assert "an install method is outside the Method component" in put(USER_BLOCK, Component.APPLET, 9, beyond)


def test_references_in_code_go_as_far_as_the_constant_pool() -> None:
    locations = linking.read(USER_BLOCK).locations
    for part, form, count in ((locations.one_byte, "{:02X}", "one byte"), (locations.two_byte, "{:04X}", "two bytes")):
        for place in ReferenceLocations.places(part):
            assert put(USER_BLOCK, Component.METHOD, place, form.format(18)) == LINKS
            assert f"a reference of {count} is" in put(USER_BLOCK, Component.METHOD, place, form.format(19))


def test_references_lie_in_the_code() -> None:
    """The last byte can hold a reference of one byte, the last two one of two bytes; the first byte counts handlers."""
    info = linking.read(USER_BLOCK).methods.info

    def located(one: bytes, two: bytes) -> list[str]:
        cap = linking.read(USER_BLOCK)
        zeros = replace(cap.methods, info=info[:1] + bytes(CODE - 1))
        return list(linking._places(replace(cap, methods=zeros, locations=ReferenceLocations(one, two))))

    assert located(bytes((CODE - 1,)), bytes((CODE - 2,))) == located(b"\1", b"\1") == []
    assert [one[:42] for one in located(bytes((CODE,)), b"")] == ["RefLocation: a reference of one byte is ou"]
    assert [one[:42] for one in located(b"", bytes((CODE - 1,)))] == ["RefLocation: a reference of two bytes is o"]
    assert len(located(b"\0", b"\0")) == 2


@pytest.mark.parametrize(("start", "target"), [(8, 20), (CODE, 20), (20, 8), (20, CODE)])
def test_handlers_lie_in_the_code(start: int, target: int) -> None:
    """One handler takes 8 bytes behind their count, so methods begin at 9."""

    def problems(start: int, target: int) -> list[str]:
        cap = linking.read(USER_BLOCK)
        handler = HandlerInfo(start, 1, True, target, 0)
        cap = replace(cap, methods=replace(cap.methods, handlers=(handler,)), locations=ReferenceLocations(b"", b""))
        return list(linking._places(cap))

    assert problems(9, 9) == problems(CODE - 1, CODE - 1) == []
    assert problems(start, target) == ["Method: an exception handler is outside the code"]


def test_a_class_has_the_methods_of_its_interfaces() -> None:
    """Its last public method has token 7."""

    def implementing(token: int) -> str:
        cap = linking.read(USER_BLOCK)
        first, second = cap.classes.items
        interface = Interface(first.supers[0], bytes((token,)))
        items = (first, replace(second, interfaces=(interface,)))
        return verdict(replace(cap, classes=replace(cap.classes, items=items)))

    assert implementing(7) == LINKS
    assert "the class at 12 lacks a method of an interface" in implementing(8)


# What a component says of itself or of another one; each is changed so that one rule alone is broken.
Change = Callable[[CapFile], CapFile]


def directory(**fields: object) -> Change:
    return lambda cap: replace(cap, directory=replace(cap.directory, **fields))  # type: ignore[arg-type]


def statics(change: dict[str, object], told: dict[str, object]) -> Change:
    """Another StaticField component, of which the Directory tells the truth."""

    def changed(cap: CapFile) -> CapFile:
        found = replace(cap.statics, **change)  # type: ignore[arg-type]
        return replace(cap, statics=found, directory=replace(cap.directory, **told))  # type: ignore[arg-type]

    return changed


def sized(tag: Component, size: int) -> Change:
    """The Directory names another size of a component."""

    def changed(cap: CapFile) -> CapFile:
        sizes = list(cap.directory.sizes)
        sizes[tag - 1] = size
        return replace(cap, directory=replace(cap.directory, sizes=tuple(sizes)))

    return changed


def applets_twice(cap: CapFile) -> CapFile:
    return replace(cap, applets=cap.applets * 2, directory=replace(cap.directory, applet_count=2))


def imports_twice(cap: CapFile) -> CapFile:
    imports = (*cap.imports, cap.imports[0])
    return replace(cap, imports=imports, directory=replace(cap.directory, import_count=len(imports)))


def resources(told: int) -> Change:
    """Format 2.3: a component of three bytes of static resources, of which the Directory tells."""

    def changed(cap: CapFile) -> CapFile:
        raw = {**cap.raw, Component.STATIC_RESOURCE: bytes((Component.STATIC_RESOURCE, 0, 0, 0, 3, 0, 0, 0))}
        return replace(cap, raw=raw, directory=replace(cap.directory, resource_size=told))

    return changed


def test_static_resources_are_as_long_as_the_directory_says() -> None:
    """Their tag and size have five bytes (JCVM 3.1, 6.16)."""
    assert verdict(resources(3)(linking.read(USER_BLOCK))) == LINKS
    assert verdict(directory(resource_size=0)(linking.read(USER_BLOCK))) == LINKS


STRUCTURE: dict[str, tuple[Change, str]] = {
    "a component's size": (sized(Component.CLASS, 1), "Directory: CLASS has 24 bytes, not 1"),
    "a component that is not there": (sized(Component.EXPORT, 1), "Directory: EXPORT is named, and not there"),
    "resources": (directory(resource_size=1), "Directory: STATIC_RESOURCE has 0 bytes, not 1"),
    "more resources": (resources(2), "Directory: STATIC_RESOURCE has 3 bytes, not 2"),
    "fewer resources": (resources(4), "Directory: STATIC_RESOURCE has 3 bytes, not 4"),
    "size of the image": (directory(image_size=2), "sizes of static fields are not those of StaticField"),
    "arrays": (directory(array_count=1), "sizes of static fields are not those of StaticField"),
    "bytes of arrays": (directory(array_bytes=1), "sizes of static fields are not those of StaticField"),
    "imports": (directory(import_count=4), "it counts other imports or applets than there are"),
    "applets": (directory(applet_count=2), "it counts other imports or applets than there are"),
    "parts of the image": (
        statics({"image_size": 2}, {"image_size": 2}),
        "StaticField: its parts do not add up to the image",
    ),
    "arrays without references": (
        statics({"arrays": (StaticArray(3, b""),)}, {"array_count": 1}),
        "StaticField: more arrays than references",
    ),
    "an applet twice": (applets_twice, "Applet: an AID comes twice"),
    "an import twice": (imports_twice, "Import: a package comes twice"),
}


@pytest.mark.parametrize("what", STRUCTURE)
def test_what_components_say_of_each_other_is_true(what: str) -> None:
    change, reason = STRUCTURE[what]
    assert reason in verdict(change(linking.read(USER_BLOCK)))


def test_the_packages_of_these_tests_link() -> None:
    assert verdict(linking.read(USER_BLOCK)) == verdict(linking.read(LIBRARY_BLOCK)) == LINKS
    assert linking.read(USER_BLOCK).header.package.aid == USER
