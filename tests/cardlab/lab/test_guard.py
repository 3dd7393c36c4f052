"""What tests cannot send to a real card, whatever they try; a simulated one shows what reached it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import CardError, SecureChannelError, TransportError
from cardlab.globalplatform.constants import ISD_AID, CardState, InstallFor, Privilege
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.commands import install_for_personalization
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.lab.guard import FailedAuthenticationError, Guard, HeldBackError
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.transport import Layer, exchange
from tests.cardlab.card.cards import PACKAGE, PROBE, QUIET, SSD, SSD_KEYS, executable

KEYS = StaticKeys(*(bytes(range(start, start + 16)) for start in (0x10, 0x30, 0x50)))
OTHERS = frozenset((ISD_AID, PACKAGE, PROBE))  # on the card before
OWN = bytes.fromhex("F000000009010A")
UNKNOWN = bytes.fromhex("F000000009010B")  # on no card
LEVELS = [SecurityLevel.C_MAC, SecurityLevel.FULL]


class Seen(Layer):
    """Remembers what reached the card."""

    def __init__(self, lower: SimulatedCard) -> None:
        super().__init__(lower)
        self.commands: list[bytes] = []
        self.lost = False
        self.forged: dict[int, bytes] = {}

    def transmit(self, command: bytes) -> bytes:
        if self.lost:
            raise TransportError("the card was taken out", hint="put it back")
        self.commands.append(command)
        answer = super().transmit(command)
        return self.forged.get(command[1], answer)


def guarded() -> tuple[Guard, Seen]:
    """A card with a package and an applet on it, behind a guard."""
    card = SimulatedCard(CardConfig(keys=KEYS), seed=5, classes=ClassLibrary([executable()]))
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(KEYS)
    client.load(PACKAGE, executable().data_block)
    client.install(Installation(PACKAGE, PROBE, PROBE))
    card.reset()
    seen = Seen(card)
    return Guard(seen, KEYS, OTHERS), seen


def issuer(guard: Guard, level: SecurityLevel = SecurityLevel.FULL) -> GlobalPlatformClient:
    client = GlobalPlatformClient(guard)
    client.select()
    client.authenticate(KEYS, level=level)
    return client


Deed = Callable[[GlobalPlatformClient], object]

LIFE_CYCLE = "it changes the life cycle of the card"
THERE_BEFORE = "was on the card before"
NOT_OURS = "is not the test's"
REGISTRY = "it changes the registry of the card"
BEYOND = "reach beyond the application"


def installing(privileges: Privilege) -> Deed:
    return lambda client: client.install(Installation(PACKAGE, PROBE, OWN, privileges=privileges))


def sent(client: GlobalPlatformClient, command: CommandApdu) -> ResponseApdu:
    """Through the client's session."""
    assert client.channel is not None
    return exchange(client.channel, command)


def raw(ins: int, p1: int, data: str) -> Deed:
    """A command as no client makes it, with the session's MAC."""
    return lambda client: sent(client, CommandApdu(0x80, ins, p1, 0, bytes.fromhex(data)))


