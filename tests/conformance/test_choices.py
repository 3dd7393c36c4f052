"""Platform choices that a runtime can do otherwise than by default, each seen from an applet or a terminal."""

from __future__ import annotations

import pytest

from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.backend import Backend
from cardlab.runtime.choices import AbsentLe, PlatformChoices, RegisterWithoutAid
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import RuntimeRefusal
from tests.conformance.cards import PACKAGE_AID, Limits, RuntimeCard, module_aid, select_command
from tests.conformance.conftest import MakeCard
from tests.conformance.test_lengths import ANSWER, ECHO, REST_OF_BUFFER, SUM, pattern

NEEDS = frozenset((Feature.APPLETS,))
PAST_CONTENT = 13  # what Installing does in install()
NO_COMMAND = b"\xff"  # what Selection notes when getCurrentAPDUBuffer() throws
ALL_OF_BUFFER = 0x0A  # instruction of Lengths


def chosen(make_card: MakeCard, backend: Backend, *names: str, **choices: object) -> RuntimeCard:
    """A card with these choices, if the runtime can do them."""
    for name in choices:
        if name not in backend.settable:
            pytest.skip(f"{backend.name} can do {name} by default only")
    return make_card(*names, choices=PlatformChoices(**choices))  # type: ignore[arg-type]


def test_data_can_be_dropped_where_there_is_no_le(make_card: MakeCard, backend: Backend) -> None:
    card = chosen(make_card, backend, "Lengths", absent_le=AbsentLe.DROP)
    card.start("Lengths")
    for le, sent in ((None, 0), (4, 4), (256, 8)):
        command = CommandApdu(0, ANSWER, 0, 8, le=le).to_bytes()
        assert card.raw(command) == ResponseApdu(pattern(sent), SW.OK)


def test_without_le_an_extended_command_brings_everything(make_card: MakeCard) -> None:
    card = make_card("ExtendedLengths")
    card.start("ExtendedLengths")
    command = CommandApdu(0, ANSWER, 1000 >> 8, 1000 & 0xFF, b"data", extended=True)
    assert card.raw(command.to_bytes()).data == pattern(1000)


@pytest.mark.parametrize("size", [261, 512, 2048])
def test_the_apdu_buffer_is_as_long_as_the_card_says(make_card: MakeCard, backend: Backend, size: int) -> None:
    card = chosen(make_card, backend, "ExtendedLengths", apdu_buffer=size)
    card.start("ExtendedLengths")
    command = CommandApdu(0, ALL_OF_BUFFER, 0, 0, le=65536, extended=True)
    assert len(card.raw(command.to_bytes()).data) == size


def test_installs_array_is_longer_than_its_content(make_card: MakeCard) -> None:
    """A byte past the content is read by some applets; it is there on cards."""
    assert make_card("Installing").install("Installing", bytes((PAST_CONTENT,))) > 0


def test_installs_array_can_end_with_its_content(make_card: MakeCard, backend: Backend) -> None:
    card = chosen(make_card, backend, "Installing", install_array=0)
    with pytest.raises(RuntimeRefusal):
        card.install("Installing", bytes((PAST_CONTENT,)))
    assert card.install("Installing") > 0


def test_register_without_an_aid_takes_that_of_install(make_card: MakeCard) -> None:
    """As on cards that are sold, whatever AID the module has."""
    card = make_card("Installing")
    another = PACKAGE_AID + b"another"
    card.install("Installing", b"\x01", aid=another)
    assert card.runtime.select(another, select_command(another)) == b"\x90\x00"


def test_register_without_an_aid_can_mean_the_modules(make_card: MakeCard, backend: Backend) -> None:
    """Applet.register() by the letter: the instance gets the module's AID, so any other one asked for is refused."""
    card = chosen(make_card, backend, "Installing", register_without_aid=RegisterWithoutAid.MODULE_AID)
    assert card.install("Installing", b"\x01") > 0
    with pytest.raises(RuntimeRefusal) as refused:
        card.install("Installing", b"\x01", aid=PACKAGE_AID + b"another")
    assert refused.value.sw == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize(("block", "count"), [(1, 5), (1, 255), (100, 255), (128, 128), (254, 255)])
