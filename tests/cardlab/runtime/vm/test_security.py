"""javacard.security and javacardx.crypto on the machine: what the card adds to the engine."""

from __future__ import annotations

import zlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

from cardlab.iso7816.status import SW
from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.engine.constants import (
    AEAD,
    AGREEMENT,
    CHECKSUM,
    CIPHER,
    DIGEST,
    KEY_BUILDER,
    KEY_PAIR,
    RANDOM,
    SIGNATURE,
    constants,
    number,
)
from tests.cardlab.runtime.engine.curves import BRAINPOOL
from tests.cardlab.runtime.engine.lab import Lab
from tests.cardlab.runtime.vm.crypto_bench import DECRYPT, ENCRYPT, PARTS, SIGN, VERIFY, Bench, refused
from tests.cardlab.runtime.vm.machines import Card

CBC = number(CIPHER, "ALG_AES_BLOCK_128_CBC_NOPAD")
P512 = BRAINPOOL["brainpoolP512r1"]
TYPES = constants(KEY_BUILDER, "TYPE_", "3.0.5")


@pytest.fixture(scope="module")
def prepared() -> Bench:
    """A card with the applet selected and an AES key in slot 0."""
    bench = Bench.fresh()
    bench.build(0, "TYPE_AES", 128)
    bench.set(0, key=bytes(range(16)))
    return bench


@pytest.fixture
def bench(prepared: Bench) -> Bench:
    """A copy of it."""
    return prepared.fork()


@pytest.fixture(scope="module")
def lab() -> Lab:
    """The engine alone."""
    return Lab.started()


def length_of(name: str) -> int:
    """A length that keys of the type have."""
    starts = {
        "AES": 192,
        "DES": 128,
        "HMAC": 64,
        "KOREAN": 128,
        "RSA": 512,
        "DSA": 512,
        "DH": 1024,
        "EC_FP": 256,
        "EC_F2M": 163,
    }
    return next(bits for start, bits in starts.items() if name.startswith(f"TYPE_{start}"))


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_key_can_be_built(bench: Bench, name: str) -> None:
    bits = length_of(name)
    bench.build(1, name, bits)
    assert bench.describe(1) == (False, TYPES[name], bits)


def test_types_and_lengths_that_are_none(bench: Bench) -> None:
    with refused("NO_SUCH_ALGORITHM"):
        bench.build(1, "TYPE_AES", 100)
    with refused("NO_SUCH_ALGORITHM"):
        bench.call(0x10, 1, 0, b"\x7f\0\x80")
    with refused("NO_SUCH_ALGORITHM"):
        bench.build_in(1, "ALG_TYPE_AES", 3, 128)


@pytest.mark.parametrize(
    ("key_type", "bits", "length"),
    [("TYPE_AES", 256, 32), ("TYPE_DES", 192, 24), ("TYPE_KOREAN_SEED", 128, 16), ("TYPE_HMAC", 64, 9)],
)
def test_secret_keys_are_set_and_read(bench: Bench, key_type: str, bits: int, length: int) -> None:
    bench.build(1, key_type, bits)
    with refused("UNINITIALIZED_KEY"):
        bench.get(1, "key")
    bench.set(1, key=bytes(range(length)))
    assert bench.is_initialized(1)
    assert bench.get(1, "key") == bytes(range(length))
    bench.clear(1)
    assert not bench.is_initialized(1)


def test_parts_that_cannot_be(bench: Bench) -> None:
    bench.build(1, "TYPE_EC_FP_PRIVATE", 256)
    bench.build(2, "TYPE_EC_FP_PUBLIC", 256)
    for slot, name, value in ((1, "s", b"\1"), (2, "w", b"\4" + bytes(31)), (2, "w", b"\2" + bytes(32))):
        with refused("ILLEGAL_VALUE"):
            bench.set(slot, **{name: value})
    with refused("NO_SUCH_ALGORITHM"):
        bench.call(0x19, 1, 0, b"\0\7")  # setFieldF2M on a prime curve


@pytest.mark.parametrize("memory", ["RESET", "DESELECT"])
def test_transient_keys_go_with_their_memory(bench: Bench, memory: str) -> None:
    bench.build(1, f"TYPE_AES_TRANSIENT_{memory}", 128)
    bench.set(1, key=bytes(16))
    bench.card.select("Bench")
    assert bench.is_initialized(1) == (memory == "RESET")
    bench.set(1, key=bytes(16))
    bench.card.reset()
    bench.card.select("Bench")
    assert not bench.is_initialized(1)
    assert bench.is_initialized(0)


