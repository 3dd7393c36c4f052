"""Messages and certificates that are nothing a signer of ours would send: each refused by what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID
from pyasn1_modules import rfc5652

from cardlab.errors import VerificationError
from jpki.certificates import cms
from jpki.certificates.attributes import read_basic_attributes
from jpki.certificates.der import decode, encode
from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.certificates.schemes import Scheme
from jpki.certificates.signed_data import check_indicator, is_for_signing, load_certificate, read
from jpki.client.constants import Suite
from jpki.client.user import IndicatorSignature
from tests.jpki.parties.people import START, key

CONTENT = b"what is signed"
TIME = b"\x17\x0d" + f"{START:%y%m%d%H%M%S}Z".encode()
SIGNED_DATA, DATA = bytes.fromhex("06092A864886F70D010702"), bytes.fromhex("06092A864886F70D010701")
SHA1_WITH_RSA = "1.2.840.113549.1.1.5"


@pytest.fixture(scope="module")
def certificate() -> bytes:
    authority = TestAuthority.create(CertificateProfile.SIGNING, now=START, key=key(1))
    return authority.issue(key(0).public_key(), SAMPLE_HOLDER, serial=2, common_name="signer", now=START)


@pytest.fixture(scope="module")
def message(certificate: bytes) -> bytes:
    """A sound one, with the time that its signer claims."""
    return _message(certificate)


def _message(certificate: bytes, time: bytes = TIME) -> bytes:
    attributes = cms.plain_attributes(Suite.RSA_2048.hash(CONTENT), START).replace(TIME, time)
    signature = key(0).sign(attributes, PKCS1v15(), SHA256())
    return cms.assemble(IndicatorSignature(attributes, signature), certificate, content=CONTENT, scheme=Scheme.PKCS1)


def _changed(message: bytes, change: Callable[[Any], object]) -> bytes:
    """The same message with something changed in its SignedData, in DER again."""
    info = decode(message, rfc5652.ContentInfo(), "the message")
    data = decode(bytes(info["content"]), rfc5652.SignedData(), "the SignedData")
    change(data)
    info["content"] = encode(data)
    return encode(info)


def _named_by_its_key(data: Any) -> None:
    signer = data["signerInfos"][0]
    signer["sid"] = rfc5652.SignerIdentifier()
    signer["sid"]["subjectKeyIdentifier"] = b"key"


def _by_sha1(data: Any) -> None:
    data["signerInfos"][0]["signatureAlgorithm"]["algorithm"] = SHA1_WITH_RSA


def test_a_sound_message(message: bytes) -> None:
    assert read(_changed(message, str)).claimed_time() == START
    assert read(message).signer_certificate().serial_number == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data["signerInfos"].clear(), "there are 0 signers, expected one"),
        (lambda data: data["signerInfos"].append(data["signerInfos"][0]), "there are 2 signers, expected one"),
        (_named_by_its_key, "the signer is not named by issuer and serial number"),
        (_by_sha1, f"the signature algorithm is {SHA1_WITH_RSA} with these parameters; expected RSASSA-PSS "),
    ],
)
def test_what_is_not_read(message: bytes, change: Callable[[Any], object], reason: str) -> None:
    with pytest.raises(VerificationError) as refused:
        read(_changed(message, change))
    assert str(refused.value).startswith(reason)


def test_what_is_no_signed_data(message: bytes) -> None:
    with pytest.raises(VerificationError, match=r"^this is no CMS SignedData$"):
        read(message.replace(SIGNED_DATA, DATA, 1))


def test_a_claimed_time_that_is_none(certificate: bytes) -> None:
    """The month is the thirteenth."""
    wrong = read(_message(certificate, TIME[:4] + b"13" + TIME[6:]))
    with pytest.raises(VerificationError, match=r"^the signing time cannot be read: "):
        wrong.claimed_time()


def test_an_indicator_is_among_signed_attributes(message: bytes) -> None:
    without = read(_changed(message, lambda data: data["signerInfos"][0]["signedAttrs"].reset()))
    with pytest.raises(VerificationError, match=r"^there are no signed attributes, hence no indicator$"):
        check_indicator(without, without.signer_certificate())


def test_a_certificate_whose_signature_is_not_in_whole_bytes(certificate: bytes) -> None:
    """The number of unused bits is outside of what the CA signed: nothing else would notice that it changed."""
    bits = bytearray(certificate)
    length = len(load_certificate(certificate).signature)
    bits[-length - 1], bits[-1] = 1, bits[-1] & 0xFE
    with pytest.raises(
        VerificationError, match=r"^a certificate lacks a field, or its signature is not in whole bytes$"
    ):
        load_certificate(bytes(bits))


def _certificate(*extensions: x509.ExtensionType) -> x509.Certificate:
    name = CertificateProfile.SIGNING.issuer
    builder = x509.CertificateBuilder(name, name, key(0).public_key(), 1, START, START.replace(year=START.year + 1))
    for one in extensions:
        builder = builder.add_extension(one, critical=False)
    return x509.load_der_x509_certificate(builder.sign(key(0), SHA256()).public_bytes(Encoding.DER))


def test_a_certificate_that_does_not_say_what_its_key_is_for() -> None:
    with pytest.raises(VerificationError, match=r"does not say what its key is for .key usage.$"):
        is_for_signing(_certificate())


def test_attributes_of_a_holder_that_no_decoder_reads() -> None:
    assert read_basic_attributes(_certificate()) is None
    names = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x7f")
    with pytest.raises(VerificationError, match=r"^the certificate's extensions cannot be read: "):
        read_basic_attributes(_certificate(names))
