"""A served card goes over to another interface while it is served: a line on standard input says which."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_ATR
from cardlab.cli.card.interfaces import INTERFACES, Served, Switch, listen, media_of
from cardlab.iso7816.atr import type_a_atr
from cardlab.reader import VirtualReader
from cardlab.reader.contactless import AtrOf
from cardlab.reader.server import Control, Link
from cardlab.runtime.interface import Media
from tests.cardlab.transport.test_virtual_reader import Driver
from tests.waiting import PATIENCE

CONTACT_ATR = DEFAULT_ATR


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def links() -> list[Link]:
    return []


@pytest.fixture
def served(driver: Driver, links: list[Link]) -> Iterator[Served]:
    """A card in the driver's slot, looked at."""
    with SimulatedCard(seed=1) as card:
        shown = AtrOf(card, Media.CONTACT)
        with VirtualReader(shown, port=driver.port, listener=links.append) as reader:
            driver.accept()
            yield Served(card, shown, reader)


def atr(driver: Driver) -> bytes:
    """What the driver is shown."""
    driver.send(bytes((Control.ATR,)))
    return driver.receive()


def test_a_line_puts_the_card_in_again_over_the_other_interface(
    driver: Driver, served: Served, links: list[Link], capsys: pytest.CaptureFixture[str]
) -> None:
    assert atr(driver) == CONTACT_ATR
    Switch([served]).line("type-a\n")
    assert driver.receive() == b"", "the card was taken out"
    driver.drop()
    driver.accept()
    assert atr(driver) == type_a_atr(b"")
    driver.send(bytes((Control.POWER_ON,)))
    driver.send(bytes.fromhex("00A4040000"))
    assert driver.receive()[-2:] == b"\x90\x00"
    assert served.card.media is Media.CONTACTLESS_TYPE_A, "its applets are told so"
    assert Link.TURNED in links
    assert Link.LOST not in links
    assert "over type-a now" in capsys.readouterr().err


def test_what_is_no_interface_is_answered_with_those_there_are(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    switch = Switch([served])
    switch.line("antenna")
    switch.line("  ")
    assert served.card.media is Media.CONTACT
    assert capsys.readouterr().err == f"there is no interface antenna; known: {', '.join(INTERFACES)}\n"


@pytest.mark.parametrize("name", INTERFACES)
def test_every_interface_has_a_medium(name: str) -> None:
    assert media_of(name) in Media


def test_lines_come_in_pieces_and_end_with_the_input() -> None:
    reading, writing = os.pipe()
    lines: list[str] = []
    thread = listen(lines.append, reading)
    for piece in (b"ty", b"pe-a\nusb\nre", b"st"):
        os.write(writing, piece)
    os.close(writing)
    thread.join(PATIENCE)
    os.close(reading)
    assert not thread.is_alive()
    assert lines == ["type-a", "usb"]
