"""The secure channel of an applet that is left: until when its session is there is the card's choice (GPCS 10.2.3)."""

from __future__ import annotations

from functools import cache

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.classes import class_on
from cardlab.runtime.choices import PlatformChoices, SessionInDeselect
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport.channel import LogicalChannel
from tests.cardlab.card.cards import (
    classes,
    client,
    exchange,
    select,
    send,
)
from tests.cardlab.card.refusals import refused

PACKAGE = bytes.fromhex("F04A504B4921")
FIRST, SECOND = PACKAGE + b"\x01", PACKAGE + b"\x02"
AUTHENTICATED = 0x80  # GPCS Table 10-1
NULL = 0x7F  # Leaver's word for it
FOUND = {SessionInDeselect.OPEN: AUTHENTICATED | 1, SessionInDeselect.ENDED: 0, SessionInDeselect.NULL: NULL}
ABLE = [
    (runtime, choice)
    for runtime in ("vm", "jcardsim")
    for choice in SessionInDeselect
    if runtime == "vm" or choice is not SessionInDeselect.NULL
]


@cache
def executable() -> Executable:
    return Executable(Package(PACKAGE, (1, 0), (Module(FIRST, "sessiontest.Leaver"),), classes("sessiontest")))


def card_with(runtime: str, choice: SessionInDeselect) -> SimulatedCard:
    """Two instances, and a session with the first one."""
    config = CardConfig(platform=PlatformChoices(session_in_deselect=choice))
    card = SimulatedCard(config, seed=1, runtime=runtime, classes=ClassLibrary([executable()]))
    manager = client(card)
    manager.load(PACKAGE, executable().data_block)
    for aid in (FIRST, SECOND):
        manager.install(Installation(PACKAGE, FIRST, aid))
    open_session(card)
    return card


def open_session(card: SimulatedCard) -> SecureChannelLayer:
    assert select(card, FIRST).ok
    return SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.C_MAC)


def found(card: SimulatedCard) -> tuple[int, ...]:
    """What the instance that is selected found: the level in deselect(), in select(), whether there were keys."""
    return tuple(send(card, "80 10 00 00 03").data)


@pytest.mark.parametrize(("runtime", "choice"), ABLE)
@pytest.mark.parametrize("follower", [FIRST, SECOND, b""], ids=["itself", "another applet", "a domain"])
def test_what_is_found_in_deselect(runtime: str, choice: SessionInDeselect, follower: bytes) -> None:
    warnings: list[str] = []
    with card_with(runtime, choice) as card:
        card.on_warning(warnings.append)
        assert select(card, follower).ok
        assert select(card, FIRST).ok
        assert warnings == []  # deselect() throws nothing
        if follower != FIRST:
            assert found(card) == (FOUND[choice], 0, choice is SessionInDeselect.OPEN)


@pytest.mark.parametrize(("runtime", "choice"), ABLE)
def test_on_re_selection_the_session_ends_between_deselect_and_select(runtime: str, choice: SessionInDeselect) -> None:
    with card_with(runtime, choice) as card:
        assert select(card, FIRST).ok
        assert found(card) == (FOUND[choice], 0, choice is SessionInDeselect.OPEN)


@pytest.mark.parametrize("choice", SessionInDeselect)
def test_on_a_channel_that_is_closed(choice: SessionInDeselect) -> None:
    with card_with("vm", choice) as card:
        assert select(card).ok  # one applet of a package that is not MultiSelectable is active at a time
        assert send(card, "00 70 00 01").ok
        second = LogicalChannel(card, 1)
        assert select(second, FIRST).ok
        SecureChannelLayer.open(second, DEFAULT_KEYS, level=SecurityLevel.C_MAC)
        assert send(card, "00 70 80 01").ok
        assert select(card, FIRST).ok
        assert found(card) == (FOUND[choice], 0, choice is SessionInDeselect.OPEN)


def test_what_is_refused_leaves_the_session_as_it_was() -> None:
    """6985: the applet to be selected is active on another channel, and not MultiSelectable (JCRE 3.0.5, 4.5.1)."""
    with card_with("vm", SessionInDeselect.OPEN) as card:
        assert send(card, "00 70 00 01").ok
        open_session(card)
        assert exchange(card, CommandApdu(class_on(0, 1), 0xA4, 4, 0, SECOND, le=256)).sw == refused(
            0x6985, "an applet of its package is active on another channel, and not both are MultiSelectable"
        )
        assert select(card).ok
        assert select(card, FIRST).ok
        assert found(card)[0] == AUTHENTICATED | 1


def test_a_new_session_is_the_next_applets_own() -> None:
    with card_with("vm", SessionInDeselect.OPEN) as card:
        assert select(card, SECOND).ok
        SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.FULL)
        assert select(card).ok
        assert select(card, SECOND).ok
        assert found(card) == (AUTHENTICATED | int(SecurityLevel.FULL), 0, 1)
