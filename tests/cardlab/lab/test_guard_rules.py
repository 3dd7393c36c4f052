"""Each rule of the guard by itself, and how far it reaches: a card that refuses nothing shows what was let through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cardlab.globalplatform.constants import ISD_AID, InstallFor, Privilege
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import Channel, SecurityLevel, StaticKeys
from cardlab.iso7816.apdu import CommandApdu
from cardlab.lab.guard import FailedAuthenticationError, Guard, HeldBackError
from tests.cardlab.lab.willing import CARD_CHALLENGE, Willing, held_back, proof

KEYS, OTHER_KEYS = StaticKeys(*[b"k" * 16] * 3), StaticKeys(*[b"o" * 16] * 3)
OTHERS, OWN, DOMAIN = (bytes.fromhex(f"F000000009{last}") for last in ("0101", "0201", "0301"))
PLACE = bytes.fromhex("F0000000090A")  # of an application's class: nobody's instance
INITIALIZE = CommandApdu(0x80, 0x50, 0, 0, bytes(8), 256)
HARMLESS = {"SECURITY_DOMAIN", "TRUSTED_PATH", "AUTHORIZED_MANAGEMENT", "NONE"}


def select(aid: bytes, p1: int = 0x04, p2: int = 0) -> CommandApdu:
    return CommandApdu(0x00, 0xA4, p1, p2, aid, 256)


def install(purpose: int, aid: bytes, privileges: bytes = b"\0", cla: int = 0x80) -> CommandApdu:
    fields = {
        InstallFor.LOAD: (aid, b"", b"", b"", b""),
        InstallFor.INSTALL: (PLACE, PLACE, aid, privileges, b"\xc9\0", b""),
        InstallFor.INSTALL_AND_MAKE_SELECTABLE: (PLACE, PLACE, aid, privileges, b"\xc9\0", b""),
    }.get(InstallFor(purpose & 0x7F), (b"", b"", aid, privileges, b"", b""))
    return CommandApdu(cla, 0xE6, purpose, 0, b"".join(bytes((len(one),)) + one for one in fields))


@pytest.fixture
def card() -> Willing:
    return Willing(KEYS)


@pytest.fixture
def guard(card: Willing) -> Guard:
    """Before a card with an application and the issuer's domain on it."""
    return Guard(card, KEYS, frozenset((ISD_AID, OTHERS)))


def session(guard: Guard, keys: StaticKeys = KEYS) -> SecureChannelLayer:
    return SecureChannelLayer.open(guard, keys, level=SecurityLevel.C_MAC)


def bring(guard: Guard) -> None:
    """An application and a domain of the test, which the issuer's domain installs."""
    held_back(guard, select(ISD_AID))
    channel = session(guard)
    for aid, privileges in ((OWN, b"\0"), (DOMAIN, b"\x80\0\0")):
        channel.transmit(install(InstallFor.INSTALL_AND_MAKE_SELECTABLE, aid, privileges).to_bytes())


@pytest.fixture
def owned(guard: Guard) -> Guard:
    """The same, with an application and a domain of the test."""
    bring(guard)
    return guard


def let_through(guard: Guard, cla: int) -> Iterator[int]:
    """Instructions that may go to the selected application, with data."""
    return (ins for ins in range(0x100) if not held_back(guard, bytes((cla, ins, 0, 0, 1, 1))))


READING = {0x84, 0xA4, 0xB0, 0xB1, 0xB2, 0xB3, 0xC0, 0xCA, 0xCB, 0xF2}
INITIALIZE_UPDATE = 0x50


@pytest.mark.parametrize("cla", [0x00, 0x80])
def test_what_only_reads_goes_to_everybody_and_nothing_else_does(guard: Guard, cla: int) -> None:
    held_back(guard, select(OTHERS))
    assert {*let_through(guard, cla)} == READING | {INITIALIZE_UPDATE}
    assert not guard.has_stopped


@pytest.mark.parametrize(("cla", "held"), [(0x00, {0x70}), (0x80, {0x70, 0x82})])
def test_everything_goes_to_an_application_of_the_test_but_two(owned: Guard, cla: int, held: set[int]) -> None:
    """MANAGE CHANNEL, and EXTERNAL AUTHENTICATE of GlobalPlatform, which counts against the issuer's keys."""
    held_back(owned, select(OWN))
    assert {*range(0x100)} - {*let_through(owned, cla)} == held


def test_an_authentication_of_the_applications_own_is_its_business(owned: Guard, card: Willing) -> None:
    """EXTERNAL AUTHENTICATE of ISO/IEC 7816-4 on any channel: one that fails does not end the run."""
    held_back(owned, select(OWN))
    card.forged[0x82] = bytes.fromhex("6300")
    for cla in range(0x80):
        assert held_back(owned, bytes((cla, 0x82, 0, 0, 1, 1))) == "", hex(cla)
    for cla in range(0x80, 0x100):
        assert "a few of them block its keys" in held_back(owned, bytes((cla, 0x82, 0, 0, 1, 1))), hex(cla)


