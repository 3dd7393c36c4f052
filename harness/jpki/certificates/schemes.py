"""The signature and digest algorithms of a CMS that is read (RFC 4055, 4056, 5753, 5754; C6).

What ``cms`` writes, it has of its own: what reads shares with it the names of the schemes and the length of the salt,
no bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, unique

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from cardlab.errors import VerificationError
from jpki.certificates.suites import PublicKey
from jpki.client.constants import Suite

SALT_LENGTH = 32
# Parameters NULL or none (RFC 5754, 2).
_SHA256 = (bytes.fromhex("300D06096086480165030402010500"), bytes.fromhex("300B0609608648016503040201"))
_SHA384 = (bytes.fromhex("300D06096086480165030402020500"), bytes.fromhex("300B0609608648016503040202"))
DIGESTS: Mapping[Suite, Sequence[bytes]] = {Suite.RSA_2048: _SHA256, Suite.P_384: _SHA384}
"""The digest AlgorithmIdentifiers of a suite."""
_MGF1 = bytes.fromhex("06092A864886F70D010108")
_ID_PSS = bytes.fromhex("06092A864886F70D01010A")
_RSA = bytes.fromhex("300D06092A864886F70D0101010500")
_RSA_SHA256 = bytes.fromhex("300D06092A864886F70D01010B0500")
_ECDSA_SHA384 = bytes.fromhex("300A06082A8648CE3D040303")  # without parameters (RFC 5758, 3.2)


def _tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    return bytes((tag, len(value))) + value


# RFC 4055, 3.1 with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes; hashes with parameters NULL or none (2.1).
_PSS = frozenset(
    _tlv(0x30, _ID_PSS, _tlv(0x30, _tlv(0xA0, one), _tlv(0xA1, _tlv(0x30, _MGF1, two)), bytes.fromhex("A203020120")))
    for one in _SHA256
    for two in _SHA256
)


@unique
class Scheme(Enum):
    """How the signature is made; with RSA an indicator counts under PSS only (C6).

    ECDSA, on P-384 with SHA-384, is an assumption about the next card. It has no padding to tell the two kinds of
    signature apart by: a card of that suite signs data that begin as attributes do with an indicator only.
    """

    PSS = "RSASSA-PSS"
    PKCS1 = "RSASSA-PKCS1-v1_5"
    ECDSA = "ECDSA"

    @classmethod
    def with_indicator(cls, suite: Suite) -> Scheme:
        """That of SIGN WITH INDICATOR."""
        return cls.ECDSA if suite is Suite.P_384 else cls.PSS

    @property
    def suite(self) -> Suite:
        """Whose keys sign so, over its hash."""
        return Suite.P_384 if self is Scheme.ECDSA else Suite.RSA_2048

    def verify(self, key: PublicKey, signature: bytes, signed: bytes) -> None:
        """By a key of this suite; raises InvalidSignature."""
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(SHA256()), salt_length=SALT_LENGTH)
            key.verify(signature, signed, pss if self is Scheme.PSS else padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, signed, ec.ECDSA(SHA384()))


def scheme_of(algorithm: bytes, name: str) -> Scheme:
    """What an AlgorithmIdentifier (DER) of this name stands for; VerificationError when it is none of these."""
    if algorithm in _PSS:
        return Scheme.PSS
    if algorithm in (_RSA, _RSA_SHA256):
        return Scheme.PKCS1
    if algorithm == _ECDSA_SHA384:
        return Scheme.ECDSA
    raise VerificationError(
        f"the signature algorithm is {name} with these parameters; expected RSASSA-PSS "
        "(SHA-256, MGF1 with SHA-256, a salt of 32 bytes), RSASSA-PKCS1-v1_5 with SHA-256, or ECDSA with SHA-384"
    )
