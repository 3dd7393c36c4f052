"""What a card checks of a load file (JCVM 3.0.4, 4.3 to 4.5 and 6): each fault answers 6A80, nothing is left."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.cap.container import Component
from cardlab.card.config import CardConfig
from cardlab.card.manager import linking
from cardlab.card.manager.refusal import Refusal
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Package
from tests.cardlab.card.bench import open_card, shared_card
from tests.cardlab.card.cards import PACKAGE, Session, classes, executable
from tests.cardlab.card.loads import (
    LIBRARY,
    USER,
    USER_APPLET,
    announce,
    components,
    edited,
    empty_card,
    joined,
    library,
    load,
    load_file,
    registry,
    replaced,
    send,
    user,
)
from tests.cardlab.card.refusals import refused
from tests.cardlab.card.runtime_rules import runs_loaded_code

BLOCK = executable().data_block
USER_BLOCK = user().data_block
FRAMEWORK = bytes.fromhex("A0000000620101")


def card_with_library() -> LabCard:
    card = empty_card()
    assert load(Session.open(card), library().data_block, LIBRARY) == 0x9000
    return card


def why_refused(block: bytes, aid: bytes = USER) -> str:
    """The reason for which a card with the library refuses a load file; nothing of it may be left."""
    card = card_with_library()
    before, free = registry(card), card.simulated.free_memory
    answer = load(Session.open(card), block, aid)
    assert int(answer) == 0x6A80
    reason = card.explain()
    assert (registry(card), card.simulated.free_memory) == (before, free)
    assert load(Session.open(card), USER_BLOCK, USER) == 0x9000
    return reason


def lv_aid(aid: bytes, version: tuple[int, int]) -> bytes:
    """package_info: minor, major, AID (JCVM 3.0.4, 6.3)."""
    return bytes((version[1], version[0], len(aid))) + aid


def swap(tag: Component, old: bytes, new: bytes) -> bytes:
    return replaced(USER_BLOCK, tag, old, new)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (swap(Component.HEADER, bytes.fromhex("DECAFFED"), bytes.fromhex("DECAFFEE")), "magic"),
        (swap(Component.HEADER, bytes.fromhex("DECAFFED0102"), bytes.fromhex("DECAFFED0402")), "format 2.4"),
        (swap(Component.HEADER, bytes.fromhex("DECAFFED0102"), bytes.fromhex("DECAFFED0103")), "format 3.1"),
        (swap(Component.HEADER, bytes.fromhex("FFED010204"), bytes.fromhex("FFED010205")), "uses int"),
        (swap(Component.HEADER, bytes.fromhex("FFED010204"), bytes.fromhex("FFED010200")), "flags"),
        (swap(Component.HEADER, bytes.fromhex("FFED010204"), bytes.fromhex("FFED010206")), "flags"),
        (swap(Component.HEADER, USER, LIBRARY), "INSTALL [for load] announced another"),
        (swap(Component.APPLET, USER_APPLET, b"\x00" + USER_APPLET[1:]), "different providers"),
        (swap(Component.APPLET, b"\x2b", b"\xff"), "outside the Method component"),
        (swap(Component.IMPORT, lv_aid(LIBRARY, (1, 3)), lv_aid(LIBRARY, (1, 4))), "wanted as 1.4, this card has 1.3"),
        (swap(Component.IMPORT, lv_aid(LIBRARY, (1, 3)), lv_aid(LIBRARY, (2, 0))), "wanted as 2.0"),
        (swap(Component.IMPORT, lv_aid(LIBRARY, (1, 3)), lv_aid(LIBRARY, (0, 3))), "wanted as 0.3"),
        (swap(Component.IMPORT, lv_aid(FRAMEWORK, (1, 5)), lv_aid(FRAMEWORK, (1, 6))), "wanted as 1.6"),
        (swap(Component.IMPORT, LIBRARY, PACKAGE), "is not on this card"),
        (edited(USER_BLOCK, Component.IMPORT, lambda info: b"\x02" + info[1:]), "bytes too many"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("0580000003"), bytes.fromhex("0580000103")), "in no package"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("0580000003"), bytes.fromhex("0580050003")), "in no package"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("06800001"), bytes.fromhex("068000FF")), "in no package"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("02000C0002"), bytes.fromhex("0200FF0002")), "names a class"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("03820301"), bytes.fromhex("0382037F")), "in no package"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("06000001"), bytes.fromhex("06000F01")), "nothing static"),
        (swap(Component.CONSTANT_POOL, bytes.fromhex("06000001"), bytes.fromhex("09000001")), "tag 9"),
        (swap(Component.CLASS, bytes.fromhex("008203"), bytes.fromhex("008504")), "refers to a class 8504"),
        (swap(Component.CLASS, bytes.fromhex("0038"), bytes.fromhex("0F38")), "outside the Method component"),
        (edited(USER_BLOCK, Component.STATIC_FIELD, lambda info: b"\x00\x02" + info[2:]), "sizes of static fields"),
        (edited(USER_BLOCK, Component.REFERENCE_LOCATION, lambda info: info[:2] + b"\xff" + info[3:]), "RefLocation"),
        (edited(USER_BLOCK, Component.DIRECTORY, lambda info: info[:1] + b"\x20" + info[2:]), "Directory"),
        (edited(USER_BLOCK, Component.DIRECTORY, lambda info: info[:-3] + b"\x07" + info[-2:]), "other imports"),
        (USER_BLOCK + b"\x0d\x00\x00\x00\x00", "only format 2.3 has one"),
        (USER_BLOCK + b"\x0e\x00\x00", "unknown component tag 14"),
        (USER_BLOCK + b"\x01", "cut off"),
        (USER_BLOCK * 2, "appears twice"),
        (b"\x01", "cut off"),
    ],
)
def test_a_fault_is_named(block: bytes, reason: str) -> None:
    assert reason in why_refused(block)


def test_code_that_nothing_reaches_is_refused_by_cards_that_compare_it() -> None:
    """A byte behind the last method: no rule of linking is broken."""
    block = edited(USER_BLOCK, Component.METHOD, lambda info: info + b"\x00")
    if runs_loaded_code(card := card_with_library()):
        assert load(Session.open(card), block, USER) == 0x9000
    else:
        assert "convert" in why_refused(block)


@pytest.mark.parametrize("tag", list(components(USER_BLOCK)))
def test_no_component_may_be_missing(tag: Component) -> None:
    parts = components(USER_BLOCK)
    del parts[tag]
    assert why_refused(joined(parts))


def test_imports_must_be_there_first() -> None:
    card = empty_card()
    assert load(Session.open(card), USER_BLOCK, USER) == refused(
        0x6A80, "Import: package F04A504B4940 is not on this card, wanted as 1.3"
    )
    assert f"package {LIBRARY.hex().upper()} is not on this card" in card.explain()


def test_a_later_minor_version_does() -> None:
    """JCVM 3.0.4, 4.5: a package runs with every later minor version of what it was converted for."""
    newer = Executable(Package(LIBRARY, (1, 9), (), classes("cardlib")))
    card = open_card(ClassLibrary([newer, user()]))
    assert load(Session.open(card), newer.data_block, LIBRARY) == 0x9000
    assert load(Session.open(card), USER_BLOCK, USER) == 0x9000


def test_java_card_305_has_later_packages() -> None:
    for version, sw in (("3.0.5", 0x9000), ("3.0.4", refused(0x6A80, "is wanted as 1.6, this card has 1.5"))):
        made = Executable(executable().package, java_card="3.0.5")
        card = open_card(ClassLibrary([made]), config=CardConfig(java_card=version))
        assert load(Session.open(card), made.data_block) == sw


def test_what_is_imported_stays() -> None:
    """GPCS 9.5.2, JCRE 3.0.4, 11.3.4."""
    card = card_with_library()
    session = Session.open(card)
    assert load(session, USER_BLOCK, USER) == 0x9000
    before, free = registry(card), card.simulated.free_memory
    session = Session.open(card)
    assert (
        session.delete(LIBRARY) == session.delete(LIBRARY, related=True) == refused(0x6985, "another load file uses it")
    )
    assert (registry(card), card.simulated.free_memory) == (before, free)
    session = Session.open(card)
    assert session.delete(USER) == session.delete(LIBRARY) == 0x9000
    assert registry(card) == {}


def outcome(block: bytes) -> bool:
    """Whether the card's checks pass: the linker's own judgement. Any exception but a refusal with 6A80 is a defect."""
    offers = dict(linking.platform_offers("3.0.4"))
    offers[LIBRARY] = linking.offer_of(linking.read(library().data_block))
    try:
        cap = linking.read(block)
        linking.link(cap, USER, offers)
        linking.code_size(cap)
        linking.offer_of(cap)
    except Refusal as refusal:
        assert refusal.sw == 0x6A80
        return False
    return True


# Where another byte may link, by its place in the component (tag and size included): what linking does not look at.
OPEN = {
    Component.HEADER: {10, 11},  # the package's version
    Component.DIRECTORY: {23, 24},  # the size of Descriptor, which is not loaded
    Component.IMPORT: {4, 23},  # minor versions: an earlier one would do
    Component.APPLET: {10, 11, 13},  # the end of the applet's AID, and another place in the code
    Component.STATIC_FIELD: set[int](),
    Component.REFERENCE_LOCATION: set[int](),
}
MEANT = (Component.CLASS, Component.METHOD, Component.CONSTANT_POOL)
"""What these mean changes with most of their bytes, and what else it means is as sound: their bounds have tests of
their own (test_load_bounds.py)."""


@pytest.mark.parametrize("flipped", [0x01, 0x80, 0xFF])
def test_every_byte_that_the_linker_looks_at_counts(flipped: int) -> None:
    place = 0
    for tag, component in components(USER_BLOCK).items():
        linked = {
            at
            for at in range(len(component))
            if outcome(USER_BLOCK[: place + at] + bytes((component[at] ^ flipped,)) + USER_BLOCK[place + at + 1 :])
        }
        assert not linked & {0, 1, 2}, f"{tag.name}: tag and size"
        assert tag in MEANT or linked <= OPEN[tag], f"{tag.name}: {linked}"
        place += len(component)
    assert outcome(USER_BLOCK)


def test_every_beginning_is_refused() -> None:
    assert not any(outcome(USER_BLOCK[:length]) for length in range(len(USER_BLOCK)))


@dataclass(frozen=True)
class Cut:
    """Puts some bytes in the place of others."""

    place: int
    length: int
    junk: bytes

    def __call__(self, raw: bytes) -> bytes:
        return raw[: self.place] + self.junk + raw[self.place + self.length :]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A load file with bytes changed, taken out, put in or moved, sizes made right or not."""
    block = USER_BLOCK
    for _ in range(draw(st.integers(1, 4))):
        cut = Cut(draw(st.integers(0, len(block))), draw(st.integers(0, 4)), draw(st.binary(max_size=4)))
        if not draw(st.booleans()):
            block = cut(block)
            continue
        with suppress(KeyError, ValueError):  # the component went before, or the damaged block cannot be taken apart
            block = edited(block, draw(st.sampled_from(list(components(USER_BLOCK)))), cut)
    return block


