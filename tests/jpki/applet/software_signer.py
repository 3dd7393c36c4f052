"""A key in software that signs as the card does, so that the host side can be tested without one."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.iso7816.tlv import encode
from jpki.certificates.holder import Holder, Sex
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.user import IndicatorSignature

NOW = datetime.datetime(2026, 4, 1, 3, 0, tzinfo=datetime.UTC)
HOLDER = Holder(
    "公的花子", "東京都千代田区霞が関2-1-2", datetime.date(1990, 6, 1), Sex.FEMALE, "Tokyo-to", "Chiyoda-ku"
)
COMMON_NAME = "20260401120000000000A001A"

CONTENT_TYPE = bytes.fromhex("301806092A864886F70D010903310B06092A864886F70D010701")
APPLICATION_OID = bytes.fromhex("06156983AF92A092FFFCA28ADFB4E6BCCFF0FDE7E31D01")
APPLICATION_TYPE = bytes.fromhex("302406092A864886F70D0109033117") + APPLICATION_OID
INDICATOR_OID = bytes.fromhex("06146983AF92A092FFFCA28ADFB4E6BCCFF0FDE7E31D")
MESSAGE_DIGEST_OID = bytes.fromhex("06092A864886F70D010904")


def indicator_value(method: int, source: int, counter: int, *, version: int = 1) -> bytes:
    """An AuthenticationIndicator with any numbers."""
    number = counter.to_bytes(counter.bit_length() // 8 + 1, "big")
    return encode(
        0x30,
        encode(0x02, bytes((version,))),
        encode(0x0A, bytes((method,))),
        encode(0x0A, bytes((source,))),
        encode(0x02, number),
    )


def indicator_attribute(value: bytes) -> bytes:
    """The indicator as an attribute."""
    return encode(0x30, INDICATOR_OID, encode(0x31, value))


def digest_attribute(digest: bytes) -> bytes:
    """The message digest as an attribute."""
    return encode(0x30, MESSAGE_DIGEST_OID, encode(0x31, encode(0x04, digest)))


def signed_attributes(
    content: bytes, *, method: int = 1, source: int = 1, counter: int = 1, content_type: bytes = CONTENT_TYPE
) -> bytes:
    """The three attributes of docs/reference/applet.md."""
    parts = (
        content_type,
        indicator_attribute(indicator_value(method, source, counter)),
        digest_attribute(hashlib.sha256(content).digest()),
    )
    return encode(0x31, *sorted(parts))


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A key, its certificate and the CA that issued it."""

    key: rsa.RSAPrivateKey
    certificate: bytes
    authority: TestAuthority

    @classmethod
    def create(cls, profile: CertificateProfile) -> SoftwareSigner:
        """A new key with a certificate from a new CA."""
        authority = TestAuthority.create(profile, now=NOW)
        key = rsa.generate_private_key(65537, 2048)
        certificate = authority.issue(key.public_key(), HOLDER, serial=4660, common_name=COMMON_NAME, now=NOW)
        return cls(key, certificate, authority)

    def sign(self, attributes: bytes, *, scheme: padding.AsymmetricPadding | None = None) -> IndicatorSignature:
        """RSASSA-PSS over the attributes unless another scheme is given."""
        pss = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
        return IndicatorSignature(attributes, self.key.sign(attributes, scheme or pss, SHA256()))
