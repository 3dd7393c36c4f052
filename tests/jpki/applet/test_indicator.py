"""SIGN WITH INDICATOR: what the card says is true, and any CMS verifier accepts it (C4-C6, D5)."""

from __future__ import annotations

import datetime
import hashlib
from functools import partial
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.interface import Media
from jpki.certificates import cms
from jpki.certificates.indicator import AccessSource, ContentType, Indicator, Method, parse_signed_attributes
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.commands import rsa_key
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import IndicatorSignature
from tests.jpki.applet import openssl
from tests.jpki.applet.cards import Device, JpkiCard
from tests.jpki.applet.software_signer import APPLICATION_TYPE, COMMON_NAME, HOLDER, signed_attributes

Keys = dict[Slot, RSAPublicKey]
SLOTS = list(Slot)
CONTENT = "同意します".encode()
HASH = hashlib.sha256(CONTENT).digest()
PSS = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
BY_PIN = {Slot.SIGNING: Method.PASSWORD, Slot.AUTHENTICATION: Method.PIN}


def said(key: RSAPublicKey, signed: IndicatorSignature) -> Indicator:
    """The indicator, once the signature over it was verified."""
    key.verify(signed.signature, signed.signed_attributes, PSS, SHA256())
    attributes = parse_signed_attributes(signed.signed_attributes)
    assert attributes.message_digest == HASH
    return attributes.indicator


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize(
    ("media", "source"),
    [
        (None, AccessSource.INTERNAL),
        pytest.param(Media.CONTACTLESS_TYPE_A, AccessSource.CONTACTLESS, marks=pytest.mark.needs("interfaces")),
        pytest.param(Media.CONTACTLESS_TYPE_B, AccessSource.CONTACTLESS, marks=pytest.mark.needs("interfaces")),
    ],
)
def test_method_and_source_on_a_phone(
    jpki: JpkiCard, public_keys: Keys, slot: Slot, media: Media | None, source: AccessSource
) -> None:
    """C4, D5."""
    jpki.reset(media)
    jpki.verify(slot)
    signed = jpki.client.sign_with_indicator(slot, HASH)
    assert said(public_keys[slot], signed) == Indicator(BY_PIN[slot], source, 1)


@pytest.mark.needs("interfaces")
@pytest.mark.parametrize("slot", SLOTS)
def test_source_of_a_plastic_card(plastic: JpkiCard, slot: Slot) -> None:
    """D5."""
    plastic.verify(slot)
    key = rsa_key(plastic.tsm().public_key(slot))
    assert said(key, plastic.client.sign_with_indicator(slot, HASH)).source is AccessSource.CONTACT
    plastic.reset(Media.CONTACTLESS_TYPE_B)
    plastic.verify(slot)
    assert said(key, plastic.client.sign_with_indicator(slot, HASH)).source is AccessSource.CONTACTLESS


@pytest.mark.parametrize("method", list(DeviceMethod))
def test_method_of_device_authentication(jpki: JpkiCard, public_keys: Keys, method: DeviceMethod) -> None:
    """C1, C4: the key is used without the PIN, and the indicator says so."""
    device = Device.create()
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(method, device.point)
    for verified in (True, False):  # the PIN verified as well does not make it a PIN signature
        if not verified:
            jpki.reset()
        signed = jpki.client.sign_with_device(method, HASH, device.prove)
        indicator = said(public_keys[Slot.AUTHENTICATION], signed)
        assert (
            indicator.method
            is {DeviceMethod.BIOMETRIC: Method.BIOMETRIC, DeviceMethod.LOCK_SCREEN: Method.LOCK_SCREEN}[method]
        )


@pytest.mark.parametrize("slot", SLOTS)
def test_attributes_are_the_der_that_the_document_gives(jpki: JpkiCard, slot: Slot) -> None:
    """C5: composed by the card, byte for byte."""
    jpki.verify(slot)
    signed = jpki.client.sign_with_indicator(slot, HASH)
    assert signed.signed_attributes == signed_attributes(CONTENT, method=BY_PIN[slot], source=1, counter=1)


