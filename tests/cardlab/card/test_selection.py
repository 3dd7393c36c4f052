"""SELECT by name, partial AIDs, next occurrence, who is selected after a reset (GPCS 6.4.2, 11.9)."""

from __future__ import annotations

import pytest

from cardlab.globalplatform.constants import ISD_AID, Privilege
from cardlab.iso7816 import tlv
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.interface import Media
from tests.cardlab.card.cards import PROBE, QUIET, SSD, Session, make_card, select, send
from tests.cardlab.card.refusals import refused

FIRST = bytes.fromhex("F04A504B4920AA01")
SECOND = bytes.fromhex("F04A504B4920AA02")
STEM = FIRST[:-1]


def test_the_issuer_domain_tells_its_aid_and_what_it_is() -> None:
    answer = select(make_card())
    assert answer.sw == 0x9000
    assert tlv.find(answer.data, 0x6F, 0x84) == ISD_AID
    assert tlv.find(answer.data, 0x6F, 0xA5, 0x9F65) == b"\xff"
    assert tlv.find(answer.data, 0x6F, 0xA5, 0x73, 0x06) == bytes.fromhex("2A864886FC6B01")


@pytest.mark.parametrize(("p2", "expected"), [(0x00, 0x6F), (0x04, 0x62), (0x0C, None)])
def test_p2_chooses_what_select_answers(p2: int, expected: int | None) -> None:
    answer = select(make_card(), ISD_AID, p2)
    assert answer.sw == 0x9000
    assert [item.tag for item in tlv.parse(answer.data)] == ([] if expected is None else [expected])


def test_select_with_extended_lengths() -> None:
    card = make_card()
    assert Session.open(card).install(PROBE) == 0x9000
    for le in ("", "0000"):
        assert send(card, f"00 A4 04 00 00 0007 {PROBE.hex()} {le}").sw == 0x9000
        assert send(card, "80 01 00 00 01 55 00").data == b"\x55"
        assert send(card, f"00 A4 04 00 00 0008 {ISD_AID.hex()} {le}").sw == 0x9000
        assert send(card, "80 CA 00 66 00").ok
    assert send(card, "00 A4 04 00 00 0000").sw == 0x9000


@pytest.mark.parametrize("p2", [0x01, 0x03, 0x08, 0x10, 0x80, 0xFF])
def test_another_p2_is_refused(p2: int) -> None:
    assert select(make_card(), ISD_AID, p2).sw == refused(0x6A86, "SELECT has no P2")


@pytest.mark.parametrize("cla", [0x04, 0x08, 0x0C])
def test_select_with_secure_messaging_is_refused(cla: int) -> None:
    assert send(make_card(), f"{cla:02X} A4 04 00 08 {ISD_AID.hex()} 00").sw == refused(
        0x6882, "SELECT without secure messaging, please"
    )


def test_a_short_aid_is_enough_and_next_goes_on() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(FIRST) == session.install(SECOND, module=QUIET) == 0x9000
    assert select(card, STEM).sw == 0x9000
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55"  # the probe echoes
    assert select(card, STEM, 0x02).sw == 0x9000
    assert send(card, "80 01 00 00 01 55 00").sw == 0x6D00
    assert select(card, STEM, 0x02).sw == 0x6A82
    assert send(card, "80 01 00 00 01 55 00").sw == 0x6D00, "what was selected stays selected"


def test_a_whole_aid_comes_before_a_longer_one() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(FIRST) == session.install(STEM, module=QUIET) == 0x9000
    assert select(card, STEM).sw == 0x9000
    assert send(card, "80 01 00 00 01 55 00").sw == 0x6D00


def test_next_passes_by_what_cannot_be_selected() -> None:
    card = make_card()
    session = Session.open(card)
    for last in range(4):
        assert session.install(STEM + bytes((last,)), p1=0x04 if last == 1 else 0x0C) == 0x9000
    assert session.send(0xF0, 0x40, 0x80, STEM + b"\x02").sw == 0x9000
    assert select(card, STEM).sw == select(card, STEM, 0x02).sw == 0x9000
    assert select(card, STEM, 0x02).sw == 0x6A82


def test_installed_only_and_locked_cannot_be_selected() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(FIRST, p1=0x04) == session.install(SECOND) == 0x9000
    assert session.send(0xF0, 0x40, 0x80, SECOND).sw == 0x9000
    assert select(card, FIRST).sw == select(card, SECOND).sw == 0x6A82


def test_an_unknown_aid_goes_to_the_selected_applet_and_not_to_a_domain() -> None:
    card = make_card()
    assert Session.open(card).install(PROBE) == 0x9000
    assert select(card, bytes(5)).sw == 0x6A82
    assert select(card, PROBE).sw == 0x9000
    assert select(card, bytes(5)).sw == 0x6D00, "the probe knows no SELECT of its own"
    assert select(card, bytes(5), 0x02).sw == 0x6A82, "the next occurrence is the card's business"
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55"


def test_an_applet_that_refuses_leaves_nobody_selected() -> None:
    card = make_card()
    assert Session.open(card).install(PROBE) == 0x9000
    assert select(card, PROBE).sw == 0x9000
    assert send(card, "80 07 00 00").sw == 0x9000
    assert select(card, PROBE).sw == 0x6999
    nobody = refused(0x6999, "no application is selected")
    assert send(card, "80 01 00 00 01 55 00").sw == send(card, "80 CA 00 66 00").sw == nobody
    assert select(card).sw == 0x9000


def test_the_search_goes_on_behind_an_applet_that_refuses() -> None:
    card = make_card()
    session = Session.open(card)
    assert session.install(FIRST) == session.install(SECOND, module=QUIET) == 0x9000
    assert select(card, FIRST).sw == send(card, "80 07 00 00").sw == 0x9000
    assert select(card, STEM).sw == 0x9000
    assert send(card, "80 01 00 00 01 55 00").sw == 0x6D00


