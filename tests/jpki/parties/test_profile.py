"""Every field of the certificates that are made, and what is read of certificates, keys and names, value by value."""

from __future__ import annotations

import datetime
from itertools import chain

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from cardlab.errors import VerificationError
from jpki.certificates import suites
from jpki.certificates.holder import SAMPLE_HOLDER, Era, Holder, Sex
from jpki.certificates.indicator import AccessSource, ContentType, Method
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.certificates.schemes import Scheme
from jpki.certificates.signed_data import check_period, load_certificate
from jpki.client.constants import Slot, Suite
from tests.jpki.parties.people import HANAKO, START, ca_keys, key

USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip
SECOND, DAY = datetime.timedelta(seconds=1), datetime.timedelta(days=1)


def used_for(certificate: x509.Certificate) -> set[str]:
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    return {name for name in USAGES if getattr(usage.value, name)}


def critical(certificate: x509.Certificate) -> set[type]:
    return {type(one.value) for one in certificate.extensions if one.critical}


@pytest.fixture(scope="module", params=CertificateProfile, ids=lambda one: one.name.lower())
def authority(request: pytest.FixtureRequest) -> TestAuthority:
    profile: CertificateProfile = request.param
    return TestAuthority.create(profile, now=START, key=ca_keys()[Slot.SIGNING])


def holders(authority: TestAuthority) -> x509.Certificate:
    der = authority.issue(key(0).public_key(), HANAKO.holder, serial=4660, common_name="name", now=START)
    return x509.load_der_x509_certificate(der)


def test_the_certificate_of_a_ca(authority: TestAuthority) -> None:
    made = authority.certificate
    assert made.issuer == made.subject == authority.profile.issuer
    assert (made.serial_number, made.public_key()) == (1, ca_keys()[Slot.SIGNING].public_key())
    assert made.not_valid_before_utc == START
    assert made.not_valid_after_utc == START + 3652 * DAY
    assert used_for(made) == {"key_cert_sign", "crl_sign"}
    constraints = made.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert critical(made) == {x509.KeyUsage, x509.BasicConstraints}
    own = made.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert own == x509.SubjectKeyIdentifier.from_public_key(ca_keys()[Slot.SIGNING].public_key())
    made.verify_directly_issued_by(made)
    assert authority.address == "http://jpki.test"


