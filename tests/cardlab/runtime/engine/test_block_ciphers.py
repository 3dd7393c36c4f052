"""AES, DES and Korean SEED: every mode and padding against published vectors and another library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Reference
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cardlab.runtime.engine import rijndael
from tests.cardlab.runtime.engine.lab import DECRYPT, ENCRYPT, Key, Lab, refused
from tests.cardlab.runtime.engine.vectors import Vector, vectors

KINDS = ("MMT", "GFSbox", "KeySbox", "VarKey", "VarTxt")
AES = [
    (f"ciphers/AES/{mode}/{mode}{kind}{bits}.rsp", mode, bits)
    for mode in ("ECB", "CBC")
    for kind in KINDS
    for bits in (128, 192, 256)
]
BLOCK = {"AES": 16, "DES": 8, "KOREAN_SEED": 16}


def aes(lab: Lab, key: bytes) -> Key:
    return lab.key("AES", 8 * len(key), key=key)


def both_ways(lab: Lab, name: str, key: Key, parameter: bytes | None, plain: bytes, secret: bytes) -> None:
    assert lab.cipher(name).init(key, ENCRYPT, parameter).final(plain) == secret
    assert lab.cipher(name).init(key, DECRYPT, parameter).final(secret) == plain


@pytest.mark.parametrize(("file", "mode", "bits"), AES)
def test_aes_of_nist(lab: Lab, file: str, mode: str, bits: int) -> None:
    found = list(vectors(file))
    for one in found[::7]:
        vector = one.octets("IV") if mode == "CBC" else None
        key = aes(lab, one.octets("KEY"))
        plain, secret = one.octets("PLAINTEXT"), one.octets("CIPHERTEXT")
        both_ways(lab, f"ALG_AES_BLOCK_128_{mode}_NOPAD", key, vector, plain, secret)
    assert found


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_aes_counter_mode(lab: Lab, bits: int) -> None:
    found = list(vectors(f"ciphers/AES/CTR/aes-{bits}-ctr.txt"))
    for one in found:
        key = aes(lab, one.octets("KEY"))
        both_ways(lab, "ALG_AES_CTR", key, one.octets("IV"), one.octets("PLAINTEXT"), one.octets("CIPHERTEXT"))
    assert found


@pytest.mark.parametrize(
    ("file", "mode"),
    [
        ("CBC/TCBCMMT1.rsp", "CBC"),
        ("CBC/TCBCMMT2.rsp", "CBC"),
        ("CBC/TCBCMMT3.rsp", "CBC"),
        ("ECB/TECBMMT1.rsp", "ECB"),
        ("ECB/TECBMMT2.rsp", "ECB"),
        ("ECB/TECBMMT3.rsp", "ECB"),
    ],
)
def test_triple_des_of_nist(lab: Lab, file: str, mode: str) -> None:
    found = list(vectors(f"ciphers/3DES/{file}"))
    for one in found:
        vector = one.octets("IV") if mode == "CBC" else None
        for key in des_keys(lab, one):
            both_ways(lab, f"ALG_DES_{mode}_NOPAD", key, vector, one.octets("PLAINTEXT"), one.octets("CIPHERTEXT"))
    assert found


def des_keys(lab: Lab, one: Vector) -> Iterator[Key]:
    """The key as three, and where they repeat as two and as one."""
    first, second, third = (one.octets(f"KEY{i}" if "KEY1" in one else "KEYs") for i in (1, 2, 3))
    yield lab.key("DES", 192, key=first + second + third)
    if first == third:
        yield lab.key("DES", 128, key=first + second)
    if first == second == third:
        yield lab.key("DES", 64, key=first)


@pytest.mark.parametrize(("file", "mode"), [("rfc-4269.txt", "ECB"), ("rfc-4196.txt", "CBC")])
def test_korean_seed(lab: Lab, file: str, mode: str) -> None:
    found = list(vectors(f"ciphers/SEED/{file}"))
    for one in found:
        key = lab.key("KOREAN_SEED", 128, key=one.octets("KEY"))
        vector = one.octets("IV") if mode == "CBC" else None
        both_ways(lab, f"ALG_KOREAN_SEED_{mode}_NOPAD", key, vector, one.octets("PLAINTEXT"), one.octets("CIPHERTEXT"))
    assert found


def pad(padding: str, data: bytes, block: int) -> bytes:
    """ISO/IEC 9797-1 methods 1 and 2, PKCS #5."""
    missing = -len(data) % block
    if padding == "PAD_ISO9797_M1":
        return data + bytes(missing)
    if padding == "PAD_ISO9797_M2":
        return data + b"\x80" + bytes(-(len(data) + 1) % block)
    count = block - len(data) % block
    return data + bytes([count]) * count


