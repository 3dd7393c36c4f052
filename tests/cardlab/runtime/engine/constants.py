"""The constants of javacard.security and javacardx.crypto by name, from the token tables of the project."""

from __future__ import annotations

from functools import cache

from cardlab.cap.exports import builtin

SIGNATURE = "javacard/security/Signature"
DIGEST = "javacard/security/MessageDigest"
AGREEMENT = "javacard/security/KeyAgreement"
KEY_PAIR = "javacard/security/KeyPair"
KEY_BUILDER = "javacard/security/KeyBuilder"
CHECKSUM = "javacard/security/Checksum"
RANDOM = "javacard/security/RandomData"
CIPHER = "javacardx/crypto/Cipher"
AEAD = "javacardx/crypto/AEADCipher"


@cache
def constants(class_name: str, prefix: str = "", java_card: str = "3.2") -> dict[str, int]:
    """The constants of a class of the Java Card API that begin with ``prefix``, name to value."""
    found = builtin(java_card).find(class_name)
    assert found is not None
    return {one.name: one.constant for one in found.fields if one.constant is not None and one.name.startswith(prefix)}


def number(class_name: str, name: str) -> int:
    """The value of one constant."""
    return constants(class_name)[name]