def test_only_what_manages_is_judged_in_a_domain_of_the_test(owned: Guard) -> None:
    held_back(owned, select(DOMAIN))
    assert {*range(0x100)} - {*let_through(owned, 0x80)} == {0x70, 0x82, 0xE4, 0xE6, 0xF0}


# -- what INSTALL may say ----------------------------------------------------------------------------------------------

CARRY_PRIVILEGES = (
    InstallFor.INSTALL,
    InstallFor.MAKE_SELECTABLE,
    InstallFor.INSTALL_AND_MAKE_SELECTABLE,
    InstallFor.REGISTRY_UPDATE,
)


@pytest.mark.parametrize("purpose", CARRY_PRIVILEGES, ids=lambda one: one.name)
def test_which_privileges_reach_beyond_an_application(owned: Guard, purpose: InstallFor) -> None:
    """Each by itself (GPCS Table 6-1): a registry update gives them as an installation does."""
    held_back(owned, select(DOMAIN))
    for name, privilege in Privilege.__members__.items():
        said = held_back(owned, install(purpose, OWN, privilege.to_bytes3()))
        assert ("reach beyond the application" in said) is (name not in HARMLESS), (name, said)


@pytest.mark.parametrize("purpose", CARRY_PRIVILEGES, ids=lambda one: one.name)
def test_whoever_gets_the_privilege_is_a_domain(owned: Guard, purpose: InstallFor) -> None:
    """From then on what is sent to it is judged, as a card would let it manage others."""
    forbidden = CommandApdu(0x80, 0xE4, 0, 0, bytes((0x4F, len(OTHERS))) + OTHERS)
    held_back(owned, select(OWN))
    assert held_back(owned, forbidden) == ""
    held_back(owned, select(DOMAIN))
    assert held_back(owned, install(purpose, OWN, b"\x80\0\0")) == ""
    held_back(owned, select(OWN))
    assert "is not the test's" in held_back(owned, forbidden)


NEW = bytes.fromhex("F0000000090B01")
OF_WHOM = {
    InstallFor.LOAD: ("was on the card before", ""),
    InstallFor.INSTALL: ("was on the card before", ""),
    InstallFor.INSTALL_AND_MAKE_SELECTABLE: ("was on the card before", ""),
    InstallFor.MAKE_SELECTABLE: ("is not the test's", "is not the test's"),
    InstallFor.EXTRADITION: ("is not the test's", "is not the test's"),
    InstallFor.PERSONALIZATION: ("is not the test's", "is not the test's"),
    InstallFor.REGISTRY_UPDATE: ("the registry of the card", "the registry of the card"),
}


@pytest.mark.parametrize("purpose", OF_WHOM, ids=lambda one: one.name)
def test_every_purpose_has_its_rule(owned: Guard, purpose: InstallFor) -> None:
    """For another's application, for one that nobody has heard of, and for the test's own."""
    held_back(owned, select(DOMAIN))
    others, new = OF_WHOM[purpose]
    for aid, expected in ((OTHERS, others), (ISD_AID, others), (NEW, new), (OWN, "")):
        said = held_back(owned, install(purpose, aid, b""))
        assert expected in said and bool(expected) is bool(said), (aid.hex(), said)
    assert (NEW in owned.added) is (new == "")


@pytest.mark.parametrize("purpose", [0x00, 0x01, 0x82, 0x84, 0x8C, 0x0E, 0x14, 0x24, 0x44, 0x60])
def test_a_purpose_that_is_none_or_several_is_not_sent(owned: Guard, purpose: int) -> None:
    """In parts (b8), or for two things at once, whose fields have other places: nobody could say what it gives."""
    held_back(owned, select(DOMAIN))
    fields = b"".join(bytes((len(one),)) + one for one in (PLACE, PLACE, OWN, b"\x10", b"", b""))
    said = held_back(owned, CommandApdu(0x80, 0xE6, purpose, 0, fields))
    assert f"P1 {purpose:02X} says no single purpose" in said


def test_a_load_file_may_have_a_name_that_others_begin_with(guard: Guard) -> None:
    """Nobody selects it, and applications' AIDs often begin with that of their package."""
    held_back(guard, select(ISD_AID))
    session(guard).transmit(install(InstallFor.LOAD, OTHERS[:-1]).to_bytes())
    assert OTHERS[:-1] in guard.added