def test_selecting_a_locked_applet_again_ends_its_session() -> None:
    card = make_card()
    assert Session.open(card).install(PROBE) == 0x9000
    assert select(card, PROBE).sw == 0x9000
    assert send(card, "80 03 80 00 00").data == b"\x01", "the applet locks itself"
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55", "and stays selected"
    assert select(card, PROBE).sw == 0x6A82
    assert send(card, "80 CA 00 66 00").sw == 0x9000, "the issuer security domain follows"


def test_only_the_basic_channel() -> None:
    """Interindustry classes have the channel in them, for whichever application is selected; so has MANAGE CHANNEL."""
    card = make_card(platform=PlatformChoices(channels=1))
    assert Session.open(card).install(PROBE) == 0x9000
    for selected in (b"", PROBE):
        assert select(card, selected).sw == 0x9000
        for cla in (0x01, 0x02, 0x03, 0x05, 0x40, 0x4F, 0x7F):
            assert send(card, f"{cla:02X} CA 00 66 00").sw == refused(0x6881, "only the basic logical channel is there")
        assert send(card, "00 70 00 00 01").sw == refused(0x6881, "only the basic logical channel is there")
        assert send(card, "00 70 80 01").sw == refused(0x6881, "this card has the channels 0 to 0")


def test_a_security_domain_reads_the_channel_in_proprietary_classes_too() -> None:
    """GPCS 11.1.4; and it refuses what ISO/IEC 7816-4 reserves."""
    card = make_card(platform=PlatformChoices(channels=1))
    assert select(card, b"").sw == 0x9000
    for cla in (0x81, 0x83, 0x87, 0xC0, 0xFE):
        assert send(card, f"{cla:02X} CA 00 66 00").sw == refused(0x6881, "only the basic logical channel is there")
    for cla in (0x20, 0x3F, 0xFF):
        assert send(card, f"{cla:02X} CA 00 66 00").sw == refused(0x6E00, f"class {cla:02X} is invalid")


def test_an_applet_gets_every_class_that_names_no_open_channel() -> None:
    """JCRE 3.0.5, 4.3; ISO/IEC 7816-4:2020, 5.4.1. Wallets and the like have classes such as F0.

    88 of the 256 are interindustry classes for the channels 1 to 19, which are not open.
    """
    card = make_card()
    assert Session.open(card).install(PROBE) == 0x9000
    assert select(card, PROBE).sw == 0x9000
    answers = {cla: send(card, f"{cla:02X} 01 00 00 01 55 00").sw for cla in range(0x100)}
    closed = {cla for cla, sw in answers.items() if sw == refused(0x6881, "is not open")}
    assert closed == {cla for cla in range(0x80) if not 0x20 <= cla < 0x40 and (cla >= 0x40 or cla & 0x03)}
    assert len(closed) == 88
    assert answers[0xF0] == 0x9000
    assert {sw for cla, sw in answers.items() if cla not in closed} == {0x9000}


def test_select_without_name_is_for_the_domain_or_applet() -> None:
    assert send(make_card(), "00 A4 00 00 02 3F 00").sw == refused(0x6A86, "security domains have no files to select")


def test_a_supplementary_domain_is_selected_as_itself() -> None:
    card = make_card()
    assert Session.open(card).make_domain() == 0x9000
    assert tlv.find(select(card, SSD).data, 0x6F, 0x84) == SSD
    assert tlv.find(select(card).data, 0x6F, 0x84) == ISD_AID


@pytest.mark.parametrize("media", list(Media))
def test_the_default_application_is_selected_by_a_reset(media: Media) -> None:
    card = make_card()
    assert Session.open(card).install(PROBE, privileges=b"\x04") == 0x9000
    assert card.reset(media) == card.atr
    assert card.simulated.media is media
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55"


def test_the_issuer_domain_stands_in_for_a_default_application_that_cannot() -> None:
    card = make_card()
    assert Session.open(card).install(PROBE, privileges=b"\x04") == 0x9000
    assert Session.open(card).send(0xF0, 0x40, 0x80, PROBE).sw == 0x9000
    card.reset()
    assert send(card, "80 CA 00 66 00").sw == 0x9000
    assert Session.open(card).send(0xF0, 0x40, 0x00, PROBE).sw == 0x9000
    select(card, PROBE)
    assert send(card, "80 07 00 00").sw == 0x9000
    card.reset()
    assert send(card, "80 CA 00 66 00").sw == 0x9000


def test_a_domain_can_be_the_default_application() -> None:
    card = make_card()
    assert Session.open(card).make_domain(SSD, Privilege.CARD_RESET) == 0x9000
    card.reset()
    assert send(card, "80 CA 00 42 00").sw == refused(0x6A88, "no data object 0042"), "an SSD without data of its own"


def test_what_cannot_be_selected_is_not_asked_of_the_application_that_is() -> None:
    """GPCS Table 11-84: a SELECT that names a locked application is the card's to refuse."""
    card = make_card()
    session = Session.open(card)
    assert session.install(PROBE) == session.install(QUIET, module=QUIET) == 0x9000
    assert session.send(0xF0, 0x40, 0x80, QUIET).sw == 0x9000
    assert select(card, PROBE).ok
    assert select(card, QUIET).sw == refused(0x6A82, "no such application can be selected")
    assert send(card, "80 01 00 00 01 55 00").data == b"\x55", "the selection stays"
    assert select(card, bytes(5)).sw == 0x6D00, "what is on no card goes to the applet (GPCS 6.4.2.1.2)"
