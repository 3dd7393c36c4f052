"""Selection, deselection, processing, reset, installation and deletion (JCRE 3.0.4, chapters 3, 4 and 11)."""

from __future__ import annotations

import pytest

from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import Media, RuntimeRefusal
from tests.conformance.cards import (
    LIBRARY_AID,
    PACKAGE_AID,
    RuntimeCard,
    client,
    executable,
    install_data,
    library,
    module_aid,
    select_command,
)
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS,))
SELECT_REFUSES, SELECT_THROWS, SELECT_LEAVES_TRANSACTION = 1, 2, 3
DESELECT_THROWS, PROCESS_THROWS, UNINSTALL_THROWS = 4, 5, 6
SECOND = module_aid("Selection") + b"\x02"


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Selection", "Lengths")
    card.install("Lengths")
    card.start("Selection")
    return card


def history(card: RuntimeCard) -> tuple[int, int, int, int, int]:
    """Times selected, times deselected, mark of a transaction, session byte, power byte."""
    selected, deselected, touched, session, power = card.ask(0x02)
    return selected, deselected, touched, session, power


def test_the_applet_answers_the_select(card: RuntimeCard) -> None:
    response = card.select("Selection")
    assert response.ok
    assert response.data == select_command(module_aid("Selection"))[:-1].ljust(22, b"\0")[:16]


def test_selecting_again_deselects_and_selects(card: RuntimeCard) -> None:
    before = history(card)
    card.select("Selection")
    assert history(card)[:2] == (before[0] + 1, before[1] + 1)


def test_the_next_select_is_visible_in_deselect(card: RuntimeCard) -> None:
    """An applet tells its own re-selection from the selection of another by this."""
    card.select("Selection")
    own = select_command(module_aid("Selection"))[:-1]
    assert card.ask(0x03)[: len(own)] == own
    card.select("Lengths")
    card.select("Selection")
    other = select_command(module_aid("Lengths"))[:-1]
    assert card.ask(0x03)[: len(other)] == other


def test_the_select_is_visible_in_select(card: RuntimeCard) -> None:
    """Whatever the applet before wrote into the buffer in deselect()."""
    own = select_command(module_aid("Selection"))[:-1]
    card.select("Selection")
    assert card.ask(0x07) == own.ljust(32, b"\0")


def test_deselection_for_a_security_domain_shows_its_select(card: RuntimeCard) -> None:
    command = select_command(bytes.fromhex("A000000151000000"))
    card.runtime.deselect(command)
    assert card.send(0x02).sw == SW.APPLET_SELECT_FAILED
    card.select("Selection")
    assert card.ask(0x03)[: len(command) - 1] == command[:-1]


def test_what_deselect_leaves_in_the_buffer_reaches_nobody(card: RuntimeCard) -> None:
    """The applet fills the buffer with 77 in deselect()."""
    assert card.select("Lengths").ok
    assert card.ask(0x05, p2=100) == bytes(100)


@pytest.mark.parametrize("mode", [SELECT_REFUSES, SELECT_THROWS])
def test_an_unwilling_applet_leaves_nobody_selected(card: RuntimeCard, mode: int) -> None:
    """JCRE 4.5.2."""
    card.ask(0x01, p1=mode)
    card.select("Lengths")
    assert card.select("Selection").sw == SW.APPLET_SELECT_FAILED
    assert card.send(0x02).sw == SW.APPLET_SELECT_FAILED
    assert card.select("Lengths").ok


def test_an_error_while_processing_select_leaves_the_applet_selected(card: RuntimeCard) -> None:
    card.ask(0x01, p1=PROCESS_THROWS)
    assert card.select("Selection").sw == SW.SELECTED_LOCKED
    assert card.send(0x02).ok


def test_what_deselect_throws_is_ignored(card: RuntimeCard) -> None:
    """And its transaction is rolled back (JCRE 7.5)."""
    card.ask(0x01, p1=DESELECT_THROWS)
    assert card.select("Lengths").ok
    card.runtime.select(module_aid("Selection"), select_command(module_aid("Selection")))
    selected, deselected, touched, _, _ = history(card)
    assert (selected, deselected, touched) == (2, 1, 0)


def test_the_card_is_told_when_an_applet_is_deselected(card: RuntimeCard) -> None:
    """Its secure channel ends then (GPCS 10.2.3)."""
    before = card.services.deselections
    assert card.select("Lengths").ok
    assert card.services.deselections == before + 1
    assert card.select("Selection").ok
    assert card.services.deselections == before + 2


