"""The profile of JPKI certificates, and what issues them: a CA of one key, for demonstrations and tests (A3).

Measured on test certificates: RSA-2048, sha256WithRSAEncryption, issuer O=JPKI-TEST; what each kind holds is in
``CertificateProfile`` and ``Holder``. Revocation is only pointed to here: the CA that keeps records and answers is in
``jpki.parties.ca``, and issues with this.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum, unique
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from cardlab.iso7816.tlv import encode
from jpki.client.constants import Slot

_JPKI = "1.2.392.200149.8.5"
ATTRIBUTE_ARC = f"{_JPKI}.5"
"""The four basic attributes are object identifiers below this one."""
_TEST_POLICY = f"{_JPKI}.1.0"
_UTF8_STRING = 0x0C
_JAPAN = datetime.timezone(datetime.timedelta(hours=9), "JST")
_BIRTHDAYS = 5
_OCSP_ADDRESS = "http://ocsp.jpki.test/"
_CA_LIFE = datetime.timedelta(days=3652)
_MAX_ADDRESS = 200
_SERIAL_LENGTH = 16


@unique
class Sex(IntEnum):
    """The attribute's digit."""

    MALE = 1
    FEMALE = 2
    OTHER = 3


@unique
class Era(IntEnum):
    """First digit of a birth date: the Japanese era."""

    MEIJI = 1
    TAISHO = 2
    SHOWA = 3
    HEISEI = 4
    REIWA = 5


_ERA_BEGAN = {
    Era.REIWA: datetime.date(2019, 5, 1),
    Era.HEISEI: datetime.date(1989, 1, 8),
    Era.SHOWA: datetime.date(1926, 12, 25),
    Era.TAISHO: datetime.date(1912, 7, 30),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """The four basic attributes (A6) and the names in the subject; the address is at most 200 characters."""

    name: str
    address: str
    birth_date: datetime.date
    sex: Sex
    prefecture: str
    city: str

    def __post_init__(self) -> None:
        if not self.name or not self.address or len(self.address) > _MAX_ADDRESS:
            raise ValueError(f"a holder has a name, and an address of 1 to {_MAX_ADDRESS} characters")

    @property
    def birth_date_with_era(self) -> str:
        """EYYYYMMDD: the era's digit and the Gregorian date."""
        era = next((era for era, began in _ERA_BEGAN.items() if self.birth_date >= began), Era.MEIJI)
        return f"{era:d}{self.birth_date:%Y%m%d}"

    def last_valid_day(self, issued: datetime.date) -> datetime.date:
        """The fifth birthday after the day of issue; 28 February for 29 February in other years."""
        this_year = _birthday(self.birth_date, issued.year)
        return _birthday(self.birth_date, issued.year + _BIRTHDAYS - (this_year > issued))

    def other_names(self) -> list[x509.OtherName]:
        """The subjectAltName of the signing certificate, in the order it has on real ones."""
        values = {
            1: self.name,
            4: self.birth_date_with_era,
            3: str(int(self.sex)),
            5: self.address,
            2: "0" * len(self.name),  # one digit a character: 1 where a character was substituted
            6: "0" * len(self.address),
        }
        return [
            x509.OtherName(x509.ObjectIdentifier(f"{ATTRIBUTE_ARC}.{number}"), encode(_UTF8_STRING, text.encode()))
            for number, text in values.items()
        ]


def _birthday(birth_date: datetime.date, year: int) -> datetime.date:
    day = min(birth_date.day, calendar.monthrange(year, birth_date.month)[1])
    return datetime.date(year, birth_date.month, day)


@unique
class CertificateProfile(Enum):
    """What differs between the two kinds of certificate: the CA's unit and the policy."""

    SIGNING = ("JPKI for digital signature", f"{_TEST_POLICY}.20")
    AUTHENTICATION = ("JPKI for user authentication", f"{_TEST_POLICY}.30")

    @classmethod
    def of(cls, slot: Slot) -> CertificateProfile:
        """The profile of the certificate that a slot holds."""
        return cls.SIGNING if slot is Slot.SIGNING else cls.AUTHENTICATION

    @property
    def issuer(self) -> x509.Name:
        """The CA's name."""
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI-TEST"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, self.value[0]),
                x509.NameAttribute(
                    NameOID.ORGANIZATIONAL_UNIT_NAME, "Japan Agency for Local Authority Information Systems"
                ),
            ]
        )

    @property
    def policy(self) -> x509.ObjectIdentifier:
        """The certificate policy of test certificates."""
        return x509.ObjectIdentifier(self.value[1])

    def subject(self, holder: Holder, common_name: str) -> x509.Name:
        """The holder's name: with prefecture and city on the signing certificate only."""
        places = [holder.prefecture, holder.city] if self is CertificateProfile.SIGNING else []
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                *(x509.NameAttribute(NameOID.LOCALITY_NAME, place) for place in places),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )


