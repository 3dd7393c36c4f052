"""What class files in a Java virtual machine hide and a card shows: each test is red on jCardSim, for the reason given.

``hidden_by_class_files`` marks it so: a runtime that does not execute what was loaded has to fail the test.
"""

from __future__ import annotations

from itertools import count

import pytest

from cardlab.errors import TransportError
from cardlab.runtime.backend import Backend
from cardlab.runtime.feature import Feature
from cardlab.toolchain.executable import Executable
from tests.conformance.cards import (
    LIBRARY_AID,
    FakeServices,
    Limits,
    RuntimeCard,
    client,
    install_data,
    library,
    load_file,
    package,
)
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS,))
SERVER = LIBRARY_AID + b"\x01"
BUDGET = 100_000  # instructions
hidden = pytest.mark.hidden_by_class_files


@pytest.fixture(autouse=True)
def _red_where_it_is_hidden(request: pytest.FixtureRequest, backend: Backend) -> None:
    marker = request.node.get_closest_marker("hidden_by_class_files")
    if marker is not None and Feature.LOADED_CODE not in backend.capabilities:
        request.applymarker(pytest.mark.xfail(reason=marker.args[0], strict=True))


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    """A card with the applet Hidden selected."""
    made = make_card("Hidden", services=FakeServices())
    made.start("Hidden")
    return made


def numbers(card: RuntimeCard, ins: int) -> tuple[int, int]:
    """The two shorts of an answer."""
    answer = card.ask(ins)
    return int.from_bytes(answer[:2], "big"), int.from_bytes(answer[2:], "big")


def states_after_tears(card: RuntimeCard) -> set[tuple[int, int]]:
    """What is in both fields after a cut at each moment of ``count += 5; calls++``, relative to what was before."""
    seen = set()
    for at in count(1):
        before = numbers(card, 0x02)
        card.runtime.cut_power_at(at)
        try:
            card.ask(0x01)
        except TransportError:
            card.reset()
            card.select("Hidden")
            after = numbers(card, 0x02)
            seen.add((after[0] - before[0], after[1] - before[1]))
        else:
            return seen
    raise AssertionError


@hidden("the writes are no opportunities for a power cut: there is none between them")
def test_between_two_writes_without_a_transaction_the_power_can_fail(card: RuntimeCard) -> None:
    assert (5, 0) in states_after_tears(card)


@hidden("a loop without end hangs for ever, there is no budget of instructions")
def test_an_endless_loop_ends_with_its_place(card: RuntimeCard) -> None:
    card.runtime.limit_instructions(BUDGET)
    with pytest.raises(
        TransportError, match=rf"executed {BUDGET} instructions at runtimetest.Hidden.spin\(Hidden.java:"
    ):
        card.send(0x03)
    card.reset()
    assert card.select("Hidden").ok


@hidden("a loop without end hangs for ever, there is no budget of instructions")
def test_an_endless_loop_in_install_ends_and_leaves_nothing(make_card: MakeCard) -> None:
    card = make_card("Hidden")
    card.runtime.limit_instructions(BUDGET)
    with pytest.raises(TransportError, match=r"Hidden\.install"):
        card.install("Hidden", b"\x01")
    card.reset()
    card.start("Hidden")


@hidden("references to global arrays can be kept (JCRE 3.0.5, 6.2.2)")
def test_the_apdu_buffer_cannot_be_kept(card: RuntimeCard) -> None:
    assert card.send(0x04).sw == 0x6F00
    assert "SecurityException" in card.runtime.unknown_cause()


@hidden("persistent memory ends when a command is over, not at the allocation that does not fit")
def test_memory_ends_at_the_allocation_that_does_not_fit(card: RuntimeCard) -> None:
    assert card.send(0x05).sw == 0x6F00
    assert "NO_RESOURCE" in card.runtime.unknown_cause()


