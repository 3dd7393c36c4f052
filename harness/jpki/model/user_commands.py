"""Plain commands, classes 00 and 80: files, PINs, signatures (A3, B1-B7, C1, C4-C6)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from hashlib import sha256

from cardlab.iso7816.apdu import EXTENDED_MAX_LE, SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import encode
from jpki.model.attributes import signed_attributes
from jpki.model.device import sign_after_device_authentication
from jpki.model.expectation import (
    Challenge,
    Data,
    EcdsaSignature,
    Exactly,
    Length,
    Part,
    Pkcs1Signature,
    PssSignature,
    expect,
)
from jpki.model.rules import (
    FILES,
    READABLE,
    CommandRejectedError,
    Result,
    check_pin_characters,
    check_pin_length,
    done,
    key_slot,
    no_data,
    pin_slot,
    require,
    used_key,
)
from jpki.model.state import COUNTER_MAX, RULES, Key, Method, ModelState, PinState, Profile, Slot, Suite

_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # SHA-256, RFC 8017, 9.2, note 1
_LABELS = {Profile.PHONE: b"JPKIAPGPSETOKEN", Profile.CARD: b"JPKIAPICCTOKEN2"}
_TOKEN_LENGTH = 160
_APPLICATION = 0x10  # P1 of SIGN WITH INDICATOR
_MAX_FREE_LENGTH = 239
_PSS_TRAILER = 0xBC
_SET = 0x31
_MIN_RANDOM, _CHALLENGE = 8, 32
_VERSION = b"\1\1"
_TOKEN_TAIL = bytes.fromhex("0000040D00000001 00000000 00000001 0000000000000010 00000006" + "FF" * 16)


def select_file(state: ModelState, command: CommandApdu) -> Result:
    """SELECT with P1 other than 04. P1 other than 02 is what clients send that look for other cards."""
    require(command.p1 == 0x02, SW.FILE_NOT_FOUND, "SELECT: P1 other than 02 finds nothing")
    require(command.p2 == 0x0C, SW.INCORRECT_P1P2, "SELECT EF takes P2 0C")
    require(len(command.data) == 2, SW.WRONG_LENGTH, "a file identifier has two bytes")
    file = int.from_bytes(command.data, "big")
    require(file in FILES, SW.FILE_NOT_FOUND, "no such EF")
    return done(state.with_session(file=file), "SELECT EF")


def read_binary(state: ModelState, command: CommandApdu) -> Result:
    """READ BINARY of the selected EF or by short file identifier (A3)."""
    file, offset = _addressed(state, command)
    require(file in READABLE, SW.INCOMPATIBLE_FILE, "keys and PINs cannot be read")
    no_data(command)
    require(_may_read(state, file), SW.SECURITY_STATUS_NOT_SATISFIED, "A3: the certificate needs its slot's PIN")
    content = state.file_content(file)
    length = _TOKEN_LENGTH if content is None else len(content)
    require(offset < length, SW.WRONG_P1P2, "offset at or past the end")
    end = min(length, offset + _expected(command))
    data: Data = _token_part(state.profile, offset, end) if content is None else Exactly(content[offset:end])
    return state.with_session(file=file), expect(SW.OK, "A3: READ BINARY", data)


def _addressed(state: ModelState, command: CommandApdu) -> tuple[int, int]:
    if not command.p1 & 0x80:
        file = state.session.file
        if file is None:
            raise CommandRejectedError(SW.COMMAND_NOT_ALLOWED, "READ BINARY needs a selected EF")
        return file, command.p1 << 8 | command.p2
    require(not command.p1 & 0x60, SW.INCORRECT_P1P2, "bits 7 and 6 of P1 are zero with a short file identifier")
    file = command.p1 & 0x1F
    require(file in FILES, SW.FILE_NOT_FOUND, "no such EF")
    return file, command.p2


def _may_read(state: ModelState, file: int) -> bool:
    for name, rules in RULES.items():
        if file == rules.certificate_file:
            free = name is Slot.AUTHENTICATION and state.profile is Profile.CARD
            return free or name in state.session.verified
    return True


def _token_part(profile: Profile, offset: int, end: int) -> Part:
    """EF 0006 as PKCS #11 token information: label, (not determined) manufacturer, model, serial; then the rest."""
    known = _LABELS[profile].ljust(32) + bytes(64) + _TOKEN_TAIL + b"03" + b"01" + b"9" * 16
    mask = b"\1" * 32 + bytes(64) + b"\1" * 64
    return Part(offset, known[offset:end], mask[offset:end])


