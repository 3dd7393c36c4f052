"""Assembling and verifying the CMS with an indicator, with a key in software (C4-C6)."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import VerificationError
from cardlab.iso7816.tlv import encode
from jpki.certificates import cms
from jpki.certificates.indicator import (
    AccessSource,
    ContentType,
    Indicator,
    Method,
    parse_indicator,
    parse_signed_attributes,
)
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.certificates.schemes import Scheme
from jpki.certificates.signed_data import check_signature, read
from jpki.client.user import IndicatorSignature
from tests.jpki.applet import openssl
from tests.jpki.applet.software_signer import (
    APPLICATION_OID,
    APPLICATION_TYPE,
    COMMON_NAME,
    CONTENT_TYPE,
    HOLDER,
    NOW,
    SoftwareSigner,
    digest_attribute,
    indicator_attribute,
    indicator_value,
    signed_attributes,
)

CONTENT = "申請書".encode()
PSS_OID = bytes.fromhex("06092A864886F70D01010A")
RSA_SHA256 = bytes.fromhex("300D06092A864886F70D01010B0500")


@pytest.fixture(scope="module")
def signing() -> SoftwareSigner:
    return SoftwareSigner.create(CertificateProfile.SIGNING)


@pytest.fixture(scope="module")
def authentication() -> SoftwareSigner:
    return SoftwareSigner.create(CertificateProfile.AUTHENTICATION)


def check(
    signer: SoftwareSigner,
    document: bytes,
    content: bytes | None = None,
    content_type: ContentType = ContentType.DOCUMENT,
) -> cms.VerifiedSignature:
    issuers = [signer.authority.certificate]
    return cms.verify(document, issuers=issuers, content=content, at=NOW, content_type=content_type)


@pytest.mark.parametrize("detached", [False, True], ids=["attached", "detached"])
def test_assembled_cms_verifies_here_and_with_openssl(signing: SoftwareSigner, tmp_path: Path, detached: bool) -> None:
    """C5."""
    signed = signing.sign(signed_attributes(CONTENT, counter=0x80))
    document = cms.assemble(signed, signing.certificate, content=None if detached else CONTENT)
    result = check(signing, document, CONTENT if detached else None)
    assert result.content == CONTENT
    assert result.signer == x509.load_der_x509_certificate(signing.certificate)
    assert result.indicator == Indicator(Method.PASSWORD, AccessSource.INTERNAL, 0x80)
    authority = signing.authority.certificate
    assert openssl.verify_cms(tmp_path, document, authority, CONTENT, detached=detached) == ""


def test_signed_attributes_are_in_the_cms_byte_by_byte(signing: SoftwareSigner) -> None:
    signed = signing.sign(signed_attributes(CONTENT))
    assert signed.signed_attributes[1:] in cms.assemble(signed, signing.certificate, content=CONTENT)


def test_openssl_refuses_an_altered_cms(signing: SoftwareSigner, tmp_path: Path) -> None:
    """The comparison with openssl is worth something only if it can fail."""
    signed = signing.sign(signed_attributes(CONTENT, counter=1))
    document = cms.assemble(signed, signing.certificate, content=CONTENT)
    altered = document.replace(indicator_value(1, 1, 1), indicator_value(1, 1, 2))
    assert altered != document
    assert openssl.verify_cms(tmp_path, altered, signing.authority.certificate, CONTENT, detached=False) != ""


@pytest.mark.parametrize("method", list(Method))
def test_method_must_be_one_that_the_key_takes(
    signing: SoftwareSigner, authentication: SoftwareSigner, method: Method
) -> None:
    """C1."""
    for signer, allowed in ((signing, {Method.PASSWORD}), (authentication, set(Method) - {Method.PASSWORD})):
        signed = signer.sign(signed_attributes(CONTENT, method=method))
        document = cms.assemble(signed, signer.certificate, content=CONTENT)
        if method in allowed:
            assert check(signer, document).indicator.method is method
        else:
            with pytest.raises(VerificationError, match="key takes"):
                check(signer, document)


def test_indicator_counts_under_pss_only(signing: SoftwareSigner) -> None:
    """C6: the same attributes under PKCS #1 v1.5, honestly labelled or not, are refused."""
    signed = signing.sign(signed_attributes(CONTENT), scheme=padding.PKCS1v15())
    labelled_pss = cms.assemble(signed, signing.certificate, content=CONTENT)
    with pytest.raises(VerificationError, match="does not verify"):
        check(signing, labelled_pss)
    start = labelled_pss.index(PSS_OID) - 2
    algorithm_length = labelled_pss[start + 1] + 2
    labelled_truly = _replaced(labelled_pss, labelled_pss[start : start + algorithm_length], RSA_SHA256)
    with pytest.raises(VerificationError, match="RSASSA-PSS only"):
        check(signing, labelled_truly)