def test_the_certificate_of_a_holder(authority: TestAuthority) -> None:
    made = holders(authority)
    signing = authority.profile is CertificateProfile.SIGNING
    assert (made.serial_number, made.issuer) == (4660, authority.profile.issuer)
    places = ["Tokyo-to", "Chiyoda-ku"] if signing else []
    assert [(one.oid, one.value) for one in made.subject] == [
        (NameOID.COUNTRY_NAME, "JP"),
        *((NameOID.LOCALITY_NAME, place) for place in places),
        (NameOID.COMMON_NAME, "name"),
    ]
    assert made.not_valid_before_utc == START
    assert made.not_valid_after_utc == datetime.datetime(2030, 6, 1, 14, 59, 59, tzinfo=datetime.UTC)
    assert used_for(made) == {"digital_signature", *(["content_commitment"] if signing else [])}
    assert critical(made) == {x509.KeyUsage, x509.CertificatePolicies}
    own = made.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert own == x509.SubjectKeyIdentifier.from_public_key(key(0).public_key())
    of_issuer = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert of_issuer == x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_keys()[Slot.SIGNING].public_key())
    if not signing:
        extended = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert [*extended] == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_where_it_says_to_ask(authority: TestAuthority) -> None:
    made, name = holders(authority), authority.profile.name.lower()
    access = made.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [(one.access_method, one.access_location.value) for one in access] == [
        (AuthorityInformationAccessOID.OCSP, "http://jpki.test/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, f"http://jpki.test/{name}.cer"),
    ]
    points = made.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    directory, address = chain.from_iterable(one.full_name or () for one in points)
    assert [one.value for one in directory.value][-1:] == ["CRL"]
    assert [*directory.value][:-1] == [*authority.profile.issuer]
    assert address.value == f"http://jpki.test/{name}.crl"


def test_numbers_and_names_of_new_certificates_come_from_what_is_drawn(authority: TestAuthority) -> None:
    """16 bytes, positive, never short; a name with the time, three bytes and what real ones end in."""
    for drawn in (b"\x00", b"\x5a", b"\xff"):
        serial, der = authority.certify(key(0).public_key(), HANAKO.holder, entropy=drawn.__mul__, now=START)
        number = int.from_bytes(drawn * 16, "big") >> 1
        assert serial == number | 1 << 126
        assert serial.bit_length() == 127
        made = x509.load_der_x509_certificate(der)
        assert made.serial_number == serial
        (common,) = made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert common.value == f"20260401030000{drawn.hex().upper() * 3}A001"


# -- reading -----------------------------------------------------------------------------------------------------------


def test_a_signature_in_whole_bytes() -> None:
    """The byte before the signature counts unused bits and is not signed: only looking at it notices a change."""
    authority = TestAuthority.create(CertificateProfile.SIGNING, now=START, key=ca_keys()[Slot.SIGNING])
    raw = bytearray(holders(authority).public_bytes(Encoding.DER))
    at = len(raw) - 256 - 1
    assert raw[at] == 0
    load_certificate(bytes(raw))
    raw[-1] &= 0xFE  # what is unused has to be zero (X.690, 11.2)
    raw[at] = 1
    with pytest.raises(VerificationError, match="its signature is not in whole bytes"):
        load_certificate(bytes(raw))


@pytest.mark.parametrize("raw", [b"", b"\x30\x00", b"certificate", bytes(100)])
def test_what_is_no_certificate(raw: bytes) -> None:
    with pytest.raises(VerificationError, match="a certificate cannot be read"):
        load_certificate(raw)


def test_a_certificate_is_valid_from_its_first_to_its_last_second() -> None:
    authority = TestAuthority.create(CertificateProfile.SIGNING, now=START, key=ca_keys()[Slot.SIGNING])
    made = holders(authority)
    first, last = made.not_valid_before_utc, made.not_valid_after_utc
    for good in (first, first + SECOND, last - SECOND, last):
        check_period(made, good)
    for bad in (first - SECOND, last + SECOND):
        with pytest.raises(VerificationError, match=r"^the CA's certificate is valid from"):
            check_period(made, bad, "the CA's")


def test_which_keys_a_card_of_a_suite_can_have() -> None:
    keys: dict[str, suites.PrivateKey] = {
        "RSA-2048": key(0),
        "RSA-1024": rsa.generate_private_key(65537, 1024),  # noqa: S505
        "exponent 3": rsa.generate_private_key(3, 2048),
        "P-384": ec.generate_private_key(ec.SECP384R1()),
        "P-256": ec.generate_private_key(ec.SECP256R1()),
    }
    found = {(name, suite): suites.is_exactly(one.public_key(), suite) for name, one in keys.items() for suite in Suite}
    assert {one for one, exactly in found.items() if exactly} == {("RSA-2048", Suite.RSA_2048), ("P-384", Suite.P_384)}


def test_keys_hashes_and_words_of_a_suite() -> None:
    assert (type(suites.hash_of(Suite.RSA_2048)), type(suites.hash_of(Suite.P_384))) == (SHA256, SHA384)
    assert suites.described(key(0).public_key()) == "RSA-2048 with exponent 65537"
    assert suites.described(ec.generate_private_key(ec.SECP256R1())) == "on the curve secp256r1"
    assert suites.described(ec.generate_private_key(ec.SECP256R1()).public_key()) == "on the curve secp256r1"
    assert suites.described(None) == "of another kind"
    assert suites.known_suite(ec.generate_private_key(ec.SECP256R1())) is None
    made = suites.new_key(Suite.P_384)
    assert isinstance(made, ec.EllipticCurvePrivateKey) and isinstance(made.curve, ec.SECP384R1)
    for private in (key(0), made):
        data = b"data"
        suites.verify(private.public_key(), suites.sign(private, data), data, suites.hash_of(suites.suite_of(private)))
    assert {one: (one.suite, one.value) for one in Scheme} == {
        Scheme.PSS: (Suite.RSA_2048, "RSASSA-PSS"),
        Scheme.PKCS1: (Suite.RSA_2048, "RSASSA-PKCS1-v1_5"),
        Scheme.ECDSA: (Suite.P_384, "ECDSA"),
    }
    assert (Scheme.with_indicator(Suite.RSA_2048), Scheme.with_indicator(Suite.P_384)) == (Scheme.PSS, Scheme.ECDSA)


def test_digits_of_attributes_and_indicator() -> None:
    """As they stand in certificates and signatures: none of them ever changes."""
    assert [(one.name, int(one)) for one in (*Sex, *Era)] == [
        ("MALE", 1), ("FEMALE", 2), ("OTHER", 3), ("MEIJI", 1), ("TAISHO", 2), ("SHOWA", 3), ("HEISEI", 4), ("REIWA", 5)
    ]  # fmt: skip
    assert [(one.name, int(one)) for one in (*Method, *AccessSource)] == [
        ("PASSWORD", 1), ("PIN", 2), ("BIOMETRIC", 3), ("LOCK_SCREEN", 4),
        ("INTERNAL", 1), ("CONTACT", 2), ("CONTACTLESS", 3),
    ]  # fmt: skip
    assert [one.words for one in ContentType] == ["a document", "an application for certificates"]


@pytest.mark.parametrize(
    ("era", "began"),
    [("TAISHO", (1912, 7, 30)), ("SHOWA", (1926, 12, 25)), ("HEISEI", (1989, 1, 8)), ("REIWA", (2019, 5, 1))],
)
def test_an_era_begins_on_its_first_day(era: str, began: tuple[int, int, int]) -> None:
    """And the day before is of the era before."""
    first = datetime.date(*began)
    for day, number in ((first, Era[era]), (first - DAY, Era(Era[era] - 1))):
        holder = Holder("n", "a", day, Sex.MALE, "p", "c")
        assert holder.birth_date_with_era == f"{number:d}{day:%Y%m%d}"


@pytest.mark.parametrize(
    ("name", "address", "good"),
    [("n", "a", True), ("", "a", False), ("n", "", False), ("n", "a" * 200, True), ("n", "a" * 201, False)],
)
def test_a_holder_has_a_name_and_an_address(name: str, address: str, good: bool) -> None:
    facts = (name, address, SAMPLE_HOLDER.birth_date, Sex.OTHER, "Tokyo-to", "Chiyoda-ku")
    if good:
        Holder(*facts)
        return
    with pytest.raises(ValueError, match="an address of 1 to 200 characters"):
        Holder(*facts)
