"""The card that a test holds: what each of its methods does, and what it says when that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import pytest

from cardlab.errors import CardError, UsageError
from cardlab.globalplatform.constants import ISD_AID
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.lab.capability import Capability
from cardlab.pytest_plugin import Applet, Card, CardFactory
from tests.cardlab.pytest_plugin.project import EXAMPLE

pytestmark = pytest.mark.javacard_applet(
    sources="../../example_applet/src",
    class_name="com.example.purse.Purse",
    aid="F00000000101",
    parameters=b"1234",
)

AID, OTHER = bytes.fromhex("F00000000101"), bytes.fromhex("F00000000109")
VERIFY, CREDIT, DEBIT, READ = 0x20, 0x30, 0x40, 0x52
BYTES = bytes((0, 1))


def verified(card: Card) -> Card:
    card.send(0x80, VERIFY, data=b"1234")
    return card


def balance(card: Card) -> int:
    return int.from_bytes(card.send(0x80, READ)[:2], "big")


def purse() -> Applet:
    return Applet.create(
        sources=EXAMPLE / "src", class_name="com.example.purse.Purse", aid=AID, parameters=b"1234", api="3.0.4"
    )


def test_what_is_sent(card: Card) -> None:
    """Le is asked for unless told otherwise; the names of the applet's own sources are in what is said."""
    verified(card)
    card.send(0x80, CREDIT, 0, 0, BYTES, le=None)
    card.send(0x80, CREDIT, data=BYTES)
    shown = [line for line in card.history.lines() if "CREDIT" in line]
    assert [line.split()[1] for line in shown] == ["80300000020001", "8030000002000100"]
    with pytest.raises(UnexpectedStatusError, match=r"DEBIT \(80 40 00 00\): the card answered 6A84") as refused:
        card.send(0x80, DEBIT, data=b"\x00\x03")
    assert refused.value.sw == 0x6A84
    assert card.send(0x80, DEBIT, data=b"\x00\x03", expect=0x6A84) == b""
    with pytest.raises(UnexpectedStatusError, match=r"^80 99 00 00: the card answered 6D00"):
        card.send(0x80, 0x99)


def test_a_refusal_has_the_cards_reason_beside_it(card: Card) -> None:
    with pytest.raises(UnexpectedStatusError) as refused:
        card.send(0x80, CREDIT, data=BYTES)
    assert not getattr(refused.value, "__notes__", []), "an applet's own refusal needs no explanation"
    card.select(ISD_AID)
    with pytest.raises(UnexpectedStatusError) as refused:
        card.send(0x80, 0xE4, data=BYTES)
    (note,) = refused.value.__notes__
    assert f"    {note}" in [*card.history.lines()]


def test_transmit_takes_what_is_a_command(card: Card) -> None:
    assert card.transmit(CommandApdu(0x80, 0x99, 0, 0)).sw == 0x6D00
    with pytest.raises(UsageError, match="takes a CommandApdu"):
        card.transmit(b"\x80\x52\0\0")  # type: ignore[arg-type]


def test_a_reset_selects_again_unless_told_otherwise(card: Card) -> None:
    verified(card).reset()
    card.send(0x80, CREDIT, data=BYTES, expect=0x6982)
    card.reset(select=False)
    card.send(0x80, READ, expect=("6Exx", "6Dxx", 0x6985))
    assert card.select() == b"" and balance(card) == 0
    card.select(ISD_AID)
    card.select(list(AID))
    assert balance(card) == 0
    card.select(OTHER, expect="6xxx")
    assert balance(card) == 0


def test_a_blank_card_has_no_applet(blank_card: Card) -> None:
    with pytest.raises(CardError, match="no applet is installed on this card"):
        _ = blank_card.aid
    assert repr(blank_card).startswith("<Card blank, seed ")
    blank_card.reset()
    assert [line for line in blank_card.history.lines() if line.startswith("  >")] == []


@pytest.mark.needs(Capability.FORK)
def test_a_copy_goes_its_own_way(card: Card) -> None:
    verified(card)
    with card.fork() as copy:
        copy.send(0x80, CREDIT, data=BYTES)
        assert (balance(copy), balance(card), copy.aid) == (1, 0, AID)
        assert repr(copy) == f"<Card {AID.hex().upper()}, a copy of the card with {card.history.title}>"
        assert copy.is_open
    states = [one.is_open for one in (copy, card)]
    assert states == [False, True]
    copy.close()


@pytest.mark.needs(Capability.FORK, Capability.COST)
def test_what_a_command_costs_is_found_out_on_a_copy(card: Card) -> None:
    verified(card)
    count = card.history.count
    assert card.writes(0x80, CREDIT, data=BYTES) > 1
    assert card.cost(0x80, CREDIT, data=BYTES).instructions > card.cost(0x80, READ).instructions > 0
    assert card.writes(0x80, READ) == 0
    assert card.history.count == count, "nothing was sent to the card itself"
    assert balance(card) == 0
    with pytest.raises(UsageError, match="data='00' is text"):
        card.writes(0x80, CREDIT, data="00")  # type: ignore[arg-type]


@pytest.mark.needs(Capability.POWER_CUT, Capability.FORK)
def test_power_is_cut_in_one_command_alone(card: Card) -> None:
    verified(card)
    moments = card.writes(0x80, CREDIT, data=BYTES)
    assert card.tear(0x80, CREDIT, data=BYTES, at=1)
    assert balance(card) == 0, "it was reset, and the applet is selected again"
    verified(card).send(0x80, CREDIT, data=BYTES)
    assert balance(card) == 1, "nothing is cut any more"
    assert not verified(card).tear(0x80, CREDIT, data=BYTES, at=moments + 1)
    assert balance(card) == 2
    card.send(0x80, CREDIT, data=BYTES, expect=0x6982)
    for at in (0, -1):
        with pytest.raises(UsageError, match=f"at={at}: moments are counted from 1"):
            card.tear(0x80, CREDIT, data=BYTES, at=at)