FORBIDDEN: dict[str, tuple[Deed, str]] = {
    "card initialised": (lambda c: c.set_card_state(CardState.INITIALIZED), LIFE_CYCLE),
    "card locked": (lambda c: c.set_card_state(CardState.CARD_LOCKED), LIFE_CYCLE),
    "card terminated": (lambda c: c.set_card_state(CardState.TERMINATED), LIFE_CYCLE),
    "issuer's keys added": (lambda c: c.put_keys(KEYS, 0x31), THERE_BEFORE),
    "issuer's keys replaced": (lambda c: c.put_keys(KEYS, 0x30, replaces=0x30), THERE_BEFORE),
    "issuer's keys deleted": (lambda c: c.delete_key(0x30), "it deletes keys"),
    "issuer's data changed": (
        lambda c: c.store_data([bytes.fromhex("4505AABBCCDDEE")]),
        "it changes data or keys of the issuer security domain",
    ),
    "issuer's registry entry changed": (lambda c: c.update_registry(ISD_AID, privileges=Privilege.NONE), REGISTRY),
    "another's registry entry changed": (lambda c: c.update_registry(PROBE, privileges=Privilege.CARD_RESET), REGISTRY),
    "another's application deleted": (lambda c: c.delete(PROBE), f"{PROBE.hex().upper()} {NOT_OURS}"),
    "another's load file deleted": (lambda c: c.delete(PACKAGE, related=True), f"{PACKAGE.hex().upper()} {NOT_OURS}"),
    "another's application locked": (lambda c: c.lock(PROBE), f"{PROBE.hex().upper()} {NOT_OURS}"),
    "another's application extradited": (lambda c: c.extradite(PROBE, SSD), f"{PROBE.hex().upper()} {NOT_OURS}"),
    "another's application personalised": (lambda c: c.personalise(PROBE, [b"data"]), NOT_OURS),
    "another's application made selectable": (
        raw(0xE6, 0x08, f"0000{len(PROBE):02X}{PROBE.hex()}01000000"),
        f"{PROBE.hex().upper()} {NOT_OURS}",
    ),
    "issuer's domain locked as an application": (lambda c: c.lock(ISD_AID, with_applications=True), NOT_OURS),
    "another's AID": (lambda c: c.install(Installation(PACKAGE, PROBE, PROBE)), THERE_BEFORE),
    "another's load file": (lambda c: c.load(PACKAGE, b"x"), THERE_BEFORE),
    "unknown application made selectable": (lambda c: c.make_selectable(UNKNOWN), NOT_OURS),
    "applet that may lock the card": (installing(Privilege.CARD_LOCK), BEYOND),
    "applet that may end the card": (installing(Privilege.CARD_TERMINATE), BEYOND),
    "applet in the issuer's place": (installing(Privilege.CARD_RESET), BEYOND),
    "applet that may lock the card, without parameters": (
        raw(0xE6, 0x0C, "".join(f"{len(one):02X}{one.hex()}" for one in (PACKAGE, PROBE, OWN, b"\x10", b"", b""))),
        BEYOND,
    ),
    "domain that may delete all": (
        lambda c: c.create_security_domain(
            security_domain(SSD, privileges=Privilege.SECURITY_DOMAIN | Privilege.GLOBAL_DELETE)
        ),
        BEYOND,
    ),
    "nothing deleted": (raw(0xE4, 0, ""), "it deletes keys"),
    "own application and another's deleted": (
        raw(0xE4, 0, f"4F{len(OWN):02X}{OWN.hex()}4F{len(PROBE):02X}{PROBE.hex()}"),
        NOT_OURS,
    ),
    "deletion cut short": (raw(0xE4, 0, "4F07F000"), "makes no sense"),
    "installation cut short": (raw(0xE6, 0x0C, "06F04A504B4910"), "makes no sense"),
    "length beyond the data": (raw(0xE6, 0x02, "06F04A504B"), "makes no sense"),
    "privileges of two bytes": (raw(0xE6, 0x0C, "010101010101020000"), "makes no sense"),
}


@pytest.mark.parametrize("level", LEVELS, ids=["C-MAC", "full"])
@pytest.mark.parametrize("deed", FORBIDDEN)
def test_nothing_that_the_owner_would_regret(deed: str, level: SecurityLevel) -> None:
    guard, seen = guarded()
    client = issuer(guard, level)
    before = len(seen.commands)
    act, reason = FORBIDDEN[deed]
    with pytest.raises(HeldBackError, match="was not sent") as held:
        act(client)
    assert reason in str(held.value)
    assert len(seen.commands) == before
    assert guard.added <= {OWN, SSD}


@pytest.mark.parametrize("p1", [0x80, 0x81, 0x9F, 0xC0])
def test_the_life_cycle_of_the_card_whatever_else_p1_says(p1: int) -> None:
    """A card may overlook bits of P1 that are reserved, and then the AID does not count."""
    guard, seen = guarded()
    client = issuer(guard, LEVELS[0])
    client.install(Installation(PACKAGE, QUIET, OWN))
    before = len(seen.commands)
    with pytest.raises(HeldBackError, match="life cycle of the card"):
        exchange(guard, CommandApdu(0x84, 0xF0, p1, 0x7F, OWN + bytes(8)))
    assert len(seen.commands) == before


