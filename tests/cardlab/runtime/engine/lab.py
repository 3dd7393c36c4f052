"""The engine as Python sees it: names instead of numbers, bytes instead of Java's arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest

from cardlab.runtime import jvm
from cardlab.runtime.engine.classes import engine_classpath
from tests.cardlab.runtime.engine.constants import AEAD, AGREEMENT, CIPHER, DIGEST, SIGNATURE, number

_PACKAGE = "cardlab.engine."
SIGN, VERIFY = 1, 2
DECRYPT, ENCRYPT = 1, 2


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """The call inside throws a CryptoException with this reason."""
    import jpype

    with pytest.raises(jpype.JException) as caught:
        yield
    assert str(caught.value.getClass().getSimpleName()) == "EngineException", caught.value
    assert str(caught.value.reason().name()) == reason, caught.value.getMessage()


class Source:
    """A RandomSource: first the bytes given, then a stream that a seed decides."""

    def __init__(self, given: bytes = b"", seed: bytes = b"seed") -> None:
        import jpype

        self._given = given
        self._state = seed
        self.seeds: list[bytes] = []
        methods = {"nextBytes": self._fill, "reseed": self._reseed}
        self.java = jpype.JProxy(jvm.java_class(f"{_PACKAGE}RandomSource"), dict=methods)

    def _fill(self, out: Any) -> None:
        length = len(out)
        out[:] = [one - 256 if one > 127 else one for one in self._take(length)]

    def _take(self, length: int) -> bytes:
        while len(self._given) < length:
            self._state = hashlib.sha256(self._state).digest()
            self._given += self._state
        taken, self._given = self._given[:length], self._given[length:]
        return taken

    def _reseed(self, seed: Any) -> None:
        self.seeds.append(bytes(seed))


@dataclass
class Key:
    """A PlainKey of the engine."""

    java: Any

    def set(self, **parts: bytes) -> Key:
        """Set parts by their names in lower case."""
        for name, value in parts.items():
            self.java.set(_enum("KeyPart", name.upper()), value)
        return self

    def part(self, name: str) -> bytes | None:
        """A part, None when it is not set."""
        value = self.java.part(_enum("KeyPart", name.upper()))
        return None if value is None else bytes(value)

    def parts(self) -> dict[str, bytes]:
        """All parts that are set."""
        names = [str(one.name()).lower() for one in self.java.layout().family().parts()]
        return {name: value for name in names if (value := self.part(name)) is not None}

    def is_initialized(self) -> bool:
        """Key.isInitialized()."""
        return bool(jvm.java_class(f"{_PACKAGE}Keys").isInitialized(self.java))


class Signature:
    """A SignatureOperation with its key."""

    def __init__(self, java: Any) -> None:
        self.java = java
        self._key: Key | None = None

    def init(self, key: Key, mode: int, parameter: bytes | None = None) -> Signature:
        """Signature.init()."""
        self.java.init(key.java, mode, parameter)
        self._key = key
        return self

    @property
    def key(self) -> Any:
        """The engine's key."""
        assert self._key is not None
        return self._key.java

    def update(self, data: bytes) -> None:
        """Signature.update()."""
        self.java.update(self.key, data, 0, len(data))

    def sign(self, data: bytes, source: Source | None = None) -> bytes:
        """Signature.sign()."""
        return bytes(self.java.sign(self.key, (source or Source()).java, data, 0, len(data)))

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Signature.verify()."""
        return bool(self.java.verify(self.key, data, 0, len(data), signature))

    def copy(self) -> Signature:
        """A second one in the same state."""
        other = Signature(self.java.copy())
        other._key = self._key
        return other


class Cipher:
    """A CipherOperation with its key."""

    def __init__(self, java: Any) -> None:
        self.java = java
        self._key: Key | None = None

    def init(self, key: Key, mode: int, parameter: bytes | None = None) -> Cipher:
        """Cipher.init()."""
        self.java.init(key.java, mode, parameter)
        self._key = key
        return self

    def init_lengths(self, key: Key, mode: int, nonce: bytes, additional: int, message: int, tag: int) -> Cipher:
        """AEADCipher.init() with lengths."""
        self.java.init(key.java, mode, nonce, additional, message, tag)
        self._key = key
        return self

    @property
    def key(self) -> Any:
        """The engine's key."""
        assert self._key is not None
        return self._key.java

    def aad(self, data: bytes) -> None:
        """AEADCipher.updateAAD()."""
        self.java.updateAad(self.key, data, 0, len(data))

    def update(self, data: bytes) -> bytes:
        """Cipher.update()."""
        return bytes(self.java.update(self.key, data, 0, len(data)))

    def final(self, data: bytes = b"", source: Source | None = None) -> bytes:
        """Cipher.doFinal()."""
        return bytes(self.java.doFinal(self.key, (source or Source()).java, data, 0, len(data)))

    def tag(self, length: int = 16) -> bytes:
        """AEADCipher.retrieveTag()."""
        return bytes(self.java.retrieveTag(length))

    def verify_tag(self, tag: bytes, required: int) -> bool:
        """AEADCipher.verifyTag()."""
        return bool(self.java.verifyTag(tag, required))

    def copy(self) -> Cipher:
        """A second one in the same state."""
        other = Cipher(self.java.copy())
        other._key = self._key
        return other