def test_transient_private_keys_of_curves_lose_all(bench: Bench) -> None:
    bench.build(1, "TYPE_EC_FP_PRIVATE_TRANSIENT_RESET", 512)
    bench.set(1, **P512.domain(), s=(5).to_bytes(64, "big"))
    assert bench.is_initialized(1)
    bench.card.reset()
    bench.card.select("Bench")
    with refused("UNINITIALIZED_KEY"):
        bench.get(1, "r")


def test_a_key_is_the_old_or_the_new_one_after_a_power_cut(bench: Bench) -> None:
    old, new = bytes(range(16)), b"\xa5" * 16
    seen = set()

    def check(write: int) -> None:
        bench.card.select("Bench")
        seen.add(bench.get(0, "key"))

    writes = bench.card.until_whole(bench.command(0x13, 0, 0, new).hex(), check)
    assert writes >= 2
    assert seen <= {old, new}
    assert old in seen


def test_a_key_takes_part_in_a_transaction(bench: Bench) -> None:
    bench.call(0x1A, 0, 0, b"\xa5" * 16)
    assert bench.get(0, "key") == bytes(range(16))


def test_a_long_key_is_cleared_with_a_small_commit_buffer() -> None:
    """Part by part: 512 bytes hold 128 of five. When the power is cut it is whole, or no key."""
    bench = Bench.fresh(memory_commit=512)
    bench.build(1, "TYPE_RSA_CRT_PRIVATE", 2048)
    parts = ("p", "q", "pq", "dp1", "dq1")
    for value, part in enumerate(parts, 1):
        bench.set(1, **{part: bytes((value,)) * 127 + b"\7"})
    before = bench.card.machine.memory()[0]

    def check(write: int) -> None:
        bench.card.select("Bench")
        left = [part for part in parts if has(bench, 1, part)]
        assert left == list(parts)[len(parts) - len(left) :], "from the first part on"

    assert bench.card.until_whole(bench.command(0x16, 1).hex(), check) > 5 * 128
    bench.clear(1)
    assert not any(has(bench, 1, part) for part in parts)
    assert bench.card.machine.memory()[0] == before
    bench.clear(1)
    assert bench.card.writes == 0, "what is clear is not cleared again"


def has(bench: Bench, slot: int, part: str) -> bool:
    """Whether a part of a key is set."""
    return bench.status(0x14, slot, PARTS.index(part))[1] == SW.OK


def test_keys_survive_saving(bench: Bench) -> None:
    image = bench.card.machine.save()
    card = Card.fresh(NATIVES)
    card.machine.restore(image)
    card.reset()
    card.select("Bench")
    other = Bench(card)
    assert other.get(0, "key") == bytes(range(16))


def test_a_message_under_way_is_forked(bench: Bench, lab: Lab) -> None:
    bench.call(0x50, number(DIGEST, "ALG_SHA_256"))
    bench.call(0x52, data=b"one ")
    other = bench.fork()
    other.call(0x52, data=b"other ")
    assert bench.call(0x53, data=b"message") == lab.hash("ALG_SHA_256", b"one message")
    assert other.call(0x53, data=b"message") == lab.hash("ALG_SHA_256", b"one other message")


def test_a_reset_begins_the_message_again_with_the_same_key(bench: Bench) -> None:
    bench.call(0x40, CBC)
    bench.call(0x42, 0, ENCRYPT, b"\x01" * 16)
    bench.call(0x43, data=bytes(16))
    bench.card.reset()
    bench.card.select("Bench")
    after = bench.final(bytes(16))
    bench.cipher(CBC, 0, ENCRYPT)
    assert after == bench.final(bytes(16))


def test_a_key_that_is_cleared_between_init_and_use(bench: Bench) -> None:
    bench.cipher(CBC, 0, ENCRYPT)
    bench.clear(0)
    with refused("UNINITIALIZED_KEY"):
        bench.final(bytes(16))


