"""javacard.framework.service on the machine (Java Card API 3.0.5): an applet of two services and a dispatcher.

jCardSim has the package's classes, most of whose methods do nothing (docs/generated/api.md): nothing to compare with.
"""

from __future__ import annotations

from dataclasses import replace

import jpype
import pytest

from cardlab.cap.reader import read_load_file
from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.vm.handmade import Hand
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file

ILLEGAL_PARAM, TABLE_FULL = "6B01", "6B02"
NONE, INPUT, COMMAND, OUTPUT = range(4)
ENVELOPE, ECHO, REFUSING = 1, 2, 3
ADD, REMOVE, IN_TRANSACTION, MAKE, DISPATCH, DISPATCH_NULL, THROW_IT, THROW, ASK = range(0, 18, 2)


def block() -> bytes:
    """The applet's load file data block."""
    return load_file(compiled("servicetest"), ["servicetest.Dispatching"])[0]


def made(**properties: int) -> Card:
    """A card with the applet selected; ``answer`` is that to SELECT."""
    card = Card.fresh(NATIVES, **properties)
    card.load(block())
    card.install("Dispatching")
    card.answer = card.select("Dispatching").hex()
    return card


@pytest.fixture(scope="module")
def prepared() -> Card:
    """A card with the applet selected."""
    return made()


@pytest.fixture
def card(prepared: Card) -> Card:
    """A copy of it."""
    return Card(prepared.machine.fork(None))


def manage(card: Card, ins: int, p1: int = 0, p2: int = 0) -> str:
    """A command on the registry; the status word."""
    return card.send(bytes((0x80, ins, p1 & 0xFF, p2 & 0xFF)))


def test_a_service_answers_the_selection(prepared: Card) -> None:
    assert prepared.answer == "9001"


def test_one_service_processes_the_command(card: Card) -> None:
    assert card.send("00100000 03 010203 00") == "0102039000"
    assert card.send("00100000") == "9000"


def test_others_work_before_and_after_it(card: Card) -> None:
    assert card.send("04100000 03 010203 00") == "0102039000"
    assert card.send("04220000 03 010203") == "009002"
    assert card.send("00220000 03 010203") == "6982"


def test_the_command_can_be_processed_before_its_phase(card: Card) -> None:
    assert card.send("04100000 03 010204 00") == "6988"


@pytest.mark.parametrize(
    ("ins", "answer", "why"),
    [
        (0x16, "6310", "succeedWithStatusWord()"),
        (0x1E, "6A80", "fail()"),
        (0x7E, "6D00", "no service processed it"),
        (0x14, "6F00", "setOutputLength(257)"),
        (0x18, "6F00", "an ISOException is an exception like others"),
        (0x1A, "6F00", "NullPointerException"),
        (0x1C, "6F00", "the service has sent the answer: APDUException"),
    ],
)
def test_status_words(card: Card, ins: int, answer: str, why: str) -> None:
    assert card.send(bytes((0, ins, 0, 0, 1, 0x55))) == answer, why


def test_what_a_service_throws_is_told(card: Card) -> None:
    card.send("00180000")
    assert any("a service threw javacard.framework.ISOException" in one for one in card.warnings)


def test_each_state_has_its_methods(card: Card) -> None:
    """getP1, getP2, getStatusWord, getOutputLength, isProcessed or what receiveInData tells."""
    before, received, after = "0000050500", "0000050563", "040400007F"
    assert card.send("00120000 03 010203 00") == before + received + after + "9000"


@pytest.mark.parametrize(("length", "answer"), [(0, 0), (1, 1), (255, 255), (-1, None), (257, None)])
def test_output_lengths(card: Card, length: int, answer: int | None) -> None:
    sent = card.send(bytes((0, 0x20)) + length.to_bytes(2, "big", signed=True) + b"\0")
    assert sent == "6F00" if answer is None else len(sent) == 2 * answer + 4


