"""Message digests: published vectors, messages in several pieces, and chaining values to go on from."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cardlab.runtime.engine.constants import DIGEST, number
from tests.cardlab.runtime.engine.lab import Lab, refused
from tests.cardlab.runtime.engine.vectors import vectors

FILES = {
    "ALG_SHA": "hashes/SHA1/SHA1{}Msg.rsp",
    "ALG_SHA_224": "hashes/SHA2/SHA224{}Msg.rsp",
    "ALG_SHA_256": "hashes/SHA2/SHA256{}Msg.rsp",
    "ALG_SHA_384": "hashes/SHA2/SHA384{}Msg.rsp",
    "ALG_SHA_512": "hashes/SHA2/SHA512{}Msg.rsp",
    "ALG_SHA3_224": "hashes/SHA3/SHA3_224{}Msg.rsp",
    "ALG_SHA3_256": "hashes/SHA3/SHA3_256{}Msg.rsp",
    "ALG_SHA3_384": "hashes/SHA3/SHA3_384{}Msg.rsp",
    "ALG_SHA3_512": "hashes/SHA3/SHA3_512{}Msg.rsp",
}


@pytest.mark.parametrize("algorithm", FILES)
@pytest.mark.parametrize("kind", ["Short", "Long"])
def test_digests_of_nist(lab: Lab, algorithm: str, kind: str) -> None:
    found = list(vectors(FILES[algorithm].format(kind)))
    for one in found[:: 1 if kind == "Short" else 9]:
        message = one.octets("Msg")[: int(one["Len"]) // 8]
        assert lab.hash(algorithm, message) == one.octets("MD")
    assert found


@pytest.mark.parametrize(
    ("algorithm", "file"),
    [("ALG_MD5", "hashes/MD5/rfc-1321.txt"), ("ALG_RIPEMD160", "hashes/ripemd160/ripevectors.txt")],
)
def test_digests_of_others(lab: Lab, algorithm: str, file: str) -> None:
    found = [one for one in vectors(file) if "Msg" in one]
    for one in found:
        message = one.octets("Msg")[: int(one["Len"]) // 8]
        assert lab.hash(algorithm, message) == one.octets("MD")
    assert found


@given(parts=st.lists(st.binary(max_size=200), max_size=5), tail=st.binary(max_size=200))
def test_pieces_and_copies_make_no_difference(lab: Lab, parts: list[bytes], tail: bytes) -> None:
    for name in ("ALG_SHA_256", "ALG_RIPEMD160"):
        digest = lab.digest(name)
        for part in parts:
            digest.update(part, 0, len(part))
        copy = digest.copy()
        copy.update(b"other", 0, 5)
        whole = hashlib.new({"ALG_SHA_256": "sha256"}.get(name, "ripemd160"), b"".join(parts) + tail).digest()
        assert bytes(digest.doFinal(tail, 0, len(tail))) == whole
        assert bytes(digest.doFinal(b"x", 0, 0)) == lab.hash(name, b"")  # as new afterwards


def padded(algorithm: str, message: bytes) -> bytes:
    """A message with the padding that the digest gives it (FIPS 180-4, 5.1; RFC 1321, 3.1)."""
    block = 128 if algorithm == "ALG_SHA_512" else 64
    length = (8 * len(message)).to_bytes(block // 8, "little" if algorithm == "ALG_MD5" else "big")
    return message + b"\x80" + bytes(-(len(message) + 1 + len(length)) % block) + length


@pytest.mark.parametrize("algorithm", ["ALG_MD5", "ALG_SHA", "ALG_SHA_256", "ALG_SHA_512"])
@given(message=st.binary(max_size=300), rest=st.binary(max_size=300))
def test_initial_digest_goes_on_from_a_chaining_value(lab: Lab, algorithm: str, message: bytes, rest: bytes) -> None:
    """The digest of a message is the chaining value after the padded message: that is where to go on."""
    first = padded(algorithm, message)
    digest = lab.engine.initializedDigest(number(DIGEST, algorithm))
    digest.setInitialDigest(lab.hash(algorithm, message), len(first).to_bytes(4, "big"))
    assert bytes(digest.doFinal(rest, 0, len(rest))) == lab.hash(algorithm, first + rest)


@pytest.mark.parametrize(
    ("short", "long", "length"), [("ALG_SHA_224", "ALG_SHA_256", 28), ("ALG_SHA_384", "ALG_SHA_512", 48)]
)
def test_initial_digest_of_shortened_digests_is_the_whole_value(lab: Lab, short: str, long: str, length: int) -> None:
    value, counted, results = lab.hash(long, b"any value"), (256).to_bytes(2, "big"), {}
    for algorithm in (short, long):
        digest = lab.engine.initializedDigest(number(DIGEST, algorithm))
        digest.setInitialDigest(value, counted)
        results[algorithm] = bytes(digest.doFinal(b"abc", 0, 3))
    assert results[short] == results[long][:length]


@pytest.mark.parametrize(
    ("value", "digested"), [(bytes(31), b"\x40"), (bytes(33), b"\x40"), (bytes(32), b"\0"), (bytes(32), b"\x41")]
)
def test_initial_digest_refuses_other_lengths(lab: Lab, value: bytes, digested: bytes) -> None:
    digest = lab.engine.initializedDigest(number(DIGEST, "ALG_SHA_256"))
    with refused("ILLEGAL_VALUE"):
        digest.setInitialDigest(value, digested)


@pytest.mark.parametrize("algorithm", ["ALG_SHA3_256", "ALG_RIPEMD160", "ALG_NULL"])
def test_digests_that_cannot_be_resumed(lab: Lab, algorithm: str) -> None:
    with refused("NO_SUCH_ALGORITHM"):
        lab.engine.initializedDigest(number(DIGEST, algorithm))