@pytest.mark.parametrize("purpose", [InstallFor.INSTALL, InstallFor.INSTALL_AND_MAKE_SELECTABLE])
def test_a_name_that_others_begin_with_is_not_taken(guard: Guard, purpose: InstallFor) -> None:
    """When the card refuses it, SELECT by that name selects the other application (GPCS 6.4.2.1, partial AID)."""
    held_back(guard, select(ISD_AID))
    channel, begin = session(guard), OTHERS[:-1]
    with pytest.raises(HeldBackError, match="begins with it"):
        channel.transmit(install(purpose, begin).to_bytes())
    assert begin not in guard.added


# -- who is selected ---------------------------------------------------------------------------------------------------

WRITE = CommandApdu(0x80, 0x10, 0, 0, b"\1")
BEFORE = "was on the card before"


@pytest.mark.parametrize("p2", range(16))
def test_only_the_first_occurrence_is_who_was_named(owned: Guard, p2: int) -> None:
    """The last, next and previous one is whoever the card finds (ISO/IEC 7816-4, SELECT, P2 b2 b1)."""
    held_back(owned, select(OWN, p2=p2))
    assert bool(held_back(owned, WRITE)) is (p2 & 3 != 0)


@pytest.mark.parametrize("p1", [0x00, 0x03, 0x05, 0x08, 0x0C])
def test_a_file_is_no_application(owned: Guard, p1: int) -> None:
    """SELECT otherwise than by name leaves the application selected, whatever the file is called."""
    held_back(owned, select(OTHERS))
    held_back(owned, select(OWN, p1=p1))
    assert BEFORE in held_back(owned, WRITE)
    held_back(owned, select(OWN))
    held_back(owned, select(OTHERS, p1=p1))
    assert held_back(owned, WRITE) == ""


def test_nobody_knows_who_is_selected_at_the_beginning(guard: Guard) -> None:
    assert BEFORE in held_back(guard, WRITE)


# -- authentication ----------------------------------------------------------------------------------------------------


def answer_to(keys: StaticKeys, level: int = 0x01) -> CommandApdu:
    """EXTERNAL AUTHENTICATE of a host with these keys, for the challenges of INITIALIZE and this card."""
    made = keys.session(INITIALIZE.data, CARD_CHALLENGE)
    return Channel(made).wrap_command(CommandApdu(0x80, 0x82, level, 0, made.host_cryptogram))[1]


BLOCKS = "a few of them block its keys"


@pytest.mark.parametrize("selected", [OWN, OTHERS, ISD_AID], ids=["own", "others", "issuer"])
def test_without_a_proof_of_the_card_nobody_authenticates(owned: Guard, selected: bytes) -> None:
    held_back(owned, select(selected))
    assert BLOCKS in held_back(owned, answer_to(KEYS))


def test_a_wrong_proof_counts_for_a_domain_of_the_test_alone(owned: Guard, card: Willing) -> None:
    """An application passes authentication on to its domain, which may be the issuer's."""
    card.keys = OTHER_KEYS
    held_back(owned, select(OWN))
    for keys in (KEYS, OTHER_KEYS):
        assert held_back(owned, INITIALIZE) == ""
        assert BLOCKS in held_back(owned, answer_to(keys))
    held_back(owned, select(DOMAIN))
    assert held_back(owned, INITIALIZE) == ""
    assert held_back(owned, answer_to(OTHER_KEYS)) == ""
    assert not owned.has_stopped


@pytest.mark.parametrize("selected", [DOMAIN, ISD_AID], ids=["own domain", "issuer"])
def test_a_wrong_answer_to_a_good_proof_is_not_sent(owned: Guard, selected: bytes) -> None:
    """A domain of the test that has the issuer's keys still: their tries are what would be used up."""
    held_back(owned, select(selected))
    assert held_back(owned, INITIALIZE) == ""
    assert BLOCKS in held_back(owned, answer_to(OTHER_KEYS))
    assert held_back(owned, answer_to(KEYS)) == ""


@pytest.mark.parametrize("level", range(0x40))
def test_a_level_that_there_is_not_is_not_asked_for(guard: Guard, level: int) -> None:
    """Amendment D Table 7-3; the cryptogram is right, and the card would refuse it all the same."""
    held_back(guard, INITIALIZE)
    assert bool(held_back(guard, answer_to(KEYS, level))) is (level not in (0x00, 0x01, 0x03, 0x11, 0x13, 0x33))


@pytest.mark.parametrize("answer", ["6A88", "6982", "9000", "01029000"])
def test_an_answer_that_is_no_proof_passes_and_proves_nothing(guard: Guard, card: Willing, answer: str) -> None:
    card.forged[0x50] = bytes.fromhex(answer)
    assert held_back(guard, INITIALIZE) == ""
    assert not guard.has_stopped
    assert BLOCKS in held_back(guard, answer_to(KEYS))


def test_a_proof_with_a_refusal_proves_nothing(guard: Guard, card: Willing) -> None:
    """A right one, and a status word by which the card has opened no session."""
    card.forged[0x50] = proof(KEYS, INITIALIZE).data + bytes.fromhex("6A88")
    assert held_back(guard, INITIALIZE) == ""
    assert BLOCKS in held_back(guard, answer_to(KEYS))


