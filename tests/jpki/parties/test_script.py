"""The TSMs' side of a script: what is no answer of the right card opens no session, and nothing is read from it."""

from __future__ import annotations

import pytest

from cardlab.errors import SecureChannelError
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import UnexpectedStatusError
from jpki.parties.messages import Command
from jpki.parties.script import Batch, Results, SecureSession

KEYS = StaticKeys(bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48)))
AID, VERSION, CHALLENGE = bytes.fromhex("F00000000101"), 0x30, bytes(range(8, 16))
OK = b"\x90\x00"
STATUS = CommandApdu(0x80, 0xF2, 0, 0)


def answer(session_keys: StaticKeys = KEYS, *, version: int = VERSION, protocol: int = 3) -> bytes:
    """To INITIALIZE UPDATE with a challenge of zeros (Amendment D 7.1.1), with R-MAC and R-ENCRYPTION."""
    cryptogram = session_keys.session(bytes(8), CHALLENGE).card_cryptogram
    return bytes(10) + bytes((version, protocol, 0x60)) + CHALLENGE + cryptogram + OK


def opened(*responses: bytes) -> tuple[SecureSession, Results]:
    session = SecureSession(AID, lambda version: KEYS if version == VERSION else None, bytes)
    batch = Batch()
    session.open_in(batch)
    return session, batch.read(responses)


def authenticated() -> tuple[SecureSession, Batch]:
    session, results = opened(OK, answer())
    batch = Batch()
    session.authenticate_in(batch, results)
    return session, batch


def test_the_right_card_is_authenticated_to() -> None:
    session, batch = authenticated()
    (step,) = batch.steps
    assert isinstance(step, Command) and step.apdu[:2] == b"\x84\x82"
    assert (session.key_version, session.dek) == (VERSION, KEYS.dek)
    assert 200 < session.max_data < 255


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(protocol=2), "INITIALIZE UPDATE: "),
        (answer()[:20] + OK, "INITIALIZE UPDATE: "),
        (answer(version=0x31), "nobody here has keys of version 31"),
        (answer(StaticKeys(bytes(16), bytes(16), bytes(16))), "cryptogram under key version 30 is wrong"),
    ],
)
def test_another_card_is_not(response: bytes, reason: str) -> None:
    session, results = opened(OK, response)
    batch = Batch()
    with pytest.raises(SecureChannelError, match=reason):
        session.authenticate_in(batch, results)
    assert batch.steps == ()
    for use in (lambda: session.max_data, lambda: session.wrap(STATUS)):
        with pytest.raises(SecureChannelError, match="not authenticated"):
            use()


def test_before_there_is_a_card_there_are_no_keys() -> None:
    session, _ = opened()
    with pytest.raises(SecureChannelError, match="not authenticated"):
        session.dek  # noqa: B018 - reading it is what is tested


@pytest.mark.parametrize("response", [OK, b"\xaa" * 8 + OK, b"\x01"])
def test_a_response_that_does_not_verify_is_none(response: bytes) -> None:
    session, _ = authenticated()
    batch = Batch()
    batch.add(STATUS, session=session)
    with pytest.raises(SecureChannelError, match="does not verify"):
        batch.read((response,))


def test_there_are_no_more_responses_than_steps() -> None:
    with pytest.raises(SecureChannelError, match="3 responses to a script of 2 steps"):
        opened(OK, OK, OK)


def test_a_step_that_failed_or_was_not_reached_has_no_answer() -> None:
    _, results = opened(b"\x6a\x82")
    for place in range(2):
        with pytest.raises(UnexpectedStatusError) as refused:
            results[place]
        assert refused.value.sw == 0x6A82
    _, nothing = opened()
    with pytest.raises(UnexpectedStatusError) as unreached:
        nothing[0]
    assert unreached.value.sw == 0x6F00