class Lab:
    """Makes keys and operations by the names of the API's constants."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    @classmethod
    def started(cls) -> Lab:
        """With the engine's classes in this process's Java, whoever started it."""
        import jpype

        classpath = engine_classpath()
        jvm.start(extra_classpath=classpath)
        for entry in classpath:
            jpype.addClassPath(str(entry))
        return cls(jvm.java_class(f"{_PACKAGE}Engine")())

    def only(self, *names: str) -> Lab:
        """A card that has these algorithms alone."""
        return Lab(self.engine.with_(self._set("only", names)))

    def without(self, *names: str) -> Lab:
        """A card that lacks these algorithms."""
        return Lab(self.engine.with_(self._set("without", names)))

    def _set(self, method: str, names: tuple[str, ...]) -> Any:
        return getattr(jvm.java_class(f"{_PACKAGE}AlgorithmSet"), method)(
            jvm.java_class("java.util.Arrays").asList(names)
        )

    def key(self, family: str, bits: int, **parts: bytes) -> Key:
        """A key of a KeyFamily, with these parts set."""
        layout = self.engine.layout(_enum("KeyFamily", family), bits)
        return Key(jvm.java_class(f"{_PACKAGE}PlainKey")(layout)).set(**parts)

    def digest(self, name: str) -> Any:
        """MessageDigest.getInstance()."""
        return self.engine.digest(number(DIGEST, name))

    def hash(self, name: str, data: bytes) -> bytes:
        """The digest of some bytes."""
        return bytes(self.digest(name).doFinal(data, 0, len(data)))

    def signature(self, *names: str) -> Signature:
        """Signature.getInstance(): ALG_… alone, or digest, cipher, padding."""
        if len(names) == 1:
            return Signature(self.engine.signature(number(SIGNATURE, names[0])))
        digest, cipher, padding = names
        return Signature(
            self.engine.signature(number(DIGEST, digest), number(SIGNATURE, cipher), number(CIPHER, padding))
        )

    def cipher(self, *names: str) -> Cipher:
        """Cipher.getInstance(): ALG_… alone, or cipher and padding."""
        first = number(AEAD if "GCM" in names[0] or "CCM" in names[0] else CIPHER, names[0])
        if len(names) == 1:
            return Cipher(self.engine.cipher(first))
        return Cipher(self.engine.cipher(first, number(CIPHER, names[1])))

    def agree(self, name: str, key: Key, public: bytes) -> bytes:
        """KeyAgreement with one key."""
        agreement = self.engine.agreement(number(AGREEMENT, name))
        agreement.init(key.java)
        return bytes(agreement.generateSecret(key.java, public))

    def generate(self, public: Key, private: Key, source: Source | None = None) -> None:
        """KeyPair.genKeyPair()."""
        pair = self.engine.generate(public.java, private.java, (source or Source()).java)
        public.java.setAll(pair.publicParts())
        private.java.setAll(pair.privateParts())


def _enum(name: str, constant: str) -> Any:
    return cast("Any", jvm.java_class(f"{_PACKAGE}{name}")).valueOf(constant)
