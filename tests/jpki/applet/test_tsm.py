"""The TSM's commands: the channel they need, what they do, what they leave (A1-A5, B3, D1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import CardError, SecureChannelError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.interface import Media
from cardlab.transport import exchange
from jpki.client.commands import rsa_key
from jpki.client.constants import CERTIFICATE_CAPACITY, EF, DeviceMethod, PinState, Profile, Slot, Suite
from jpki.client.personalisation import AppletStatus, JpkiPersonalisation, SlotStatus
from tests.jpki.applet.cards import CA_CERTIFICATES, CERTIFICATES, PINS, TEMPORARY, Device, JpkiCard

SLOTS = list(Slot)
EMPTY = SlotStatus(False, 0, 0, PinState.INITIAL, 0, 0, frozenset())

# Every TSM command, as it is sent plain to the secure channel: instruction, P1, P2, data.
COMMANDS = {
    "GENERATE KEY PAIR": (0x46, 0x80, 0x00, b"\xa4\x00"),
    "READ PUBLIC KEY": (0x46, 0x81, 0x00, b"\xb6\x00"),
    "STORE CERTIFICATE": (0xE2, 0x80, 0x00, b"\x00\x02\x00\x02\x30\x00"),
    "SET TEMPORARY PIN": (0x2C, 0x02, 0x98, b"1234"),
    "RESET PIN": (0x2C, 0x03, 0x98, b""),
    "DELETE SLOT": (0xE4, 0x00, 0x00, b"\xb6\x00"),
    "GET STATUS": (0xF2, 0x00, 0x00, b""),
}
ANSWERING = {"GENERATE KEY PAIR", "READ PUBLIC KEY", "GET STATUS"}
LEVELS = [level for number in range(0x40) if (level := SecurityLevel(number)).is_allowed]


def send(channel: SecureChannelLayer, ins: int, p1: int, p2: int, data: bytes = b"") -> ResponseApdu:
    return exchange(channel, CommandApdu(0x80, ins, p1, p2, data, 256))


def sw(channel: SecureChannelLayer, ins: int, p1: int, p2: int, data: bytes = b"") -> int:
    return send(channel, ins, p1, p2, data).sw


# -- the channel ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_channel_nothing_happens(jpki: JpkiCard, name: str) -> None:
    """B3, D1."""
    before = jpki.status()
    jpki.select_other()
    ins, p1, p2, data = COMMANDS[name]
    for content in (data, data + bytes(8), bytes(16), bytes(255)):
        assert jpki.sw(0x84, ins, p1, p2, content, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status() == before


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: f"{int(level):02X}")
def test_the_level_that_each_command_needs(jpki: JpkiCard, name: str, level: SecurityLevel) -> None:
    """D1: C-MAC and C-DECRYPTION for all, R-MAC as well for what is returned."""
    tsm = jpki.tsm()
    tsm.reset_pin(Slot.AUTHENTICATION)
    before = tsm.status()
    needed = SecurityLevel.C_ENC_R_MAC if name in ANSWERING else SecurityLevel.C_ENC
    channel = jpki.channel(level)
    command = CommandApdu(0x80, *COMMANDS[name], 256)
    if level & needed == needed:
        answer = exchange(channel, command)
        assert answer.ok
        assert bool(answer.data) is (name in ANSWERING)
        return
    if level is SecurityLevel.NONE:  # the layer sends in clear under this level
        assert exchange(channel, command).sw in (SW.SECURITY_STATUS_NOT_SATISFIED, SW.INCORRECT_P1P2)
        command = CommandApdu(0x84, *COMMANDS[name], 256)
        assert exchange(channel, command).sw == SW.SECURE_MESSAGING_INCORRECT
    else:
        assert exchange(channel, command).sw == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status() == before


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("open_channel", [False, True])
def test_in_clear_they_are_refused_channel_or_not(jpki: JpkiCard, name: str, open_channel: bool) -> None:
    """B3, D1."""
    before = jpki.status()
    if not open_channel:
        jpki.select_other()
    ins, p1, p2, data = COMMANDS[name]
    expected = SW.INCORRECT_P1P2 if ins == 0xE4 else SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.sw(0x80, ins, p1, p2, data, 256) == expected
    assert jpki.sw(0x00, ins, p1, p2, data, 256) == SW.INS_NOT_SUPPORTED
    assert jpki.status() == before


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("damage", ["mac", "data", "header", "replay", "no mac"])
def test_damage_ends_the_channel_and_changes_nothing(jpki: JpkiCard, name: str, damage: str) -> None:
    """D1."""
    before = jpki.status()
    wire = Tap(jpki)
    channel = SecureChannelLayer.open(wire, jpki.card.keys, host_challenge=jpki.card.challenge())
    assert sw(channel, *COMMANDS["GET STATUS"]) == SW.OK
    replayed = wire.sent[-1]
    wire.hold = True
    with pytest.raises(SecureChannelError):
        send(channel, *COMMANDS[name])
    secured = bytearray(wire.sent[-1])
    if damage == "mac":
        secured[4 + secured[4]] ^= 0x01
    elif damage == "data":
        secured[5] ^= 0x80
    elif damage == "header":
        secured[3] ^= 0x01
    elif damage == "replay":
        secured = bytearray(replayed)
    else:
        secured = bytearray(CommandApdu(0x84, *COMMANDS[name], 256).to_bytes())
    assert jpki.card.transmit(bytes(secured)) == b"\x69\x88"
    assert jpki.card.transmit(wire.sent[-1]) == b"\x69\x82", "the channel is closed: not even the right one passes"
    assert jpki.status() == before


@pytest.mark.needs("interfaces")
@pytest.mark.parametrize("media", [Media.CONTACTLESS_TYPE_A, Media.CONTACTLESS_TYPE_B])
def test_contactless_is_refused(jpki: JpkiCard, media: Media) -> None:
    """D5."""
    before = jpki.status()
    jpki.reset(media)
    assert jpki.sw(0x80, 0x50, 0x00, 0x00, bytes(8), 256) == SW.CONDITIONS_NOT_SATISFIED
    assert jpki.sw(0x84, 0x82, 0x33, 0x00, bytes(16)) == SW.CONDITIONS_NOT_SATISFIED
    for ins, p1, p2, data in COMMANDS.values():
        assert jpki.sw(0x84, ins, p1, p2, data + bytes(8), 256) == SW.CONDITIONS_NOT_SATISFIED
    with pytest.raises(SecureChannelError):
        jpki.channel()
    jpki.reset(Media.CONTACT)
    assert jpki.status() == before


def test_commands_of_the_phone_may_come_in_between(jpki: JpkiCard) -> None:
    """The phone's app passes the TSM's commands on and sends its own, in one session of the card."""
    tsm = jpki.tsm()
    tsm.reset_pin(Slot.SIGNING)
    tsm.set_pin(Slot.SIGNING, TEMPORARY[Slot.SIGNING])
    jpki.client.verify(Slot.SIGNING, TEMPORARY[Slot.SIGNING])
    jpki.client.change_pin(Slot.SIGNING, PINS[Slot.SIGNING])
    assert tsm.status().slots[Slot.SIGNING].pin_state is PinState.ACTIVE


def test_a_refused_command_leaves_the_channel_open(jpki: JpkiCard) -> None:
    channel = jpki.channel()
    assert sw(channel, 0x46, 0x82, 0x00, b"\xb6\x00") == SW.INCORRECT_P1P2
    assert sw(channel, 0x99, 0x00, 0x00) == SW.INS_NOT_SUPPORTED
    assert sw(channel, 0xE4, 0x00, 0x00, b"\xb6") == SW.WRONG_LENGTH
    assert sw(channel, *COMMANDS["GET STATUS"]) == SW.OK


class Tap:
    """Passes commands on and keeps them; holds them back when told to."""

    def __init__(self, jpki: JpkiCard) -> None:
        self._card = jpki.card
        self.sent: list[bytes] = []
        self.hold = False

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return b"\x90\x00" if self.hold else self._card.transmit(command)

    def reset(self) -> bytes:
        return self._card.reset()

    def close(self) -> None:
        self._card.close()


# -- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secured", [False, True], ids=["no channel", "channel"])
def test_wrong_parameters(jpki: JpkiCard, secured: bool) -> None:
    """P1 and P2 are looked at before the channel, so the answers are the same with and without one."""
    before = jpki.status()
    channel = jpki.channel()
    if not secured:
        jpki.select_other()

    def answer(ins: int, p1: int, p2: int) -> int:
        return sw(channel, ins, p1, p2, b"\xb6\x00") if secured else jpki.sw(0x84, ins, p1, p2, bytes(8))

    some = {0x01, 0x02, 0x03, 0x04, 0x7F, 0x80, 0x81, 0x82, 0x97, 0x98, 0xFF}
    for p1 in some - {0x80, 0x81}:
        assert answer(0x46, p1, 0x00) == SW.INCORRECT_P1P2
    for p2 in some - {0x01}:
        assert answer(0x46, 0x80, p2) == SW.INCORRECT_P1P2
        assert answer(0x46, 0x81, p2) == SW.INCORRECT_P1P2
    for p1 in some - {0x80}:
        assert answer(0xE2, p1, 0x00) == SW.INCORRECT_P1P2
    for p1 in (some | {0x00}) - {0x02, 0x03}:
        assert answer(0x2C, p1, 0x98) == SW.INCORRECT_P1P2
    assert answer(0x2C, 0x05, 0x00) == SW.INCORRECT_P1P2, "before the file is looked for"
    for p2 in (some | {0x00}) - {0x98, 0x9B}:
        assert answer(0x2C, 0x02, p2) == SW.REFERENCED_DATA_NOT_FOUND
        assert answer(0x2C, 0x03, p2) == SW.REFERENCED_DATA_NOT_FOUND
    for ins in (0xE4, 0xF2):
        for value in some:
            assert answer(ins, value, 0x00) == SW.INCORRECT_P1P2
            assert answer(ins, 0x00, value) == SW.INCORRECT_P1P2
    assert jpki.status() == before


def test_wrong_lengths_and_data(jpki: JpkiCard) -> None:
    before = jpki.status()
    channel = jpki.channel()
    for ins, p1 in ((0x46, 0x80), (0x46, 0x81), (0xE4, 0x00)):
        for length in (0, 1, 3, 200):
            assert sw(channel, ins, p1, 0x00, b"\xb6\x00".ljust(length, b"\0")[:length]) == SW.WRONG_LENGTH
        for data in (b"\xb6\x01", b"\xa4\x01", b"\x00\x00", b"\xb8\x00"):
            assert sw(channel, ins, p1, 0x00, data) == SW.WRONG_DATA
    assert sw(channel, 0x2C, 0x03, 0x98, b"\0") == SW.WRONG_LENGTH
    assert sw(channel, 0xF2, 0x00, 0x00, b"\0") == SW.WRONG_LENGTH
    assert jpki.status() == before


@pytest.mark.parametrize("template", [b"\x80\x00", b"\xa3\xff", b"\xb5\xff"])
def test_a_template_is_one_of_two(jpki: JpkiCard, template: bytes) -> None:
    """A5: one of a lower number than both, or than one, deletes neither slot."""
    before = jpki.status()
    channel = jpki.channel()
    for ins, p1 in ((0x46, 0x81), (0xE4, 0x00)):
        assert sw(channel, ins, p1, 0x00, template) == SW.WRONG_DATA
    assert jpki.status() == before


# -- key pairs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_the_public_key_belongs_to_the_private_one(
    jpki: JpkiCard, public_keys: Mapping[Slot, RSAPublicKey], slot: Slot
) -> None:
    """A1: RSA-2048 in both slots; what the card signs verifies with what it gave out."""
    key = public_keys[slot]
    assert key.key_size == 2048
    assert key.public_numbers().e == 65537
    assert jpki.tsm().public_key(slot) == key
    jpki.verify(slot)
    key.verify(jpki.client.sign_message(slot, b"text"), b"text", padding.PKCS1v15(), SHA256())


def test_the_template_is_that_of_iso_7816_8(jpki: JpkiCard, public_keys: Mapping[Slot, RSAPublicKey]) -> None:
    channel = jpki.channel()
    halves = [send(channel, 0x46, 0x81, half, b"\xb6\x00").data for half in (0, 1)]
    modulus = public_keys[Slot.SIGNING].public_numbers().n.to_bytes(256, "big")
    assert [len(half) for half in halves] == [135, 135]
    assert b"".join(halves) == bytes.fromhex("7F4982010981820100") + modulus + bytes.fromhex("8203010001")


@pytest.mark.parametrize("slot", SLOTS)
def test_either_slot_or_both(blank: JpkiCard, slot: Slot) -> None:
    """A2."""
    tsm = blank.tsm()
    tsm.generate_key_pair(slot)
    slots = tsm.status().slots
    assert [one for one in Slot if slots[one].has_key] == [slot]


@pytest.mark.parametrize("slot", SLOTS)
def test_no_key_no_public_key(blank: JpkiCard, slot: Slot) -> None:
    with pytest.raises(UnexpectedStatusError) as error:
        blank.tsm().public_key(slot)
    assert error.value.sw == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize("slot", SLOTS)
def test_issuing_keeps_a_pin_set_beforehand_in_an_empty_slot(blank: JpkiCard, slot: Slot) -> None:
    blank.activate_pin(slot, PINS[slot])
    blank.verify(slot)
    blank.tsm().generate_key_pair(slot)
    assert not blank.is_verified(slot), "a new key needs the PIN to be verified anew"
    blank.verify(slot)
    assert blank.client.sign_hash(slot, bytes(32))


@pytest.mark.parametrize("slot", SLOTS)
def test_issuing_leaves_nothing_of_the_old_holder(
    jpki: JpkiCard, public_keys: Mapping[Slot, RSAPublicKey], slot: Slot
) -> None:
    """A4."""
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
    jpki.verify(slot)
    jpki.client.sign_with_indicator(slot, bytes(32))
    others = {one: status for one, status in jpki.status().slots.items() if one is not slot}
    tsm = jpki.tsm()
    assert tsm.generate_key_pair(slot) != public_keys[slot]
    status = tsm.status()
    assert status.slots[slot] == SlotStatus(True, 0, 0, PinState.INITIAL, 0, 0, frozenset())
    assert {one: status.slots[one] for one in others} == others
    assert not jpki.is_verified(slot)
    assert jpki.client.read_file(slot.ca_certificate) == b""
    assert jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, PINS[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    assert jpki.sw(0x80, 0xCA, 0x01, 0xA0, le=256) == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize("slot", SLOTS)
def test_renewal_keeps_pin_and_ca_certificate(
    jpki: JpkiCard, public_keys: Mapping[Slot, RSAPublicKey], slot: Slot
) -> None:
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, Device.create().point)
    jpki.verify(slot)
    jpki.client.sign_hash(slot, bytes(32))
    tsm = jpki.tsm()
    key = rsa_key(tsm.generate_key_pair(slot, renew=True))
    assert key != public_keys[slot]
    ca_length = len(CA_CERTIFICATES[slot])
    assert tsm.status().slots[slot] == SlotStatus(True, 0, ca_length, PinState.ACTIVE, slot.tries, 0, frozenset())
    assert not jpki.is_verified(slot)
    jpki.verify(slot)
    key.verify(jpki.client.sign_message(slot, b"text"), b"text", padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("slot", SLOTS)
def test_renewal_needs_a_key(blank: JpkiCard, slot: Slot) -> None:
    with pytest.raises(UnexpectedStatusError) as error:
        blank.tsm().generate_key_pair(slot, renew=True)
    assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED


# -- deletion and status ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_deletion(jpki: JpkiCard, slot: Slot) -> None:
    """A5: one slot, and only this one; deleting an empty slot is no error."""
    others = {one: status for one, status in jpki.status().slots.items() if one is not slot}
    jpki.verify(slot)
    tsm = jpki.tsm()
    for _ in range(2):
        tsm.delete_slot(slot)
        status = tsm.status()
        assert status.slots[slot] == EMPTY
        assert {one: status.slots[one] for one in others} == others
    assert not jpki.is_verified(slot)
    assert jpki.sw(0x00, 0x20, 0x00, slot.pin_reference, PINS[slot]) == SW.REFERENCE_DATA_NOT_USABLE
    assert jpki.client.ca_certificate(slot) == b""


def test_status_of_a_new_applet(blank: JpkiCard) -> None:
    assert blank.status() == AppletStatus(Profile.PHONE, Suite.RSA_2048, dict.fromkeys(Slot, EMPTY), attacks=0)


@pytest.mark.needs("many")
def test_status_of_one_in_use(jpki: JpkiCard, plastic: JpkiCard) -> None:
    for card, profile in ((jpki, Profile.PHONE), (plastic, Profile.CARD)):
        assert card.status() == AppletStatus(
            profile,
            Suite.RSA_2048,
            {
                slot: SlotStatus(
                    True,
                    len(CERTIFICATES[slot]),
                    len(CA_CERTIFICATES[slot]),
                    PinState.ACTIVE,
                    slot.tries,
                    0,
                    frozenset(),
                )
                for slot in Slot
            },
            attacks=0,
        )


@pytest.mark.parametrize("raw", [b"", b"\x80\x01\x01", b"\x80\x01\x09\xb6\x00\xa4\x00", b"\xff", bytes(59)])
def test_an_answer_that_is_no_status_is_an_error(raw: bytes) -> None:
    with pytest.raises(CardError, match="GET STATUS"):
        AppletStatus.from_bytes(raw)


# -- certificates -----------------------------------------------------------------------------------------------------

NEW = b"\x30\x82\x05\x00" + bytes(range(256)) * 5
FILES = [
    EF.SIGNING_CERTIFICATE,
    EF.SIGNING_CA_CERTIFICATE,
    EF.AUTHENTICATION_CERTIFICATE,
    EF.AUTHENTICATION_CA_CERTIFICATE,
]


def stored(jpki: JpkiCard, file: EF) -> bytes:
    for slot in Slot:
        jpki.verify(slot)
    return jpki.client.read_file(file)


def block(
    channel: SecureChannelLayer,
    number: int,
    data: bytes,
    *,
    last: bool = False,
    file: EF | None = None,
    length: int = 0,
) -> int:
    """One block; the first with file identifier and length when ``file`` is given."""
    head = b"" if file is None else file.to_bytes(2, "big") + length.to_bytes(2, "big")
    return sw(channel, 0xE2, 0x80 if last else 0x00, number, head + data)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "certificate",
    [b"\x30\x00", b"\x30\x7f" + bytes(127), b"\x30\x81\x80" + bytes(128), b"\x30\x81\xff" + bytes(255),
     b"\x30\x82\x01\x00" + bytes(256), NEW, b"\x30\x82\x07\xfc" + bytes(2044)],
    ids=len,
)  # fmt: skip
def test_certificates_of_every_length(jpki: JpkiCard, file: EF, certificate: bytes) -> None:
    """A3: all four files, each read back as it was stored."""
    jpki.tsm().store_certificate(file, certificate)
    assert stored(jpki, file) == certificate
    for other in FILES:
        if other is not file:
            assert stored(jpki, other) == _originals()[other]


def _originals() -> dict[EF, bytes]:
    holder = {slot.certificate: CERTIFICATES[slot] for slot in Slot}
    return {**holder, **{slot.ca_certificate: CA_CERTIFICATES[slot] for slot in Slot}}


def test_a_longer_then_a_shorter_certificate(jpki: JpkiCard) -> None:
    tsm = jpki.tsm()
    for certificate in (NEW, b"\x30\x03\x02\x01\x05", NEW[:2] + b"\x04\x00" + bytes(1024)):
        tsm.store_certificate(EF.SIGNING_CA_CERTIFICATE, certificate)
        assert jpki.client.ca_certificate(Slot.SIGNING) == certificate


@pytest.mark.parametrize("slot", SLOTS)
def test_a_holders_certificate_needs_a_key(blank: JpkiCard, slot: Slot) -> None:
    tsm = blank.tsm()
    with pytest.raises(UnexpectedStatusError) as error:
        tsm.store_certificate(slot.certificate, NEW)
    assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED
    tsm.store_certificate(slot.ca_certificate, NEW)
    assert blank.client.ca_certificate(slot) == NEW


def test_the_old_certificate_stays_until_the_last_block(jpki: JpkiCard) -> None:
    old = stored(jpki, EF.SIGNING_CA_CERTIFICATE)
    channel = jpki.channel()
    assert block(channel, 0, NEW[:200], file=EF.SIGNING_CA_CERTIFICATE, length=len(NEW)) == SW.OK
    assert jpki.client.ca_certificate(Slot.SIGNING) == old


INTERRUPTIONS: dict[str, Callable[[JpkiCard, SecureChannelLayer], object]] = {
    "read": lambda jpki, channel: jpki.client.token_information(),
    "status": lambda jpki, channel: send(channel, *COMMANDS["GET STATUS"]),
    "retry query": lambda jpki, channel: jpki.client.tries_left(Slot.SIGNING),
    "unknown command": lambda jpki, channel: jpki.sw(0x00, 0xFF, 0x00, 0x00),
    "unknown class": lambda jpki, channel: jpki.sw(0xA0, 0xE2, 0x00, 0x01),
    "in clear": lambda jpki, channel: jpki.sw(0x80, 0xE2, 0x00, 0x01, b"x"),
    "wrong block": lambda jpki, channel: block(channel, 2, b"x"),
    "same block": lambda jpki, channel: block(channel, 0, b"x"),
    "a block twice": lambda jpki, channel: [block(channel, 1, b"x"), block(channel, 1, b"x")],
    "wrong P1": lambda jpki, channel: sw(channel, 0xE2, 0x40, 0x01, b"x"),
    "empty block": lambda jpki, channel: block(channel, 1, b""),
    "too much": lambda jpki, channel: [block(channel, 1, bytes(220)), block(channel, 2, bytes(220))],
}


@pytest.mark.parametrize("interruption", INTERRUPTIONS.values(), ids=INTERRUPTIONS.keys())
def test_an_interrupted_chain_starts_again(
    jpki: JpkiCard, interruption: Callable[[JpkiCard, SecureChannelLayer], object]
) -> None:
    new = b"\x30\x82\x01\x2c" + bytes(300)
    old = stored(jpki, EF.SIGNING_CA_CERTIFICATE)
    channel = jpki.channel()
    assert block(channel, 0, new[:150], file=EF.SIGNING_CA_CERTIFICATE, length=len(new)) == SW.OK
    interruption(jpki, channel)
    assert block(channel, 1, new[150:], last=True) == SW.INCORRECT_P1P2
    assert jpki.client.ca_certificate(Slot.SIGNING) == old
    JpkiPersonalisation(channel).store_certificate(EF.SIGNING_CA_CERTIFICATE, new)
    assert jpki.client.ca_certificate(Slot.SIGNING) == new


@pytest.mark.parametrize("how", ["reset", "select_other", "select"])
def test_a_chain_ends_with_the_selection(jpki: JpkiCard, how: str) -> None:
    channel = jpki.channel()
    assert block(channel, 0, NEW[:150], file=EF.SIGNING_CA_CERTIFICATE, length=len(NEW)) == SW.OK
    jpki.client.select() if how == "select" else getattr(jpki, how)()
    channel = jpki.channel()
    assert block(channel, 1, NEW[150:350]) == SW.INCORRECT_P1P2


def test_block_zero_starts_a_new_chain_at_any_time(jpki: JpkiCard) -> None:
    channel = jpki.channel()
    assert block(channel, 0, NEW[:150], file=EF.SIGNING_CA_CERTIFICATE, length=len(NEW)) == SW.OK
    short = b"\x30\x02\x05\x00"
    assert block(channel, 0, short, last=True, file=EF.AUTHENTICATION_CA_CERTIFICATE, length=4) == SW.OK
    assert jpki.client.ca_certificate(Slot.AUTHENTICATION) == short
    assert jpki.client.ca_certificate(Slot.SIGNING) == CA_CERTIFICATES[Slot.SIGNING]


NO_SEQUENCE = [
    bytes.fromhex("3100"),
    bytes.fromhex("0000"),
    bytes.fromhex("30"),
    bytes.fromhex("3001"),
    bytes.fromhex("30010000"),
    bytes.fromhex("30800000"),
    bytes.fromhex("3081"),
    bytes.fromhex("30810100"),
    bytes.fromhex("30817F") + bytes(127),
    bytes.fromhex("308200"),
    bytes.fromhex("3082000100"),
    bytes.fromhex("308200FF") + bytes(100),
    bytes.fromhex("308300000100"),
    bytes.fromhex("308180") + bytes(127),
    bytes.fromhex("30820100") + bytes(100),
]


def test_refused_certificates(jpki: JpkiCard) -> None:
    channel = jpki.channel()
    file = EF.SIGNING_CA_CERTIFICATE

    def one(data: bytes, length: int | None = None, to: EF | int = file) -> int:
        head = int(to).to_bytes(2, "big") + (len(data) if length is None else length).to_bytes(2, "big")
        return sw(channel, 0xE2, 0x80, 0x00, head + data)

    for target in (0x0000, 0x0006, 0x0008, 0x0017, 0x0018, 0x001A, 0x001B, 0x0101, 0x3F00, 0xFFFF):
        assert one(b"\x30\x00", to=target) == SW.WRONG_DATA
    for data in NO_SEQUENCE:
        assert one(data) == SW.WRONG_DATA
    assert one(b"\x30\x00", length=0) == SW.WRONG_DATA
    assert one(b"\x30\x00", length=1) == SW.WRONG_DATA
    assert one(b"\x30\x00", length=3) == SW.WRONG_DATA
    for length in (CERTIFICATE_CAPACITY + 1, 0x7FFF, 0x8000, 0xFFFF):
        assert one(b"\x30\x00", length=length) == SW.NOT_ENOUGH_MEMORY
    for data in (b"", b"\x00", b"\x00\x02", b"\x00\x02\x00", b"\x00\x02\x00\x02"):
        assert sw(channel, 0xE2, 0x80, 0x00, data) == SW.WRONG_LENGTH
        assert sw(channel, 0xE2, 0x00, 0x00, data) == SW.WRONG_LENGTH
    for number in (1, 2, 0x7F, 0x80, 0xFF):
        assert sw(channel, 0xE2, 0x00, number, b"x") == SW.INCORRECT_P1P2
    assert {file: stored(jpki, file) for file in FILES} == _originals()


@pytest.mark.parametrize("form", [0x80, 0x83, 0x84, 0xFF], ids=hex)
def test_no_other_form_passes_for_a_length_of_one_or_two_bytes(jpki: JpkiCard, form: int) -> None:
    """X.690, 8.1.3: what follows would be the right length, were it said in the one way or the other."""
    channel, file = jpki.channel(), EF.SIGNING_CA_CERTIFICATE
    one, two = bytes((0x30, form, 0x80)) + bytes(128), bytes((0x30, form, 0x01, 0x00)) + bytes(256)
    assert block(channel, 0, one, last=True, file=file, length=len(one)) == SW.WRONG_DATA
    assert block(channel, 0, two[:150], file=file, length=len(two)) == SW.OK
    assert block(channel, 1, two[150:], last=True) == SW.WRONG_DATA


@pytest.mark.parametrize("head", [b"\x30\x81\x7f", b"\x30\x82\x00\xff"], ids=["127 bytes", "255 bytes"])
def test_a_length_is_said_in_the_shortest_way(jpki: JpkiCard, head: bytes) -> None:
    """X.690, 10.1: the longest contents that need one byte less."""
    channel, content = jpki.channel(), head + bytes(head[-1])
    assert block(channel, 0, content[:100], file=EF.SIGNING_CA_CERTIFICATE, length=len(content)) == SW.OK
    assert block(channel, 1, content[100:], last=True) == SW.WRONG_DATA


def test_a_block_holds_at_least_one_byte(jpki: JpkiCard) -> None:
    for last in (False, True):
        channel = jpki.channel()
        assert block(channel, 0, NEW[:150], file=EF.SIGNING_CA_CERTIFICATE, length=len(NEW)) == SW.OK
        assert block(channel, 1, b"", last=last) == SW.WRONG_LENGTH


def test_a_block_holds_no_more_than_was_announced(jpki: JpkiCard) -> None:
    """It is refused when it comes, not at the end of the chain: the buffer may have no room for more."""
    channel, file = jpki.channel(), EF.SIGNING_CA_CERTIFICATE
    assert block(channel, 0, NEW[:20], file=file, length=19) == SW.WRONG_DATA
    assert block(channel, 0, NEW[:20], file=file, length=30) == SW.OK
    assert block(channel, 1, NEW[20:31]) == SW.WRONG_DATA


def test_a_chain_of_one_byte_blocks(jpki: JpkiCard) -> None:
    certificate = b"\x30\x20" + bytes(range(32))
    channel = jpki.channel()
    assert block(channel, 0, certificate[:1], file=EF.SIGNING_CA_CERTIFICATE, length=len(certificate)) == SW.OK
    for number in range(1, len(certificate)):
        last = number == len(certificate) - 1
        assert block(channel, number, certificate[number : number + 1], last=last) == SW.OK
    assert jpki.client.ca_certificate(Slot.SIGNING) == certificate


def test_the_client_refuses_what_cannot_fit(jpki: JpkiCard) -> None:
    with pytest.raises(ValueError, match="2048"):
        jpki.tsm().store_certificate(EF.SIGNING_CA_CERTIFICATE, bytes(CERTIFICATE_CAPACITY + 1))


def test_a_certificate_needs_the_key_of_its_own_slot(blank: JpkiCard) -> None:
    tsm = blank.tsm()
    tsm.generate_key_pair(Slot.SIGNING)
    with pytest.raises(UnexpectedStatusError) as error:
        tsm.store_certificate(EF.AUTHENTICATION_CERTIFICATE, CERTIFICATES[Slot.AUTHENTICATION])
    assert error.value.sw == SW.CONDITIONS_NOT_SATISFIED
