"""Single faults in commands where what was before, a command or a cut, helps whoever disturbs the card.

All other states are those of the campaign (test_every_fault.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cardlab.campaign.faults.record import Broken
from cardlab.campaign.faults.runner import SceneRun, run_scene
from cardlab.campaign.faults.scene import FaultScene, Invariant, Outcome
from cardlab.errors import HarnessError
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.runtime.vm.faults import FaultModel
from cardlab.transport import exchange
from jpki.client import commands
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import proof_message
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.faulting.campaign import Stages
from tests.jpki.applet.heap import applet_object, put_uses
from tests.jpki.applet.tearing.scenes import Prepare, Scene, Work, World, old_or_new
from tests.jpki.applet.tearing.views import HASH
from tests.jpki.applet.tearing.worlds import NEW_PINS, PHONES, PINS, WRONG_PINS, opened

SIGNING, AUTHENTICATION = Slot
MODELS = (FaultModel.SKIP, FaultModel.INVERT, FaultModel.EXCEPTION, FaultModel.RETURN)
UNREGISTERED = b"\0\0\xff\xff"  # of jpki.applet.DeviceKeys, with its complement
VERIFIED = 0x6A99  # of jpki.applet.Pin


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    with opened() as worlds:
        yield Stages(worlds)


def scene(stages: Stages, command: str, prepare: Prepare) -> FaultScene:
    return stages.scene(Scene(command, "after something", World.USED, prepare, old_or_new))


def broken(made: FaultScene, models: Sequence[FaultModel] = MODELS) -> tuple[Broken, ...]:
    found = run_scene(made, models)
    assert found.cases
    return found.broken


def broken_at(made: FaultScene, models: Sequence[FaultModel], places: Sequence[str]) -> list[str]:
    """The same, of the cases at these places alone."""
    with SceneRun.opened(made) as run:
        count = run.faults.single(models, 1, 1)
        cases = [run.faults.case(number) for number in range(count)]
        there = [one for one in cases if any(name in run.faults.place(one.faults[0].number).where for name in places)]
        assert there
        return [str(one) for one in there if run.judge(one).outcome is Outcome.BROKEN]


def test_the_proof_of_a_phone_that_a_cut_removed(stages: Stages) -> None:
    """REMOVE DEVICE KEY was cut before it overwrote the key: that nobody has registered it is asked more than once."""

    def prepare(jpki: JpkiCard) -> Work:
        devices = applet_object(jpki.card.simulated).field("authentication").field("deviceKeys")
        devices.field("registered")[0].put("cells", UNREGISTERED)
        method = DeviceMethod.BIOMETRIC
        proof = PHONES[0].prove(proof_message(jpki.client.challenge(), HASH, method))
        return lambda: jpki.sw(0x80, 0x2E, method, AUTHENTICATION.key_reference, HASH + proof, 256)

    assert broken(scene(stages, "SIGN WITH INDICATOR", prepare)) == ()


def test_a_wrong_pin_leaves_no_mark_of_a_right_one(stages: Stages) -> None:
    """Else the next command would hang on one decision: what OwnerPIN says."""

    def marks(ready: Any) -> tuple[int, int]:
        value, complement = (
            applet_object(ready.simulated).field("signing").field("pin").field("verified").field("cells")
        )
        return value, ~complement

    def prepare(jpki: JpkiCard) -> Work:
        return lambda: jpki.sw(0x00, 0x20, 0x00, SIGNING.pin_reference, WRONG_PINS[SIGNING])

    held: dict[str, Invariant] = {"a cell says that it was right": lambda seen: VERIFIED not in seen.after}
    assert broken(replace(scene(stages, "VERIFY", prepare), observe=marks, invariants=held)) == ()


def test_where_no_transaction_was_begun_nothing_is_changed(stages: Stages) -> None:
    """A cut would part what belongs together (Twin)."""

    def prepare(jpki: JpkiCard) -> Work:
        jpki.client.verify(AUTHENTICATION, PINS[AUTHENTICATION])
        return lambda: jpki.sw(0x00, 0x24, 0x01, AUTHENTICATION.pin_reference, NEW_PINS[AUTHENTICATION])

    held: dict[str, Invariant] = {"it is changed": lambda seen: seen.is_ok or seen.after == seen.before}
    found = broken(replace(scene(stages, "CHANGE PIN", prepare), invariants=held), (FaultModel.SKIP,))
    assert [one for one in found if ".Right.begin(" in one.where and one.opcode == "invokestatic"] == []


@pytest.mark.parametrize(("ins", "p1"), [(0x2A, 0x02), (0x2E, 0x00)], ids=["plain", "with indicator"])
def test_the_other_slots_key_while_both_pins_are_verified(stages: Stages, ins: int, p1: int) -> None:
    """Whose key a reference names is found out twice: here no right tells the slots apart."""

    def prepare(jpki: JpkiCard) -> Work:
        for slot in Slot:
            jpki.client.verify(slot, PINS[slot])
        return lambda: jpki.sw(0x80, ins, p1, AUTHENTICATION.key_reference, HASH, 256)

    assert broken(scene(stages, "SIGN", prepare), (FaultModel.INVERT,)) == ()


@pytest.mark.parametrize("before", [0x0104, 0x010004], ids=hex)
def test_fewer_uses_than_there_are(stages: Stages, before: int) -> None:
    """C5: a number of which the last byte alone is told, as it is compared in two halves."""

    def prepare(jpki: JpkiCard) -> Work:
        put_uses(jpki.card.simulated, "authentication", before)
        jpki.client.verify(AUTHENTICATION, PINS[AUTHENTICATION])
        return lambda: jpki.sw(0x80, 0x2E, 0x00, AUTHENTICATION.key_reference, HASH, 256)

    assert broken(scene(stages, "SIGN WITH INDICATOR", prepare), (FaultModel.INVERT,)) == ()


@pytest.mark.parametrize(
    "asked", [commands.get_status(), commands.read_public_key(SIGNING, 0)], ids=["status", "public key"]
)
def test_an_answer_in_a_session_that_protects_none(stages: Stages, asked: CommandApdu) -> None:
    """D1: in a session of the TSM's, in which commands are protected. As to SELECT the card answers everybody."""

    def prepare(jpki: JpkiCard) -> Work:
        channel = jpki.channel(SecurityLevel.C_ENC)
        return lambda: exchange(channel, asked)

    held: dict[str, Invariant] = {"it is told": lambda seen: seen.data[:1] in (b"", b"\x6f")}
    assert broken(replace(scene(stages, "asked", prepare), invariants=held), (FaultModel.INVERT,)) == ()


