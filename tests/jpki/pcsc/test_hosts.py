"""Other people's host software through PC/SC: yubikit's SCP03, and openssl on what the card signed."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.x509 import load_der_x509_certificate
from yubikit.core.smartcard import SmartCardProtocol

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.globalplatform.constants import ISD_AID
from cardlab.iso7816 import tlv
from cardlab.reader import VirtualReader
from cardlab.reader.contactless import AtrOf
from cardlab.runtime.interface import Media
from cardlab.transport.pcsc import PcscTransport
from jpki.certificates.cms import assemble, verify
from jpki.certificates.indicator import AccessSource, Method
from jpki.client.constants import Slot
from jpki.client.sample import SAMPLE_PINS
from jpki.client.user import JpkiClient
from tests.cardlab.scp03.test_card import OPTIONS, SSD_AID, SSD_KEYS, YubikitConnection, add_domain, params
from tests.jpki.applet.openssl import verify_cms
from tests.jpki.pcsc.samples import Original

Connect = Callable[..., PcscTransport]
Insert = Callable[..., VirtualReader]
TEXT = "転入届".encode()


@pytest.mark.parametrize("options", OPTIONS)
def test_yubikit_reads_the_registry_through_the_reader(insert: Insert, connect: Connect, options: int) -> None:
    """To the issuer's domain and to another one, each under its own keys (D1)."""
    with SimulatedCard(CardConfig(scp_options=options)) as card:
        add_domain(card)
        insert(card)
        host = SmartCardProtocol(YubikitConnection(connect()))
        for aid, keys, version in ((ISD_AID, DEFAULT_KEYS, 0x30), (SSD_AID, SSD_KEYS, 0x01)):
            host.select(aid)
            host.init_scp(params(keys, version))
            registry = host.send_apdu(0x80, 0xF2, 0x40, 0x02, b"\x4f\x00")
            assert [tlv.find(entry.value, 0x4F) for entry in tlv.parse(registry)] == [SSD_AID]


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (Media.CONTACT, AccessSource.CONTACT),
        (Media.CONTACTLESS_TYPE_A, AccessSource.CONTACTLESS),
        (Media.CONTACTLESS_TYPE_B, AccessSource.CONTACTLESS),
        (Media.HCI_OR_TYPE_F, AccessSource.CONTACTLESS),
    ],
)
def test_openssl_accepts_what_the_card_signed_with_the_indicator(
    original: Original, insert: Insert, connect: Connect, tmp_path: Path, media: Media, source: AccessSource
) -> None:
    """C5, with the chain to the test CA; the indicator names the interface that the reader has (D5)."""
    made = original.restore(media)
    with made.card:
        insert(AtrOf(made.card, media))
        user = JpkiClient(connect())
        user.select()
        for slot, method in ((Slot.SIGNING, Method.PASSWORD), (Slot.AUTHENTICATION, Method.PIN)):
            user.verify(slot, SAMPLE_PINS[slot])
            signature = user.sign_with_indicator(slot, sha256(TEXT).digest())
            authority = load_der_x509_certificate(made.ca_certificates[slot])
            cms = assemble(signature, made.certificates[slot], content=TEXT)
            assert verify_cms(tmp_path, cms, authority, TEXT, detached=False) == ""
            indicator = verify(cms, issuers=[authority]).indicator
            assert (indicator.method, indicator.source) == (method, source)