def test_256_bytes_are_more_than_the_length_byte_can_say(card: Card) -> None:
    assert card.send("0020010000") == "9000"
    assert any("La is one byte" in one for one in card.warnings)


def test_until_it_is_set_the_output_length_is_that_of_the_input(card: Card) -> None:
    """succeed(): the length must be set separately."""
    assert card.send("00240000 02 0102") == "01029000"


def test_an_extended_command_comes_in_the_common_format(card: Card) -> None:
    assert card.send("00100000 000003 010203 0000") == "0102039000"
    assert card.send(bytes.fromhex("00100000 0000FF") + bytes(255)) == bytes(255).hex() + "9000"
    assert card.send(bytes.fromhex("80080210 000100") + bytes(256)) == "6C03"
    assert card.send(bytes.fromhex("80080210 000400") + bytes(1024)) == "6C03"


@pytest.mark.parametrize("block", [1, 32, 254])
def test_data_that_come_in_blocks_are_all_received(block: int) -> None:
    card = made(apdu_in_block=block)
    data = bytes(range(100))
    assert card.send(b"\0\x10\0\0\x64" + data + b"\0") == data.hex().upper() + "9000"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([(ADD, 0, COMMAND, ILLEGAL_PARAM), (REMOVE, 0, COMMAND, ILLEGAL_PARAM)], "null"),
        ([(ADD, REFUSING, 4, ILLEGAL_PARAM), (ADD, REFUSING, -1, ILLEGAL_PARAM)], "no phase"),
        ([(REMOVE, REFUSING, 4, ILLEGAL_PARAM), (REMOVE, REFUSING, -1, ILLEGAL_PARAM)], "no phase"),
        ([(ADD, REFUSING, INPUT, "9000"), (ADD, REFUSING, COMMAND, TABLE_FULL)], "four places"),
        ([(ADD, ECHO, COMMAND, "9000"), (ADD, REFUSING, INPUT, "9000")], "registered already"),
        ([(ADD, REFUSING, NONE, "9000"), (ADD, REFUSING, INPUT, TABLE_FULL)], "the null phase takes a place"),
        ([(REMOVE, REFUSING, COMMAND, "9000"), (ADD, REFUSING, INPUT, "9000")], "not registered"),
        ([(ADD, REFUSING, INPUT, "9000"), (REMOVE, REFUSING, INPUT, "9000"), (ADD, ECHO, INPUT, "9000")], "free again"),
        ([(MAKE, -1, 0, ILLEGAL_PARAM), (MAKE, 0, 0, "9000")], "a dispatcher's size"),
        ([(THROW_IT, 7, 0, "6B07"), (THROW, 6, 0, "6B06")], "ServiceException"),
    ],
)
def test_the_registry(card: Card, steps: list[tuple[int, int, int, str]], why: str) -> None:
    assert [manage(card, *step[:3]) for step in steps] == [step[3] for step in steps], why


def test_a_service_that_is_removed_is_not_asked(card: Card) -> None:
    assert manage(card, REMOVE, ENVELOPE, INPUT) == "9000"
    assert card.send("04100000 03 010203 00") == "0102039000"
    assert manage(card, REMOVE, ECHO, COMMAND) == "9000"
    assert card.send("00100000 03 010203 00") == "6D00"


def test_services_are_asked_in_their_order_until_one_is_enough(card: Card) -> None:
    manage(card, ADD, REFUSING, COMMAND)
    assert card.send("00100000 01 55 00") == "559000"
    assert card.send("007E0000") == "6A88"
    manage(card, REMOVE, ECHO, COMMAND)
    manage(card, ADD, ECHO, COMMAND)
    assert card.send("00100000 01 55 00") == "6A88"


def test_a_transaction_takes_a_removal_back(card: Card) -> None:
    assert manage(card, IN_TRANSACTION, ECHO, COMMAND) == "9000"
    assert card.send("00100000 01 55 00") == "559000"


