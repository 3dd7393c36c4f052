"""Where cards come from: secure elements for phones, and My Number Cards that are ready for use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.toolchain.executable import Executable
from jpki.client.constants import PACKAGE_AID, Profile, Slot
from jpki.client.installation import jpki_installation
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.parties.applicant import Applicant
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.sei_tsm import IssuerRecords

Random = Callable[[int], bytes]
_AUTHENTICATION_PIN = b"0000"  # of My Number Cards here; nothing in this project asks for it


def make_secure_element(
    executable: Executable, records: IssuerRecords, random: Random, runtime: str | None = None
) -> SimulatedCard:
    """An empty secure element with keys of its own, which the SEI-TSM knows (D1); a runtime executes its applets."""
    config = replace(CardConfig(), keys=_keys(random))
    card = SimulatedCard(config, seed=random(32), runtime=runtime, classes=ClassLibrary([executable]))
    records.add(card.se_id, config.keys, _keys(random))
    return card


def make_my_number_card(
    executable: Executable,
    ca: CertificateAuthority,
    applicant: Applicant,
    password: bytes,
    random: Random,
    runtime: str | None = None,
) -> SimulatedCard:
    """The applet under its card profile and the CA's suite, with both keys and certificates.

    ``password`` is the signing password.
    """
    config = replace(CardConfig(), keys=_keys(random))
    card = SimulatedCard(config, seed=random(32), runtime=runtime, classes=ClassLibrary([executable]))
    issuer = GlobalPlatformClient(card)
    issuer.select()
    issuer.authenticate(config.keys)
    issuer.load(PACKAGE_AID, executable.data_block)
    issuer.install(jpki_installation(ca.suite.chosen_in(Profile.CARD.parameters)))
    JpkiClient(card).select()
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, config.keys))
    request_id = random(8).hex()
    for slot in Slot:
        tsm.set_pin(slot, password if slot is Slot.SIGNING else _AUTHENTICATION_PIN)
        key = tsm.generate_key_pair(slot)
        tsm.store_certificate(slot.certificate, ca.issue(slot, key, applicant, request_id, medium=Profile.CARD))
        tsm.store_certificate(slot.ca_certificate, ca.ca_certificate(slot))
    return card


def _keys(random: Random) -> StaticKeys:
    return StaticKeys(*(random(16) for _ in range(3)))
