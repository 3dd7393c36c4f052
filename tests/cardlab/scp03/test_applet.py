"""SCP03 to an applet that passes authentication on to its security domain, from our host and from yubikit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from yubikit.core.smartcard import SmartCardProtocol

from cardlab.card.config import DEFAULT_KEYS
from cardlab.errors import SecureChannelError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu
from cardlab.pytest_plugin import CardSource, LabCard, Prepared
from cardlab.transport import Transport, exchange
from jpki.client.constants import MODULE_AID, PinState
from jpki.package import jpki_executable, jpki_library
from tests.cardlab.scp03.test_card import SSD_AID, SSD_KEYS, YubikitConnection, params

AID = MODULE_AID
SELECT = CommandApdu(0x00, 0xA4, 0x04, 0x00, AID, 256)
STATUS = CommandApdu(0x80, 0xF2, 0, 0, le=256)  # docs/reference/applet.md: needs C-MAC, C-DECRYPTION and R-MAC

pytestmark = pytest.mark.needs("inside")  # the issuer's keys are known and host challenges are random


@pytest.fixture(scope="module")
def prepared(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> Prepared[None]:
    """A card whose applet belongs to a supplementary domain with keys of its own."""

    def make(card: LabCard) -> None:
        client = GlobalPlatformClient(card)
        client.select()
        client.authenticate(DEFAULT_KEYS)
        client.create_security_domain(security_domain(SSD_AID))
        applet = jpki_executable()
        client.load(applet.package.aid, applet.data_block)
        client.install(Installation(applet.package.aid, MODULE_AID, AID))
        client.select(SSD_AID)
        client.authenticate(DEFAULT_KEYS)
        client.put_keys(SSD_KEYS, 0x01)
        client.select()
        client.authenticate(DEFAULT_KEYS)
        client.extradite(AID, SSD_AID)
        entry = client.registry().find(AID)
        assert entry is not None
        assert entry.domain == SSD_AID

    image = tmp_path_factory.mktemp("card") / "card"
    return Prepared(card_source, jpki_library(), make, seed="SCP03 to an applet", image=image)


@pytest.fixture
def card(prepared: Prepared[None]) -> Iterator[LabCard]:
    """That card, the applet selected."""
    with prepared.open() as (made, _):
        assert exchange(made, SELECT).ok
        yield made


@pytest.mark.parametrize(
    ("level", "sw"), [(0x01, 0x6982), (0x03, 0x6982), (0x11, 0x6982), (0x13, 0x9000), (0x33, 0x9000)]
)
def test_our_host_reaches_the_applet(card: Transport, level: int, sw: int) -> None:
    channel = SecureChannelLayer.open(card, SSD_KEYS, level=SecurityLevel(level))
    assert exchange(channel, STATUS).sw == sw


class WithLe(YubikitConnection):
    """yubikit leaves Le out and wants an answer all the same; to an applet, that is a command without response data."""

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        command = CommandApdu.from_bytes(apdu)
        return super().send_and_receive(replace(command, le=command.le or 256).to_bytes())


def test_yubikit_reaches_the_applet(card: Transport) -> None:
    host = SmartCardProtocol(WithLe(card))
    host.select(AID)
    host.init_scp(params(SSD_KEYS, 0x01))
    before = host.send_apdu(0x80, 0xF2, 0, 0)
    assert host.send_apdu(0x80, 0x2C, 0x02, 0x98, b"1234") == b""  # SET TEMPORARY PIN
    after = host.send_apdu(0x80, 0xF2, 0, 0)
    assert before.startswith(b"\x80\x01")
    assert tlv.find(before, 0xA4, 0x84) == bytes((PinState.INITIAL,))
    assert tlv.find(after, 0xA4, 0x84) == bytes((PinState.SETTABLE,))


def test_the_keys_are_those_of_the_domain_the_applet_belongs_to(card: Transport) -> None:
    with pytest.raises(SecureChannelError, match="6A88"):
        SecureChannelLayer.open(card, DEFAULT_KEYS, key_version=0x30)
    with pytest.raises(SecureChannelError, match="cryptogram is wrong"):
        SecureChannelLayer.open(card, DEFAULT_KEYS)


def test_the_challenge_is_derived_from_the_applets_aid(card: Transport) -> None:
    """Amendment D 6.2.2.1: the AID of the application that uses the secure channel, not of its domain."""
    response = SecureChannelLayer.open(card, SSD_KEYS).response
    assert response.sequence is not None
    assert response.card_challenge == SSD_KEYS.card_challenge(response.sequence, AID)


def test_selecting_another_application_ends_the_session(card: Transport) -> None:
    channel = SecureChannelLayer.open(card, SSD_KEYS)
    wrapped = channel._channel.wrap_command(STATUS)[1]
    GlobalPlatformClient(card).select()
    assert exchange(card, SELECT).ok
    assert exchange(card, wrapped).sw == 0x6982