def verify(state: ModelState, command: CommandApdu) -> Result:
    """VERIFY and the retry query (B5, B7)."""
    require(command.p1 == 0, SW.INCORRECT_P1P2, "VERIFY takes P1 00")
    name = pin_slot(state, command.p2)
    require(len(command.data) <= 16, SW.WRONG_LENGTH, "a PIN has at most 16 bytes")
    slot = state.slot(name)
    if not command.data:
        return state, expect(0x63C0 | slot.tries, "B7: retry query")
    usable = slot.pin_state in (PinState.SETTABLE, PinState.ACTIVE)
    require(usable, SW.REFERENCE_DATA_NOT_USABLE, "B4, B7: PIN not set, or blocked")
    return _right_pin(state, name) if command.data == slot.pin else _wrong_pin(state, name)


def _right_pin(state: ModelState, name: Slot) -> Result:
    slot = state.slot(name)
    if slot.pin_state is PinState.SETTABLE:
        # B5: the temporary PIN is used up; what is left of it is the permission to set the user's PIN in this session.
        erased = replace(slot, pin_state=PinState.INITIAL, pin=b"", tries=0)
        permitted = state.session.permitted | {name}
        return done(state.with_slot(name, erased).with_session(permitted=permitted), "B5: temporary PIN verified")
    fresh = state.with_slot(name, replace(slot, tries=RULES[name].tries))
    return done(fresh.with_session(verified=state.session.verified | {name}), "B7: right PIN")


def _wrong_pin(state: ModelState, name: Slot) -> Result:
    slot = state.slot(name)
    tries = slot.tries - 1
    changed = replace(slot, tries=tries) if tries else replace(slot, tries=0, pin_state=PinState.BLOCKED, pin=b"")
    after = state.with_slot(name, changed).with_session(verified=state.session.verified - {name})
    return after, expect(0x63C0 | tries, "B7: wrong PIN")


def change_pin(state: ModelState, command: CommandApdu) -> Result:
    """CHANGE REFERENCE DATA (B2, B5, B6)."""
    require(command.p1 == 1, SW.INCORRECT_P1P2, "CHANGE REFERENCE DATA takes P1 01")
    name = pin_slot(state, command.p2)
    check_pin_length(name, command.data)
    inside = state.profile is Profile.CARD or not state.contactless
    require(inside, SW.CONDITIONS_NOT_SATISFIED, "D5: a phone's PIN is set from inside it")
    session = state.session
    allowed = name in session.verified or name in session.permitted
    require(allowed, SW.SECURITY_STATUS_NOT_SATISFIED, "B6: changing a PIN needs the current one")
    check_pin_characters(name, command.data)
    slot = replace(state.slot(name), pin_state=PinState.ACTIVE, pin=command.data, tries=RULES[name].tries)
    return done(state.with_slot(name, slot).with_session(permitted=session.permitted - {name}), "B6: PIN changed")


def _expected(command: CommandApdu) -> int:
    """Bytes that a command asks for: without Le as many as its form can bring, as cards that are sold take it."""
    return (EXTENDED_MAX_LE if command.is_extended else SHORT_MAX_LE) if command.le is None else command.le


def get_challenge(state: ModelState, command: CommandApdu) -> Result:
    """GET CHALLENGE (C3); the challenge itself is learnt by ``observe``."""
    require(command.p1 == 0 and command.p2 == 0, SW.INCORRECT_P1P2, "GET CHALLENGE takes P1 P2 0000")
    require(not command.data, SW.WRONG_LENGTH, "GET CHALLENGE takes no data")
    wanted = _expected(command)
    require(wanted >= _MIN_RANDOM, SW.WRONG_LENGTH, "F2: random bytes come by eight and more")
    if wanted >= SHORT_MAX_LE or wanted == _CHALLENGE:
        return state, expect(SW.OK, "C3: GET CHALLENGE", Challenge())
    return state, expect(SW.OK, "F2: random bytes, no challenge", Length(frozenset((wanted,))))


def sign(state: ModelState, command: CommandApdu) -> Result:
    """SIGN (C1, C6)."""
    return (_sign_ecdsa if state.suite is Suite.P_384 else _sign_pkcs1)(state, command)


def _sign_pkcs1(state: ModelState, command: CommandApdu) -> Result:
    require(command.p1 <= 3, SW.INCORRECT_P1P2, "SIGN takes P1 00 to 03")
    name = key_slot(state, command.p2)
    content = _to_be_padded(command.p1, command.data)
    require(name in state.session.verified, SW.SECURITY_STATUS_NOT_SATISFIED, "B5, C1, C6: SIGN needs the slot's PIN")
    like_pss = command.p1 == 0 and len(content) > _MAX_FREE_LENGTH and content[-1] == _PSS_TRAILER
    if state.slot(name).key:
        require(not like_pss, SW.WRONG_DATA, "C6: raw data that could be made to verify as RSASSA-PSS")
    key = _usable_key(state, name)
    signature = Pkcs1Signature(name, key.number, key.template, content)
    return used_key(state, name), expect(SW.OK, "C6: SIGN pads PKCS #1 v1.5", signature)