def reference(cipher: str, key: bytes, mode: str, vector: bytes, data: bytes) -> bytes:
    kind: type[Any] = {"AES": algorithms.AES, "DES": TripleDES, "KOREAN_SEED": SEED}[cipher]
    key = key + key[:8] if cipher == "DES" else key
    context = Reference(kind(key), modes.CBC(vector) if mode == "CBC" else modes.ECB()).encryptor()  # noqa: S305
    return context.update(data) + context.finalize()


@pytest.mark.parametrize("padding", ["PAD_ISO9797_M1", "PAD_ISO9797_M2", "PAD_PKCS5"])
@pytest.mark.parametrize("mode", ["ECB", "CBC"])
@pytest.mark.parametrize("cipher", ["AES", "DES", "KOREAN_SEED"])
@settings(max_examples=25)
@given(
    pieces=st.lists(st.binary(max_size=40), min_size=1, max_size=4),
    key=st.binary(min_size=16, max_size=16),
    vector=st.binary(min_size=16, max_size=16),
)
def test_padded_modes(
    lab: Lab, cipher: str, mode: str, padding: str, pieces: list[bytes], key: bytes, vector: bytes
) -> None:
    """By the numbers of the parts; in pieces; and backwards, where method 1 leaves its zeros (Cipher, doFinal)."""
    block = BLOCK[cipher]
    vector, message = vector[:block], b"".join(pieces)
    names, handle = (f"CIPHER_{cipher}_{mode}", padding), lab.key(cipher, 128, key=key)
    parameter = vector if mode == "CBC" else None
    whole = pad(padding, message, block)
    encryption = lab.cipher(*names).init(handle, ENCRYPT, parameter)
    secret = b"".join([encryption.update(piece) for piece in pieces[:-1]]) + encryption.final(pieces[-1])
    assert secret == reference(cipher, key, mode, vector, whole)
    decryption = lab.cipher(*names).init(handle, DECRYPT, parameter)
    plain = decryption.update(secret[:5]) + decryption.update(secret[5:]) + decryption.final()
    assert plain == (whole if padding == "PAD_ISO9797_M1" else message)