def test_a_transaction_that_select_leaves_open_is_rolled_back(card: RuntimeCard) -> None:
    card.ask(0x01, p1=SELECT_LEAVES_TRANSACTION)
    assert card.select("Selection").ok
    assert history(card)[2] == 0


def test_transient_memory_lives_as_long_as_it_says(card: RuntimeCard) -> None:
    card.ask(0x04, p1=0x11, p2=0x22)
    assert history(card)[3:] == (0x11, 0x22)
    card.select("Selection")
    assert history(card)[3:] == (0, 0x22)
    card.reset()
    card.select("Selection")
    assert history(card)[3:] == (0, 0)


def test_reset_selects_nobody(card: RuntimeCard) -> None:
    card.reset()
    assert card.send(0x02).sw == SW.APPLET_SELECT_FAILED


@pytest.mark.parametrize("media", list(Media))
def test_the_applet_sees_how_the_card_is_reached(card: RuntimeCard, media: Media) -> None:
    """D5."""
    card.reset(media)
    card.select("Selection")
    assert card.ask(0x05) == bytes((media | 0x01,))  # T=1


def test_a_select_of_a_file_is_no_selection(card: RuntimeCard) -> None:
    assert card.raw(bytes.fromhex("00A4020C021234")).sw == SW.FILE_NOT_FOUND


@pytest.mark.parametrize(
    ("sw", "with_data"),
    [(0x9000, True), (0x9123, True), (0x6101, True), (0x6283, True), (0x63C2, True), (0x6985, False), (0x6F12, False)],
)
def test_data_go_out_with_success_and_warnings_only(card: RuntimeCard, sw: int, with_data: bool) -> None:
    card.select("Lengths")
    response = card.send(0x04, p1=sw >> 8, p2=sw & 0xFF)
    assert (response.sw, response.data) == (sw, bytes(range(4)) if with_data else b"")


def test_a_programming_error_is_6f00_and_explained(card: RuntimeCard) -> None:
    card.select("Lengths")
    assert card.send(0x08, p1=0x7F).sw == SW.UNKNOWN
    assert "ArrayIndexOutOfBounds" in card.runtime.unknown_cause()
    assert "Lengths.java" in card.runtime.unknown_cause()
    assert card.send(0x02, b"\x01").ok
    assert card.runtime.unknown_cause() == ""


def test_selecting_an_unknown_instance_changes_nothing(card: RuntimeCard) -> None:
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.select(SECOND, select_command(SECOND))
    assert refused.value.sw == SW.FILE_NOT_FOUND
    assert history(card)[:2] == (1, 0)


# Installation


def installing(card: RuntimeCard) -> tuple[int, bool, bool, bytes]:
    """Installations tried, whether getAID() was null before register() and right after it, the bytes install() got."""
    assert card.select("Installing").ok
    answer = card.ask(0x00)
    return int.from_bytes(answer[:2], "big"), bool(answer[2]), bool(answer[3]), answer[4:]


def test_install_gets_the_parameters_and_its_aid(make_card: MakeCard) -> None:
    """JCSystem.getAID() is null before register(), then the instance's AID (JCRE 3.1; JCSystem.getAID)."""
    card = make_card("Installing")
    card.install("Installing", b"\x00data")
    data = install_data(module_aid("Installing"), b"\x00data")
    assert installing(card) == (1, True, True, data)


@pytest.mark.parametrize(
    ("behaviour", "sw"),
    [
        (2, SW.CONDITIONS_NOT_SATISFIED),  # no register()
        (3, SW.WRONG_DATA),  # ISOException 6A80
        (4, SW.WRONG_DATA),  # the same after register()
        (5, SW.CONDITIONS_NOT_SATISFIED),  # a programming error
        (6, SW.NOT_ENOUGH_MEMORY),  # SystemException.NO_RESOURCE
        (7, SW.CONDITIONS_NOT_SATISFIED),  # register() twice
        (8, SW.CONDITIONS_NOT_SATISFIED),  # register() with another AID
        (9, SW.CONDITIONS_NOT_SATISFIED),  # a transaction left open
        (10, SW.CONDITIONS_NOT_SATISFIED),  # an ISOException that names no error
        (11, SW.NOT_ENOUGH_MEMORY),  # no transient memory
        (12, SW.FUNCTION_NOT_SUPPORTED),
    ],
)
def test_a_failed_installation_leaves_nothing(make_card: MakeCard, behaviour: int, sw: int) -> None:
    """The static counter is the only trace an instance could leave; a good installation afterwards finds it at 0."""
    card = make_card("Installing")
    with pytest.raises(RuntimeRefusal) as refused:
        card.install("Installing", bytes((behaviour,)))
    assert refused.value.sw == sw
    with pytest.raises(RuntimeRefusal):
        card.runtime.select(module_aid("Installing"), select_command(module_aid("Installing")))
    card.install("Installing")
    assert installing(card)[0] == 1