def sound(block: bytes) -> bool:
    """What the linker promises of a load file that passes, found out from its bytes alone."""
    parts = components(block)
    sizes = parts[Component.DIRECTORY][3:]
    told = {tag: int.from_bytes(sizes[2 * tag - 2 : 2 * tag], "big") for tag in parts}
    packages = linking.read(block).imports
    return all(len(part) == 3 + told[tag] for tag, part in parts.items()) and len(packages) == len(set(packages))


@given(damaged() | st.binary(max_size=200))
def test_damage_of_any_kind_is_judged_by_the_linker(block: bytes) -> None:
    """It refuses, or what it takes is whole; a card of class files refuses that all the same, as another package."""
    assert not outcome(block) or sound(block)
    assert outcome(USER_BLOCK)


@given(damaged())
def test_a_card_of_class_files_takes_the_original_alone(block: bytes) -> None:
    found = outcome(block) and ClassLibrary([user()]).find(linking.read(block).load_file()) is not None
    assert found == (block == USER_BLOCK)


@given(damaged(), st.integers(20, 239))
def test_a_card_takes_no_harm_from_damage(block: bytes, size: int) -> None:
    """The same through the card, which never answers 6F00 and keeps nothing.

    What links though no converter makes it is taken by a card that executes it (tests/cardlab/runtime/vm does so).
    """
    card = shared_card(card_with_library)
    free = card.simulated.free_memory
    session = Session.open(card)
    assert announce(session, USER) == 0x9000
    answer = int(send(session, load_file(block), size)[-1]) if block else 0x6A80
    if block == USER_BLOCK or (answer == 0x9000 and runs_loaded_code(card)):
        assert answer == 0x9000
        assert session.delete(USER) == 0x9000
    else:
        assert answer == 0x6A80
        assert card.explain() or not block
    assert list(registry(card)) == [LIBRARY]
    assert card.simulated.free_memory == free