@pytest.mark.parametrize(("change", "service", "phase"), [(REMOVE, ENVELOPE, INPUT), (ADD, REFUSING, INPUT)])
def test_the_registry_changes_whole_or_not_at_all(card: Card, change: int, service: int, phase: int) -> None:
    """The power cut at every write (Dispatcher.addService(): atomically)."""
    whole = Card(card.machine.fork(None))
    manage(whole, change, service, phase)
    states = (seen(card), seen(whole))
    found = set()

    def check(number: int) -> None:
        card.select("Dispatching")
        found.add(states.index(seen(card)))

    assert states[0] != states[1]
    assert card.until_whole(bytes((0x80, change, service, phase)).hex(), check) > 3
    assert 0 in found


def seen(card: Card) -> tuple[str, ...]:
    """What tells registries apart, found out on copies: whether the envelope is asked, and how many places are free."""
    copy = Card(card.machine.fork(None))
    copy.select("Dispatching")
    envelope, echo = copy.send("04100000 03 010203 00"), copy.send("00100000 01 55 00")
    return envelope, echo, *(manage(copy, ADD, REFUSING, phase) for phase in (NONE, COMMAND, OUTPUT))


@pytest.mark.parametrize(
    ("phase", "ins", "answer", "why"),
    [
        (INPUT, 0x16, "6310", "all phases; the status word is thrown"),
        (COMMAND, 0x16, "6310", "two phases"),
        (OUTPUT, 0x16, "6A01", "nobody processed it: null"),
        (COMMAND, 0x7E, "6A01", "nobody knows it: null"),
        (COMMAND, 0x18, "6985", "what a service threw is returned"),
        (COMMAND, 0x1A, "6A02", "what a service threw is returned"),
        (COMMAND, 0x14, "6C01", "what a service threw is returned"),
        (NONE, 0x16, ILLEGAL_PARAM, "PROCESS_NONE"),
        (4, 0x16, ILLEGAL_PARAM, "no phase"),
        (-1, 0x16, ILLEGAL_PARAM, "no phase"),
    ],
)
def test_dispatch(card: Card, phase: int, ins: int, answer: str, why: str) -> None:
    assert manage(card, DISPATCH, phase, ins) == answer, why


def test_a_method_that_overrides_the_apis_is_found_by_its_interface(card: Card) -> None:
    """The load file says of Refusing only that BasicService is its superclass; Service is BasicService's interface."""
    assert manage(card, ASK, REFUSING) == "9000"


def test_dispatch_of_no_command(card: Card) -> None:
    assert manage(card, DISPATCH_NULL, COMMAND) == "6B7F"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new @RMIService; aconst_null; invokespecial @RMIService.<init>", "RMIService.<init>"),
        ("aconst_null; invokestatic @CardRemoteObject.export", "CardRemoteObject.export"),
        ("aconst_null; invokestatic @CardRemoteObject.unexport", "CardRemoteObject.unexport"),
        ("new @CardRemoteObject; invokespecial @CardRemoteObject.<init>", "CardRemoteObject.<init>"),
        ("aconst_null; aload_1; invokevirtual @RMIService.processCommand; pop", "RMIService.processCommand"),
    ],
)
def test_remote_method_invocation_is_refused_at_load(code: str, name: str) -> None:
    with pytest.raises(jpype.JException, match=f"does not have javacard/framework/service/{name}"):
        Card.fresh(NATIVES).load(Hand(f"{code}; sconst_0").block())


def test_a_service_without_the_methods_of_one_mutes_the_card() -> None:
    """A load file whose class names virtual methods that it does not have for those of Service."""
    cap, card = read_load_file(block()), Card.fresh(NATIVES)
    infos = tuple(
        replace(info, interfaces=tuple(replace(one, tokens=b"\x7f" * len(one.tokens)) for one in info.interfaces))
        for info in cap.classes.items
    )
    card.load(b"".join(replace(cap, classes=replace(cap.classes, items=infos)).encode().values()))
    card.install("Dispatching")
    with pytest.raises(jpype.JException, match="has no processDataIn"):
        card.select("Dispatching")
