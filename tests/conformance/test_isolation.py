"""Cards in one process share nothing, and applets see nothing of the process."""

from __future__ import annotations

import threading

import pytest

from cardlab.errors import HarnessError
from cardlab.iso7816.status import SW
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import RuntimeRefusal, Service
from tests.conformance.cards import PACKAGE_AID, FakeServices, RuntimeCard, executable, module_aid
from tests.conformance.conftest import MakeCard

NEEDS = frozenset(
    (
        Feature.APPLETS,
        Feature.GLOBALPLATFORM,
        Feature.TRANSACTIONS,
    )
)


def counts(answer: bytes) -> tuple[int, int, int]:
    """Static short, element of a constant array, element of an array that a static field refers to."""
    return int.from_bytes(answer[:2], "big"), answer[2], answer[3]


def test_static_fields_belong_to_a_card(make_card: MakeCard) -> None:
    cards = [make_card("Statics") for _ in range(3)]
    for card in cards:
        card.start("Statics")
    for expected in range(1, 4):
        assert [counts(card.ask(0)) for card in cards] == [(expected,) * 3] * 3


def test_static_fields_are_shared_among_the_instances_of_a_card(make_card: MakeCard) -> None:
    card = make_card("Statics")
    card.start("Statics")
    card.ask(0)
    other = module_aid("Statics") + b"\x02"
    card.install("Statics", aid=other)
    card.runtime.select(other, b"\x00\xa4\x04\x00" + bytes((len(other),)) + other)
    assert counts(card.ask(0)) == (2, 2, 2)


def test_static_fields_start_anew_with_the_package(make_card: MakeCard) -> None:
    card = make_card("Statics")
    card.start("Statics")
    card.ask(0)
    card.runtime.delete(module_aid("Statics"))
    card.runtime.unload(PACKAGE_AID)
    card.load(executable("Statics"))
    card.start("Statics")
    assert counts(card.ask(0)) == (1, 1, 1)


def test_two_cards_in_two_threads(make_card: MakeCard) -> None:
    """Each with its own transaction, statics and services, at the same time."""
    cards = [make_card("Statics", "Transactions", "Platform") for _ in range(2)]
    for card in cards:
        for name in ("Statics", "Transactions", "Platform"):
            card.install(name)
    failures: list[BaseException] = []

    def use(card: RuntimeCard) -> None:
        try:
            card.services.answers[Service.GET_CARD_STATE] = (0x9000, b"\x0f")
            for turn in range(1, 101):
                card.select("Statics")
                assert counts(card.ask(0)) == (turn,) * 3
                card.select("Transactions")
                assert card.send(0x01, b"B\0w\1A\0").ok
                assert card.ask(0x02)[0] == 0
                card.select("Platform")
                assert card.ask(0x08) == b"\x0f"
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=use, args=(card,)) for card in cards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [len(card.services.calls) for card in cards] == [100, 100]


def test_the_runtime_does_not_keep_the_card_manager_alive(make_card: MakeCard) -> None:
    """Only a weak reference; what an applet asks of a card manager that is gone is an error of the program."""
    services = FakeServices()
    card = make_card("Platform", services=services)
    card.start("Platform")
    card.services = FakeServices()
    del services
    with pytest.raises(HarnessError, match="gone"):
        card.send(0x08)


def test_an_error_of_the_card_manager_is_not_hidden_in_a_status_word(make_card: MakeCard) -> None:
    class Broken(FakeServices):
        def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
            raise ZeroDivisionError("card manager")

    services = Broken()
    card = make_card("Platform", services=services)
    card.start("Platform")
    with pytest.raises(ZeroDivisionError):
        card.send(0x08)
    assert card.select("Platform").ok


def test_closing_lets_go_of_everything(make_card: MakeCard) -> None:
    card = make_card("Statics")
    card.start("Statics")
    card.runtime.close()
    card.runtime.close()
    with pytest.raises(RuntimeRefusal):
        card.install("Statics")
    card.reset()
    assert card.send(0).sw == SW.APPLET_SELECT_FAILED