def test_an_application_has_a_content_type_of_its_own(jpki: JpkiCard, public_keys: Keys) -> None:
    """With the signing key, and no other command or parameter makes it."""
    jpki.verify(Slot.SIGNING)
    jpki.verify(Slot.AUTHENTICATION)
    signed = jpki.client.sign_application(HASH)
    assert said(public_keys[Slot.SIGNING], signed) == Indicator(Method.PASSWORD, AccessSource.INTERNAL, 1)
    assert signed.signed_attributes == signed_attributes(CONTENT, content_type=APPLICATION_TYPE)
    assert parse_signed_attributes(signed.signed_attributes).content_type is ContentType.APPLICATION
    for p1 in set(range(256)) - {0x10}:
        if jpki.send(0x80, 0x2E, p1, 0x9A, HASH, 256).ok:
            assert parse_signed_attributes(jpki.client.signed_attributes()).content_type is ContentType.DOCUMENT
    assert jpki.sw(0x80, 0x2E, 0x10, 0x97, HASH, 256) == SW.INCORRECT_P1P2
    jpki.reset()
    jpki.verify(Slot.AUTHENTICATION)
    assert jpki.sw(0x80, 0x2E, 0x10, 0x9A, HASH, 256) == SW.SECURITY_STATUS_NOT_SATISFIED


def test_the_example_in_the_document() -> None:
    """docs/reference/applet.md shows the attributes of a PIN signature over `hello`, the fifth with its key."""
    text = (Path(__file__).parents[3] / "docs" / "reference" / "applet.md").read_text(encoding="utf-8")
    block = text.split("An example (")[1].split("```text\n")[1].split("```")[0]
    digits = ""
    for line in block.strip().splitlines():
        digits += line.split("  " * 4)[0] if not line.startswith(" ") else line.strip().split("   ")[0]
    shown = bytes.fromhex("".join(digits.split()))
    assert shown == signed_attributes(b"hello", method=Method.PIN, source=AccessSource.INTERNAL, counter=5)


@pytest.mark.parametrize("slot", SLOTS)
def test_counter_counts_every_use_of_the_key(jpki: JpkiCard, public_keys: Keys, slot: Slot) -> None:
    jpki.verify(slot)
    for number in (1, 3, 5):
        assert said(public_keys[slot], jpki.client.sign_with_indicator(slot, HASH)).counter == number
        jpki.client.sign_hash(slot, HASH)
    jpki.reset()
    jpki.verify(slot)
    assert said(public_keys[slot], jpki.client.sign_with_indicator(slot, HASH)).counter == 7


@pytest.mark.parametrize("application", [False, True])
def test_counter_beyond_one_byte(jpki: JpkiCard, public_keys: Keys, application: bool) -> None:
    """DER lengths change at 128 and 256."""
    slot = Slot.SIGNING
    jpki.verify(slot)
    while (number := jpki.status().slots[slot].signature_counter) < 260:
        for _ in range(1 if number in (126, 127, 254, 255) else {0: 126, 128: 126}.get(number, 4)):
            jpki.sw(0x80, 0x2A, 0x02, slot.key_reference, HASH, 256)
        number = jpki.status().slots[slot].signature_counter
        sign = jpki.client.sign_application if application else partial(jpki.client.sign_with_indicator, slot)
        assert said(public_keys[slot], sign(HASH)).counter == number + 1


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize("detached", [False, True], ids=["attached", "detached"])
def test_cms_is_accepted_here_and_by_openssl(jpki: JpkiCard, tmp_path: Path, slot: Slot, detached: bool) -> None:
    """C5: hashed and signed by the card."""
    now = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
    authority = TestAuthority.create(CertificateProfile.of(slot), now=now)
    tsm = jpki.tsm()
    certificate = authority.issue(tsm.public_key(slot), HOLDER, serial=7, common_name=COMMON_NAME, now=now)
    tsm.store_certificate(slot.certificate, certificate)
    jpki.verify(slot)
    signed = jpki.client.sign_with_indicator(slot, HASH)
    stored = jpki.client.certificate(slot)
    assert stored == certificate
    document = cms.assemble(signed, stored, content=None if detached else CONTENT)
    result = cms.verify(document, issuers=[authority.certificate], content=CONTENT, at=now)
    assert result.indicator == Indicator(BY_PIN[slot], AccessSource.INTERNAL, 1)
    assert openssl.verify_cms(tmp_path, document, authority.certificate, CONTENT, detached=detached) == ""


def test_signature_with_indicator_is_pss_only(jpki: JpkiCard, public_keys: Keys) -> None:
    """C6."""
    jpki.verify(Slot.SIGNING)
    signed = jpki.client.sign_with_indicator(Slot.SIGNING, HASH)
    with pytest.raises(InvalidSignature):
        public_keys[Slot.SIGNING].verify(signed.signature, signed.signed_attributes, padding.PKCS1v15(), SHA256())


