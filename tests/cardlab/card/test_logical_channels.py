"""Logical channels: MANAGE CHANNEL, classes that name them, what each has of its own (JCRE 3.0.5, 4; GPCS 11.7)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import TransportError, UsageError
from cardlab.globalplatform.constants import ISD_AID, CardState
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.classes import MOST_CHANNELS, basic_class, channel_of, class_on, is_valid
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.observer import Event, EventKind
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport.channel import LogicalChannel
from tests.cardlab.card.cards import Session, classes, client, exchange, select, send
from tests.cardlab.card.careless import CARELESS, ECHO, ENDLESS, careless_card
from tests.cardlab.card.refusals import refused

PACKAGE = bytes.fromhex("F04A504B4920")
MULTI_PACKAGE = bytes.fromhex("F04A504B4921")
SINGLE, OTHER, MULTI = PACKAGE + b"\x01", PACKAGE + b"\x02", MULTI_PACKAGE + b"\x01"
# All applets of a package are MultiSelectable, or none is.
MODULES = {
    PACKAGE: (Module(SINGLE, "channeltest.Single"), Module(OTHER, "channeltest.Single")),
    MULTI_PACKAGE: (Module(MULTI, "channeltest.Multi"),),
}


@cache
def executable(package: bytes) -> Executable:
    return Executable(Package(package, (1, 0), MODULES[package], classes("channeltest")))


@cache
def prepared(count: int) -> SimulatedCard:
    """A card with so many channels and the applets on it; tests have copies."""
    card = SimulatedCard(CardConfig(platform=PlatformChoices(channels=count)), seed=1, runtime="vm")
    manager = client(card)
    for package, modules in MODULES.items():
        manager.load(package, executable(package).data_block)
        for module in modules:
            manager.install(Installation(package, module.aid, module.aid))
    card.reset()
    return card


def card_with(count: int) -> SimulatedCard:
    return prepared(count).fork()


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with card_with(4) as copied:
        yield copied


def sw(card: SimulatedCard, text: str) -> int:
    return send(card, text).sw


def on(card: SimulatedCard, channel: int, aid: bytes) -> int:
    """SELECT on a channel; the status word."""
    return exchange(card, CommandApdu(class_on(0, channel), 0xA4, 4, 0, aid, le=256)).sw


def told(card: SimulatedCard, channel: int, cla: int = 0x80) -> bytes:
    """Of the applet on a channel: getCLAChannel(), getAssignedChannel(), the class as it came; then select() alone and
    again, deselect() alone and still; last what it kept until deselection."""
    response = exchange(card, CommandApdu(class_on(cla, channel), 0x02, 0, 0, le=256))
    assert response.ok, f"{response.sw:04X}"
    return response.data


# Class bytes


def test_the_channel_is_in_a_class_byte_and_comes_out_again() -> None:
    """ISO/IEC 7816-4:2020, Tables 2 and 3; GPCS Tables 11-11 and 11-12."""
    for cla in (0x00, 0x10, 0x04, 0x80, 0x84, 0x90):
        for channel in range(MOST_CHANNELS):
            coded = class_on(cla, channel)
            assert is_valid(coded)
            assert channel_of(coded) == channel
            assert basic_class(coded) == cla
    assert [class_on(0x84, channel) for channel in (0, 3, 4, 19)] == [0x84, 0x87, 0xE0, 0xEF]
    assert [class_on(0x0C, channel) for channel in (1, 4)] == [0x0D, 0x60]


@pytest.mark.parametrize("wrong", [(0x01, 1), (0x40, 1), (0xFF, 1), (0x20, 1), (0x00, 20), (0x00, -1)])
def test_what_names_no_channel_is_refused(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="channel"):
        class_on(*wrong)


# MANAGE CHANNEL


def test_channels_are_opened_by_number_or_as_they_are_free_and_closed(card: SimulatedCard) -> None:
    """GPCS 11.7: the answer to P2 00 is the number."""
    assert send(card, "00 70 00 00 01").to_bytes() == b"\x01\x90\x00"
    assert send(card, "00 70 00 03").to_bytes() == b"\x90\x00"
    assert send(card, "00 70 00 00 01").to_bytes() == b"\x02\x90\x00"
    assert sw(card, "00 70 00 00 01") == refused(0x6A81, "all 4 channels are open"), "none is free"
    assert sw(card, "00 70 80 03") == 0x9000
    assert sw(card, "00 70 80 03") == 0x6200, "it was closed already"
    assert sw(card, "01 70 80 00") == 0x9000, "the one that the command came on"
    assert sw(card, "01 70 80 00") == refused(0x6881, "logical channel 1 is not open")
    assert send(card, "02 70 00 00 01").to_bytes() == b"\x01\x90\x00"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("00 70 00 04", refused(0x6881, "this card has the channels 0 to 3")),
        ("00 70 00 13", refused(0x6881, "this card has the channels 0 to 3")),
        ("00 70 80 04", refused(0x6881, "this card has the channels 0 to 3")),
        ("00 70 00 01 01 00", refused(0x6700, "MANAGE CHANNEL has no data")),
        ("00 70 80 00", refused(0x6A86, "the basic logical channel is never closed")),
        ("00 70 40 00 01", refused(0x6A86, "there is no P1 40")),
        ("04 70 00 00 01", refused(0x6882, "MANAGE CHANNEL without secure messaging, please")),
        ("0C 70 00 00 01", refused(0x6882, "MANAGE CHANNEL without secure messaging, please")),
        ("10 70 00 00 01", 0x6884),
        ("01 70 00 00 01", refused(0x6881, "logical channel 1 is not open")),
        ("40 70 00 00 01", refused(0x6881, "logical channel 4 is not open")),
        ("80 70 00 00 01", 0x6D00),
    ],
)
def test_what_cannot_be_is_refused(card: SimulatedCard, command: str, expected: int) -> None:
    assert sw(card, command) == expected
    assert sw(card, "01 CA 00 66 00") == refused(0x6881, "logical channel 1 is not open"), "nothing was opened"


def test_a_channel_that_is_open_is_not_opened_again(card: SimulatedCard) -> None:
    assert sw(card, "00 70 00 02") == 0x9000
    assert sw(card, "00 70 00 02") == refused(0x6A86, "channel 2 is open")
    assert "channel 2 is open" in card.explain()


def test_a_card_with_one_channel_has_that_one() -> None:
    with card_with(1) as card:
        assert (
            sw(card, "00 70 00 00 01")
            == sw(card, "00 70 00 01")
            == sw(card, "01 A4 04 00 00")
            == refused(0x6881, "only the basic logical channel is there")
        )
        assert "only the basic logical channel" in card.explain()


@pytest.mark.parametrize("command", ["00 70 01 00", "00 70 80 00", "0C 70 00 00", "10 70 00 00", "00 70 00 00 01 00"])
def test_what_is_wrong_in_any_case_is_refused_alike_on_a_card_with_one(card: SimulatedCard, command: str) -> None:
    with card_with(1) as other:
        assert sw(other, command) == sw(card, command) != 0x6881


def test_a_card_has_one_to_twenty_channels() -> None:
    for wrong in (0, 21):
        with pytest.raises(UsageError, match="channels"):
            PlatformChoices(channels=wrong)
    with pytest.raises(UsageError, match="jcardsim cannot do channels=3"):
        SimulatedCard(CardConfig(platform=PlatformChoices(channels=3)), runtime="jcardsim")


def test_twenty_channels_are_reached_by_their_classes() -> None:
    """ISO/IEC 7816-4:2020, 5.4.1: 0 to 3 in the first interindustry classes, 4 to 19 in the further ones."""
    with card_with(20) as card:
        for channel in range(1, 20):
            assert send(card, "00 70 00 00 01").data == bytes((channel,))
        assert sw(card, "00 70 00 00 01") == refused(0x6A81, "all 20 channels are open")
        for channel in range(20):
            assert on(card, channel, MULTI) == 0x9000
        for channel in range(20):
            for cla in (0x00, 0x80):
                assert told(card, channel, cla)[:3] == bytes((channel, channel, class_on(cla, channel)))


def test_a_locked_card_opens_none(card: SimulatedCard) -> None:
    """GPCS Table 11-1."""
    session = Session.open(card)
    for state in (CardState.INITIALIZED, CardState.SECURED, CardState.CARD_LOCKED):
        assert session.send(0xF0, 0x80, state).ok
    assert sw(card, "00 70 00 00 01") == refused(0x6A81, "not in card state CARD_LOCKED")


# Selection


def test_each_channel_has_its_own_selection(card: SimulatedCard) -> None:
    assert sw(card, "00 70 00 00 01") == 0x9000
    assert sw(card, "01 CA 00 66 00") == 0x9000, "the default application is selected on it"
    assert on(card, 1, SINGLE) == 0x9000
    assert told(card, 1)[:3] == b"\x01\x01\x81"
    assert sw(card, "00 CA 00 66 00") == 0x9000, "the issuer security domain is where it was"
    assert sw(card, "80 02 00 00 00") == 0x6D00
    assert sw(card, "00 70 80 01") == 0x9000
    assert sw(card, "81 02 00 00 00") == refused(0x6881, "logical channel 1 is not open")


def test_select_opens_the_channel_that_its_class_names(card: SimulatedCard) -> None:
    """JCRE 3.0.5, 4.5.2; nothing is opened when nothing was selected."""
    assert on(card, 2, PACKAGE + b"\x99") == 0x6A82
    assert sw(card, "02 CA 00 66 00") == refused(0x6881, "logical channel 2 is not open")
    assert on(card, 2, SINGLE) == 0x9000
    assert told(card, 2)[0] == 2
    assert sw(card, "40 A4 04 00 00") == refused(0x6881, "logical channel 4 is not open"), (
        "there is no channel 4 on this card"
    )


def test_an_applet_that_is_not_multiselectable_is_on_one_channel(card: SimulatedCard) -> None:
    """JCRE 3.0.5, 4.2: and no other of its package with it."""
    assert select(card, SINGLE).ok
    assert sw(card, "00 70 00 01") == 0x9000
    for aid in (SINGLE, OTHER):
        assert on(card, 1, aid) == refused(0x6985, "MultiSelectable")
    assert sw(card, "01 CA 00 66 00") == 0x9000, "whoever was selected stays it"
    assert told(card, 0)[3:7] == bytes((1, 0, 0, 0))
    assert on(card, 2, SINGLE) == refused(0x6985, "MultiSelectable")
    assert sw(card, "02 CA 00 66 00") == refused(0x6881, "logical channel 2 is not open")


def test_a_multiselectable_applet_is_told_whether_it_is_active_already(card: SimulatedCard) -> None:
    """JCRE 3.0.5, 4.2; CLEAR_ON_DESELECT memory lasts until it is on no channel any more (5.1)."""
    assert select(card, MULTI).ok
    assert sw(card, "80 04 55 00") == 0x9000
    assert on(card, 3, MULTI) == 0x9000
    assert told(card, 3)[3:] == bytes((1, 1, 0, 0, 0x55))
    assert select(card, ISD_AID).ok
    assert told(card, 3)[3:] == bytes((1, 1, 0, 1, 0x55))
    assert sw(card, "00 70 80 03") == 0x9000
    assert select(card, MULTI).ok
    assert told(card, 0)[3:] == bytes((2, 1, 1, 1, 0x00))


def test_a_channel_opened_from_another_one_has_its_applet(card: SimulatedCard) -> None:
    """JCRE 3.0.5, 4.5.1: from the basic channel it is the default applet."""
    assert on(card, 1, MULTI) == 0x9000
    assert send(card, "01 70 00 00 01").data == b"\x02"
    assert told(card, 2)[:2] == b"\x02\x02"
    assert sw(card, "00 70 80 02") == 0x9000
    assert on(card, 1, SINGLE) == 0x9000
    assert sw(card, "01 70 00 00 01") == refused(0x6985, "MultiSelectable"), "an applet that cannot be on two"
    assert sw(card, "02 CA 00 66 00") == refused(0x6881, "logical channel 2 is not open"), "leaves the new one closed"


def test_an_applet_that_does_not_want_leaves_the_channel_closed(card: SimulatedCard) -> None:
    assert on(card, 1, MULTI) == 0x9000
    assert sw(card, "81 06 01 00") == 0x9000
    assert sw(card, "01 70 00 00 01") == 0x6999
    assert sw(card, "02 CA 00 66 00") == refused(0x6881, "logical channel 2 is not open")
    assert on(card, 2, MULTI) == 0x6999
    assert sw(card, "02 CA 00 66 00") == refused(0x6881, "logical channel 2 is not open")
    assert on(card, 1, MULTI) == 0x6999
    assert sw(card, "81 02 00 00 00") == 0x6999, "an open channel stays open, with nobody on it"


def test_proprietary_classes_name_a_channel_when_it_is_open(card: SimulatedCard) -> None:
    """JCRE 3.0.5, 4.3: what names none goes to the applet on the basic channel."""
    assert select(card, MULTI).ok
    assert send(card, "81 02 00 00 00").data[:3] == b"\x00\x00\x81"
    assert send(card, "F0 02 00 00 00").data[:3] == b"\x00\x00\xf0"
    assert on(card, 1, MULTI) == 0x9000
    assert send(card, "81 02 00 00 00").data[:3] == b"\x01\x01\x81"
    assert send(card, "82 02 00 00 00").data[:3] == b"\x00\x00\x82"
    assert sw(card, "01 70 80 00") == 0x9000
    assert send(card, "81 02 00 00 00").data[:3] == b"\x00\x00\x81"


# What ends channels


def test_a_reset_closes_all_channels(card: SimulatedCard) -> None:
    assert on(card, 1, MULTI) == on(card, 2, MULTI) == 0x9000
    card.reset()
    for channel in (1, 2):
        assert sw(card, f"0{channel} CA 00 66 00") == refused(0x6881, f"logical channel {channel} is not open")
    assert send(card, "00 70 00 00 01").data == b"\x01"


def test_a_power_cut_on_a_channel_closes_all(card: SimulatedCard) -> None:
    assert on(card, 1, MULTI) == 0x9000
    card.cut_power_at(1)
    with pytest.raises(TransportError):
        send(card, "81 06 01 00")
    card.reset()
    assert sw(card, "81 02 00 00 00") == refused(0x6881, "logical channel 1 is not open")
    assert on(card, 1, MULTI) == 0x9000, "the old value is what was left"


def test_an_application_that_is_selected_somewhere_is_not_deleted(card: SimulatedCard) -> None:
    """GPCS 9.5.1; JCRE 3.0.5, 11.3.4.1."""
    assert on(card, 1, MULTI) == 0x9000
    manager = client(card)
    with pytest.raises(UnexpectedStatusError, match="6985"):
        manager.delete(MULTI)
    assert "selected on a logical channel" in card.explain()
    assert sw(card, "00 70 80 01") == 0x9000
    manager.delete(MULTI)


def test_a_copy_has_the_same_channels_open(card: SimulatedCard) -> None:
    assert on(card, 1, MULTI) == 0x9000
    assert sw(card, "81 04 77 00") == 0x9000
    with card.fork() as copied:
        assert told(copied, 1)[7] == 0x77
        assert sw(copied, "00 70 80 01") == 0x9000
        assert sw(copied, "81 02 00 00 00") == refused(0x6881, "logical channel 1 is not open")
    assert told(card, 1)[7] == 0x77


def test_a_saved_card_has_none(card: SimulatedCard, tmp_path: Path) -> None:
    assert on(card, 1, MULTI) == 0x9000
    card.save(tmp_path / "card.json")
    with SimulatedCard.restore(tmp_path / "card.json") as restored:
        assert sw(restored, "01 CA 00 66 00") == refused(0x6881, "logical channel 1 is not open")
        assert send(restored, "00 70 00 00 01").data == b"\x01"


# Secure channels


def test_each_channel_has_a_secure_channel_of_its_own(card: SimulatedCard) -> None:
    """GPCS 10; the C-MAC does not know of the channel (Amendment D 6.2.4)."""
    managers = [GlobalPlatformClient(card)]
    with LogicalChannel.open(card) as one, LogicalChannel.open(card, 3) as three:
        managers += [GlobalPlatformClient(one), GlobalPlatformClient(three)]
        for manager in managers:
            manager.select()
            manager.authenticate(DEFAULT_KEYS, level=SecurityLevel.FULL)
        for manager in (*managers, *reversed(managers)):
            assert next(iter(manager.registry())).state == "OP_READY"
    assert sw(card, "81 F2 80 00 02 4F 00") == refused(0x6881, "logical channel 1 is not open")
    assert next(iter(managers[0].registry())).state == "OP_READY"


def test_a_session_is_of_no_use_on_another_channel(card: SimulatedCard) -> None:
    with LogicalChannel.open(card) as one:
        for transport in (card, one):
            assert select(transport, ISD_AID).ok
        SecureChannelLayer.open(one, DEFAULT_KEYS, level=SecurityLevel.NONE)
        assert sw(card, "81 F2 80 02 02 4F 00 00") == 0x9000
        assert sw(card, "80 F2 80 02 02 4F 00 00") == refused(0x6982, "a secure channel must be open")


def test_a_further_class_has_its_own_bit_for_secure_messaging() -> None:
    with card_with(20) as card, LogicalChannel.open(card, 19) as last:
        manager = GlobalPlatformClient(last)
        manager.select()
        manager.authenticate(DEFAULT_KEYS, level=SecurityLevel.FULL)
        assert next(iter(manager.registry())).state == "OP_READY"
        assert sw(card, "EF F2 80 02 0A 4F 00 0102030405060708 00") == 0x6988, "the MAC is wrong"


def test_an_applet_s_secure_channel_is_that_of_its_channel(card: SimulatedCard) -> None:
    """SecureChannel.unwrap() takes the channel's class, and leaves the channel in it."""
    with LogicalChannel.open(card, 2) as two:
        assert select(two, SINGLE).ok
        secured = SecureChannelLayer.open(two, DEFAULT_KEYS, level=SecurityLevel.C_MAC)
        plain = exchange(secured, CommandApdu(0x80, 0x08, 0, 0, b"\x11\x22"))
        assert plain.data == bytes.fromhex("82 08 00 00 02 11 22")