def test_data_come_in_blocks_of_the_cards_size(make_card: MakeCard, backend: Backend, block: int, count: int) -> None:
    """APDU.setIncomingAndReceive() and receiveBytes(); blocks as long as those of T=1 hold a short command."""
    card = chosen(make_card, backend, "Lengths", incoming_block=block)
    card.start("Lengths")
    blocks = -(-count // block) if block < 254 else 1
    assert card.ask(SUM, pattern(count)) == blocks.to_bytes(2, "big") + sum(pattern(count)).to_bytes(2, "big")
    assert card.ask(ECHO, pattern(count)) == pattern(count if block == 254 else min(count, block))


@pytest.mark.parametrize("block", [1, 100, 254])
@pytest.mark.parametrize("command", ["00090000", "0009000000"])
def test_a_command_without_data_brings_none_whatever_the_blocks(
    make_card: MakeCard, backend: Backend, block: int, command: str
) -> None:
    """The shortest ends before the place where data would be (case 1 of ISO/IEC 7816-3:2006, 12.1)."""
    card = chosen(make_card, backend, "Lengths", incoming_block=block)
    card.start("Lengths")
    assert card.raw(bytes.fromhex(command)) == ResponseApdu(bytes(4), SW.OK)  # no block, and the sum of nothing


@pytest.mark.parametrize("count", [1, 300, 1000])
def test_extended_data_come_in_blocks_of_the_cards_size(make_card: MakeCard, backend: Backend, count: int) -> None:
    card = chosen(make_card, backend, "ExtendedLengths", incoming_block=100)
    card.start("ExtendedLengths")
    answered = card.raw(CommandApdu(0, SUM, 0, 0, pattern(count), 4, extended=True).to_bytes()).data
    assert answered == (-(-count // 100)).to_bytes(2, "big") + (sum(pattern(count)) & 0xFFFF).to_bytes(2, "big")


def test_data_are_not_there_before_the_applet_asks_where_blocks_are_small(
    make_card: MakeCard, backend: Backend
) -> None:
    """As with T=0, where the card has the header alone until it sends a procedure byte (ISO/IEC 7816-3:2006, 10.3)."""
    for block, there in ((1, False), (254, True)):
        card = chosen(make_card, backend, "Lengths", incoming_block=block)
        card.start("Lengths")
        seen = card.send(REST_OF_BUFFER, b"\xaa" * 20, p2=5).data
        assert seen[:20] == (b"\xaa" * 20 if there else bytes(20))


@pytest.mark.parametrize("visible", [True, False])
def test_the_next_select_is_visible_in_deselect_or_not(make_card: MakeCard, backend: Backend, visible: bool) -> None:
    card = chosen(make_card, backend, "Selection", "Lengths", select_in_deselect=visible)
    card.install("Lengths")
    card.start("Selection")
    card.select("Lengths")
    card.select("Selection")
    other = select_command(module_aid("Lengths"))[:-1]
    seen = card.ask(0x03)[: len(other)]
    assert seen == (other if visible else NO_COMMAND.ljust(len(other), b"\0"))


@pytest.mark.parametrize("offered", [True, False])
def test_object_deletion_is_there_or_not(make_card: MakeCard, backend: Backend, offered: bool) -> None:
    """JCSystem.requestObjectDeletion(): SystemException.ILLEGAL_USE where it is not (Java Card API 3.0.5)."""
    card = chosen(make_card, backend, "Memory", object_deletion=offered)
    card.start("Memory")
    assert card.ask(0x02, p1=0, p2=200) == b""
    answer = card.send(0x05)
    assert answer.ok is offered


def test_sizes_are_what_the_applet_is_told(make_card: MakeCard) -> None:
    """JCSystem.getAvailableMemory() and getMaxCommitCapacity()."""
    limits = Limits(transient_reset=300, transient_deselect=200, commit=1024)  # 100 bytes singly fit
    card = make_card("Memory", limits=limits)
    card.start("Memory")
    assert card.ask(0x04)[2:] == (300).to_bytes(2, "big") + (200).to_bytes(2, "big")
    card = make_card("Transactions", limits=limits)
    card.start("Transactions")
    assert card.ask(0x03)[:2] == (1024).to_bytes(2, "big")