def _sign_ecdsa(state: ModelState, command: CommandApdu) -> Result:
    require(command.p1 == 1, SW.INCORRECT_P1P2, "C6: with ECDSA the card hashes what it signs, P1 01")
    name = key_slot(state, command.p2)
    require(1 <= len(command.data) <= 255, SW.WRONG_LENGTH, "SIGN: length of the data")
    require(name in state.session.verified, SW.SECURITY_STATUS_NOT_SATISFIED, "B5, C1, C6: SIGN needs the slot's PIN")
    if state.slot(name).key:
        require(command.data[0] != _SET, SW.WRONG_DATA, "C6: data that could be signed attributes")
    key = _usable_key(state, name)
    signature = EcdsaSignature(name, key.number, key.template, command.data)
    return used_key(state, name), expect(SW.OK, "C6: SIGN hashes what it signs", signature)


def _to_be_padded(p1: int, data: bytes) -> bytes:
    longest = {0: 245, 2: 32}.get(p1, 255)
    shortest = 32 if p1 == 2 else 1
    require(shortest <= len(data) <= longest, SW.WRONG_LENGTH, "SIGN: length of the data")
    if p1 == 0:
        return data
    digest = data if p1 == 2 else sha256(data).digest()
    return digest if p1 == 1 else _DIGEST_INFO + digest


def _usable_key(state: ModelState, name: Slot) -> Key:
    key = state.slot(name).key
    if key is None:
        raise CommandRejectedError(SW.REFERENCED_DATA_NOT_FOUND, "A1: no key in the slot")
    require(key.counter < COUNTER_MAX, SW.CONDITIONS_NOT_SATISFIED, "C5: the counter never wraps")
    return key


def sign_with_indicator(state: ModelState, command: CommandApdu) -> Result:
    """SIGN WITH INDICATOR, RSASSA-PSS or ECDSA (C1-C6)."""
    by_pin = command.p1 in (0, _APPLICATION)
    require(by_pin or command.p1 in (3, 4), SW.INCORRECT_P1P2, "SIGN WITH INDICATOR takes P1 00, 10, 03 or 04")
    name = next((name for name, rules in RULES.items() if rules.key_reference == command.p2), None)
    if name is None:
        raise CommandRejectedError(SW.REFERENCED_DATA_NOT_FOUND, "P2 names no key")
    if not by_pin:
        require(name is Slot.AUTHENTICATION, SW.INCORRECT_P1P2, "C1: device authentication has one key only")
        method = Method(command.p1)
        attest = partial(_attest, name=name, method=method, digest=command.data[: state.suite.hash_length])
        return sign_after_device_authentication(state, command, method, attest)
    application = command.p1 == _APPLICATION
    signing = name is Slot.SIGNING
    require(signing or not application, SW.INCORRECT_P1P2, "C5: applications are signed with the signing key")
    right = len(command.data) == state.suite.hash_length
    require(right, SW.WRONG_LENGTH, "SHA-256 gives 32 bytes, SHA-384 gives 48")
    require(name in state.session.verified, SW.SECURITY_STATUS_NOT_SATISFIED, "B5, C1: the slot's PIN")
    return _attest(state, name, RULES[name].method, command.data, application=application)


def _attest(state: ModelState, name: Slot, method: Method, digest: bytes, *, application: bool = False) -> Result:
    key = _usable_key(state, name)
    attributes = signed_attributes(digest, method, state.access, key.counter + 1, application=application)
    kind = EcdsaSignature if state.suite is Suite.P_384 else PssSignature
    signature = kind(name, key.number, key.template, attributes)
    after = used_key(state, name).with_session(attributes=attributes)
    return after, expect(SW.OK, f"C4, C5: indicator says {method.name.lower()}", signature)


def get_data(state: ModelState, command: CommandApdu) -> Result:
    """GET SIGNED ATTRIBUTES and GET IDENTIFICATION."""
    object_number = command.p1 << 8 | command.p2
    require(object_number in (0x01A0, 0x01A1), SW.INCORRECT_P1P2, "only 01A0 and 01A1 can be read")
    no_data(command)
    return _signed_attributes(state) if object_number == 0x01A0 else _identification(state)


def _identification(state: ModelState) -> Result:
    """Of an applet whose installer gave no hash."""
    medium = state.contact_medium or 0
    told = encode(0x80, _VERSION) + encode(0x81, bytes((state.profile | state.suite,))) + encode(0x82, bytes((medium,)))
    return state, expect(SW.OK, "GET IDENTIFICATION", Exactly(told))


def _signed_attributes(state: ModelState) -> Result:
    """C5."""
    attributes = state.session.attributes
    if attributes is None:
        raise CommandRejectedError(SW.CONDITIONS_NOT_SATISFIED, "nothing was signed with an indicator")
    return state, expect(SW.OK, "C5: the attributes that were signed", Exactly(attributes))