@pytest.mark.parametrize("salt_length", [0, 20, 222])
def test_other_salt_lengths_are_refused(signing: SoftwareSigner, salt_length: int) -> None:
    scheme = padding.PSS(padding.MGF1(SHA256()), salt_length=salt_length)
    signed = signing.sign(signed_attributes(CONTENT), scheme=scheme)
    with pytest.raises(VerificationError, match="does not verify"):
        check(signing, cms.assemble(signed, signing.certificate, content=CONTENT))


# -- documents and applications ----------------------------------------------------------------------------------------

ATTRIBUTE = {ContentType.DOCUMENT: CONTENT_TYPE, ContentType.APPLICATION: APPLICATION_TYPE}
OTHER = {ContentType.DOCUMENT: ContentType.APPLICATION, ContentType.APPLICATION: ContentType.DOCUMENT}
WORDS = {ContentType.DOCUMENT: "a document", ContentType.APPLICATION: "an application for certificates"}
both_types = pytest.mark.parametrize("kind", list(ContentType))


def signed_as(signer: SoftwareSigner, kind: ContentType, method: int = 1) -> IndicatorSignature:
    return signer.sign(signed_attributes(CONTENT, method=method, content_type=ATTRIBUTE[kind]))


@both_types
def test_neither_type_is_taken_for_the_other(signing: SoftwareSigner, tmp_path: Path, kind: ContentType) -> None:
    """RFC 5652, 11.1; to any other CMS verifier both are in order."""
    message = cms.assemble(signed_as(signing, kind), signing.certificate, content=CONTENT, content_type=kind)
    assert check(signing, message, content_type=kind).content == CONTENT
    with pytest.raises(VerificationError, match=f"this is {WORDS[kind]}, not {WORDS[OTHER[kind]]}"):
        check(signing, message, content_type=OTHER[kind])
    assert openssl.verify_cms(tmp_path, message, signing.authority.certificate, CONTENT, detached=False) == ""


@both_types
def test_another_label_does_not_help(signing: SoftwareSigner, kind: ContentType) -> None:
    """The type around the content is not signed, that among the attributes is: the two must be the same."""
    message = cms.assemble(signed_as(signing, kind), signing.certificate, content=CONTENT, content_type=OTHER[kind])
    with pytest.raises(VerificationError, match=f"not signed as {WORDS[OTHER[kind]]}"):
        check(signing, message, content_type=OTHER[kind])


@both_types
def test_attributes_given_out_as_the_content_are_refused(signing: SoftwareSigner, kind: ContentType) -> None:
    """RFC 5652, 5.4: without signed attributes the signature would be over the content itself."""
    signed = signed_as(signing, kind)
    message = cms.assemble(signed, signing.certificate, content=signed.signed_attributes)
    stripped = read(_replaced(message, b"\xa0" + signed.signed_attributes[1:], b""))
    assert stripped.signed_attributes is None
    for content_type in ContentType:
        with pytest.raises(VerificationError, match="no signed attributes"):
            forged = dataclasses.replace(stripped, content_type=content_type)
            check_signature(forged, stripped.signer_certificate(), signed.signed_attributes)