@pytest.mark.parametrize(("bits", "mode"), [(192, "ECB"), (192, "CBC"), (256, "ECB"), (256, "CBC")])
@settings(max_examples=6)
@given(
    key=st.sampled_from([16, 24, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    data=st.binary(min_size=64, max_size=64),
    vector=st.binary(min_size=32, max_size=32),
)
def test_rijndael_with_longer_blocks(lab: Lab, bits: int, mode: str, key: bytes, data: bytes, vector: bytes) -> None:
    block = bits // 8
    first, second, vector = data[:block], data[block : 2 * block].ljust(block, b"\0"), vector[:block]
    before = vector if mode == "CBC" else bytes(block)
    secret = rijndael.encrypt(key, xor(first, before))
    secret += rijndael.encrypt(key, xor(second, secret if mode == "CBC" else bytes(block)))
    name, parameter = f"ALG_AES_BLOCK_{bits}_{mode}_NOPAD", vector if mode == "CBC" else None
    both_ways(lab, name, aes(lab, key), parameter, first + second, secret)


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def test_rijndael_reference_is_aes_with_blocks_of_16() -> None:
    for one in vectors("ciphers/AES/ECB/ECBVarKey256.rsp"):
        assert rijndael.encrypt(one.octets("KEY"), bytes(16)) == one.octets("CIPHERTEXT")
        break


def test_vector_of_zeros_by_default_and_after_the_end(lab: Lab) -> None:
    key, name = aes(lab, bytes(16)), "ALG_AES_BLOCK_128_CBC_NOPAD"
    cipher = lab.cipher(name).init(key, ENCRYPT, b"\x01" * 16)
    first, second = cipher.final(bytes(16)), cipher.final(bytes(16))
    assert first != second
    assert second == lab.cipher(name).init(key, ENCRYPT).final(bytes(16))


def test_a_reset_forgets_the_message_and_the_vector(lab: Lab) -> None:
    key = aes(lab, bytes(16))
    cipher = lab.cipher("ALG_AES_CBC_PKCS5").init(key, ENCRYPT, b"\x01" * 16)
    cipher.update(b"part of a message that is gone")
    cipher.java.reset()
    assert cipher.final(b"abc") == lab.cipher("ALG_AES_CBC_PKCS5").init(key, ENCRYPT).final(b"abc")


@pytest.mark.parametrize("name", ["ALG_AES_CBC_PKCS5", "ALG_AES_CTR", "ALG_DES_CBC_ISO9797_M2"])
def test_copies_go_on_by_themselves(lab: Lab, name: str) -> None:
    key = lab.key("DES" if "DES" in name else "AES", 128, key=bytes(range(16)))
    cipher = lab.cipher(name).init(key, ENCRYPT)
    cipher.update(b"nine byte")
    copy = cipher.copy()
    cipher.update(b"something else")
    alone = lab.cipher(name).init(key, ENCRYPT)
    alone.update(b"nine byte")
    assert copy.final(b"end") == alone.final(b"end")


@pytest.mark.parametrize("length", [0, 1, 8, 15, 17, 32])
@pytest.mark.parametrize("name", ["ALG_AES_BLOCK_128_CBC_NOPAD", "ALG_AES_CTR"])
def test_vectors_of_another_length(lab: Lab, name: str, length: int) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher(name).init(aes(lab, bytes(16)), ENCRYPT, bytes(length))


def test_no_vector_for_ecb(lab: Lab) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher("ALG_AES_ECB_PKCS5").init(aes(lab, bytes(16)), ENCRYPT, bytes(16))


@pytest.mark.parametrize("mode", [0, 3, -1])
def test_other_modes(lab: Lab, mode: int) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher("ALG_AES_CTR").init(aes(lab, bytes(16)), mode)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("ALG_DES_ECB_NOPAD", "AES"),
        ("ALG_AES_CTR", "KOREAN_SEED"),
        ("ALG_AES_ECB_PKCS5", "HMAC"),
        ("ALG_KOREAN_SEED_ECB_NOPAD", "AES"),
    ],
)
def test_keys_of_another_kind(lab: Lab, name: str, family: str) -> None:
    with refused("ILLEGAL_VALUE"):
        lab.cipher(name).init(lab.key(family, 128, key=bytes(16)), ENCRYPT)


def test_use_before_init(lab: Lab) -> None:
    cipher, key = lab.cipher("ALG_AES_ECB_PKCS5"), aes(lab, bytes(16))
    cipher._key = key
    with refused("INVALID_INIT"):
        cipher.update(b"x")
    with refused("INVALID_INIT"):
        cipher.final(b"x")


def test_keys_that_are_not_set_and_cleared_ones(lab: Lab) -> None:
    with refused("UNINITIALIZED_KEY"):
        lab.cipher("ALG_AES_ECB_PKCS5").init(lab.key("AES", 128), ENCRYPT)
    key = aes(lab, bytes(16))
    cipher = lab.cipher("ALG_AES_ECB_PKCS5").init(key, ENCRYPT)
    key.java.clear()
    with refused("UNINITIALIZED_KEY"):
        cipher.final(b"x")


def test_messages_that_are_not_whole_blocks(lab: Lab) -> None:
    key = aes(lab, bytes(16))
    with refused("ILLEGAL_USE"):
        lab.cipher("ALG_AES_BLOCK_128_ECB_NOPAD").init(key, ENCRYPT).final(bytes(15))
    for name in ("ALG_AES_BLOCK_128_ECB_NOPAD", "ALG_AES_CBC_PKCS5", "ALG_AES_CBC_ISO9797_M1"):
        with refused("ILLEGAL_USE"):
            lab.cipher(name).init(key, DECRYPT).final(bytes(17))


@pytest.mark.parametrize("padding", ["PKCS5", "ISO9797_M2"])
def test_data_without_padding(lab: Lab, padding: str) -> None:
    key = aes(lab, bytes(16))
    secret = lab.cipher("ALG_AES_BLOCK_128_ECB_NOPAD").init(key, ENCRYPT).final(b"\x11" * 16)
    with refused("ILLEGAL_USE"):
        lab.cipher(f"ALG_AES_ECB_{padding}").init(key, DECRYPT).final(secret)
    with refused("ILLEGAL_USE"):
        lab.cipher(f"ALG_AES_ECB_{padding}").init(key, DECRYPT).final()