ASKED: dict[Capability, list[Callable[[Card], object]]] = {
    Capability.FORK: [lambda card: card.fork(), lambda card: card.writes(0x80, READ)],
    Capability.COST: [lambda card: card.cost(0x80, READ)],
    Capability.POWER_CUT: [lambda card: card.tear(0x80, READ, at=1)],
}


@pytest.mark.parametrize("lacking", ASKED, ids=lambda one: one.name)
def test_what_a_kind_of_card_cannot_do_is_left_out(
    lacking: Capability, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing was sent."""
    monkeypatch.setattr(card.lower, "capabilities", card.lower.capabilities - {lacking})
    count = card.history.count
    for ask in ASKED[lacking]:
        with pytest.raises(pytest.skip.Exception, match=f"^this kind of card lacks {lacking.value}$"):
            ask(card)
    assert card.history.count == count


@pytest.mark.needs(Capability.FORK)
def test_a_further_channel_is_the_same_card(card: Card) -> None:
    with card.channel(2) as second:
        assert (second.number_of_channel, card.number_of_channel) == (2, 0)
        assert second.aid == card.aid
        second.transmit(CommandApdu(0x00, 0xCA, 0x00, 0x66, le=256))
        assert card.transport is not second.transport
        assert any(line.startswith("  > 02CA0066") for line in card.history.lines())
        with second.fork() as copy:
            assert (copy.number_of_channel, copy.aid) == (2, card.aid)
            copy.transmit(CommandApdu(0x00, 0xCA, 0x00, 0x66, le=256))
            assert [*copy.history.lines()][-2].startswith("  > 02CA0066")
        assert not copy.is_open
    assert balance(card) == 0
    with card.channel() as first:
        assert first.number_of_channel == 1


def test_its_manager_has_the_issuers_domain_and_the_protection_asked_for(card: Card) -> None:
    assert card.manager(SecurityLevel.C_MAC).channel.level is SecurityLevel.C_MAC  # type: ignore[union-attr]
    client = card.manager()
    assert client.channel is not None and client.channel.level is SecurityLevel.FULL
    assert AID in [one.aid for one in client.registry()]
    card.send(0x80, READ, expect="6xxx")


def test_what_is_installed_and_deleted(card_factory: CardFactory) -> None:
    """The first is the one under test; another instance has an AID of its own."""
    with card_factory(purse(), blank=True) as card:
        assert repr(card).startswith("<Card blank")
        card.install(purse(), aid=list(OTHER))
        assert card.aid == OTHER
        card.install(purse())
        assert card.aid == OTHER
        card.select(AID)
        card.delete(AID)
        assert card.aid == OTHER
        card.select(AID, expect=0x6A82)
        card.select()
        with pytest.raises(CardError, match=r"Purse was not installed: INSTALL answered 6985") as refused:
            card.install(purse(), aid=OTHER)
        assert refused.value.hint and "register()" in refused.value.hint
        card.delete()
        with pytest.raises(CardError, match="no applet is installed"):
            _ = card.aid
        told = [line for line in card.history.lines() if line.startswith("  [")]
        assert told == [
            "  [loaded F000000001 through SCP03]",
            "  [installed com.example.purse.Purse as F00000000109 through SCP03]",
            "  [installed com.example.purse.Purse as F00000000101 through SCP03]",
            "  [deleted F00000000101 through SCP03]",
            "  [deleted F00000000109 through SCP03]",
        ]


def test_a_package_that_is_there_is_not_loaded_again(card: Card, card_factory: CardFactory) -> None:
    packages = card_factory._build((purse(),)).packages
    with pytest.raises(CardError, match=r"^package F000000001 was not loaded: .*6985") as refused:
        card.load(packages)
    assert refused.value.hint and "AIDs that are not on the card" in refused.value.hint


def test_cards_of_a_test_are_fresh_alike_and_of_its_seed(card_factory: CardFactory) -> None:
    """Asked for again and again the card is copied, and nobody sees a difference but in what the report says."""
    drawn, titles = set(), set()
    for _ in range(5):
        with card_factory() as card:
            assert balance(verified(card)) == 0
            card.send(0x80, CREDIT, data=BYTES)
            drawn.add(card.entropy.draw(8))
            titles.add(card.history.title)
    assert len(drawn) == len(titles) == 1
    with card_factory() as one, card_factory() as other, card_factory(seed=1) as seeded:
        assert one.entropy.draw(8) in drawn
        assert other.entropy.draw(8) not in drawn
        assert seeded.history.title == "seed 0000000000000001"


def test_its_seed_follows_from_the_name_of_the_test(card: Card, request: pytest.FixtureRequest) -> None:
    name = request.node.nodeid
    assert card.history.title == f"seed {sha256(name.encode()).hexdigest()[:16]}"


def test_what_cannot_be_built_fails_in_words_each_time(card_factory: CardFactory) -> None:
    wrong = Applet.create(sources=EXAMPLE / "src", class_name="com.example.purse.Pures", aid=AID)
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match=r"no class com\.example\.purse\.Pures in ") as failed:
            card_factory(wrong)
        assert "\n  -> the applets there: com.example.purse.Purse" in str(failed.value)
        assert not failed.value.pytrace, "no line of ours is shown"
