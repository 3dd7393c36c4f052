"""The client against whatever card ``--card`` names: content comes, is looked at, moved, locked, goes (D1, D2, D4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cardlab.errors import SecureChannelError
from cardlab.globalplatform.constants import ApplicationState, CardState
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.pytest_plugin import CardSource, LabCard
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.transport import exchange
from tests.cardlab.card.cards import PACKAGE, QUIET, SSD, SSD_KEYS, executable

OWN = bytes.fromhex("F0000000090A01")
SECOND = bytes.fromhex("F0000000090A02")
LEVELS = [
    SecurityLevel.C_MAC,
    SecurityLevel.C_ENC,
    SecurityLevel.C_ENC_R_MAC,
    SecurityLevel.FULL,
]


@pytest.fixture
def card(card_source: CardSource) -> Iterator[LabCard]:
    """A card that takes the test applets."""
    with card_source.open(ClassLibrary([executable()]), seed="the client on a card") as card:
        yield card


def authenticated(
    card: LabCard, aid: bytes = b"", keys: StaticKeys | None = None, level: SecurityLevel | None = None
) -> GlobalPlatformClient:
    client = GlobalPlatformClient(card)
    client.select(aid)
    client.authenticate(keys or card.keys, level=level, host_challenge=card.challenge())
    return client


def loaded(card: LabCard) -> GlobalPlatformClient:
    client = authenticated(card)
    client.load(PACKAGE, executable().data_block)
    return client


def sw(card: LabCard, aid: bytes) -> int:
    return exchange(card, CommandApdu(0x00, 0xA4, 0x04, 0x00, aid, 256)).sw


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: f"{int(level):02X}")
def test_content_comes_and_goes(card: LabCard, level: SecurityLevel) -> None:
    before = authenticated(card).registry()
    client = authenticated(card, level=level)
    client.load(PACKAGE, executable().data_block)
    client.install(Installation(PACKAGE, QUIET, OWN))
    registry = client.registry()
    instance, package = registry.find(OWN), registry.find(PACKAGE)
    assert instance is not None
    assert package is not None
    assert instance.life_cycle == ApplicationState.SELECTABLE
    assert QUIET in package.modules
    assert sw(card, OWN) == 0x9000
    client = authenticated(card, level=level)
    client.delete(OWN)
    client.delete(PACKAGE)
    assert client.registry() == before
    assert sw(card, OWN) == 0x6A82


def test_two_instances_are_locked_one_by_one(card: LabCard) -> None:
    client = loaded(card)
    for aid in (OWN, SECOND):
        client.install(Installation(PACKAGE, QUIET, aid))
    client.lock(OWN)
    locked = [entry.aid for entry in client.registry() if entry.is_locked]
    assert OWN in locked
    assert SECOND not in locked
    assert sw(card, OWN) == 0x6A82
    assert sw(card, SECOND) == 0x9000
    authenticated(card).unlock(OWN)
    assert sw(card, OWN) == 0x9000


def test_what_is_in_use_and_what_is_there_already_is_refused(card: LabCard) -> None:
    client = loaded(card)
    client.install(Installation(PACKAGE, QUIET, OWN))
    before = client.registry()
    with pytest.raises(UnexpectedStatusError):
        client.delete(PACKAGE)
    with pytest.raises(UnexpectedStatusError):
        client.install(Installation(PACKAGE, QUIET, OWN))
    assert authenticated(card).registry() == before
    client = authenticated(card)
    client.delete(PACKAGE, related=True)
    assert client.registry().find(OWN) is None


def test_a_domain_gets_keys_of_its_own_and_an_application(card: LabCard) -> None:
    client = loaded(card)
    client.install(Installation(PACKAGE, QUIET, OWN))
    client.create_security_domain(security_domain(SSD))
    authenticated(card, SSD).put_keys(SSD_KEYS, 0x01)
    authenticated(card, SSD, SSD_KEYS)
    client = authenticated(card)
    client.extradite(OWN, SSD)
    moved = client.registry().find(OWN)
    assert moved is not None
    assert moved.domain in (SSD, None)  # a card need not tell
    with pytest.raises(UnexpectedStatusError):
        client.delete(SSD)
    client.delete(OWN)
    client.delete(SSD)
    assert client.registry().find(SSD) is None


def test_a_reset_ends_the_channel(card: LabCard) -> None:
    client = authenticated(card)
    card.reset()
    with pytest.raises((SecureChannelError, UnexpectedStatusError)):
        client.registry()
    assert authenticated(card).registry().issuer_domain is not None


@pytest.mark.needs("expendable")
def test_wrong_keys_are_noticed_by_the_host_and_right_ones_still_work(card: LabCard) -> None:
    with pytest.raises(SecureChannelError, match="cryptogram is wrong"):
        authenticated(card, keys=SSD_KEYS)
    authenticated(card)


@pytest.mark.needs("expendable")
def test_the_cards_life_goes_forward_only(card: LabCard) -> None:
    client = authenticated(card)
    for state in (CardState.INITIALIZED, CardState.SECURED):
        client.set_card_state(state)
        domain = client.registry().issuer_domain
        assert domain is not None
        assert domain.life_cycle == state
    with pytest.raises(UnexpectedStatusError):
        client.set_card_state(CardState.INITIALIZED)
