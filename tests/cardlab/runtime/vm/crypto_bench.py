"""A card with the test applet ``cryptotest.Bench``, which calls the API as commands say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from cardlab.runtime.vm.classes import NATIVES
from tests.cardlab.runtime.engine.constants import CIPHER, DIGEST, KEY_BUILDER, SIGNATURE, number
from tests.cardlab.runtime.vm.machines import Card, compiled, load_file

PARTS = ("key", "modulus", "exponent", "p", "q", "dp1", "dq1", "pq", "field", "a", "b", "g", "r", "k", "w", "s")
REASONS = {1: "ILLEGAL_VALUE", 2: "UNINITIALIZED_KEY", 3: "NO_SUCH_ALGORITHM", 4: "INVALID_INIT", 5: "ILLEGAL_USE"}
SIGN, VERIFY, DECRYPT, ENCRYPT = 1, 2, 1, 2


class CryptoRefusedError(Exception):
    """The applet caught a CryptoException."""


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """The call inside throws a CryptoException with this reason."""
    with pytest.raises(CryptoRefusedError) as caught:
        yield
    assert str(caught.value) == reason


@cache
def bench_file() -> bytes:
    """The load file of the test applet."""
    return load_file(compiled("cryptotest"), ["cryptotest.Bench"])[0]


class Bench:
    """Short names for the applet's commands; keys are in slots 0 to 7."""

    def __init__(self, card: Card) -> None:
        self.card = card

    @classmethod
    def fresh(cls, **properties: str | int) -> Bench:
        """A new card with the applet selected."""
        card = Card.fresh(NATIVES, **properties)
        card.load(bench_file())
        card.install("Bench")
        card.select("Bench")
        return cls(card)

    def fork(self) -> Bench:
        """Another card in the same state."""
        return Bench(Card(self.card.machine.fork(None)))

    @staticmethod
    def command(ins: int, p1: int = 0, p2: int = 0, data: bytes = b"") -> bytes:
        """The command with data in extended form when there are many."""
        head = bytes((0x80, ins, p1 & 0xFF, p2 & 0xFF))
        if len(data) > 255:
            return head + b"\0" + len(data).to_bytes(2, "big") + data + b"\0\0"
        return head + (bytes((len(data),)) + data if data else b"") + b"\0"

    def status(self, ins: int, p1: int = 0, p2: int = 0, data: bytes = b"") -> tuple[bytes, int]:
        """Answer and status word."""
        answer = bytes.fromhex(self.card.send(self.command(ins, p1, p2, data)))
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def call(self, ins: int, p1: int = 0, p2: int = 0, data: bytes = b"") -> bytes:
        """The answer; CryptoRefusedError for a CryptoException."""
        answer, sw = self.status(ins, p1, p2, data)
        if sw >> 8 == 0x6B:
            raise CryptoRefusedError(REASONS[sw & 0xFF])
        assert sw == 0x9000, f"{sw:04X} {self.card.why}"
        return answer

    # Keys

    def build(self, slot: int, key_type: str, bits: int, *, encrypted: bool = False) -> None:
        """KeyBuilder.buildKey(byte, short, boolean)."""
        kind = number(KEY_BUILDER, key_type)
        self.call(0x10, slot, encrypted, bytes((kind,)) + bits.to_bytes(2, "big"))

    def build_in(self, slot: int, alg_type: str, memory: int, bits: int) -> None:
        """KeyBuilder.buildKey(byte, byte, short, boolean)."""
        kind = number(KEY_BUILDER, alg_type)
        self.call(0x11, slot, 0, bytes((kind, memory)) + bits.to_bytes(2, "big"))

    def build_shared(self, slot: int, alg_type: str, memory: int, domain: int) -> None:
        """KeyBuilder.buildKeyWithSharedDomain()."""
        self.call(0x12, slot, domain, bytes((number(KEY_BUILDER, alg_type), memory)))

    def set(self, slot: int, **parts: bytes) -> None:
        """Set parts of a key."""
        for name, value in parts.items():
            self.call(0x13, slot, PARTS.index(name), value)

    def get(self, slot: int, part: str) -> bytes:
        """A part of a key."""
        return self.call(0x14, slot, PARTS.index(part))

    def describe(self, slot: int) -> tuple[bool, int, int]:
        """isInitialized(), getType(), getSize()."""
        answer = self.call(0x15, slot)
        return answer[0] == 1, answer[1], int.from_bytes(answer[2:], "big")

    def is_initialized(self, slot: int) -> bool:
        """Key.isInitialized()."""
        return self.describe(slot)[0]

    def clear(self, slot: int) -> None:
        """Key.clearKey()."""
        self.call(0x16, slot)

    def generate(self, public: int, private: int) -> None:
        """new KeyPair(public, private).genKeyPair()."""
        self.call(0x20, public, private)

    # Signatures

    def signature(self, *names: str) -> None:
        """Signature.getInstance()."""
        if len(names) == 1:
            self.call(0x30, number(SIGNATURE, names[0]))
        else:
            digest, cipher, padding = names
            values = (number(DIGEST, digest), number(SIGNATURE, cipher), number(CIPHER, padding))
            self.call(0x31, data=bytes(values))

    def init(self, slot: int, mode: int, parameter: bytes = b"") -> None:
        """Signature.init()."""
        self.call(0x32, slot, mode, parameter)

    def sign(self, message: bytes) -> bytes:
        """Signature.sign()."""
        return self.call(0x34, data=message)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Signature.verify()."""
        return self.call(0x35, data=bytes((len(message),)) + message + signature) == b"\x01"

    # Ciphers

    def cipher(self, name: int, slot: int, mode: int, parameter: bytes = b"") -> None:
        """Cipher.getInstance() and init()."""
        self.call(0x40, name)
        self.call(0x42, slot, mode, parameter)

    def final(self, data: bytes = b"") -> bytes:
        """Cipher.doFinal()."""
        return self.call(0x44, data=data)
