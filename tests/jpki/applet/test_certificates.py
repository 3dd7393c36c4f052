"""The profile of the certificates that tests and demonstrations use (A3, A6)."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from jpki.certificates.holder import Era, Holder, Sex
from jpki.certificates.profile import CertificateProfile
from jpki.client.constants import CERTIFICATE_CAPACITY, Slot
from tests.jpki.applet.software_signer import HOLDER, NOW, SoftwareSigner

JPKI = "1.2.392.200149.8.5"


@pytest.fixture(scope="module", params=list(CertificateProfile), ids=lambda profile: profile.name.lower())
def signer(request: pytest.FixtureRequest) -> SoftwareSigner:
    profile: CertificateProfile = request.param
    return SoftwareSigner.create(profile)


def test_certificate_is_issued_by_its_ca_and_fits_the_card(signer: SoftwareSigner) -> None:
    certificate = x509.load_der_x509_certificate(signer.certificate)
    certificate.verify_directly_issued_by(signer.authority.certificate)
    assert len(signer.certificate) <= CERTIFICATE_CAPACITY
    assert len(signer.authority.certificate_der) <= CERTIFICATE_CAPACITY
    assert certificate.public_key() == signer.key.public_key()


def test_names_and_policy(signer: SoftwareSigner) -> None:
    certificate = x509.load_der_x509_certificate(signer.certificate)
    signing = signer.authority.profile is CertificateProfile.SIGNING
    unit = "JPKI for digital signature" if signing else "JPKI for user authentication"
    issuer = [attribute.value for attribute in certificate.issuer]
    assert issuer == ["JP", "JPKI-TEST", unit, "Japan Agency for Local Authority Information Systems"]
    places = [a.value for a in certificate.subject.get_attributes_for_oid(NameOID.LOCALITY_NAME)]
    assert places == (["Tokyo-to", "Chiyoda-ku"] if signing else [])
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    assert policies.critical
    assert policies.value[0].policy_identifier.dotted_string == f"{JPKI}.1.0.{20 if signing else 30}"


def test_usage(signer: SoftwareSigner) -> None:
    extensions = x509.load_der_x509_certificate(signer.certificate).extensions
    signing = signer.authority.profile is CertificateProfile.SIGNING
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment is signing
    present = {extension.oid for extension in extensions}
    assert (ExtensionOID.EXTENDED_KEY_USAGE in present) is not signing
    assert (ExtensionOID.SUBJECT_ALTERNATIVE_NAME in present) is signing
    assert ExtensionOID.AUTHORITY_INFORMATION_ACCESS in present
    assert ExtensionOID.CRL_DISTRIBUTION_POINTS in present
    if not signing:
        extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(extended) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_attributes_are_other_names_in_the_real_order() -> None:
    names = HOLDER.other_names()
    numbers = [int(name.type_id.dotted_string.removeprefix(f"{JPKI}.5.")) for name in names]
    assert numbers == [1, 4, 3, 5, 2, 6]
    texts = [_utf8(name.value) for name in names]
    assert texts == [
        HOLDER.name, "419900601", "2", HOLDER.address, "0" * len(HOLDER.name), "0" * len(HOLDER.address)
    ]  # fmt: skip


def test_attributes_survive_in_the_certificate() -> None:
    signer = SoftwareSigner.create(CertificateProfile.SIGNING)
    certificate = x509.load_der_x509_certificate(signer.certificate)
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.OtherName) == HOLDER.other_names()


@pytest.mark.parametrize(
    ("born", "issued", "last"),
    [
        ((1990, 6, 1), (2026, 4, 1), (2030, 6, 1)),
        ((1990, 6, 1), (2026, 6, 1), (2031, 6, 1)),
        ((1990, 6, 1), (2026, 5, 31), (2030, 6, 1)),
        ((1990, 6, 1), (2026, 7, 1), (2031, 6, 1)),
        ((2000, 2, 29), (2026, 4, 1), (2031, 2, 28)),
        ((2000, 2, 29), (2027, 4, 1), (2032, 2, 29)),
    ],
)
def test_validity_ends_on_the_fifth_birthday(
    born: tuple[int, int, int], issued: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    holder = Holder("a", "b", datetime.date(*born), Sex.OTHER, "c", "d")
    assert holder.last_valid_day(datetime.date(*issued)) == datetime.date(*last)


def test_end_of_validity_is_the_end_of_the_day_in_japan(signer: SoftwareSigner) -> None:
    certificate = x509.load_der_x509_certificate(signer.certificate)
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc == datetime.datetime(2030, 6, 1, 14, 59, 59, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("born", "era"),
    [
        ((2019, 5, 1), Era.REIWA),
        ((2019, 4, 30), Era.HEISEI),
        ((1989, 1, 8), Era.HEISEI),
        ((1989, 1, 7), Era.SHOWA),
        ((1926, 12, 24), Era.TAISHO),
        ((1912, 7, 29), Era.MEIJI),
    ],
)
def test_birth_dates_have_their_era(born: tuple[int, int, int], era: Era) -> None:
    holder = Holder("a", "b", datetime.date(*born), Sex.MALE, "c", "d")
    assert holder.birth_date_with_era == f"{era:d}{datetime.date(*born):%Y%m%d}"


@pytest.mark.parametrize(("name", "address"), [("", "b"), ("a", ""), ("a", "b" * 201)])
def test_holders_that_cannot_be_are_refused(name: str, address: str) -> None:
    with pytest.raises(ValueError, match="200"):
        Holder(name, address, datetime.date(1990, 1, 1), Sex.MALE, "c", "d")


def test_each_slot_has_its_profile() -> None:
    assert CertificateProfile.of(Slot.SIGNING) is CertificateProfile.SIGNING
    assert CertificateProfile.of(Slot.AUTHENTICATION) is CertificateProfile.AUTHENTICATION


def _utf8(der: bytes) -> str:
    assert der[0] == 0x0C
    length = der[1]
    start = 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[2 : 2 + size], "big"), 2 + size
    assert len(der) == start + length
    return der[start:].decode()