def test_several_instances_of_one_module(make_card: MakeCard) -> None:
    card = make_card("Selection")
    card.start("Selection")
    card.install("Selection", aid=SECOND)
    assert card.runtime.select(SECOND, select_command(SECOND))[-2:] == b"\x90\x00"
    assert card.ask(0x06) == SECOND
    assert history(card)[:2] == (1, 0)


@pytest.mark.parametrize(
    ("package_aid", "module", "instance", "data", "sw"),
    [
        (LIBRARY_AID, module_aid("Selection"), SECOND, b"", SW.REFERENCED_DATA_NOT_FOUND),
        (PACKAGE_AID, module_aid("Lengths"), SECOND, b"", SW.REFERENCED_DATA_NOT_FOUND),
        (PACKAGE_AID, module_aid("Selection"), SECOND[:4], b"", SW.WRONG_DATA),
        (PACKAGE_AID, module_aid("Selection"), bytes(17), b"", SW.WRONG_DATA),
        (PACKAGE_AID, module_aid("Selection"), SECOND, bytes(128), SW.WRONG_DATA),
        (PACKAGE_AID, module_aid("Selection"), module_aid("Selection"), b"", SW.CONDITIONS_NOT_SATISFIED),
    ],
)
def test_impossible_installations(
    make_card: MakeCard, package_aid: bytes, module: bytes, instance: bytes, data: bytes, sw: int
) -> None:
    card = make_card("Selection")
    card.start("Selection")
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.install(package_aid, module, instance, data or install_data(instance))
    assert refused.value.sw == sw


# Deletion and packages


@pytest.mark.parametrize("mode", [0, UNINSTALL_THROWS])
def test_after_deletion_the_applet_can_be_installed_again(make_card: MakeCard, mode: int) -> None:
    card = make_card("Selection")
    card.start("Selection")
    card.ask(0x01, p1=mode)
    card.runtime.delete(module_aid("Selection"))
    assert card.send(0x02).sw == SW.APPLET_SELECT_FAILED
    with pytest.raises(RuntimeRefusal):
        card.runtime.delete(module_aid("Selection"))
    card.start("Selection")
    assert history(card) == (1, 0, 0, 0, 0)


@pytest.fixture
def pair(make_card: MakeCard) -> RuntimeCard:
    """A client applet that imports a library package and uses an applet of it."""
    card = make_card(also=(library(), client()))
    card.load(library())
    card.load(client())
    server = LIBRARY_AID + b"\x01"
    card.runtime.install(LIBRARY_AID, server, server, install_data(server))
    card.start("Client")
    card.ask(0x01, server)
    return card


def test_applets_share_objects(pair: RuntimeCard) -> None:
    assert [pair.ask(0x00)[1] for _ in range(3)] == [1, 2, 3]


def test_a_transaction_covers_the_other_applets_objects(pair: RuntimeCard) -> None:
    pair.ask(0x00)
    pair.send(0x02)
    assert pair.ask(0x00) == b"\x00\x02"


def test_an_applet_that_another_one_refers_to_stays(pair: RuntimeCard) -> None:
    """JCRE 11.3.4.1."""
    with pytest.raises(RuntimeRefusal) as refused:
        pair.runtime.delete(LIBRARY_AID + b"\x01")
    assert refused.value.sw == SW.CONDITIONS_NOT_SATISFIED
    assert pair.ask(0x00) == b"\x00\x01"
    pair.ask(0x03)
    pair.runtime.delete(LIBRARY_AID + b"\x01")


def test_packages_come_and_go(make_card: MakeCard) -> None:
    card = make_card(also=[executable("Selection")])
    size = card.load(executable("Selection"))
    assert size > 500
    with pytest.raises(RuntimeRefusal):
        card.load(executable("Selection"))
    card.start("Selection")
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.unload(PACKAGE_AID)
    assert refused.value.sw == SW.CONDITIONS_NOT_SATISFIED
    card.runtime.delete(module_aid("Selection"))
    card.runtime.unload(PACKAGE_AID)
    with pytest.raises(RuntimeRefusal) as missing:
        card.runtime.unload(PACKAGE_AID)
    assert missing.value.sw == SW.REFERENCED_DATA_NOT_FOUND
    assert card.load(executable("Selection")) == size
    card.start("Selection")