@dataclass(frozen=True, slots=True)
class TestAuthority:
    """A CA for one profile: its key and its self-signed certificate. It keeps no records of what it issues."""

    __test__ = False  # pytest: not a class of tests

    profile: CertificateProfile
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def create(
        cls, profile: CertificateProfile, *, now: datetime.datetime, key: rsa.RSAPrivateKey | None = None
    ) -> Self:
        """A new CA, valid ten years from ``now``; a key is generated unless one is given (RSA-2048)."""
        key = rsa.generate_private_key(65537, 2048) if key is None else key
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        certificate = (
            _builder(profile.issuer, profile.issuer, key.public_key(), now, now + _CA_LIFE)
            .serial_number(1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        return cls(profile, key, certificate)

    @property
    def certificate_der(self) -> bytes:
        """The CA's certificate as the card stores it."""
        return self.certificate.public_bytes(Encoding.DER)

    def certify(
        self, public_key: rsa.RSAPublicKey, holder: Holder, *, entropy: Callable[[int], bytes], now: datetime.datetime
    ) -> tuple[int, bytes]:
        """Issue a certificate under a new serial number (16 bytes) and common name; returns the number and the DER.

        ``entropy`` gives so many random bytes.
        """
        serial = int.from_bytes(entropy(_SERIAL_LENGTH), "big") >> 1 | 1 << (8 * _SERIAL_LENGTH - 2)
        name = f"{now:%Y%m%d%H%M%S}{entropy(3).hex().upper()}A001"
        return serial, self.issue(public_key, holder, serial=serial, common_name=name, now=now)

    def issue(
        self, public_key: rsa.RSAPublicKey, holder: Holder, *, serial: int, common_name: str, now: datetime.datetime
    ) -> bytes:
        """A DER certificate for a key from the card, valid until the end of the holder's fifth birthday (Japan)."""
        last_day = holder.last_valid_day(now.astimezone(_JAPAN).date())
        end = datetime.datetime.combine(last_day, datetime.time(23, 59, 59), _JAPAN).astimezone(datetime.UTC)
        builder = (
            _builder(self.profile.issuer, self.profile.subject(holder, common_name), public_key, now, end)
            .serial_number(serial)
            .add_extension(x509.CertificatePolicies([x509.PolicyInformation(self.profile.policy, None)]), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.CRLDistributionPoints([_distribution_point(self.profile)]), critical=False)
        )
        if self.profile is CertificateProfile.SIGNING:
            builder = builder.add_extension(
                _key_usage(digital_signature=True, content_commitment=True), critical=True
            ).add_extension(x509.SubjectAlternativeName(holder.other_names()), critical=False)
        else:
            builder = (
                builder.add_extension(_key_usage(digital_signature=True), critical=True)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
                .add_extension(_ocsp_access(), critical=False)
            )
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


def _builder(
    issuer: x509.Name, subject: x509.Name, key: rsa.RSAPublicKey, start: datetime.datetime, end: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _distribution_point(profile: CertificateProfile) -> x509.DistributionPoint:
    name = x509.Name([*profile.issuer, x509.NameAttribute(NameOID.COMMON_NAME, "CRL")])
    return x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)


def _ocsp_access() -> x509.AuthorityInformationAccess:
    location = x509.UniformResourceIdentifier(_OCSP_ADDRESS)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)])
