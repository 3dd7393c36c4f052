"""AEADCipher: GCM and CCM against NIST's vectors, the tag only by its own methods, and what the API refuses."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cardlab.runtime.engine.lab import DECRYPT, ENCRYPT, Cipher, Key, Lab, refused
from tests.cardlab.runtime.engine.vectors import vectors

NONCE = bytes(range(12))


def aes(lab: Lab, key: bytes = bytes(16)) -> Key:
    return lab.key("AES", 8 * len(key), key=key)


def ccm(lab: Lab, mode: int, additional: int, message: int, tag: int = 8, nonce: bytes = NONCE) -> Cipher:
    return lab.cipher("ALG_AES_CCM").init_lengths(aes(lab), mode, nonce, additional, message, tag)


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_gcm_encrypts_as_nist_says(lab: Lab, bits: int) -> None:
    found = list(vectors(f"ciphers/AES/GCM/gcmEncryptExtIV{bits}.rsp", keep=("Keylen",)))
    used = [one for one in found if "Key" in one][::60]
    for one in used:
        cipher = lab.cipher("ALG_AES_GCM").init(aes(lab, one.octets("Key")), ENCRYPT, one.octets("IV"))
        cipher.aad(one.octets("AAD"))
        assert cipher.final(one.octets("PT")) == one.octets("CT")
        tag = one.octets("Tag")
        assert cipher.tag(len(tag)) == tag
    assert len(used) > 100


def test_gcm_decrypts_and_notices(lab: Lab) -> None:
    used = [one for one in vectors("ciphers/AES/GCM/gcmDecrypt256.rsp") if "Key" in one][::60]
    for one in used:
        cipher = lab.cipher("ALG_AES_GCM").init(aes(lab, one.octets("Key")), DECRYPT, one.octets("IV"))
        cipher.aad(one.octets("AAD"))
        plain, tag = cipher.final(one.octets("CT")), one.octets("Tag")
        assert cipher.verify_tag(tag, len(tag)) == ("PT" in one)
        assert "PT" not in one or plain == one.octets("PT")
    assert len(used) > 100


@pytest.mark.parametrize("bits", [128, 192, 256])
@pytest.mark.parametrize("file", ["VNT", "VADT", "VTT", "VPT"])
def test_ccm_encrypts_as_nist_says(lab: Lab, file: str, bits: int) -> None:
    lengths = ("Alen", "Plen", "Nlen", "Tlen", "Key", "Nonce")
    used = [one for one in vectors(f"ciphers/AES/CCM/{file}{bits}.rsp", keep=lengths) if "Payload" in one][::4]
    for one in used:
        values = one.values | dict(part.split(" = ") for part in one.section.split(", ") if " = " in part)
        additional = one.octets("Adata")[: int(values["Alen"])]
        message = one.octets("Payload")[: int(values["Plen"])]
        cipher = lab.cipher("ALG_AES_CCM").init_lengths(
            aes(lab, one.octets("Key")),
            ENCRYPT,
            one.octets("Nonce"),
            len(additional),
            len(message),
            int(values["Tlen"]),
        )
        cipher.aad(additional)
        assert cipher.final(message) + cipher.tag(int(values["Tlen"])) == one.octets("CT")
    assert len(used) > 10


def test_ccm_decrypts_and_notices(lab: Lab) -> None:
    used = [one for one in vectors("ciphers/AES/CCM/DVPT192.rsp", keep=("Key",)) if "CT" in one]
    for one in used[::3]:
        lengths = {name: int(value) for name, value in (part.split(" = ") for part in one.section.split(", "))}
        body = one.octets("CT")[: lengths["Plen"] + lengths["Tlen"]]
        cipher = lab.cipher("ALG_AES_CCM").init_lengths(
            aes(lab, one.octets("Key")), DECRYPT, one.octets("Nonce"), lengths["Alen"], lengths["Plen"], lengths["Tlen"]
        )
        cipher.aad(one.octets("Adata")[: lengths["Alen"]])
        cipher.final(body[: lengths["Plen"]])
        assert cipher.verify_tag(body[lengths["Plen"] :], lengths["Tlen"]) == (one["Result"] == "Pass")
    assert used


@settings(max_examples=25)
@given(
    message=st.binary(max_size=80),
    additional=st.binary(max_size=80),
    cut=st.integers(0, 80),
    nonce=st.binary(min_size=8, max_size=40),
)
def test_gcm_in_pieces_and_copied(lab: Lab, message: bytes, additional: bytes, cut: int, nonce: bytes) -> None:
    expected = AESGCM(bytes(16)).encrypt(nonce, message, additional)
    cipher = lab.cipher("CIPHER_AES_GCM", "PAD_NULL").init(aes(lab), ENCRYPT, nonce)
    cipher.aad(additional[:cut])
    cipher.aad(additional[cut:])
    head = cipher.update(message[:cut])
    copy = cipher.copy()
    cipher.update(b"something else")
    assert head + copy.final(message[cut:]) + copy.tag() == expected


@settings(max_examples=25)
@given(
    message=st.binary(max_size=80),
    additional=st.binary(max_size=80),
    cut=st.integers(0, 80),
    nonce=st.binary(min_size=7, max_size=13),
    tag=st.sampled_from([4, 6, 8, 10, 12, 14, 16]),
)
def test_ccm_in_pieces_and_copied(
    lab: Lab, message: bytes, additional: bytes, cut: int, nonce: bytes, tag: int
) -> None:
    expected = AESCCM(bytes(16), tag_length=tag).encrypt(nonce, message, additional)
    cipher = ccm(lab, ENCRYPT, len(additional), len(message), tag, nonce)
    cipher.aad(additional[:cut])
    cipher.aad(additional[cut:])
    head = cipher.update(message[:cut])
    copy = cipher.copy()
    cipher.update(message[cut:])
    assert head + copy.final(message[cut:]) + copy.tag(tag) == expected


def test_gcm_without_a_nonce_uses_zeros(lab: Lab) -> None:
    cipher = lab.cipher("ALG_AES_GCM").init(aes(lab), ENCRYPT)
    assert cipher.final(b"abc") + cipher.tag() == AESGCM(bytes(16)).encrypt(bytes(12), b"abc", None)


def test_lengths_for_the_one_and_not_for_the_other(lab: Lab) -> None:
    with refused("INVALID_INIT"):
        lab.cipher("ALG_AES_GCM").init_lengths(aes(lab), ENCRYPT, NONCE, 0, 0, 16)
    for parameter in (None, NONCE):
        with refused("INVALID_INIT"):
            lab.cipher("ALG_AES_CCM").init(aes(lab), ENCRYPT, parameter)


@pytest.mark.parametrize(("nonce", "tag"), [(6, 8), (14, 8), (12, 3), (12, 5), (12, 18), (12, 0)])
def test_lengths_that_ccm_does_not_have(lab: Lab, nonce: int, tag: int) -> None:
    with refused("ILLEGAL_VALUE"):
        ccm(lab, ENCRYPT, 0, 0, tag, bytes(nonce))


def test_tag_only_after_the_end_and_in_its_mode(lab: Lab) -> None:
    cipher = lab.cipher("ALG_AES_GCM").init(aes(lab), ENCRYPT, NONCE)
    cipher.update(b"abc")
    with refused("ILLEGAL_USE"):
        cipher.tag()
    cipher.final()
    with refused("ILLEGAL_USE"):
        cipher.verify_tag(bytes(16), 16)
    for length in (3, 5, 11, 17, 0):
        with refused("ILLEGAL_VALUE"):
            cipher.tag(length)
    decryption = lab.cipher("ALG_AES_GCM").init(aes(lab), DECRYPT, NONCE)
    decryption.final(b"abc")
    with refused("ILLEGAL_USE"):
        decryption.tag()
    assert not decryption.verify_tag(bytes(15), 16)


def test_additional_data_after_the_message(lab: Lab) -> None:
    cipher = lab.cipher("ALG_AES_GCM").init(aes(lab), ENCRYPT, NONCE)
    cipher.update(b"abc")
    with refused("ILLEGAL_USE"):
        cipher.aad(b"late")


def test_lengths_that_ccm_was_not_told(lab: Lab) -> None:
    with refused("ILLEGAL_VALUE"):
        ccm(lab, ENCRYPT, 3, 0).aad(b"four")
    with refused("ILLEGAL_USE"):
        ccm(lab, ENCRYPT, 3, 1).update(b"x")
    with refused("ILLEGAL_USE"):
        ccm(lab, ENCRYPT, 0, 1).update(b"xy")
    with refused("ILLEGAL_USE"):
        ccm(lab, ENCRYPT, 0, 2).final(b"x")
    cipher = ccm(lab, ENCRYPT, 0, 1)
    cipher.final(b"x")
    with refused("ILLEGAL_VALUE"):
        cipher.tag(16)
    with refused("INVALID_INIT"):
        cipher.final(b"x")
