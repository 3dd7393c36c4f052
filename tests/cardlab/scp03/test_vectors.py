"""SCP03 against what others have published; each vector file names its source (D1, F4)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from cardlab.globalplatform.scp03 import (
    Channel,
    Derivation,
    InitializeUpdateResponse,
    SecurityLevel,
    SessionKeys,
    StaticKeys,
    cmac,
    decrypt_sensitive,
    derive,
    encrypt_sensitive,
    kdf_counter,
    key_check_value,
)
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from tests.cardlab.scp03.vector_files import FOLDER, SchemaError, Vector, load, validate, vectors


@pytest.mark.parametrize("vector", vectors("cmac"))
def test_cmac(vector: Vector) -> None:
    message = vector.inputs["message"]
    assert cmac(vector.inputs["key"], message) == vector.expected["mac"]
    assert cmac(vector.inputs["key"], message[:7], message[7:]) == vector.expected["mac"]


@pytest.mark.parametrize("vector", vectors("kdf"))
def test_kdf(vector: Vector) -> None:
    inputs = vector.inputs
    assert (
        kdf_counter(inputs["key"], inputs["before"], inputs["after"], inputs.raw["bits"]) == vector.expected["output"]
    )


@pytest.mark.parametrize("vector", vectors("key_check_value"))
def test_key_check_value(vector: Vector) -> None:
    assert key_check_value(vector.inputs["key"]) == vector.expected["check_value"]


@pytest.mark.parametrize("vector", vectors("sensitive"))
def test_sensitive_data(vector: Vector) -> None:
    encrypted = encrypt_sensitive(vector.inputs["dek"], vector.inputs["data"])
    assert encrypted == vector.expected["encrypted"]
    assert decrypt_sensitive(vector.inputs["dek"], encrypted) == vector.inputs["data"]


@pytest.mark.parametrize("vector", vectors("session_keys"))
def test_session_keys(vector: Vector) -> None:
    session = _static(vector).session(vector.inputs["host_challenge"], vector.inputs["card_challenge"])
    assert (session.enc, session.mac, session.rmac) == tuple(vector.expected[name] for name in ("enc", "mac", "rmac"))


@pytest.mark.parametrize("vector", vectors("session_key_check_values"))
def test_session_key_check_values(vector: Vector) -> None:
    inputs, context = vector.inputs, vector.inputs["context"]
    assert key_check_value(derive(inputs["enc"], Derivation.S_ENC, 128, context)) == vector.expected["enc"]
    assert key_check_value(derive(inputs["mac"], Derivation.S_MAC, 128, context)) == vector.expected["mac"]
    assert key_check_value(derive(inputs["mac"], Derivation.S_RMAC, 128, context)) == vector.expected["rmac"]
    assert key_check_value(inputs["dek"]) == vector.expected["dek"]


@pytest.mark.parametrize("vector", vectors("wrapping"))
def test_wrapping(vector: Vector) -> None:
    keys = SessionKeys(vector.inputs["enc"], vector.inputs["mac"], vector.inputs["rmac"], bytes(16))
    level = SecurityLevel(vector.inputs["level"][0])
    host = card = Channel(keys).opened(level)
    for exchange in vector.expected.exchanges:
        plain = CommandApdu.from_bytes(exchange["plain"])
        host, wrapped = host.wrap_command(plain)
        assert wrapped.to_bytes() == exchange["wrapped"]
        card, unwrapped = card.unwrap_command(wrapped)
        assert (unwrapped.header, unwrapped.data) == (plain.header, plain.data)


@pytest.mark.parametrize("vector", vectors("session"))
def test_session(vector: Vector) -> None:
    """A whole recorded session: handshake, wrapped commands, protected responses; both ends are compared with it."""
    keys, initialize = _static(vector), CommandApdu.from_bytes(vector.inputs["initialize_update"])
    response = InitializeUpdateResponse.from_bytes(vector.inputs["initialize_update_response"])
    assert response.to_bytes() == vector.inputs["initialize_update_response"]
    aid = vector.inputs.get("aid")
    if aid is not None:
        assert response.sequence is not None
        assert keys.card_challenge(response.sequence, aid) == response.card_challenge
    session = keys.session(initialize.data, response.card_challenge)
    assert session.card_cryptogram == response.card_cryptogram
    expected = CommandApdu.from_bytes(vector.expected["external_authenticate"])
    level = SecurityLevel(expected.p1)
    plain = CommandApdu(0x80, 0x82, level, 0, session.host_cryptogram)
    host, wrapped = Channel(session).wrap_command(plain)
    assert wrapped == expected
    card, unwrapped = Channel(session).unwrap_command(expected)
    assert unwrapped == plain
    host, card = host.opened(level), card.opened(level)
    for exchange in vector.expected.exchanges:
        plain = CommandApdu.from_bytes(exchange["plain"])
        expected = CommandApdu.from_bytes(exchange["wrapped"])
        host, wrapped = host.wrap_command(plain)
        assert (wrapped.header, wrapped.data) == (expected.header, expected.data)
        card, unwrapped = card.unwrap_command(expected)
        assert (unwrapped.header, unwrapped.data) == (plain.header, plain.data)
        answer = exchange.get("response")
        if answer is not None:
            secured, opened = ResponseApdu.from_bytes(answer), ResponseApdu.from_bytes(exchange["plain_response"])
            assert host.unwrap_response(secured) == opened
            if "long-padding" not in exchange.raw.get("flags", ()):
                assert card.wrap_response(opened) == secured


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.pop("source"),
        lambda document: document.update(kind="something"),
        lambda document: document["vectors"].clear(),
        lambda document: document["vectors"][0]["inputs"].update(key="0G"),
        lambda document: document["vectors"][0].update(extra="00"),
    ],
)
def test_a_damaged_vector_file_is_noticed(damage: Any) -> None:
    document, schema = load(FOLDER / "nist-cmac.json"), load_schema()
    validate(document, schema, schema, "file")
    damaged = copy.deepcopy(document)
    damage(damaged)
    with pytest.raises(SchemaError):
        validate(damaged, schema, schema, "file")


def load_schema() -> dict[str, Any]:
    """The schema as it is on disk."""
    schema: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    return schema


def _static(vector: Vector) -> StaticKeys:
    return StaticKeys(vector.inputs["enc"], vector.inputs["mac"], vector.inputs["dek"])