def test_an_application_by_the_authentication_key_is_refused(authentication: SoftwareSigner) -> None:
    kind = ContentType.APPLICATION
    for method in Method:
        signed = signed_as(authentication, kind, method)
        message = cms.assemble(signed, authentication.certificate, content=CONTENT, content_type=kind)
        with pytest.raises(VerificationError, match="with the signing key only"):
            check(authentication, message, content_type=kind)


def test_an_application_that_plain_sign_signed_is_refused(signing: SoftwareSigner) -> None:
    """C6: whoever has any bytes signed, say as a challenge, can choose attributes, but no RSASSA-PSS."""
    kind = ContentType.APPLICATION
    attributes = signed_attributes(CONTENT, content_type=APPLICATION_TYPE)
    signed = signing.sign(attributes, scheme=padding.PKCS1v15())
    for scheme, reason in ((Scheme.PKCS1, "RSASSA-PSS only"), (Scheme.PSS, "does not verify")):
        parts = (signed, signing.certificate)
        message = cms.assemble(*parts, content=CONTENT, scheme=scheme, content_type=kind)
        with pytest.raises(VerificationError, match=reason):
            check(signing, message, content_type=kind)


@both_types
def test_version_and_type_go_together(signing: SoftwareSigner, kind: ContentType) -> None:
    """RFC 5652, 5.1: 1 for id-data, 3 for any other type; and a type that nobody knows is refused."""
    message = cms.assemble(signed_as(signing, kind), signing.certificate, content=CONTENT, content_type=kind)
    version = message.index(b"\x02\x01", 4)
    for wrong in {0, 1, 2, 3, 4, 5} - {message[version + 2]}:
        with pytest.raises(VerificationError, match="versions"):
            check(signing, message[: version + 2] + bytes((wrong,)) + message[version + 3 :], content_type=kind)
    application = cms.assemble(
        signed_as(signing, kind), signing.certificate, content=CONTENT, content_type=ContentType.APPLICATION
    )
    with pytest.raises(VerificationError, match=r"is of type 2\.25\.\d+\.2, expected"):
        check(signing, application.replace(APPLICATION_OID, APPLICATION_OID[:-1] + b"\2"), content_type=kind)


DIGEST = hashlib.sha256(CONTENT).digest()
GOOD_INDICATOR = indicator_attribute(indicator_value(1, 1, 1))
WRONG_ATTRIBUTES = {
    "no indicator": [CONTENT_TYPE, digest_attribute(DIGEST)],
    "two indicators": [
        CONTENT_TYPE,
        digest_attribute(DIGEST),
        GOOD_INDICATOR,
        indicator_attribute(indicator_value(1, 1, 2)),
    ],
    "two values": [
        CONTENT_TYPE,
        digest_attribute(DIGEST),
        encode(0x30, GOOD_INDICATOR[2:24], encode(0x31, indicator_value(1, 1, 1), indicator_value(1, 1, 2))),
    ],
    "no digest": [CONTENT_TYPE, GOOD_INDICATOR],
    "other digest": [CONTENT_TYPE, digest_attribute(bytes(32)), GOOD_INDICATOR],
    "short digest": [CONTENT_TYPE, digest_attribute(DIGEST[:20]), GOOD_INDICATOR],
    "no content type": [digest_attribute(DIGEST), GOOD_INDICATOR],
    "other content type": [CONTENT_TYPE[:-1] + b"\x02", digest_attribute(DIGEST), GOOD_INDICATOR],
    "one more attribute": [
        CONTENT_TYPE,
        digest_attribute(DIGEST),
        GOOD_INDICATOR,
        bytes.fromhex("301C06092A864886F70D010905310F170D3236303430313030303030305A"),
    ],
    "unknown version": [
        CONTENT_TYPE,
        digest_attribute(DIGEST),
        indicator_attribute(indicator_value(1, 1, 1, version=2)),
    ],
    "unknown method": [CONTENT_TYPE, digest_attribute(DIGEST), indicator_attribute(indicator_value(5, 1, 1))],
    "unknown source": [CONTENT_TYPE, digest_attribute(DIGEST), indicator_attribute(indicator_value(1, 4, 1))],
    "counter of zero": [CONTENT_TYPE, digest_attribute(DIGEST), indicator_attribute(indicator_value(1, 1, 0))],
    "indicator not in DER": [
        CONTENT_TYPE,
        digest_attribute(DIGEST),
        indicator_attribute(bytes.fromhex("300D02020001 0A0101 0A0101 020101")),
    ],
}


