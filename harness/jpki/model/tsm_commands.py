"""TSM commands, class 84 inside SCP03, as they read after unwrapping (A1-A5, B3, B4, D1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import encode
from jpki.model.expectation import Data, EcPublicKey, Exactly, PublicKeyHalf, expect
from jpki.model.rules import (
    CommandRejectedError,
    Result,
    Rule,
    check_pin_characters,
    check_pin_length,
    done,
    ended_authentication,
    no_data,
    require,
    template_slot,
    tsm_pin_slot,
)
from jpki.model.state import CERTIFICATE_MAX, RULES, Chain, Key, ModelState, PinState, Profile, Slot, SlotState, Suite

C_MAC_AND_C_DECRYPTION = 0x03
R_MAC = 0x10
_LAST_BLOCK = 0x80
_HEADER = 4


@dataclass(frozen=True, slots=True)
class TsmCommand:
    """What is checked before the secure channel (P1 P2), the level needed, and what happens then."""

    check_parameters: Rule
    level: int
    run: Rule


def _erased(state: ModelState, name: Slot) -> ModelState:
    """A4, A5: nothing of the old holder is left."""
    return ended_authentication(state.with_slot(name, SlotState()), name).with_session(attributes=None)


def key_pair(state: ModelState, command: CommandApdu) -> Result:
    """GENERATE KEY PAIR and READ PUBLIC KEY (A1, A4)."""
    name = template_slot(command.data)
    if command.p1 == 0x81:
        return _read_public_key(state, name, command.p2)
    slot = state.slot(name)
    if command.p2 == 1:
        require(slot.key is not None, SW.CONDITIONS_NOT_SATISFIED, "A4: nothing to renew")
    elif slot.key is not None:
        state = _erased(state, name)
    after = ended_authentication(state, name).with_session(attributes=None)
    number = state.keys_made + 1
    slot = replace(after.slot(name), key=Key(number), certificate=b"", device_keys=())
    after = replace(after.with_slot(name, slot), keys_made=number)
    return after, expect(SW.OK, "A1, A4: key pair generated", _public_key(state, name, 0, None))


def _read_public_key(state: ModelState, name: Slot, half: int) -> Result:
    key = state.slot(name).key
    if key is None:
        raise CommandRejectedError(SW.REFERENCED_DATA_NOT_FOUND, "A1: no key in the slot")
    return state, expect(SW.OK, "A1: READ PUBLIC KEY", _public_key(state, name, half, key.halves[half]))


def _public_key(state: ModelState, name: Slot, half: int, known: bytes | None) -> Data:
    return EcPublicKey(name, known) if state.suite is Suite.P_384 else PublicKeyHalf(name, half, known)


def store_certificate(state: ModelState, command: CommandApdu) -> Result:
    """STORE CERTIFICATE, one block (A3); the checks in the order of the contract."""
    chain = state.session.chain
    state = state.with_session(chain=None)
    if command.p2 == 0:
        require(len(command.data) > _HEADER, SW.WRONG_LENGTH, "the first block has at least five bytes")
        chain, data = _start(state, command.data), command.data[_HEADER:]
    else:
        following = chain is not None and chain.next_block == command.p2
        require(following, SW.INCORRECT_P1P2, "A3: blocks follow each other")
        require(bool(command.data), SW.WRONG_LENGTH, "a block has at least one byte")
        data = command.data
    assert chain is not None  # noqa: S101 - either started or following
    content = chain.content + data
    require(len(content) <= chain.length, SW.WRONG_DATA, "more bytes than announced")
    if command.p1 != _LAST_BLOCK:
        chain = replace(chain, content=content, next_block=command.p2 + 1)
        return done(state.with_session(chain=chain), "A3: block stored")
    require(len(content) == chain.length, SW.WRONG_DATA, "fewer bytes than announced")
    require(_is_sequence(content), SW.WRONG_DATA, "not one DER SEQUENCE")
    return done(_with_file(state, chain.file, content), "A3: certificate stored")


def _start(state: ModelState, data: bytes) -> Chain:
    file, length = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:_HEADER], "big")
    names = {r.certificate_file: n for n, r in RULES.items()} | {r.ca_file: n for n, r in RULES.items()}
    require(file in names, SW.WRONG_DATA, "no certificate file")
    if file == RULES[names[file]].certificate_file:
        has_key = state.slot(names[file]).key is not None
        require(has_key, SW.CONDITIONS_NOT_SATISFIED, "A3: a certificate needs its key")
    require(length <= CERTIFICATE_MAX, SW.NOT_ENOUGH_MEMORY, "a certificate has at most 2,048 bytes")
    return Chain(file, length, b"", 0)


def _is_sequence(content: bytes) -> bool:
    """One SEQUENCE in DER: the length in its shortest form, nothing after it (X.690, 10.1)."""
    return any(content == encode(0x30, content[header:]) for header in (2, 3, 4) if len(content) >= header)


def _with_file(state: ModelState, file: int, content: bytes) -> ModelState:
    for name, rules in RULES.items():
        if file == rules.certificate_file:
            return state.with_slot(name, replace(state.slot(name), certificate=content))
        if file == rules.ca_file:
            return state.with_slot(name, replace(state.slot(name), ca_certificate=content))
    raise AssertionError("the first block names a file")


def pin_command(state: ModelState, command: CommandApdu) -> Result:
    """SET TEMPORARY PIN and RESET PIN (B3-B6)."""
    name = tsm_pin_slot(command.p2)
    if command.p1 == 0x03:
        no_data(command)
        slot = replace(state.slot(name), pin_state=PinState.INITIAL, pin=b"", tries=0, device_keys=())
        return done(ended_authentication(state.with_slot(name, slot), name), "B6: PIN reset")
    check_pin_length(name, command.data)
    initial = state.slot(name).pin_state is PinState.INITIAL
    require(initial, SW.CONDITIONS_NOT_SATISFIED, "B4: a PIN is set in INITIAL only")
    check_pin_characters(name, command.data)
    target = PinState.SETTABLE if state.profile is Profile.PHONE else PinState.ACTIVE
    slot = replace(state.slot(name), pin_state=target, pin=command.data, tries=RULES[name].tries)
    permitted = state.session.permitted - {name}
    return done(state.with_slot(name, slot).with_session(permitted=permitted), "B4, B5: PIN set by the TSM")


def delete_slot(state: ModelState, command: CommandApdu) -> Result:
    """DELETE SLOT (A5)."""
    return done(_erased(state, template_slot(command.data)), "A5: slot deleted")


def get_status(state: ModelState, command: CommandApdu) -> Result:
    """GET STATUS: the template is determined to the last byte."""
    no_data(command)
    template = encode(0x80, bytes((state.profile | state.suite,)))
    template += encode(0xB6, _slot_status(state.signing)) + encode(0xA4, _slot_status(state.authentication))
    template += encode(0x88, b"\0")  # no attacks: the model knows of undisturbed cards
    return state, expect(SW.OK, "GET STATUS", Exactly(template))


def _slot_status(slot: SlotState) -> bytes:
    devices = sum(1 << (method - 3) for method, _ in slot.device_keys)
    return b"".join(
        (
            encode(0x81, bytes((slot.key is not None,))),
            encode(0x82, len(slot.certificate).to_bytes(2, "big")),
            encode(0x83, len(slot.ca_certificate).to_bytes(2, "big")),
            encode(0x84, bytes((slot.pin_state,))),
            encode(0x85, bytes((slot.tries,))),
            encode(0x86, (slot.key.counter if slot.key else 0).to_bytes(4, "big")),
            encode(0x87, bytes((devices,))),
        )
    )


def _parameters(*allowed: tuple[range, range]) -> Rule:
    def check(state: ModelState, command: CommandApdu) -> Result:
        fits = any(command.p1 in first and command.p2 in second for first, second in allowed)
        require(fits, SW.INCORRECT_P1P2, "P1 P2 of a TSM command")
        return done(state, "")

    return check


def _key_pair_parameters(state: ModelState, command: CommandApdu) -> Result:
    """READ PUBLIC KEY of P-384 has one part."""
    parts = 1 if command.p1 == 0x81 and state.suite is Suite.P_384 else 2
    require(command.p1 in (0x80, 0x81) and command.p2 < parts, SW.INCORRECT_P1P2, "P1 P2 of a key pair")
    return done(state, "")


def _pin_parameters(state: ModelState, command: CommandApdu) -> Result:
    require(command.p1 in (2, 3), SW.INCORRECT_P1P2, "P1 is 02 or 03")
    tsm_pin_slot(command.p2)
    return done(state, "")


_ANY, _NONE = range(256), range(1)
TSM_COMMANDS: dict[int, TsmCommand] = {
    0x46: TsmCommand(_key_pair_parameters, C_MAC_AND_C_DECRYPTION | R_MAC, key_pair),
    0xE2: TsmCommand(_parameters((_NONE, _ANY), (range(0x80, 0x81), _ANY)), C_MAC_AND_C_DECRYPTION, store_certificate),
    0x2C: TsmCommand(_pin_parameters, C_MAC_AND_C_DECRYPTION, pin_command),
    0xE4: TsmCommand(_parameters((_NONE, _NONE)), C_MAC_AND_C_DECRYPTION, delete_slot),
    0xF2: TsmCommand(_parameters((_NONE, _NONE)), C_MAC_AND_C_DECRYPTION | R_MAC, get_status),
}