def test_what_a_test_brings_is_its_own() -> None:
    guard, _ = guarded()
    client = issuer(guard)
    client.install(Installation(PACKAGE, QUIET, OWN))
    client.lock(OWN)
    client.unlock(OWN)
    client.update_registry(OWN, privileges=Privilege.NONE)
    client.create_security_domain(security_domain(SSD))
    client.select(SSD)
    client.authenticate(KEYS)
    client.put_keys(SSD_KEYS, 0x01)
    client.select(SSD)
    client.authenticate(SSD_KEYS)  # keys that the guard does not know: what it cannot read can change the domain alone
    client.store_data([bytes.fromhex("4505AABBCCDDEE")])
    with pytest.raises(HeldBackError, match="nobody but the card can read it"):
        client.delete(OWN)
    client = issuer(guard)
    client.extradite(OWN, SSD)
    client.delete(OWN)
    client.delete(SSD)
    assert guard.added == {OWN, SSD}


WITHOUT_A_SESSION = {
    "00700000 01": "a further channel would be out of sight",  # MANAGE CHANNEL
    "00200081 04 31323334": THERE_BEFORE,  # VERIFY: a try less
    "80100000 01 00": THERE_BEFORE,
    "80E40000 07 4F05F000000101": "no secure channel is open",
    "80E60C00 01 00": "no secure channel is open",
    "84E40000 0F 4F05F000000101 0102030405060708": "nobody but the card can read it",
    "80F0807F 00": LIFE_CYCLE,
    "80F04080 07 F04A504B491001": "no secure channel is open",
    "80E29000 01 00": "no secure channel is open",
    "80D80181 00": THERE_BEFORE,
    "0102": "no command",
}


@pytest.mark.parametrize("command", WITHOUT_A_SESSION)
def test_nothing_is_written_without_a_session_or_to_others(command: str) -> None:
    guard, seen = guarded()
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, PROBE, 256))
    before = len(seen.commands)
    with pytest.raises(HeldBackError, match=WITHOUT_A_SESSION[command]):
        guard.transmit(bytes.fromhex(command))
    assert len(seen.commands) == before


def test_a_command_that_does_not_fit_the_session_is_not_sent() -> None:
    """Its MAC is wrong: nobody knows what the card would make of it."""
    guard, seen = guarded()
    issuer(guard)
    before = len(seen.commands)
    with pytest.raises(HeldBackError, match="nobody but the card can read it"):
        guard.transmit(bytes.fromhex("84E40000 0F 4F05F000000101 0102030405060708"))
    assert len(seen.commands) == before


def test_reading_is_allowed_to_everybody() -> None:
    guard, seen = guarded()
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, PROBE, 256))
    before = len(seen.commands)
    for command in ("00CA006600", "00B0000000", "0020008100"):  # the last asks how many tries are left
        guard.transmit(bytes.fromhex(command))
    assert len(seen.commands) == before + 3


def test_a_domain_of_the_test_gives_no_privileges_beyond_it() -> None:
    guard, seen = guarded()
    client = issuer(guard)
    client.create_security_domain(security_domain(SSD))
    client.select(SSD)
    client.authenticate(KEYS)
    before = len(seen.commands)
    for act, reason in (
        (installing(Privilege.CARD_LOCK), BEYOND),
        (FORBIDDEN["another's application deleted"][0], NOT_OURS),
        (FORBIDDEN["another's application locked"][0], NOT_OURS),
        (FORBIDDEN["card locked"][0], LIFE_CYCLE),
    ):
        with pytest.raises(HeldBackError, match=reason):
            act(client)
    assert len(seen.commands) == before


def test_what_is_no_command_goes_to_applications_of_the_test_alone() -> None:
    guard, seen = guarded()
    issuer(guard).install(Installation(PACKAGE, QUIET, OWN))
    assert exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, OWN, 256)).ok
    guard.transmit(b"\x01\x02")
    assert seen.commands[-1] == b"\x01\x02"


