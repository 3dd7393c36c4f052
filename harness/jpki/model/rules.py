"""What the rules for single commands share: refusal, references, file access."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from jpki.model.expectation import Expectation, expect
from jpki.model.state import PRESENCE_FILE, RULES, TOKEN_FILE, ModelState, PinState, Slot, SlotRules

Result = tuple[ModelState, Expectation]
Rule = Callable[[ModelState, CommandApdu], Result]

SELECTED_FILE = 0x80


class CommandRejectedError(Exception):
    """A command fails a check and changes nothing; ``sw`` is the answer, ``why`` the rule."""

    def __init__(self, sw: int, why: str) -> None:
        super().__init__(f"{sw:04X}: {why}")
        self.sw = sw
        self.why = why


def require(condition: bool, sw: int, why: str) -> None:
    """Refuse with ``sw`` unless the condition holds."""
    if not condition:
        raise CommandRejectedError(sw, why)


def done(state: ModelState, why: str) -> Result:
    """9000 without data."""
    return state, expect(SW.OK, why)


READABLE = (
    {TOKEN_FILE, PRESENCE_FILE} | {r.certificate_file for r in RULES.values()} | {r.ca_file for r in RULES.values()}
)
FILES = READABLE | {r.key_file for r in RULES.values()} | {r.pin_file for r in RULES.values()}


def referenced(
    state: ModelState, p2: int, reference: Callable[[SlotRules], int], file: Callable[[SlotRules], int]
) -> Slot:
    """The slot that P2 means: its reference, or 80 for the selected EF (docs/reference/applet.md, "Commands")."""
    if p2 == SELECTED_FILE:
        require(state.session.file is not None, SW.COMMAND_NOT_ALLOWED, "P2 = 80 needs a selected EF")
        wanted, key, wrong = state.session.file, file, SW.INCOMPATIBLE_FILE
    else:
        wanted, key, wrong = p2, reference, SW.REFERENCED_DATA_NOT_FOUND
    for name, rules in RULES.items():
        if key(rules) == wanted:
            return name
    raise CommandRejectedError(
        wrong, "P2 names no such reference" if p2 != SELECTED_FILE else "the selected EF is of another kind"
    )


def pin_slot(state: ModelState, p2: int) -> Slot:
    """The slot whose PIN P2 means."""
    return referenced(state, p2, lambda rules: rules.pin_reference, lambda rules: rules.pin_file)


def key_slot(state: ModelState, p2: int) -> Slot:
    """The slot whose key P2 means."""
    return referenced(state, p2, lambda rules: rules.key_reference, lambda rules: rules.key_file)


def tsm_pin_slot(p2: int) -> Slot:
    """The slot whose PIN P2 means in a TSM command: no selected EF there."""
    for name, rules in RULES.items():
        if rules.pin_reference == p2:
            return name
    raise CommandRejectedError(SW.REFERENCED_DATA_NOT_FOUND, "P2 names no PIN")


def template_slot(data: bytes) -> Slot:
    """The slot that B600 or A400 means."""
    require(len(data) == 2, SW.WRONG_LENGTH, "a slot is named by B600 or A400")
    for name, rules in RULES.items():
        if rules.template == data:
            return name
    raise CommandRejectedError(SW.WRONG_DATA, "a slot is named by B600 or A400")


def check_pin_length(name: Slot, pin: bytes) -> None:
    """B1, first half."""
    require(len(pin) in RULES[name].pin_lengths, SW.WRONG_LENGTH, "B1: length of the PIN")


def check_pin_characters(name: Slot, pin: bytes) -> None:
    """B1, second half."""
    require(all(byte in RULES[name].alphabet for byte in pin), SW.WRONG_DATA, "B1: characters of the PIN")


def no_data(command: CommandApdu) -> None:
    """For commands that take none."""
    require(not command.data, SW.WRONG_LENGTH, "the command takes no data")


def ended_authentication(state: ModelState, name: Slot) -> ModelState:
    """The slot's verification ends, and the permission to set its PIN."""
    session = state.session
    return state.with_session(verified=session.verified - {name}, permitted=session.permitted - {name})


def without_chain(state: ModelState) -> ModelState:
    """An interrupted STORE CERTIFICATE has to start again."""
    return state if state.session.chain is None else state.with_session(chain=None)


def used_key(state: ModelState, name: Slot) -> ModelState:
    """The key was used once more (C5: the counter counts every use)."""
    slot = state.slot(name)
    assert slot.key is not None  # noqa: S101 - the caller has looked
    return state.with_slot(name, replace(slot, key=replace(slot.key, counter=slot.key.counter + 1)))


def is_usable(state: ModelState, name: Slot) -> bool:
    """B5: a slot's key can be used in ACTIVE only."""
    return state.slot(name).pin_state is PinState.ACTIVE