def test_use_before_init(bench: Bench) -> None:
    bench.call(0x40, CBC)
    with refused("INVALID_INIT"):
        bench.final(bytes(16))
    bench.signature("ALG_HMAC_SHA_256")
    with refused("INVALID_INIT"):
        bench.sign(b"")
    bench.call(0x60, number(AGREEMENT, "ALG_EC_SVDP_DH_PLAIN"))
    with refused("INVALID_INIT"):
        bench.call(0x62, data=bytes(65))


def test_ciphers_say_what_they_are(bench: Bench) -> None:
    bench.call(0x40, number(CIPHER, "ALG_AES_CBC_PKCS5"), 1)  # externalAccess true
    by_constant = bench.call(0x4A)
    bench.call(0x41, data=bytes((number(CIPHER, "CIPHER_AES_CBC"), number(CIPHER, "PAD_PKCS5"))))
    assert bench.call(0x4A) == by_constant
    assert by_constant[0] == number(CIPHER, "ALG_AES_CBC_PKCS5")
    bench.call(0x41, data=bytes((number(CIPHER, "CIPHER_RSA"), number(CIPHER, "PAD_PKCS1_OAEP_SHA256"))))
    assert bench.call(0x4A)[0] == 0


def test_in_and_out_may_be_one_array(bench: Bench) -> None:
    bench.cipher(CBC, 0, ENCRYPT)
    expected = bench.final(bytes(32))
    bench.call(0x49, data=bytes(32))
    assert bench.final(bytes(32)) == expected


def test_gcm_and_ccm(bench: Bench) -> None:
    key, nonce = bytes(range(16)), bytes(12)
    bench.call(0x40, number(AEAD, "ALG_AES_GCM"))
    bench.call(0x42, 0, ENCRYPT, nonce)
    bench.call(0x45, data=b"additional")
    with refused("ILLEGAL_USE"):
        bench.call(0x46, 16)
    secret = bench.final(b"message")
    assert secret + bench.call(0x46, 16) == AESGCM(key).encrypt(nonce, b"message", b"additional")
    bench.call(0x40, number(AEAD, "ALG_AES_CCM"))
    lengths = b"".join(n.to_bytes(2, "big") for n in (10, 7, 8))
    bench.call(0x48, 0, DECRYPT, lengths + nonce)
    bench.call(0x45, data=b"additional")
    expected = AESCCM(key, tag_length=8).encrypt(nonce, b"message", b"additional")
    assert bench.final(expected[:7]) == b"message"
    assert bench.call(0x47, 8, data=expected[7:]) == b"\1"
    assert bench.call(0x47, 8, data=bytes(8)) == b"\0"