def test_a_card_without_the_keys_gets_nothing_more(guard: Guard, card: Willing) -> None:
    card.keys = OTHER_KEYS
    with pytest.raises(FailedAuthenticationError, match="could not prove"):
        held_back(guard, INITIALIZE)
    count = len(card.seen)
    for command in (select(OTHERS), INITIALIZE, WRITE):
        with pytest.raises(FailedAuthenticationError, match="could not prove"):
            held_back(guard, command)
    assert len(card.seen) == count


# -- a session that has ended ------------------------------------------------------------------------------------------

READ_DATA = CommandApdu(0x84, 0xCA, 0, 0x66, bytes(8))  # with a MAC that is none
ENDS = {
    "another INITIALIZE UPDATE": (INITIALIZE, ""),
    "an INITIALIZE UPDATE that is refused": (INITIALIZE, "6A88"),
    "a command with a wrong MAC": (READ_DATA, ""),
    "a command without one": (CommandApdu(0x80, 0xCA, 0, 0x66), ""),
    "SELECT": (select(ISD_AID), ""),
    "a SELECT of nobody": (select(b"nobody"), "6A82"),
    "a locked card's domain": (select(ISD_AID), "6283"),
}


@pytest.mark.parametrize("ended", ENDS)
def test_what_ends_a_session_ends_what_it_allowed(owned: Guard, card: Willing, ended: str) -> None:
    """GPCS 10.2.3: what is sent in it afterwards nobody but the card can read."""
    held_back(owned, select(ISD_AID))
    channel = session(owned)._channel
    channel, first = channel.wrap_command(install(InstallFor.MAKE_SELECTABLE, OWN))
    assert held_back(owned, first) == ""
    command, answer = ENDS[ended]
    if answer:
        card.forged[command.ins] = bytes.fromhex(answer)
    held_back(owned, command)
    _, second = channel.wrap_command(install(InstallFor.MAKE_SELECTABLE, OWN))
    assert "nobody but the card can read it" in held_back(owned, second)
    assert "no secure channel is open" in held_back(owned, install(InstallFor.MAKE_SELECTABLE, OWN))


# -- personalisation ---------------------------------------------------------------------------------------------------


def store(p1: int) -> bytes:
    return CommandApdu(0x80, 0xE2, p1, 0, b"data").to_bytes()


@pytest.mark.parametrize("last", [0x80, 0x81, 0xE0])
def test_data_blocks_follow_until_the_last_one(owned: Guard, last: int) -> None:
    """STORE DATA, P1 b8 (GPCS Table 11-91): after it the data are the issuer's again."""
    held_back(owned, select(ISD_AID))
    channel = session(owned)
    channel.transmit(install(InstallFor.PERSONALIZATION, OWN, b"").to_bytes())
    for p1 in (0x00, 0x01, 0x60, 0x7F, last):
        channel.transmit(store(p1))
    with pytest.raises(HeldBackError, match="data or keys of the issuer security domain"):
        channel.transmit(store(last))


def test_another_command_between_does_not_end_it(owned: Guard) -> None:
    held_back(owned, select(ISD_AID))
    channel = session(owned)
    channel.transmit(install(InstallFor.PERSONALIZATION, OWN, b"").to_bytes())
    channel.transmit(CommandApdu(0x80, 0xCA, 0x80, 0x66).to_bytes())
    channel.transmit(store(0x80))


def test_blocks_of_a_load_file_are_no_data_of_the_issuer(guard: Guard, card: Willing) -> None:
    """LOAD brings the file that INSTALL named, which was judged."""
    held_back(guard, select(ISD_AID))
    session(guard).transmit(CommandApdu(0x80, 0xE8, 0x80, 0, b"\xc4\0").to_bytes())
    assert card.seen[-1][1] == 0xE8


def test_nobody_is_personalised_at_the_beginning(guard: Guard) -> None:
    """Nor is anybody selected: what the card took from an earlier run counts for nothing."""
    with pytest.raises(HeldBackError, match="data or keys of the issuer security domain"):
        session(guard).transmit(store(0x80))


def test_a_wrong_cryptogram_under_a_right_mac_is_not_sent(guard: Guard) -> None:
    """Who has the session's keys and not the challenge's answer is refused by the card, which counts it."""
    assert held_back(guard, INITIALIZE) == ""
    made = KEYS.session(INITIALIZE.data, CARD_CHALLENGE)
    for wrong in (bytes(8), made.card_cryptogram, made.host_cryptogram[:7], made.host_cryptogram + b"\0"):
        command = Channel(made).wrap_command(CommandApdu(0x80, 0x82, 0x01, 0, wrong))[1]
        assert BLOCKS in held_back(guard, command)