WHY_WRONG = {
    "no indicator": r"attribute 2\.25\.\d+ is missing",
    "two indicators": r"attribute 2\.25\.\d+ occurs more than once",
    "two values": r"attribute 2\.25\.\d+ has 2 values, expected one",
    "no digest": r"attribute 1\.2\.840\.113549\.1\.9\.4 is missing",
    "other digest": r"the message digest is not that of the content",
    "short digest": r"the message digest is not that of the content",
    "no content type": r"attribute 1\.2\.840\.113549\.1\.9\.3 is missing",
    "other content type": r"the content is of type 1\.2\.840\.113549\.1\.7\.2, expected",
    "one more attribute": r"attribute 1\.2\.840\.113549\.1\.9\.5 is none that the card signs",
    "unknown version": r"the indicator has version 2, only 1 is known",
    "unknown method": r"the indicator names something unknown: 5 is not a valid Method",
    "unknown source": r"the indicator names something unknown: 4 is not a valid AccessSource",
    "counter of zero": r"the indicator cannot be read",
    "indicator not in DER": r"the indicator is not in DER",
}


@pytest.mark.parametrize("wrong", WRONG_ATTRIBUTES)
def test_wrong_attributes_are_refused_though_the_signature_is_right(signing: SoftwareSigner, wrong: str) -> None:
    signed = signing.sign(encode(0x31, *sorted(WRONG_ATTRIBUTES[wrong])))
    with pytest.raises(VerificationError, match=WHY_WRONG[wrong]):
        check(signing, cms.assemble(signed, signing.certificate, content=CONTENT))


def test_every_flipped_bit_of_signed_attributes_or_signature_is_refused(signing: SoftwareSigner) -> None:
    signed = signing.sign(signed_attributes(CONTENT))
    document = cms.assemble(signed, signing.certificate, content=CONTENT)
    attributes = document.index(signed.signed_attributes[1:])
    signature = document.index(signed.signature)
    places = [
        *range(attributes, attributes + len(signed.signed_attributes) - 1, 3),
        *range(signature, signature + 256, 16),
    ]
    for place in places:
        altered = bytearray(document)
        altered[place] ^= 1 << place % 8
        with pytest.raises(VerificationError):
            check(signing, bytes(altered))


def test_truncated_and_extended_documents_are_refused(signing: SoftwareSigner) -> None:
    document = cms.assemble(signing.sign(signed_attributes(CONTENT)), signing.certificate, content=CONTENT)
    for wrong in (b"", document[:1], document[:40], document[:-1], document + b"\0", CONTENT):
        with pytest.raises(VerificationError):
            check(signing, wrong)


def test_content_given_and_content_inside_must_agree(signing: SoftwareSigner) -> None:
    signed = signing.sign(signed_attributes(CONTENT))
    attached = cms.assemble(signed, signing.certificate, content=CONTENT)
    detached = cms.assemble(signed, signing.certificate)
    for document, content, reason in (
        (attached, b"other", "the content inside the CMS is not the content given"),
        (detached, b"other", "the message digest is not that of the content"),
        (detached, None, "the signature is detached"),
    ):
        with pytest.raises(VerificationError, match=reason):
            check(signing, document, content)
    assert check(signing, attached, CONTENT) == check(signing, attached) == check(signing, detached, CONTENT)