@pytest.mark.parametrize("private", ["TYPE_RSA_PRIVATE", "TYPE_RSA_CRT_PRIVATE"])
def test_rsa_keys_are_generated_and_sign(bench: Bench, private: str) -> None:
    bench.build(1, "TYPE_RSA_PUBLIC", 1024)
    bench.build(2, private, 1024)
    bench.generate(1, 2)
    public = rsa.RSAPublicNumbers(int.from_bytes(bench.get(1, "exponent")), int.from_bytes(bench.get(1, "modulus")))
    for algorithm, pads in (
        ("ALG_RSA_SHA_256_PKCS1", padding.PKCS1v15()),
        ("ALG_RSA_SHA_256_PKCS1_PSS", padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
    ):
        bench.signature(algorithm)
        bench.init(2, SIGN)
        made = bench.sign(b"message")
        public.public_key().verify(made, b"message", pads, hashes.SHA256())
        bench.init(1, VERIFY)
        assert bench.verify(b"message", made)
        assert not bench.verify(b"massage", made)


def test_what_copies_remember_is_what_they_would_have_made(bench: Bench) -> None:
    """The same key, and the same random numbers after it; other ones where other numbers or another exponent decide."""

    def made(exponent: bytes = b"\1\0\1", drawn: int = 0) -> tuple[bytes, ...]:
        card = bench.fork()
        if drawn:
            card.call(0x68, drawn)
        card.build(1, "TYPE_RSA_PUBLIC", 512)
        card.build(2, "TYPE_RSA_CRT_PRIVATE", 512)
        card.set(1, exponent=exponent)
        card.generate(1, 2)
        return card.get(1, "modulus"), card.get(1, "exponent"), card.get(2, "dp1"), card.call(0x68, 8)

    bench.call(0x67, number(RANDOM, "ALG_SECURE_RANDOM"))
    alone = [made(), made(b"\3"), made(drawn=8)]
    bench.card.machine.rememberDrawn()
    for _ in range(2):
        assert [made(), made(b"\3"), made(drawn=8)] == alone
    assert len(set(alone)) == len(alone)


def test_signatures_with_message_recovery(bench: Bench) -> None:
    bench.build(1, "TYPE_RSA_PUBLIC", 768)
    bench.build(2, "TYPE_RSA_CRT_PRIVATE", 768)
    bench.generate(1, 2)
    bench.signature("ALG_RSA_SHA_ISO9796_MR")
    bench.init(2, SIGN)
    message = bytes(range(100))
    answer = bench.call(0x3A, data=message)
    inside, made = int.from_bytes(answer[:2]), answer[2:]
    assert inside == 96 - 22
    bench.init(1, VERIFY)
    assert bench.call(0x3B, data=made) == message[:inside]
    assert bench.call(0x3C, data=message[inside:]) == b"\1"


def test_elliptic_keys_are_generated_and_sign(bench: Bench) -> None:
    bench.call(0x21, number(KEY_PAIR, "ALG_EC_FP"), data=(256).to_bytes(2, "big"))
    bench.call(0x22)
    bench.call(0x23)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bench.get(0, "w"))
    bench.signature("ALG_ECDSA_SHA_256")
    bench.init(1, SIGN)
    assert bench.call(0x38)[4:] == b"\0\x48"
    point.verify(bench.sign(b"message"), b"message", ec.ECDSA(hashes.SHA256()))
    made = bench.call(0x36, data=Lab.started().hash("ALG_SHA_256", b"message"))
    point.verify(made, b"message", ec.ECDSA(hashes.SHA256()))
    bench.init(0, VERIFY)
    assert bench.verify(b"message", made)
    with refused("ILLEGAL_VALUE"):
        bench.init(0, SIGN)


@pytest.mark.parametrize("failure", ["false", "throws"])
def test_signatures_that_are_no_der(failure: str) -> None:
    bench = Bench.fresh(**{"crypto_ecdsa-failure": failure})
    bench.call(0x21, number(KEY_PAIR, "ALG_EC_FP"), data=(256).to_bytes(2, "big"))
    bench.call(0x22)
    bench.call(0x23)
    bench.signature("ALG_ECDSA_SHA_256")
    bench.init(0, VERIFY)
    assert not bench.verify(b"message", bytes.fromhex("3006020101020101"))
    if failure == "false":
        assert not bench.verify(b"message", b"\x31\0")
    else:
        with refused("ILLEGAL_USE"):
            bench.verify(b"message", b"\x31\0")
    bench.init(1, SIGN)
    made = bench.sign(b"message")
    bench.init(0, VERIFY)
    assert bench.verify(b"message", made)


def test_curves_that_are_set_later(bench: Bench, lab: Lab) -> None:
    """A key of 512 bits has no curve until one is set; ECDH after clearKey() and other parameters needs no setK()."""
    bench.build(1, "TYPE_EC_FP_PRIVATE", 512)
    bench.set(1, **P512.domain(), s=(7).to_bytes(64, "big"))
    bench.clear(1)
    bench.set(1, **P512.domain(cofactor=None), s=(9).to_bytes(64, "big"))
    with refused("UNINITIALIZED_KEY"):
        bench.get(1, "k")
    bench.call(0x60, number(AGREEMENT, "ALG_EC_SVDP_DH_PLAIN"))
    bench.call(0x61, 1)
    point = P512.octets(P512.times(3, P512.g))
    assert bench.call(0x62, data=point) == lab.agree("ALG_EC_SVDP_DH_PLAIN", P512.private(lab, 9), point)
    with refused("ILLEGAL_VALUE"):
        bench.call(0x62, data=point[:-1] + b"\xff")


