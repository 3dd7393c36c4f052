"""RSA signatures of the cryptographic library by itself, which a card's are compared with."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.runtime import jvm

_BITS = 2048


def library_signer(message: bytes) -> Callable[[], object]:
    """Signs the message as ``SIGN`` does (PKCS #1 v1.5, SHA-256, RSA-2048) with Java's own provider."""
    jvm.start()
    generator = jvm.java_class("java.security.KeyPairGenerator").getInstance("RSA")
    generator.initialize(_BITS)
    signature = jvm.java_class("java.security.Signature").getInstance("SHA256withRSA")
    signature.initSign(generator.generateKeyPair().getPrivate())

    def sign() -> object:
        signature.update(message)
        return bytes(signature.sign())

    return sign
