"""The applet Careless on a card: what an applet should not do, and an echo."""

from __future__ import annotations

from functools import cache

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.card.terminal import in_terminal
from cardlab.globalplatform.installation import Installation
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.card.cards import classes, client, select

PACKAGE = bytes.fromhex("F04A504B4932")
CARELESS = PACKAGE + b"\x01"
OPEN_TRANSACTION, ALLOCATE, NOT_ATOMIC, ENDLESS, ECHO = 0x01, 0x02, 0x03, 0x04, 0x10  # instructions


@cache
def executable() -> Executable:
    return Executable(Package(PACKAGE, (1, 0), (Module(CARELESS, "carelesstest.Careless"),), classes("carelesstest")))


def careless_card(config: CardConfig | None = None) -> SimulatedCard:
    """A card with the applet installed and selected, whose names and lines are known."""
    card = SimulatedCard(config, seed=1, runtime="vm", classes=ClassLibrary([executable()]))
    manager = client(in_terminal(card))
    manager.load(PACKAGE, executable().data_block)
    manager.install(Installation(PACKAGE, CARELESS, CARELESS))
    assert select(in_terminal(card), CARELESS).ok
    return card