def _personalising(guard: Guard, aid: bytes) -> GlobalPlatformClient:
    """The issuer's domain hands the data that follow to an application, if there is one."""
    client = issuer(guard)
    client._install(InstallFor.PERSONALIZATION, install_for_personalization(aid))
    return client


def _last_block(client: GlobalPlatformClient) -> None:
    with suppress(CardError):  # the applet takes no data
        client.store_data([b"data"])


def _another_session(client: GlobalPlatformClient) -> None:
    client.select()
    client.authenticate(KEYS)


@pytest.mark.parametrize("end", [_last_block, _another_session])
def test_data_are_for_the_application_until_its_personalisation_ends(
    end: Callable[[GlobalPlatformClient], None],
) -> None:
    """What follows would be the issuer's."""
    guard, _ = guarded()
    issuer(guard).install(Installation(PACKAGE, QUIET, OWN))
    client = _personalising(guard, OWN)
    end(client)
    with pytest.raises(HeldBackError, match="data or keys of the issuer security domain"):
        client.store_data([b"data"])


def test_data_are_not_for_an_application_that_the_card_did_not_choose() -> None:
    """Neither after another INSTALL, nor after one for personalisation that was refused."""
    guard, _ = guarded()
    client = issuer(guard)
    client.install(Installation(PACKAGE, QUIET, OWN))
    with pytest.raises(HeldBackError, match="data or keys"):
        client.store_data([b"data"])
    guard.added.add(UNKNOWN)
    client = issuer(guard)  # the session of a command that was held back is out of step
    with pytest.raises(CardError):
        client._install(InstallFor.PERSONALIZATION, install_for_personalization(UNKNOWN))
    with pytest.raises(HeldBackError, match="data or keys"):
        client.store_data([b"data"])


def test_a_refused_selection_leaves_the_other_selected() -> None:
    guard, _ = guarded()
    assert exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, PROBE, 256)).ok
    guard.added.add(UNKNOWN)
    assert not exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, UNKNOWN, 256)).ok
    with pytest.raises(HeldBackError):
        exchange(guard, CommandApdu(0x80, 0x10, 0, 0, b"\1"))


def test_management_needs_a_session_also_of_what_is_the_tests_own() -> None:
    """Without one, and when another application was selected since."""
    guard, _ = guarded()
    guard.added.add(OWN)
    delete = CommandApdu(0x80, 0xE4, 0, 0, bytes((0x4F, len(OWN))) + OWN)
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, b"", 256))
    with pytest.raises(HeldBackError, match="no secure channel is open"):
        exchange(guard, delete)
    issuer(guard, LEVELS[0])
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, PROBE, 256))
    with pytest.raises(HeldBackError, match="no secure channel is open"):
        exchange(guard, delete)


def test_an_applet_of_the_test_may_call_a_command_like_set_status() -> None:
    guard, seen = guarded()
    issuer(guard).install(Installation(PACKAGE, QUIET, OWN))
    assert exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, OWN, 256)).ok
    exchange(guard, CommandApdu(0x80, 0xF0, 0x80, 0x7F))
    assert seen.commands[-1][1] == 0xF0


def test_a_locked_card_selects_the_issuers_domain() -> None:
    guard, seen = guarded()
    issuer(guard).install(Installation(PACKAGE, QUIET, OWN))
    assert exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, OWN, 256)).ok
    seen.forged[0xA4] = SW.SELECTED_LOCKED.to_bytes(2, "big")
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))
    with pytest.raises(HeldBackError):
        exchange(guard, CommandApdu(0x80, 0x10, 0, 0, b"\1"))


def test_an_authentication_that_the_card_refuses_ends_the_run() -> None:
    guard, seen = guarded()
    seen.forged[0x82] = bytes.fromhex("6300")
    with pytest.raises(FailedAuthenticationError, match="the card answered"):
        issuer(guard)
    assert guard.has_stopped


def test_an_authentication_with_keys_of_the_tests_own_domain_ends_nothing() -> None:
    guard, seen = guarded()
    client = issuer(guard)
    client.create_security_domain(security_domain(SSD))
    client.select(SSD)
    client.authenticate(KEYS)
    client.put_keys(SSD_KEYS, 0x01)
    client.select(SSD)
    seen.forged[0x82] = bytes.fromhex("6300")
    with pytest.raises(SecureChannelError):
        client.authenticate(SSD_KEYS)
    assert not guard.has_stopped


