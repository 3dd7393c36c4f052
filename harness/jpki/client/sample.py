"""A JPKI card for trying things out: test PINs, keys made on the card, certificates of a test CA."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.toolchain.executable import Executable
from cardlab.transport import Transport
from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.certificates.suites import suite_of
from jpki.client.constants import Profile, Slot, Suite
from jpki.client.installation import jpki_installation
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable

SAMPLE_PINS: Mapping[Slot, bytes] = {Slot.SIGNING: b"PASSWORD1", Slot.AUTHENTICATION: b"1234"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was put on the card: the certificates (DER), and the CAs that issued them."""

    certificates: Mapping[Slot, bytes]
    authorities: Mapping[Slot, TestAuthority]


def install_applet(
    card: Transport,
    keys: StaticKeys,
    profile: Profile,
    applet: Executable | None = None,
    *,
    suite: Suite = Suite.RSA_2048,
) -> None:
    """Load and install the applet through SCP03 with the issuer security domain; compiles it unless it is given."""
    applet = applet or jpki_executable()
    manager = GlobalPlatformClient(card)
    manager.select()
    manager.authenticate(keys, level=SecurityLevel.C_MAC)
    manager.load(applet.package.aid, applet.data_block)
    manager.install(jpki_installation(suite.chosen_in(profile.parameters)))


def personalise_sample(card: Transport, keys: StaticKeys, *, now: datetime.datetime) -> Sample:
    """Give an applet in card profile its PINs, keys and certificates; ``keys`` are those of its security domain."""
    JpkiClient(card).select()
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, keys, level=SecurityLevel.FULL))
    certificates, authorities = {}, {}
    for serial, (slot, pin) in enumerate(SAMPLE_PINS.items(), 1):
        tsm.set_pin(slot, pin)
        key = tsm.generate_key_pair(slot)
        authority = TestAuthority.create(CertificateProfile.of(slot), now=now, suite=suite_of(key))
        authorities[slot] = authority
        name = f"{now:%Y%m%d%H%M%S}SAMPLE{serial:05}A"
        certificates[slot] = authority.issue(key, SAMPLE_HOLDER, serial=serial, common_name=name, now=now)
        tsm.store_certificate(slot.certificate, certificates[slot])
        tsm.store_certificate(slot.ca_certificate, authority.certificate_der)
    card.reset()
    return Sample(certificates, authorities)