@hidden("the commit buffer is looked at when the transaction is committed, not at the write that does not fit")
def test_the_commit_buffer_ends_at_the_write_that_does_not_fit(make_card: MakeCard) -> None:
    card = make_card("Hidden", limits=Limits(commit=1024))
    card.start("Hidden")
    assert 0 < numbers(card, 0x06)[0] <= 1024


@hidden("what is written without atomicity is rolled back all the same")
def test_what_is_not_atomic_stays_when_a_transaction_is_aborted(card: RuntimeCard) -> None:
    assert numbers(card, 0x07) == (7, 0)


@hidden("references to objects that an aborted transaction made are kept (JCRE 3.0.5, 7.6.3)")
def test_references_to_what_an_aborted_transaction_made_are_null(card: RuntimeCard) -> None:
    assert numbers(card, 0x08) == (1, 1)


@hidden("nobody is told of a transaction that is left open")
def test_a_transaction_left_open_is_rolled_back_and_the_test_is_told(card: RuntimeCard) -> None:
    card.ask(0x09)
    assert numbers(card, 0x02) == (0, 0)
    [told] = card.services.warnings
    assert told.startswith(
        "process() returned with a transaction in progress: it was rolled back at runtimetest.Hidden."
    )


@hidden("reSelectingApplet() is always false")
def test_reselection_is_known(card: RuntimeCard) -> None:
    assert card.select("Hidden").data == b"\x01"


@pytest.fixture
def pair(make_card: MakeCard) -> RuntimeCard:
    """A card with the library's server, and a client selected."""
    made = make_card(also=(library(), client()))
    made.load(library())
    made.load(client())
    made.runtime.install(LIBRARY_AID, SERVER, SERVER, install_data(SERVER))
    made.start("Client")
    return made


@hidden("a server reads what is its client's: there is no firewall (JCRE 3.0.5, 6.2.8)")
def test_a_client_cannot_lend_its_own_array(pair: RuntimeCard) -> None:
    pair.ask(0x01, SERVER)
    assert pair.send(0x04).sw == 0x6F00
    assert "SecurityException" in pair.runtime.unknown_cause()


def test_a_client_can_lend_the_apdu_buffer(pair: RuntimeCard) -> None:
    pair.ask(0x01, SERVER)
    assert pair.send(0x05).ok


@hidden("the server's exception reaches the client (JCRE 3.0.5, 6.2.7.2)")
def test_a_server_that_throws_gives_null(pair: RuntimeCard) -> None:
    pair.ask(0x01, SERVER, p1=1)
    assert pair.ask(0x06) == b"\x01"


@hidden("load files without class files cannot be executed")
def test_a_load_file_needs_no_class_files(make_card: MakeCard) -> None:
    made = Executable(package("Statics"))
    card = make_card()
    card.runtime.load(load_file(made))
    card.start("Statics")


@pytest.fixture
def newer(make_card: MakeCard) -> RuntimeCard:
    """A card with the applet Newer selected, which imports what Java Card 3.0.5 has."""
    made = Executable(package("Newer"), java_card="3.0.5")
    card = make_card(also=(made,))
    card.load(made)
    card.start("Newer")
    return card


_SILENT = "the method is there, and returns null or zero or has no effect"


@pytest.mark.parametrize(
    ("ins", "answer"),
    [
        pytest.param(0x02, "0002", id="BERTLV"),
        pytest.param(0x03, "012C", id="BigNumber"),
        pytest.param(0x04, "61", id="StringUtil"),
        pytest.param(0x05, "0300", id="BCDUtil"),
        pytest.param(0x06, "66E94BD4EF8A2C3B884CFA59CA342B2E", id="Cipher"),  # FIPS 197 with key and block of zeros
    ],
)
@hidden(_SILENT)
def test_what_the_api_has_works(newer: RuntimeCard, ins: int, answer: str) -> None:
    assert newer.ask(ins).hex().upper() == answer


@hidden(_SILENT)
def test_available_memory_is_told_in_two_shorts(newer: RuntimeCard) -> None:
    assert 0 < int.from_bytes(newer.ask(0x01), "big") < Limits().persistent
