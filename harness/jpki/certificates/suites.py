"""What a suite means where certificates are made and signatures checked: its keys, its hash, its signatures.

``Suite.P_384`` is an assumption about the next card. Of it there are ecdsa-with-SHA384 (RFC 5758, 3.2) and the digest
SHA-384 (RFC 5754, 2.3); signatures are the DER of r and s (RFC 3279, 2.2.3), whatever form the card gives them.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from jpki.client.constants import Suite

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

ECDSA_WITH_SHA384 = bytes.fromhex("300A06082A8648CE3D040303")
"""The AlgorithmIdentifier, without parameters (RFC 5758, 3.2)."""
_CURVE = ec.SECP384R1
_EXPONENT, _KEY_SIZE = 65537, 2048


def new_key(suite: Suite) -> PrivateKey:
    """A key pair."""
    if suite is Suite.P_384:
        return ec.generate_private_key(_CURVE())
    return rsa.generate_private_key(_EXPONENT, _KEY_SIZE)


def known_suite(key: object) -> Suite | None:
    """The suite whose signatures a key makes or checks, RSA of any size; None for a key of another kind."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return Suite.RSA_2048
    return Suite.P_384 if isinstance(_curve(key), _CURVE) else None


def _curve(key: object) -> ec.EllipticCurve | None:
    return key.curve if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) else None


def suite_of(key: object) -> Suite:
    """The same; ValueError for a key of another kind."""
    suite = known_suite(key)
    if suite is None:
        raise ValueError(f"the key is {described(key)}: neither RSA nor on P-384")
    return suite


def is_exactly(key: PublicKey, suite: Suite) -> bool:
    """Whether a card of this suite can have it: RSA-2048 with exponent 65537, or P-384."""
    if isinstance(key, rsa.RSAPublicKey):
        return suite is Suite.RSA_2048 and (key.key_size, key.public_numbers().e) == (_KEY_SIZE, _EXPONENT)
    return suite is Suite.P_384 and isinstance(key.curve, _CURVE)


def described(key: object) -> str:
    """For people."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size} with exponent {key.public_numbers().e}"
    curve = _curve(key)
    return "of another kind" if curve is None else f"on the curve {curve.name}"


def hash_of(suite: Suite) -> SHA256 | SHA384:
    """The hash under its signatures."""
    return SHA384() if suite is Suite.P_384 else SHA256()


def sign(key: PrivateKey, data: bytes) -> bytes:
    """As a CA does: RSASSA-PKCS1-v1_5 with SHA-256, or ECDSA with SHA-384."""
    algorithm = hash_of(suite_of(key))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), algorithm)
    return key.sign(data, ec.ECDSA(algorithm))


def verify(key: PublicKey, signature: bytes, data: bytes, algorithm: HashAlgorithm) -> None:
    """The reverse, with the hash that the signature names; raises InvalidSignature."""
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
    else:
        key.verify(signature, data, ec.ECDSA(algorithm))