def test_a_lost_connection_ends_what_was_allowed() -> None:
    """The card may have been reset, or be another one."""
    guard, seen = guarded()
    issuer(guard).install(Installation(PACKAGE, QUIET, OWN))
    assert exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, OWN, 256)).ok
    write = CommandApdu(0x80, 0x10, 0, 0, b"\1")
    seen.lost = True
    with pytest.raises(TransportError):
        exchange(guard, write)
    seen.lost = False
    with pytest.raises(HeldBackError):
        exchange(guard, write)


def test_wrong_keys_are_noticed_before_the_card_is_asked_to_believe_them() -> None:
    _, seen = guarded()
    guard = Guard(seen, SSD_KEYS, OTHERS)
    client = GlobalPlatformClient(guard)
    client.select()
    before = len(seen.commands)
    with pytest.raises(FailedAuthenticationError, match="keys are not those that were named"):
        client.authenticate(SSD_KEYS)
    assert [command[1] for command in seen.commands[before:]] == [0x50]
    with pytest.raises(FailedAuthenticationError):
        client.select()
    assert len(seen.commands) == before + 1, "nothing more is sent"


def test_a_wrong_host_cryptogram_is_not_sent() -> None:
    """The client has other keys than the guard was given: the card's proof fits the guard's, the host's does not."""
    guard, seen = guarded()
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, b"", 256))
    assert exchange(guard, CommandApdu(0x80, 0x50, 0, 0, bytes(8), 256)).ok
    before = len(seen.commands)
    with pytest.raises(HeldBackError, match="a few of them block its keys"):
        exchange(guard, CommandApdu(0x84, 0x82, 0x33, 0, bytes(16)))
    assert len(seen.commands) == before
    with pytest.raises(SecureChannelError):
        GlobalPlatformClient(guard).authenticate(SSD_KEYS)


def test_a_reset_and_another_application_end_what_was_allowed() -> None:
    guard, _ = guarded()
    client = issuer(guard)
    client.install(Installation(PACKAGE, QUIET, OWN))
    own = CommandApdu(0x00, 0xA4, 0x04, 0x00, OWN, 256)
    write = CommandApdu(0x80, 0x10, 0, 0, b"\1")
    assert exchange(guard, own).ok
    exchange(guard, write)
    for leave in (guard.reset, lambda: exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, PROBE, 256))):
        assert exchange(guard, own).ok
        leave()
        with pytest.raises(HeldBackError):
            exchange(guard, write)
    exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x02, OWN, 256))
    with pytest.raises(HeldBackError):
        exchange(guard, write)


class Before(Layer):
    """Does something before each EXTERNAL AUTHENTICATE."""

    def __init__(self, lower: Guard, deed: Callable[[Guard], object]) -> None:
        super().__init__(lower)
        self._guard, self._deed = lower, deed

    def transmit(self, command: bytes) -> bytes:
        if command[1] == 0x82:
            self._deed(self._guard)
        return super().transmit(command)


INTERRUPTIONS: dict[str, Callable[[Guard], object]] = {
    "another command": lambda guard: exchange(guard, CommandApdu(0x80, 0xCA, 0x00, 0x66, b"", 256)),
    "another selection": lambda guard: exchange(guard, CommandApdu(0x00, 0xA4, 0x04, 0x00, b"", 256)),
    "a reset": lambda guard: guard.reset(),
}


@pytest.mark.parametrize("interruption", INTERRUPTIONS)
def test_a_proof_is_for_the_next_command(interruption: str) -> None:
    """The card has forgotten the challenge, and would count a failed attempt (GPCS 10.2.1)."""
    guard, seen = guarded()
    client = GlobalPlatformClient(Before(guard, INTERRUPTIONS[interruption]))
    client.select()
    with pytest.raises(HeldBackError, match="a few of them block its keys"):
        client.authenticate(KEYS)
    assert 0x82 not in [command[1] for command in seen.commands]