def test_another_command_signs_where_commands_are_told_apart(stages: Stages) -> None:
    """GET DATA with what SIGN WITH INDICATOR takes: there it is asked once more which command it is."""

    def prepare(jpki: JpkiCard) -> Work:
        jpki.client.verify(AUTHENTICATION, PINS[AUTHENTICATION])
        return lambda: jpki.sw(0x80, 0xCA, 0x00, AUTHENTICATION.key_reference, HASH, 256)

    outcomes = of_changed_bytes(scene(stages, "GET DATA", prepare), ".processPlain(", "slookupswitch")
    assert len(outcomes) > 100
    assert Outcome.BROKEN not in outcomes


def of_changed_bytes(made: FaultScene, where: str, opcode: str) -> list[Outcome]:
    """Outcomes of all cases in which a byte of such an instruction is changed there."""
    with SceneRun.opened(made) as run:
        cases = range(run.faults.single([FaultModel.OPERAND]))
        places = [run.faults.place(run.faults.case(at).faults[0].number) for at in cases]
        there = [at for at in cases if where in places[at].where and places[at].opcode == opcode]
        return [run.verdict(run.faults.run(at, 1)[0]).outcome for at in there]


def states(ready: Any) -> tuple[Any, ...]:
    """Both cells of each, of PINs and of keys."""
    applet = applet_object(ready.simulated)
    slots = [applet.field(slot.name.lower()) for slot in Slot]
    return tuple(one.field("state").field("cells") for slot in slots for one in (slot, slot.field("pin")))


def change(jpki: JpkiCard) -> Work:
    jpki.client.verify(SIGNING, PINS[SIGNING])
    return lambda: jpki.client.change_pin(SIGNING, NEW_PINS[SIGNING])


def by_tsm(do: Callable[[JpkiPersonalisation], object]) -> Prepare:
    def prepare(jpki: JpkiCard) -> Work:
        tsm = jpki.tsm()
        return lambda: do(tsm)

    return prepare


WRITES: dict[str, Prepare] = {
    "CHANGE PIN": change,
    "RESET PIN": by_tsm(lambda tsm: tsm.reset_pin(SIGNING)),
    "DELETE SLOT": by_tsm(lambda tsm: tsm.delete_slot(SIGNING)),
}


@pytest.mark.parametrize("command", WRITES)
def test_a_state_of_which_one_cell_is_not_written_is_told_to_nobody(stages: Stages, command: str) -> None:
    """9000 says that both are, or the key of a slot that was deleted would not be overwritten (KeySlot.scrub)."""
    held: dict[str, Invariant] = {"it is told": lambda seen: not seen.is_ok or seen.after == seen.undisturbed}
    made = replace(scene(stages, command, WRITES[command]), observe=states, invariants=held)
    assert broken_at(made, (FaultModel.SKIP,), (".Twin.set(",)) == []


EXCHANGE = (".KeySlot.exchangeKey(", ".SpareKeyPair.exchange(", ".SpareKeyPair.holds(")


def has_keys_to_use(jpki: JpkiCard) -> bool:
    """The slot's key signs, and another one takes its place."""
    try:
        jpki.reset()
        jpki.client.verify(SIGNING, PINS[SIGNING])
        assert jpki.client.sign_with_indicator(SIGNING, HASH).signature
        jpki.tsm().generate_key_pair(SIGNING, renew=True)
    except HarnessError:
        return False
    return True


def test_neither_of_two_keys_is_lost_when_they_change_places(stages: Stages) -> None:
    """A reference that reads as null, or is not written, would leave the applet without a key pair for ever."""

    def prepare(jpki: JpkiCard) -> Work:
        channel = jpki.channel()
        return lambda: exchange(channel, CommandApdu(0x80, 0x46, 0x80, 0x01, b"\xb6\x00", 256))

    held: dict[str, Invariant] = {"a key is lost": lambda seen: has_keys_to_use(seen.ready.jpki)}
    made = replace(scene(stages, "GENERATE KEY PAIR", prepare), invariants=held)
    assert broken_at(made, (FaultModel.CELL, FaultModel.SKIP), EXCHANGE) == []