def test_certificate_must_be_trusted_and_valid(signing: SoftwareSigner) -> None:
    document = cms.assemble(signing.sign(signed_attributes(CONTENT)), signing.certificate, content=CONTENT)
    stranger = TestAuthority.create(CertificateProfile.SIGNING, now=NOW)
    with pytest.raises(VerificationError, match="none of the CAs"):
        cms.verify(document, issuers=[stranger.certificate], at=NOW)
    with pytest.raises(VerificationError, match="none of the CAs"):
        cms.verify(document, issuers=[], at=NOW)
    for days in (-1, 6 * 366):
        with pytest.raises(VerificationError, match="valid from"):
            cms.verify(document, issuers=[signing.authority.certificate], at=NOW + datetime.timedelta(days=days))


def test_without_a_time_the_present_counts(signing: SoftwareSigner) -> None:
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    signed = signing.sign(signed_attributes(CONTENT))
    authority = TestAuthority.create(CertificateProfile.SIGNING, now=now - 2 * day, key=signing.authority.key)
    documents = []
    for start in (now - day, now + day):
        key = signing.key.public_key()
        certificate = authority.issue(key, HOLDER, serial=99, common_name=COMMON_NAME, now=start)
        documents.append(cms.assemble(signed, certificate, content=CONTENT))
    assert cms.verify(documents[0], issuers=[authority.certificate]).content == CONTENT
    with pytest.raises(VerificationError, match="valid from"):
        cms.verify(documents[1], issuers=[authority.certificate])


def test_signer_must_be_the_certificate_named(signing: SoftwareSigner) -> None:
    """Another certificate of the same key and CA is no substitute: its serial number is another one."""
    key = signing.key.public_key()
    other = signing.authority.issue(key, HOLDER, serial=99, common_name=COMMON_NAME, now=NOW)
    signed = signing.sign(signed_attributes(CONTENT))
    document = cms.assemble(signed, signing.certificate, content=CONTENT)
    with pytest.raises(VerificationError, match="the signer's certificate is not in the CMS"):
        check(signing, _replaced(document, signing.certificate, other))


def test_other_certificates_may_come_along(signing: SoftwareSigner) -> None:
    signed = signing.sign(signed_attributes(CONTENT))
    authority = signing.authority.certificate_der
    document = cms.assemble(signed, signing.certificate, content=CONTENT, other_certificates=[authority])
    assert authority in document
    assert check(signing, document).content == CONTENT


@pytest.mark.parametrize("attributes", [b"", b"\x30\x00"])
def test_assemble_refuses_what_is_no_set(signing: SoftwareSigner, attributes: bytes) -> None:
    with pytest.raises(ValueError, match="SET"):
        cms.assemble(signing.sign(attributes), signing.certificate)


@pytest.mark.parametrize("counter", [1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0x800000, 0xFFFFFFFF])
def test_indicator_is_read_for_every_length_of_counter(counter: int) -> None:
    parsed = parse_indicator(indicator_value(2, 3, counter))
    assert parsed == Indicator(Method.PIN, AccessSource.CONTACTLESS, counter)


@pytest.mark.parametrize("parse", [parse_indicator, parse_signed_attributes])
@pytest.mark.parametrize("raw", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x31\x00", bytes(50)])
def test_what_is_no_der_gives_an_error_of_ours(parse: Callable[[bytes], object], raw: bytes) -> None:
    with pytest.raises(VerificationError):
        parse(raw)


def _replaced(document: bytes, old: bytes, new: bytes) -> bytes:
    """Exchange a part and mend the lengths of everything around it."""
    assert document.count(old) == 1
    return _rebuild(document, old, new)


def _rebuild(raw: bytes, old: bytes, new: bytes) -> bytes:
    if raw == old:
        return new
    position, out = 0, b""
    while position < len(raw):
        start = position
        tag = raw[position]
        length, position = raw[position + 1], position + 2
        if length & 0x80:
            size = length & 0x7F
            length, position = int.from_bytes(raw[position : position + size], "big"), position + size
        value, position = raw[position : position + length], position + length
        whole = raw[start:position]
        if whole == old:
            out += new
        elif old in value and tag & 0x20:
            out += encode(tag, _rebuild(value, old, new))
        else:
            out += whole
    return out
