"""What jCardSim does by itself, and why it is not used so: each has its counterpart in the conformance suite."""

from __future__ import annotations

import pytest

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from tests.cardlab.runtime.jcardsim.raw import RawJCardSim
from tests.conformance import test_card_loop as loop
from tests.conformance import test_lengths as lengths
from tests.conformance import test_randomness as randomness
from tests.conformance import test_transactions as transactions
from tests.conformance import test_transient_keys as transient_keys
from tests.conformance.cards import module_aid, select_command
from tests.conformance.test_isolation import counts
from tests.conformance.test_transactions import program


@pytest.mark.parametrize("mode", [loop.SELECT_REFUSES, loop.SELECT_THROWS])
def test_an_unwilling_applet_stays_selected(raw_jcardsim: RawJCardSim, mode: int) -> None:
    """JCRE 4.5.2. It answers 6999 all right."""
    raw = raw_jcardsim.card("Selection")
    raw.send(0x01, p1=mode)
    assert raw.select("Selection").sw == SW.APPLET_SELECT_FAILED
    assert raw.send(0x02).ok


def test_it_knows_no_aid_in_install(raw_jcardsim: RawJCardSim) -> None:
    raw = raw_jcardsim.card("Installing")
    assert raw.send(0x00).data[2:4] == b"\x01\x00"


def test_it_leaves_what_failed_selectable(raw_jcardsim: RawJCardSim) -> None:
    raw = raw_jcardsim.card()
    with pytest.raises(Exception, match="SystemException"):
        raw.install("Installing", b"\x04")
    assert raw.select("Installing").ok


def test_it_refuses_a_second_installation(raw_jcardsim: RawJCardSim) -> None:
    raw = raw_jcardsim.card("Selection")
    raw.simulator.deleteApplet(raw.aid("Selection"))
    with pytest.raises(Exception, match="SystemException"):
        raw.install("Selection")


@pytest.mark.parametrize(
    ("count", "le"), [(8, 8), (8, 4), (8, 256), (256, 256), (256, 1), (8, None), (0, 8), (257, 256), (258, 256)]
)
def test_it_sends_what_the_applet_gave_whatever_le_says(raw_jcardsim: RawJCardSim, count: int, le: int | None) -> None:
    """258 bytes on a short command, too."""
    assert len(raw_jcardsim.card("Lengths").raw(lengths.answer(count, le)).data) == count


def test_it_cannot_take_255_bytes_with_le(raw_jcardsim: RawJCardSim) -> None:
    """The reason for an APDU buffer of our own."""
    command = CommandApdu(0, lengths.ECHO, 0, 0, bytes(255), 256)
    assert raw_jcardsim.card("Lengths").raw(command.to_bytes()).sw == SW.UNKNOWN


def test_it_does_not_take_an_extended_command_for_a_selection(raw_jcardsim: RawJCardSim) -> None:
    """The applet selected before gets it."""
    raw = raw_jcardsim.card("ExtendedLengths", "Lengths")
    assert raw.raw(select_command(module_aid("ExtendedLengths"), extended=True)).sw == SW.WRONG_LENGTH


@pytest.mark.parametrize("command", [one for one in lengths.MALFORMED if len(one) != 10])
def test_it_throws_java_exceptions_at_the_terminal(raw_jcardsim: RawJCardSim, command: str) -> None:
    with pytest.raises(Exception, match=r"Exception|APDU"):
        raw_jcardsim.card("Lengths").raw(bytes.fromhex(command))


@pytest.mark.parametrize("ending", [("A",), (), (transactions.THROW,), (transactions.PROGRAMMING_ERROR,)])
def test_it_rolls_nothing_back(raw_jcardsim: RawJCardSim, ending: tuple[str, ...]) -> None:
    """A transaction sets a flag."""
    raw = raw_jcardsim.card("Transactions")
    raw.send(transactions.RUN, program("B", ("w", 7), *ending))
    assert raw.send(transactions.TELL).data[0] == 7


def test_a_transaction_outlives_its_command(raw_jcardsim: RawJCardSim) -> None:
    raw = raw_jcardsim.card("Transactions")
    raw.send(transactions.RUN, program("B"))
    assert raw.send(transactions.TELL).data[14] == 1


def test_transient_keys_are_wiped_and_called_initialized(raw_jcardsim: RawJCardSim) -> None:
    """Both kinds at a mere re-selection; it computes with zeros."""
    raw = raw_jcardsim.card("TransientKeys")
    raw.send(transient_keys.SET, transient_keys.KEY)
    kept = raw.send(transient_keys.MAC).data
    raw.select("TransientKeys")
    assert raw.send(transient_keys.INITIALIZED).data == b"\x01\x01"
    assert raw.send(transient_keys.MAC).data != kept


def test_static_fields_are_shared_by_all_cards(raw_jcardsim: RawJCardSim) -> None:
    raw = [raw_jcardsim.card("Statics") for _ in range(2)]
    assert [counts(card.send(0).data)[0] for card in raw] == [1, 2]


@pytest.mark.parametrize("ins", [randomness.RSA_KEY, randomness.EC_KEY, randomness.RANDOM])
def test_what_is_random_is_the_same_on_every_card(raw_jcardsim: RawJCardSim, ins: int) -> None:
    """The first keys, and in every run."""
    raw = [raw_jcardsim.card("Cryptography").send(ins).data for _ in range(2)]
    assert raw[0] == raw[1]


def test_a_nonce_is_used_twice(raw_jcardsim: RawJCardSim) -> None:
    raw = raw_jcardsim.card("Cryptography")
    raw.send(randomness.EC_KEY)
    message = randomness.MESSAGE
    assert raw.send(randomness.ECDSA, message).data == raw.send(randomness.ECDSA, message).data


def test_a_shorter_component_keeps_bytes_of_a_longer_one(raw_jcardsim: RawJCardSim) -> None:
    """Of RSA keys that replace another one, 1 in 100 signs wrongly."""
    raw = raw_jcardsim.card("Cryptography")
    raw.send(randomness.RSA_KEY)
    assert raw.send(randomness.SHORTER).data == b"\x00"