def test_shared_domain_parameters(bench: Bench) -> None:
    bench.build_in(1, "ALG_TYPE_EC_FP_PARAMETERS", 0, 512)
    assert bench.describe(1)[1:] == (number(KEY_BUILDER, "ALG_TYPE_EC_FP_PARAMETERS"), 512)
    bench.build_shared(2, "ALG_TYPE_EC_FP_PUBLIC", 0, 1)
    bench.build_shared(3, "ALG_TYPE_EC_FP_PRIVATE", 1, 1)
    bench.set(1, **P512.domain())
    assert bench.is_initialized(1)
    bench.generate(2, 3)
    assert bench.get(2, "g") == P512.octets(P512.g)
    value = int.from_bytes(bench.get(3, "s"))
    assert bench.get(2, "w") == P512.octets(P512.times(value, P512.g))
    bench.card.reset()
    bench.card.select("Bench")
    assert bench.get(3, "g") == P512.octets(P512.g)  # shared with what is persistent
    with refused("UNINITIALIZED_KEY"):
        bench.get(3, "s")
    with refused("ILLEGAL_VALUE"):
        bench.build_shared(4, "ALG_TYPE_DSA_PUBLIC", 0, 1)
    with refused("NO_SUCH_ALGORITHM"):
        bench.build_shared(4, "ALG_TYPE_AES", 0, 1)


def test_domain_parameters_are_copied(bench: Bench) -> None:
    bench.build(1, "TYPE_EC_FP_PUBLIC", 512)
    bench.build(2, "TYPE_EC_FP_PRIVATE", 512)
    with refused("UNINITIALIZED_KEY"):
        bench.call(0x17, 1, 2)
    bench.set(2, **P512.domain())
    bench.call(0x17, 1, 2)
    assert {name: bench.get(1, name) for name in P512.domain()} == P512.domain()
    bench.build(3, "TYPE_EC_FP_PUBLIC", 256)
    with refused("ILLEGAL_VALUE"):
        bench.call(0x17, 3, 2)


def test_keys_that_are_set_encrypted(bench: Bench, lab: Lab) -> None:
    bench.build(1, "TYPE_AES", 192, encrypted=True)
    assert len(bench.call(0x1B, 1)) == 1  # it is a KeyEncryption
    assert len(bench.call(0x1B, 0)) == 0
    bench.cipher(CBC, 0, DECRYPT)
    bench.call(0x18, 1, 1)
    secret = bytes(range(100, 124)).ljust(32, b"\0")
    wrapped = (
        lab.cipher("ALG_AES_BLOCK_128_CBC_NOPAD").init(lab.key("AES", 128, key=bytes(range(16))), ENCRYPT).final(secret)
    )
    with refused("ILLEGAL_VALUE"):  # 32 bytes come out, a key of 192 bits has 24
        bench.set(1, key=wrapped)
    bench.build(1, "TYPE_AES", 256, encrypted=True)
    bench.call(0x18, 1, 1)
    bench.set(1, key=wrapped)
    assert bench.get(1, "key") == secret
    bench.call(0x18, 1, 0)
    bench.set(1, key=bytes(32))
    assert bench.get(1, "key") == bytes(32)


def test_initial_digest(bench: Bench, lab: Lab) -> None:
    bench.call(0x51, number(DIGEST, "ALG_SHA_256"))
    first = b"abc\x80" + bytes(59) + b"\x18"
    bench.call(0x56, data=b"\x20" + lab.hash("ALG_SHA_256", b"abc") + b"\x40")
    assert bench.call(0x53, data=b"rest") == lab.hash("ALG_SHA_256", first + b"rest")
    with refused("ILLEGAL_VALUE"):
        bench.call(0x56, data=b"\x1f" + bytes(31) + b"\x40")


def test_checksums_begin_where_init_said_also_after_a_reset(bench: Bench) -> None:
    bench.call(0x63, number(CHECKSUM, "ALG_ISO3309_CRC32"))
    bench.call(0x64, data=b"\xff" * 4)
    bench.call(0x65, data=b"gone")
    bench.card.reset()
    bench.card.select("Bench")
    bench.call(0x65, data=b"123")
    assert bench.call(0x66, data=b"456789") == zlib.crc32(b"123456789").to_bytes(4, "big")


