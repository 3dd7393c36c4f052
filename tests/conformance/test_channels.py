"""Logical channels as the runtime interface has them (JCRE 3.0.5, 4), on every runtime that has any."""

from __future__ import annotations

import pytest

from cardlab.runtime.backend import Backend
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import RuntimeRefusal
from cardlab.runtime.observer import Event, EventKind
from tests.conformance.cards import (
    LIBRARY_AID,
    RuntimeCard,
    install_data,
    library,
    load_file,
    module_aid,
    select_command,
)
from tests.conformance.conftest import MakeCard

NEEDS = frozenset((Feature.APPLETS, Feature.CHANNELS))
SERVER = LIBRARY_AID + b"\x01"
OK = b"\x90\x00"


@pytest.fixture
def card(make_card: MakeCard, backend: Backend) -> RuntimeCard:
    """With an applet selected on the basic channel, and one of another package."""
    card = make_card("Selection", also=[library()])
    card.start("Selection")
    card.runtime.load(load_file(library()))
    card.runtime.install(LIBRARY_AID, SERVER, SERVER, install_data(SERVER))
    return card


def test_another_applet_is_selected_on_a_channel_that_is_opened(card: RuntimeCard) -> None:
    assert card.runtime.open_channel(1, SERVER) == OK
    assert card.runtime.process(b"\x01\x70\x00\x00", 1) != b"\x69\x99"
    card.runtime.close_channel(1)
    assert card.runtime.process(b"\x01\x70\x00\x00", 1) == b"\x69\x99"


def test_a_channel_may_be_opened_with_nobody_on_it(card: RuntimeCard) -> None:
    assert card.runtime.open_channel(2) == OK
    assert card.runtime.process(b"\x02\x70\x00\x00", 2) == b"\x69\x99"
    assert card.runtime.select(SERVER, select_command(SERVER), 2) == OK


def test_an_applet_that_is_not_multiselectable_is_on_one(card: RuntimeCard) -> None:
    """JCRE 3.0.5, 4.2: opened or selected, the answer is 6985 and it stays where it is."""
    aid = module_aid("Selection")
    with pytest.raises(RuntimeRefusal, match="6985"):
        card.runtime.open_channel(1, aid)
    with pytest.raises(RuntimeRefusal, match="6985"):
        card.runtime.select(aid, select_command(aid), 1)
    assert card.runtime.process(b"\x01\x70\x00\x00", 1) == b"\x69\x99"
    assert card.raw(b"\x00\x70\x00\x00").sw != 0x6999


def test_a_reset_leaves_nobody_selected(card: RuntimeCard) -> None:
    assert card.runtime.open_channel(3, SERVER) == OK
    card.reset()
    assert card.runtime.process(b"\x03\x70\x00\x00", 3) == b"\x69\x99"


def test_an_observer_is_told(card: RuntimeCard) -> None:
    events: list[Event] = []
    card.runtime.observe(events.append, [EventKind.CHANNEL])
    card.runtime.open_channel(1, SERVER)
    card.runtime.close_channel(1)
    assert [(one.what, one.number) for one in events] == [("opened", 1), ("closed", 1)]
