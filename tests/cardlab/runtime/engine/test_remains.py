"""After an operation its object holds nothing of the key, as far as Java's fields lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cardlab.runtime import jvm
from tests.cardlab.runtime.engine.lab import ENCRYPT, SIGN, Cipher, Lab, Signature

KEY = bytes(range(0x51, 0x61))


def byte_arrays(start: Any) -> Iterator[bytes]:
    """The content of every byte array that an engine object leads to, inside the engine and the digests of Java."""
    modifier = jvm.java_class("java.lang.reflect.Modifier")
    todo, seen = [start], set[int]()
    while todo:
        one = todo.pop()
        identity = int(jvm.java_class("java.lang.System").identityHashCode(one))
        if identity in seen:
            continue
        seen.add(identity)
        kind = one.getClass()
        while kind is not None and str(kind.getName()).startswith("cardlab.engine"):
            for field in kind.getDeclaredFields():
                if modifier.isStatic(field.getModifiers()) or field.getType().isPrimitive():
                    continue
                field.setAccessible(True)
                value = field.get(one)
                if value is None:
                    continue
                if str(field.getType().getName()) == "[B":
                    yield bytes(value)
                else:
                    todo.append(value)
            kind = kind.getSuperclass()


def traces(start: Any) -> list[bytes]:
    """Arrays with four bytes of the key in a row, as they are or under the pads of HMAC."""
    forms = [bytes(one ^ pad for one in KEY) for pad in (0, 0x36, 0x5C)]
    parts = {form[i : i + 4] for form in forms for i in range(len(KEY) - 3)}
    return [one for one in byte_arrays(start) if any(part in one for part in parts)]


def signed(lab: Lab, name: str, family: str) -> Signature:
    signature = lab.signature(name).init(lab.key(family, 128, key=KEY), SIGN)
    signature.update(bytes(20))
    return signature


@pytest.mark.parametrize(
    ("name", "family"),
    [("ALG_HMAC_SHA_256", "HMAC"), ("ALG_AES_CMAC_128", "AES"), ("ALG_DES_MAC8_ISO9797_1_M2_ALG3", "DES")],
)
def test_signatures(lab: Lab, name: str, family: str) -> None:
    signature = signed(lab, name, family)
    assert traces(signature.java) == []
    signature.sign(bytes(12))
    assert traces(signature.java) == []


@pytest.mark.parametrize("name", ["ALG_AES_CBC_PKCS5", "ALG_AES_CTR", "ALG_AES_GCM"])
def test_ciphers(lab: Lab, name: str) -> None:
    cipher: Cipher = lab.cipher(name).init(lab.key("AES", 128, key=KEY), ENCRYPT)
    cipher.update(bytes(20))
    assert traces(cipher.java) == []
    cipher.final(bytes(20))
    assert traces(cipher.java) == []


def test_messages_of_an_rsa_cipher_go_with_it(lab: Lab) -> None:
    public, private = lab.key("RSA_PUBLIC", 512), lab.key("RSA_CRT_PRIVATE", 512)
    lab.generate(public, private)
    cipher = lab.cipher("ALG_RSA_PKCS1").init(public, ENCRYPT)
    cipher.update(KEY)
    assert traces(cipher.java) == [KEY]  # so the search can find
    cipher.final()
    assert traces(cipher.java) == []
