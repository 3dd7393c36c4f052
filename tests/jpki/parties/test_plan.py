"""What the SP-TSM plans from what the card says, step by step: what is there is not asked for again (E6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from cardlab.iso7816.apdu import CommandApdu
from jpki.client import commands
from jpki.client.constants import PinState, Slot
from jpki.parties.messages import Command, SetPin
from jpki.parties.script import Batch, SecureSession
from jpki.parties.sections import KEY_SECTION, PIN_SECTION, STORE_SECTION
from jpki.parties.sp_tsm import plan
from jpki.parties.sp_tsm.plan import EMPTY, Question, SlotFacts

CERTIFICATE, OF_CA = b"c" * 300, b"a" * 200


@dataclass
class Session:
    """Marks what goes through it with the class byte of secure messaging."""

    max_data: int = 239

    def wrap(self, command: CommandApdu) -> tuple[None, CommandApdu]:
        return None, marked(command)


def marked(command: CommandApdu) -> CommandApdu:
    return replace(command, cla=command.cla | 0x04)


@pytest.fixture
def session() -> SecureSession:
    return Session()  # type: ignore[return-value]


def random(length: int) -> bytes:
    return bytes((0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF7))[:length]


def protected(*planned: CommandApdu) -> list[bytes]:
    return [marked(one).to_bytes() for one in planned]


def raw(batch: Batch) -> Iterator[bytes]:
    return (step.apdu for step in batch.steps if isinstance(step, Command))


def facts(**values: object) -> SlotFacts:
    return SlotFacts(replace(EMPTY, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize("slot", Slot)
@pytest.mark.parametrize("renew", [True, False])
def test_a_key(session: SecureSession, slot: Slot, renew: bool) -> None:
    batch = Batch()
    plan.add_key(batch, session, slot, renew=renew)
    assert [*raw(batch)] == protected(commands.generate_key_pair(slot, renew=renew))
    assert [step.section for step in batch.steps] == [KEY_SECTION[slot]]


@pytest.mark.parametrize("own", [0, len(CERTIFICATE), len(CERTIFICATE) - 1])
@pytest.mark.parametrize("of_ca", [0, len(OF_CA), len(OF_CA) + 1])
@pytest.mark.parametrize("slot", Slot)
def test_certificates_that_are_missing_are_stored_in_one_turn(
    session: SecureSession, slot: Slot, own: int, of_ca: int
) -> None:
    batch, wanted = Batch(), []
    if own != len(CERTIFICATE):
        wanted += commands.store_certificate(slot.certificate, CERTIFICATE, max_data=239)
    if of_ca != len(OF_CA):
        wanted += commands.store_certificate(slot.ca_certificate, OF_CA, max_data=239)
    known = facts(has_key=True, certificate_length=own, ca_certificate_length=of_ca)
    plan.add_certificates(batch, session, slot, known, CERTIFICATE, OF_CA)
    assert [*raw(batch)] == protected(*wanted)
    assert {step.section for step in batch.steps} <= {STORE_SECTION[slot]}


@pytest.mark.parametrize("slot", Slot)
@pytest.mark.parametrize("state", PinState)
def test_a_pin(session: SecureSession, slot: Slot, state: PinState) -> None:
    """What was set for one use and not used, or is blocked, is reset; what the user has chosen stays."""
    batch = Batch()
    plan.add_pin(batch, session, slot, facts(pin_state=state), random)
    pin = plan.temporary_pin(slot, random)
    reset = [] if state is PinState.INITIAL else [commands.reset_pin(slot)]
    expected = [] if state is PinState.ACTIVE else protected(*reset, commands.set_pin(slot, pin))
    assert [*raw(batch)] == expected
    typed = [step for step in batch.steps if isinstance(step, SetPin)]
    assert typed == ([] if state is PinState.ACTIVE else [SetPin(slot, pin, PIN_SECTION[slot])])
    assert {step.section for step in batch.steps} <= {PIN_SECTION[slot]}
    assert not typed or batch.steps[-1] is typed[0]


def test_temporary_pins_have_the_form_of_their_slot() -> None:
    assert plan.temporary_pin(Slot.SIGNING, random) == b"123456789ABCDEF7"
    assert plan.temporary_pin(Slot.AUTHENTICATION, random) == f"{0x123456789ABCDEF7 % 10_000:04}".encode()
    numbers = (value.to_bytes(8, "big") for value in (0, 7, 9_999, 10_000, 10_042))
    found = [plan.temporary_pin(Slot.AUTHENTICATION, lambda _, one=one: one) for one in numbers]  # type: ignore[misc]
    assert found == [b"0000", b"0007", b"9999", b"0000", b"0042"]


def test_nothing_is_left_when_neither_key_nor_pin_is() -> None:
    assert SlotFacts().is_empty and SlotFacts().key_hash == b""
    assert not facts(has_key=True).is_empty
    for state in PinState:
        assert facts(pin_state=state).is_empty is (state is PinState.INITIAL)
    assert SlotFacts(EMPTY, b"key").key_hash != SlotFacts(EMPTY, b"other").key_hash


def test_the_question_at_the_end_of_a_batch(session: SecureSession) -> None:
    """The status, and both halves of the keys that are asked for: a slot without one answers 6A88, and a key that is
    told whole in its first half 6A86."""
    batch = Batch()
    batch.add(commands.get_status(), session=session)
    question = Question.add_to(batch, session, (Slot.AUTHENTICATION, Slot.SIGNING))
    expected = [commands.get_status(), commands.get_status()]
    for slot in (Slot.AUTHENTICATION, Slot.SIGNING):
        expected += [commands.read_public_key(slot, half) for half in (0, 1)]
    assert [*raw(batch)] == protected(*expected)
    assert [step.allowed for step in batch.steps if isinstance(step, Command)] == [
        (), (), (0x6A88,), (0x6A88, 0x6A86), (0x6A88,), (0x6A88, 0x6A86)
    ]  # fmt: skip
    assert (question.status, question.halves) == (1, {Slot.AUTHENTICATION: (2, 3), Slot.SIGNING: (4, 5)})
