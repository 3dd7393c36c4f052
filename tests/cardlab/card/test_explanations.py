"""What is told of an exception that an applet lets through, or of an endless loop, wherever its code was called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.errors import TransportError
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.card.cards import Session, classes, client, select, send
from tests.cardlab.card.refusals import refused

PACKAGE = bytes.fromhex("F04A504B4930")
FAULTY = PACKAGE + b"\x01"
BUDGET = 50_000  # instructions

EXCEPTION, OWN, ENDLESS = 0, 1, 2
PLACES = ("process", "select", "deselect", "uninstall", "getShareableInterfaceObject", "serve", "processData")
WARNED = ("deselect", "uninstall", "getShareableInterfaceObject")
"""Where the command goes on, whatever the applet throws: the test is warned."""


@cache
def executable() -> Executable:
    return Executable(Package(PACKAGE, (1, 0), (Module(FAULTY, "faulttest.Faulty"),), classes("faulttest")))


@cache
def prepared() -> SimulatedCard:
    card = SimulatedCard(seed=1, runtime="vm", classes=ClassLibrary([executable()]))
    client(card).load(PACKAGE, executable().data_block)
    assert Session.open(card).install(FAULTY, module=FAULTY, load_file=PACKAGE) == 0x9000
    card.limit_instructions(BUDGET)
    return card


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with prepared().fork() as copied:
        yield copied


def provoke(card: SimulatedCard, place: str, how: int, channel: int) -> int:
    """Have the applet fail in a place; the status word of the command in which it did."""
    other = f"{channel:02X}"
    send(card, f"00 70 00 {other}") if channel else None
    assert send(card, f"{other} A4 04 00 {len(FAULTY):02X} {FAULTY.hex()}").sw == 0x9000
    assert send(card, f"{other} 02 {PLACES.index(place) + 1:02X} {how:02X}").sw == 0x9000
    commands: dict[str, Callable[[], int]] = {
        "select": lambda: send(card, f"{other} A4 04 00 {len(FAULTY):02X} {FAULTY.hex()}").sw,
        "deselect": lambda: send(card, f"{other} A4 04 00 00").sw,
        "uninstall": lambda: _deleted(card, other),
        "processData": lambda: _personalised(card, other),
    }
    return commands.get(place, lambda: send(card, f"{other} 04 00 00").sw)()


def _deleted(card: SimulatedCard, channel: str) -> int:
    send(card, f"{channel} A4 04 00 00")
    return Session.open(card).delete(FAULTY)


def _personalised(card: SimulatedCard, channel: str) -> int:
    send(card, f"{channel} A4 04 00 00")
    session = Session.open(card)
    assert session.personalise(FAULTY) == 0x9000
    return session.store(b"\x01\x02\x03", 0x80).sw


@pytest.mark.parametrize("channel", [0, 2])
@pytest.mark.parametrize("place", PLACES)
def test_the_exception_its_reason_and_all_methods_down_to_the_card_s_call_are_told(
    card: SimulatedCard, place: str, channel: int
) -> None:
    warnings: list[str] = []
    card.on_warning(warnings.append)
    sw = provoke(card, place, EXCEPTION, channel)
    assert sw == {"select": 0x6999}.get(place, 0x9000 if place in WARNED else 0x6F00)
    told = "\n".join((*warnings, card.explain()))
    assert "javacard.framework.SystemException: ILLEGAL_USE" in told
    assert "faulttest.Faulty.fail(Faulty.java:" in told
    assert any(place in warning for warning in warnings) == (place in WARNED)
    if place not in WARNED:
        assert f"faulttest.Faulty.{place}(Faulty.java:" in card.explain()


@pytest.mark.parametrize("place", ["process", "select", "serve"])
def test_an_exception_of_the_applet_s_own_has_its_name(card: SimulatedCard, place: str) -> None:
    provoke(card, place, OWN, 0)
    assert card.explain().startswith("faulttest.Trouble: 0007 at faulttest.Faulty.fail(Faulty.java:")


@pytest.mark.parametrize("channel", [0, 2])
@pytest.mark.parametrize("place", PLACES)
def test_a_loop_without_end_is_told_with_its_line(card: SimulatedCard, place: str, channel: int) -> None:
    with pytest.raises(TransportError, match=rf"executed {BUDGET} instructions at faulttest.Faulty.fail\(Faulty.java:"):
        provoke(card, place, ENDLESS, channel)
    card.reset()
    assert select(card, FAULTY).ok or place == "uninstall"


@pytest.mark.parametrize(
    ("how", "told"), [(EXCEPTION, "SystemException: ILLEGAL_USE"), (OWN, "faulttest.Trouble: 0007")]
)
def test_install_is_explained(card: SimulatedCard, how: int, told: str) -> None:
    other = PACKAGE + b"\x02"
    parameters = bytes((0xC9, 1, how))
    assert Session.open(card).install(other, module=FAULTY, load_file=PACKAGE, parameters=parameters) == refused(
        0x6985, "install() threw"
    )
    assert told in card.explain()
    for method in ("fail", "install"):
        assert f"faulttest.Faulty.{method}(Faulty.java:" in card.explain()