# Terminal's side, observers


def test_a_channel_is_closed_with_its_block_and_the_card_is_not(card: SimulatedCard) -> None:
    with LogicalChannel.open(card) as first, LogicalChannel.open(card) as second:
        assert (first.number, second.number) == (1, 2)
        assert select(first, MULTI).ok
        assert exchange(first, CommandApdu(0x80, 0x02, 0, 0, le=256)).data[0] == 1
        with pytest.raises(ValueError, match="class 81"):
            exchange(first, CommandApdu(0x81, 0x02, 0, 0, le=256))
    assert sw(card, "01 CA 00 66 00") == refused(0x6881, "logical channel 1 is not open")
    assert sw(card, "00 CA 00 66 00") == 0x9000
    second.close()


def test_no_free_channel_is_told_with_what_to_do(card: SimulatedCard) -> None:
    for _ in range(3):
        LogicalChannel.open(card)
    with pytest.raises(UnexpectedStatusError, match="6A81") as caught:
        LogicalChannel.open(card)
    assert "close another channel first" in caught.value.hint


def test_a_reset_within_the_block_leaves_nothing_to_close(card: SimulatedCard) -> None:
    with closing(LogicalChannel.open(card)) as one:
        one.reset()


def test_an_observer_is_told_of_channels(card: SimulatedCard) -> None:
    events: list[Event] = []
    card.observe(events.append, [EventKind.CHANNEL, EventKind.SELECTION])
    on(card, 1, PACKAGE + b"\x99")
    on(card, 1, MULTI)
    send(card, "00 70 80 01")
    shown = [(one.kind.name, one.what, one.number) for one in events]
    assert shown == [
        ("CHANNEL", "opened", 1), ("CHANNEL", "closed", 1),
        ("CHANNEL", "opened", 1), ("SELECTION", "selected", 1),
        ("SELECTION", "deselected", 1), ("CHANNEL", "closed", 1),
    ]  # fmt: skip


def test_ctrl_c_ends_a_loop_on_a_channel_and_leaves_the_others_as_they_were() -> None:
    with careless_card() as card, LogicalChannel.open(card) as channel:
        card.limit_instructions(0)
        assert select(channel, CARELESS).ok
        timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            send(channel, f"80 {ENDLESS:02X} 00 00")
        timer.join()
        assert exchange(channel, CommandApdu(0x80, ECHO, 0, 0, b"still there", le=256)).data == b"still there"
        assert exchange(card, CommandApdu(0x80, ECHO, 0, 0, b"here, too", le=256)).data == b"here, too"