def test_no_array_is_no_data_at_the_end_of_a_message(bench: Bench) -> None:
    """Digest, cipher, signature, checksum, as arguments of command 6B; a length without an array is an error."""
    bench.call(0x50, number(DIGEST, "ALG_SHA_256"))
    bench.cipher(CBC, 0, ENCRYPT)
    bench.signature("ALG_AES_CMAC_128")
    bench.init(0, SIGN)
    bench.call(0x63, number(CHECKSUM, "ALG_ISO3309_CRC16"))
    message = bytes(range(16))
    for which, (update, do_final) in enumerate([(0x52, 0x53), (0x43, 0x44), (0x33, 0x34), (0x65, 0x66)]):
        whole = bench.call(do_final, data=message)
        assert bench.call(update, data=message) + bench.call(0x6B, which) == whole
        assert bench.status(0x6B, which, 1)[1] == 0x6F00
        assert "NullPointerException" in bench.card.why


def test_random_numbers_come_from_the_card(bench: Bench) -> None:
    other = bench.fork()
    bench.call(0x67, number(RANDOM, "ALG_SECURE_RANDOM"))
    other.call(0x67, number(RANDOM, "ALG_TRNG"))
    first = bench.call(0x68, 32)
    assert other.call(0x69, 32) == first
    other.call(0x6A, data=b"a seed adds to what is there")
    assert bench.call(0x68, 32) != other.call(0x68, 32)
    with refused("ILLEGAL_VALUE"):
        bench.call(0x68, 0)


def test_results_that_do_not_fit(bench: Bench) -> None:
    bench.signature("ALG_AES_CMAC_128")
    bench.init(0, SIGN)
    assert bench.status(0x3D, 48, data=b"abc")[1] == 0x9000  # the last 16 of 64 bytes
    answer, sw = bench.status(0x3D, 60, data=b"abc")
    assert (answer, sw) == (b"", 0x6F00)
    assert "java.lang.ArrayIndexOutOfBoundsException at javacard.security.Signature.sign(" in bench.card.why


def test_what_a_key_refuses_is_told_with_its_interface(bench: Bench) -> None:
    bench.build(1, "TYPE_EC_FP_PUBLIC", 256)
    assert bench.status(0x17, 1, 7)[1] == 0x6F00
    assert "at javacard.security.ECPublicKey.copyDomainParametersFrom(" in bench.card.why


def test_a_card_has_the_algorithms_that_its_properties_say() -> None:
    bench = Bench.fresh(crypto_without="Signature.ALG_HMAC_SHA1,KeyBuilder.ALG_TYPE_AES/192,MessageDigest.ALG_MD5")
    with refused("NO_SUCH_ALGORITHM"):
        bench.signature("ALG_HMAC_SHA1")
    with refused("NO_SUCH_ALGORITHM"):
        bench.build(0, "TYPE_AES", 192)
    with refused("NO_SUCH_ALGORITHM"):
        bench.call(0x50, number(DIGEST, "ALG_MD5"))
    bench.signature("ALG_HMAC_SHA_256")
    few = Bench.fresh(crypto_algorithms="MessageDigest.ALG_SHA_256")
    few.call(0x50, number(DIGEST, "ALG_SHA_256"))
    with refused("NO_SUCH_ALGORITHM"):
        few.signature("ALG_HMAC_SHA_256")


@pytest.mark.parametrize("when", ["build", "generation"])
def test_when_rsa_keys_take_their_memory(when: str) -> None:
    bench = Bench.fresh(**{"crypto_rsa-memory": when})

    def used() -> int:
        return int(bench.card.machine.memory()[0])

    start = used()
    bench.build(1, "TYPE_RSA_CRT_PRIVATE", 2048)
    built = used() - start
    bench.set(1, p=bytes(127) + b"\7")
    taken = used() - start
    assert taken > 5 * 128
    assert (built == taken) == (when == "build")
    assert bench.get(1, "p") == bytes(127) + b"\7"


def test_signatures_say_what_they_are(bench: Bench) -> None:
    bench.signature("ALG_SHA_384", "SIG_CIPHER_HMAC", "PAD_NULL")
    with refused("INVALID_INIT"):
        bench.call(0x38)
    bench.build(1, "TYPE_HMAC", 128)
    bench.set(1, key=b"key")
    bench.init(1, SIGN)
    wanted = (
        number(SIGNATURE, "ALG_HMAC_SHA_384"),
        number(DIGEST, "ALG_SHA_384"),
        number(SIGNATURE, "SIG_CIPHER_HMAC"),
        0,
    )
    assert bench.call(0x38) == bytes(wanted) + b"\0\x30"
    with refused("ILLEGAL_VALUE"):
        bench.init(0, SIGN)  # an AES key
