"""The profile of JPKI certificates, and what issues them: a CA of one key, for demonstrations and tests (A3).

Measured on test certificates: RSA-2048, sha256WithRSAEncryption, issuer O=JPKI-TEST; what each kind holds is in
``CertificateProfile`` and ``Holder``. With P-384 (ecdsa-with-SHA384), an assumption about the next card, all else is
the same. Those for signing had no addresses of OCSP, lists and CA certificates; here both
kinds have, so that every client can ask. Revocation is only pointed to: the CA that keeps records and answers is in
``jpki.parties.ca``, and issues with this.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from jpki.certificates.holder import JPKI_ARC, Holder
from jpki.certificates.suites import PrivateKey, PublicKey, hash_of, new_key, suite_of
from jpki.client.constants import Slot, Suite

_TEST_POLICY = f"{JPKI_ARC}.1.0"
_JAPAN = datetime.timezone(datetime.timedelta(hours=9), "JST")
ADDRESS = "http://jpki.test"
"""Where certificates say that their CA answers, unless it was made with another address; ``test`` is no real domain."""
_CA_LIFE = datetime.timedelta(days=3652)
_SERIAL_LENGTH = 16


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
    key: PrivateKey
    certificate: x509.Certificate
    address: str = ADDRESS

    @classmethod
    def create(
        cls,
        profile: CertificateProfile,
        *,
        now: datetime.datetime,
        key: PrivateKey | None = None,
        suite: Suite = Suite.RSA_2048,
    ) -> Self:
        """A new CA, valid ten years from ``now``; a key of the suite is generated unless one is given."""
        key = new_key(suite) if key is None else key
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        certificate = (
            _builder(profile.issuer, profile.issuer, key.public_key(), now, now + _CA_LIFE)
            .serial_number(1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hash_of(suite_of(key)))
        )
        return cls(profile, key, certificate)

    @property
    def suite(self) -> Suite:
        """What its own key is, and with which it signs."""
        return suite_of(self.key)

    @property
    def certificate_der(self) -> bytes:
        """The CA's certificate as the card stores it."""
        return self.certificate.public_bytes(Encoding.DER)

    def certify(
        self,
        public_key: PublicKey,
        holder: Holder,
        *,
        entropy: Callable[[int], bytes],
        now: datetime.datetime,
    ) -> tuple[int, bytes]:
        """Issue a certificate under a new serial number (16 bytes) and common name; returns the number and the DER.

        ``entropy`` gives so many random bytes.
        """
        serial = int.from_bytes(entropy(_SERIAL_LENGTH), "big") >> 1 | 1 << (8 * _SERIAL_LENGTH - 2)
        name = f"{now:%Y%m%d%H%M%S}{entropy(3).hex().upper()}A001"
        return serial, self.issue(public_key, holder, serial=serial, common_name=name, now=now)

    def issue(
        self,
        public_key: PublicKey,
        holder: Holder,
        *,
        serial: int,
        common_name: str,
        now: datetime.datetime,
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
            .add_extension(x509.CRLDistributionPoints(self._distribution_points()), critical=False)
            .add_extension(self._access(), critical=False)
        )
        if self.profile is CertificateProfile.SIGNING:
            builder = builder.add_extension(
                _key_usage(digital_signature=True, content_commitment=True), critical=True
            ).add_extension(x509.SubjectAlternativeName(holder.other_names()), critical=False)
        else:
            builder = builder.add_extension(_key_usage(digital_signature=True), critical=True).add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
            )
        return builder.sign(self.key, hash_of(self.suite)).public_bytes(Encoding.DER)

    def _at(self, name: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"{self.address}/{name}")

    def _distribution_points(self) -> list[x509.DistributionPoint]:
        """Where the list is: in a directory, as real certificates say, and at an address (RFC 5280, 4.2.1.13)."""
        name = x509.Name([*self.profile.issuer, x509.NameAttribute(NameOID.COMMON_NAME, "CRL")])
        places = (x509.DirectoryName(name), self._at(f"{self.profile.name.lower()}.crl"))
        return [x509.DistributionPoint([place], None, None, None) for place in places]

    def _access(self) -> x509.AuthorityInformationAccess:
        """Where the responder is, and the CA's certificate (RFC 5280, 4.2.2.1)."""
        methods = {
            AuthorityInformationAccessOID.OCSP: "ocsp",
            AuthorityInformationAccessOID.CA_ISSUERS: f"{self.profile.name.lower()}.cer",
        }
        return x509.AuthorityInformationAccess(
            [x509.AccessDescription(method, self._at(name)) for method, name in methods.items()]
        )


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: PublicKey,
    start: datetime.datetime,
    end: datetime.datetime,
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
