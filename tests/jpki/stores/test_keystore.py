"""The Keystore signs for a user who was recognised, by the method that the key is for, and for nobody else (C1-C3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jpki.client.constants import DeviceMethod
from jpki.parties.keystore import Keystore, KeystoreRecords, NotRecognisedError

BIOMETRIC, LOCK_SCREEN = DeviceMethod.BIOMETRIC, DeviceMethod.LOCK_SCREEN
MESSAGE = b"what the card wants signed"


class Phone:
    """A Keystore, and whom the phone recognises by what."""

    def __init__(self, records: KeystoreRecords) -> None:
        self.records = records
        self.recognised: frozenset[DeviceMethod] = frozenset()
        self.asked: list[DeviceMethod] = []
        self.keystore = Keystore(records, self._recognise)

    def _recognise(self, method: DeviceMethod) -> bool:
        self.asked.append(method)
        return method in self.recognised


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    with closing(KeystoreRecords.open(tmp_path / "keystore.sqlite")) as records:
        yield Phone(records)


def verifies(point: bytes, signature: bytes) -> bool:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    try:
        key.verify(signature, MESSAGE, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def test_each_method_has_its_key(phone: Phone) -> None:
    points = {method: phone.keystore.create(method) for method in DeviceMethod}
    phone.recognised = frozenset(DeviceMethod)
    for method, point in points.items():
        signature = phone.keystore.sign(method, MESSAGE)
        assert [verifies(any_point, signature) for any_point in points.values()] == [one is method for one in points]
        assert phone.keystore.point(method) == point
    assert phone.asked == list(points)


@pytest.mark.parametrize("method", DeviceMethod)
def test_nobody_signs_who_is_not_recognised(phone: Phone, method: DeviceMethod) -> None:
    """Recognised by the other method, neither."""
    for one in DeviceMethod:
        phone.keystore.create(one)
    for recognised in (frozenset[DeviceMethod](), frozenset(DeviceMethod) - {method}):
        phone.recognised = recognised
        with pytest.raises(NotRecognisedError, match="the user was not recognised"):
            phone.keystore.sign(method, MESSAGE)
    assert phone.asked == [method, method]


def test_without_a_key_nobody_is_asked(phone: Phone) -> None:
    phone.recognised = frozenset(DeviceMethod)
    phone.keystore.create(LOCK_SCREEN)
    with pytest.raises(NotRecognisedError, match="has no biometric key"):
        phone.keystore.sign(BIOMETRIC, MESSAGE)
    assert phone.keystore.point(BIOMETRIC) is None
    phone.keystore.create(BIOMETRIC)
    phone.keystore.delete(BIOMETRIC)
    with pytest.raises(NotRecognisedError, match="has no biometric key"):
        phone.keystore.sign(BIOMETRIC, MESSAGE)
    assert phone.asked == []


def test_a_key_of_another_kind_is_none(phone: Phone) -> None:
    key = rsa.generate_private_key(65537, 2048)
    phone.records.put(BIOMETRIC, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    phone.recognised = frozenset(DeviceMethod)
    with pytest.raises(NotRecognisedError, match="of another kind"):
        phone.keystore.point(BIOMETRIC)
    with pytest.raises(NotRecognisedError, match="of another kind"):
        phone.keystore.sign(BIOMETRIC, MESSAGE)


def test_a_new_key_takes_the_place_of_the_old_one(phone: Phone) -> None:
    phone.recognised = frozenset(DeviceMethod)
    old, new = phone.keystore.create(BIOMETRIC), phone.keystore.create(BIOMETRIC)
    signature = phone.keystore.sign(BIOMETRIC, MESSAGE)
    assert (verifies(old, signature), verifies(new, signature)) == (False, True)
