"""The phone's Keystore in its TEE: P-256 keys that work after the user was recognised, and never leave (C1-C3)."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from cardlab.errors import HarnessError
from jpki.client.constants import DeviceMethod
from jpki.parties.store import Store


class NotRecognisedError(HarnessError):
    """The user was not recognised, or there is no such key."""


class KeystoreRecords(Store):
    """What the TEE keeps."""

    HOLDS = "the keys of a phone"
    SCHEMA = "CREATE TABLE key (method TEXT PRIMARY KEY, der BLOB NOT NULL) STRICT"

    def put(self, method: DeviceMethod, der: bytes) -> None:
        """Keep a key in place of an older one."""
        self._run("INSERT OR REPLACE INTO key VALUES (?, ?)", method.name, der)

    def find(self, method: DeviceMethod) -> bytes | None:
        """The key, PKCS #8."""
        row = self._one("SELECT der FROM key WHERE method = ?", method.name)
        return None if row is None else bytes(row[0])

    def drop(self, method: DeviceMethod) -> None:
        """Forget a key."""
        self._run("DELETE FROM key WHERE method = ?", method.name)


class Keystore:
    """One key for each way of recognising the user; ``recognise`` asks the user for a finger or the screen lock."""

    def __init__(self, records: KeystoreRecords, recognise: Callable[[DeviceMethod], bool]) -> None:
        self._records = records
        self._recognise = recognise

    def create(self, method: DeviceMethod) -> bytes:
        """Make a key; returns its public point, 65 bytes uncompressed."""
        key = ec.generate_private_key(ec.SECP256R1())
        self._records.put(method, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        return _point(key)

    def point(self, method: DeviceMethod) -> bytes | None:
        """The public point of a key that is there."""
        der = self._records.find(method)
        return None if der is None else _point(_load(der))

    def sign(self, method: DeviceMethod, message: bytes) -> bytes:
        """ECDSA with SHA-256 in DER, after the user was recognised; raises NotRecognisedError."""
        der = self._records.find(method)
        if der is None:
            name = method.name.lower().replace("_", " ")
            raise NotRecognisedError(f"the Keystore has no {name} key", hint="register it first")
        if not self._recognise(method):
            raise NotRecognisedError("the user was not recognised", hint="try again, or use the PIN")
        return _load(der).sign(message, ec.ECDSA(SHA256()))

    def delete(self, method: DeviceMethod) -> None:
        """Forget a key."""
        self._records.drop(method)


def _load(der: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NotRecognisedError("the Keystore's key is of another kind")
    return key


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
