"""A phone's simulated card with both certificates of a CA on it."""

from __future__ import annotations

from pathlib import Path

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from jpki.client.constants import PACKAGE_AID, Profile, Slot
from jpki.client.installation import jpki_installation
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable, jpki_library
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.people import HANAKO

PINS = {Slot.SIGNING: b"PASSWORD1", Slot.AUTHENTICATION: b"1234"}
_TEMPORARY = {Slot.SIGNING: b"TEMP0001", Slot.AUTHENTICATION: b"0000"}


def make_card(path: Path, ca: CertificateAuthority) -> None:
    """Write the state file of a card of the CA's suite that is ready for use by HANAKO."""
    with SimulatedCard(CardConfig(), classes=jpki_library(), seed="a phone's card") as card:
        issuer = GlobalPlatformClient(card)
        issuer.select()
        issuer.authenticate(DEFAULT_KEYS)
        issuer.load(PACKAGE_AID, jpki_executable().data_block)
        issuer.install(jpki_installation(ca.suite.chosen_in(Profile.PHONE.parameters)))
        client = JpkiClient(card)
        client.select()
        tsm = open_tsm(card)
        for slot in Slot:
            certificate = ca.issue(slot, tsm.generate_key_pair(slot), HANAKO, "request")
            tsm.store_certificate(slot.certificate, certificate)
            tsm.store_certificate(slot.ca_certificate, ca.ca_certificate(slot))
            tsm.set_pin(slot, _TEMPORARY[slot])
            client.verify(slot, _TEMPORARY[slot])
            client.change_pin(slot, PINS[slot])
        card.save(path)


def open_tsm(card: SimulatedCard) -> JpkiPersonalisation:
    """The TSM in a session with the applet, which is selected."""
    return JpkiPersonalisation(SecureChannelLayer.open(card, DEFAULT_KEYS))
