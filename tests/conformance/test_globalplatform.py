"""The org.globalplatform API as applets see it, and the calls that reach the card manager (GP Card API 1.6)."""

from __future__ import annotations

import pytest

from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import RuntimeRefusal, Service
from tests.conformance.cards import FakeServices, RuntimeCard, module_aid
from tests.conformance.conftest import MakeCard

NEEDS = frozenset(
    (
        Feature.APPLETS,
        Feature.GLOBALPLATFORM,
    )
)
AID = module_aid("Platform")
RECEIVED = 0x20
DATA = bytes(range(0x30, 0x40))


@pytest.fixture
def card(make_card: MakeCard) -> RuntimeCard:
    card = make_card("Platform", services=FakeServices())
    card.start("Platform")
    return card


def call(card: RuntimeCard, service: Service, answer: bytes, data: bytes = b"", p1: int = 0) -> tuple[bytes, bytes]:
    """What the applet answers, and the argument that arrived at the card manager."""
    card.services.answers[service] = (0x9000, answer)
    card.services.calls.clear()
    answered = card.ask(int(service), data, p1=p1)
    assert [(aid, which) for aid, which, _ in card.services.calls[-1:]] == [(AID, service)]
    return answered, card.services.calls[-1][2]


def test_process_security_gets_the_whole_command(card: RuntimeCard) -> None:
    answered, argument = call(card, Service.PROCESS_SECURITY, b"\x11\x22", DATA)
    assert argument == bytes((0, Service.PROCESS_SECURITY, 0, 0, len(DATA))) + DATA
    assert answered == b"\x11\x22"
    _, argument = call(card, Service.PROCESS_SECURITY, b"")
    assert argument == bytes((0, Service.PROCESS_SECURITY, 0, 0))


def test_unwrap_replaces_the_command(card: RuntimeCard) -> None:
    plain = bytes.fromhex("00020000021234")
    answered, argument = call(card, Service.UNWRAP, plain, DATA)
    assert argument == bytes((0, Service.UNWRAP, 0, 0, len(DATA))) + DATA
    assert answered == plain


@pytest.mark.parametrize("service", [Service.WRAP, Service.DECRYPT_DATA, Service.ENCRYPT_DATA])
@pytest.mark.parametrize("length", [0, 16, 200])
def test_data_are_exchanged_in_place(card: RuntimeCard, service: Service, length: int) -> None:
    result = bytes(i ^ 0xFF for i in range(length))
    assert call(card, service, result, DATA) == (result, DATA)


def test_plain_questions(card: RuntimeCard) -> None:
    assert call(card, Service.GET_SECURITY_LEVEL, b"\x93") == (b"\x93", b"")
    assert call(card, Service.GET_CARD_STATE, b"\x0f") == (b"\x0f", b"")
    assert call(card, Service.GET_APPLICATION_STATE, b"\x07") == (b"\x07", b"")
    assert call(card, Service.RESET_SECURITY, b"") == (b"", b"")


@pytest.mark.parametrize("done", [0, 1])
def test_requests(card: RuntimeCard, done: int) -> None:
    answer = bytes((done,))
    assert call(card, Service.SET_APPLICATION_STATE, answer, p1=0x0F) == (answer, b"\x0f")
    assert call(card, Service.LOCK_CARD, answer) == (answer, b"")
    assert call(card, Service.TERMINATE_CARD, answer) == (answer, b"")
    assert call(card, Service.SET_HISTORICAL_BYTES, answer, DATA) == (answer, DATA)


def test_registry_entry(card: RuntimeCard) -> None:
    """Privilege numbers count the bits from the left (GP Card API 1.6, GPRegistryEntry)."""
    for privilege, held in [(0, 1), (5, 1), (6, 0), (0x0F, 1), (0x10, 0), (0x17, 1), (0x18, 0), (0xFF, 0)]:
        answered, argument = call(card, Service.GET_PRIVILEGES, b"\x84\x01\x01", p1=privilege)
        assert answered == b"\x84\x01\x01" + bytes((held,))
        assert argument == AID


@pytest.mark.parametrize("service", [Service.UNWRAP, Service.WRAP, Service.GET_CARD_STATE, Service.PROCESS_SECURITY])
def test_a_refusal_is_an_iso_exception(card: RuntimeCard, service: Service) -> None:
    card.services.answers[service] = (SW.SECURE_MESSAGING_INCORRECT, b"")
    assert card.send(int(service), DATA).sw == SW.SECURE_MESSAGING_INCORRECT


@pytest.mark.parametrize("service", [Service.LOCK_CARD, Service.SET_APPLICATION_STATE])
def test_a_refused_request_is_not_done(card: RuntimeCard, service: Service) -> None:
    card.services.answers[service] = (SW.CONDITIONS_NOT_SATISFIED, b"")
    assert card.ask(int(service)) == b"\x00"


def test_personalisation(card: RuntimeCard) -> None:
    """The applet need not be selected, gets the whole command, and runs under its own AID."""
    command = bytes((0x80, 0xE2, 0x80, 0x00, len(DATA))) + DATA
    assert card.runtime.process_data(AID, command) == AID + b"\x90\x00"
    assert card.ask(RECEIVED) == command
    card.runtime.deselect(b"")
    assert card.runtime.process_data(AID, command) == AID + b"\x90\x00"
    assert card.send(RECEIVED).sw == SW.APPLET_SELECT_FAILED


def test_personalisation_refused_by_the_applet(card: RuntimeCard) -> None:
    assert card.runtime.process_data(AID, bytes.fromhex("80E27F00")) == SW.WRONG_DATA.to_bytes(2, "big")
    assert card.runtime.process_data(AID, bytes(70)) == SW.UNKNOWN.to_bytes(2, "big")
    assert "ArrayIndexOutOfBounds" in card.runtime.unknown_cause()


def test_personalisation_of_an_applet_that_takes_none(make_card: MakeCard) -> None:
    card = make_card("Selection")
    card.start("Selection")
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.process_data(module_aid("Selection"), bytes.fromhex("80E28000"))
    assert refused.value.sw == SW.CONDITIONS_NOT_SATISFIED