def test_signatures_are_salted(jpki: JpkiCard, public_keys: Keys) -> None:
    """Two signatures under other counters would differ anyway: the salt itself is looked at."""
    jpki.verify(Slot.SIGNING)
    numbers = public_keys[Slot.SIGNING].public_numbers()
    salts = set()
    for _ in range(3):
        signature = jpki.client.sign_with_indicator(Slot.SIGNING, HASH).signature
        block = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(256, "big")
        masked, digest = block[:223], block[223:255]
        mask = b"".join(hashlib.sha256(digest + i.to_bytes(4, "big")).digest() for i in range(7))[:223]
        salts.add(bytes(a ^ b for a, b in zip(masked, mask, strict=True))[-32:])
    assert len(salts) == 3


# -- the attributes afterwards ----------------------------------------------------------------------------------------


def attributes(jpki: JpkiCard) -> bytes | int:
    response = jpki.send(0x80, 0xCA, 0x01, 0xA0, le=256)
    return response.data if response.ok else response.sw


def test_a_generation_that_is_refused_leaves_the_attributes(jpki: JpkiCard) -> None:
    tsm = jpki.tsm()
    tsm.delete_slot(Slot.SIGNING)
    jpki.verify(Slot.AUTHENTICATION)
    signed = jpki.client.sign_with_indicator(Slot.AUTHENTICATION, HASH).signed_attributes
    with pytest.raises(UnexpectedStatusError):
        tsm.generate_key_pair(Slot.SIGNING, renew=True)
    assert attributes(jpki) == signed


def test_attributes_stay_until_the_next(jpki: JpkiCard) -> None:
    jpki.verify(Slot.SIGNING)
    assert attributes(jpki) == SW.CONDITIONS_NOT_SATISFIED
    first = jpki.client.sign_with_indicator(Slot.SIGNING, HASH).signed_attributes
    jpki.client.sign_hash(Slot.SIGNING, HASH)
    assert jpki.sw(0x80, 0x2E, 0x00, 0x9A, HASH[:-1], 256) == SW.WRONG_LENGTH
    assert jpki.sw(0x80, 0x2E, 0x00, 0x97, HASH, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert attributes(jpki) == first
    second = jpki.client.sign_with_indicator(Slot.SIGNING, bytes(32)).signed_attributes
    assert attributes(jpki) == second != first


@pytest.mark.parametrize("how", ["select", "select_other", "reset", "delete", "generate"])
def test_attributes_end(jpki: JpkiCard, how: str) -> None:
    jpki.verify(Slot.SIGNING)
    jpki.client.sign_with_indicator(Slot.SIGNING, HASH)
    tsm = jpki.tsm()
    assert isinstance(attributes(jpki), bytes), "opening a channel ends nothing"
    if how == "delete":
        tsm.delete_slot(Slot.AUTHENTICATION)
    elif how == "generate":
        tsm.generate_key_pair(Slot.SIGNING)
    else:
        {"select": jpki.client.select, "select_other": jpki.select_other, "reset": jpki.reset}[how]()
    assert attributes(jpki) == SW.CONDITIONS_NOT_SATISFIED


def test_refusals(jpki: JpkiCard) -> None:
    """C1, among others: device authentication is no way to the signing key."""
    jpki.verify(Slot.SIGNING)
    jpki.verify(Slot.AUTHENTICATION)
    for p1 in set(range(256)) - {0x00, 0x03, 0x04}:
        assert jpki.sw(0x80, 0x2E, p1, 0x97, HASH, 256) == SW.INCORRECT_P1P2
    for p2 in set(range(256)) - {0x97, 0x9A}:
        for p1 in (0x00, 0x03, 0x04, 0x10):
            assert jpki.sw(0x80, 0x2E, p1, p2, HASH, 256) == SW.REFERENCED_DATA_NOT_FOUND
    for p1 in (0x03, 0x04):
        assert jpki.sw(0x80, 0x2E, p1, 0x9A, bytes(100), 256) == SW.INCORRECT_P1P2
    for p1 in (0x00, 0x10):
        for length in (0, 1, 31, 33, 64, 255):
            assert jpki.sw(0x80, 0x2E, p1, 0x9A, bytes(length), 256) == SW.WRONG_LENGTH
    for p1, p2 in ((0x00, 0xA0), (0x01, 0xA2), (0x01, 0x00), (0xDF, 0x30)):
        assert jpki.sw(0x80, 0xCA, p1, p2, le=256) == SW.INCORRECT_P1P2
    assert jpki.sw(0x80, 0xCA, 0x01, 0xA0, b"\0", 256) == SW.WRONG_LENGTH
    counters = {slot: status.signature_counter for slot, status in jpki.status().slots.items()}
    assert counters == dict.fromkeys(Slot, 0)
