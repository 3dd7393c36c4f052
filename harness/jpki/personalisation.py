"""The applet as the TSM sees it: commands through a secure channel (docs/applet.md, CLA 84; B3, D1).

    channel = SecureChannelLayer.open(transport, keys)   # the applet is selected
    tsm = JpkiPersonalisation(channel)
    public_key = tsm.generate_key_pair(Slot.SIGNING)

Refused commands raise UnexpectedStatusError; a response that does not verify raises SecureChannelError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from harness import tlv
from harness.apdu import SHORT_MAX_LE, CommandApdu
from harness.errors import CardError
from harness.jpki.constants import (
    CERTIFICATE_CAPACITY,
    CLA_PLAIN,
    EF,
    DeviceMethod,
    Instruction,
    PinState,
    Profile,
    Slot,
)
from harness.jpki.errors import checked
from harness.tlv import MalformedTlvError, Tlv
from harness.transport import Transport, exchange

_P1_GENERATE, _P1_READ = 0x80, 0x81
_P2_ISSUE, _P2_RENEW = 0x00, 0x01
_P1_MORE, _P1_LAST = 0x00, 0x80
_P1_SET, _P1_RESET = 0x02, 0x03
_TAG_PUBLIC_KEY, _TAG_MODULUS, _TAG_EXPONENT = 0x7F49, 0x81, 0x82


class SecureTransport(Transport, Protocol):
    """A transport that protects what goes through it, such as ``SecureChannelLayer``."""

    @property
    def max_data(self) -> int:
        """How many data bytes fit in one command."""


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """One slot, as GET STATUS tells it; lengths in bytes, 0 for no certificate."""

    has_key: bool
    certificate_length: int
    ca_certificate_length: int
    pin_state: PinState
    tries_left: int
    signature_counter: int
    device_keys: frozenset[DeviceMethod]


@dataclass(frozen=True, slots=True)
class AppletStatus:
    """The answer to GET STATUS."""

    profile: Profile
    slots: Mapping[Slot, SlotStatus]

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse the status template; raises CardError when it is not one."""
        try:
            objects = {item.tag: item for item in tlv.parse(raw)}
            return cls(
                profile=Profile(objects[0x80].value[0]),
                slots={slot: _slot_status(objects[slot.value]) for slot in Slot},
            )
        except (MalformedTlvError, KeyError, ValueError, IndexError) as error:
            raise CardError(f"GET STATUS: the answer {raw.hex()} is no status template ({error})") from error


class JpkiPersonalisation:
    """The TSM's commands over an open secure channel to the applet's security domain."""

    def __init__(self, channel: SecureTransport) -> None:
        self._channel = channel

    def generate_key_pair(self, slot: Slot, *, renew: bool = False) -> RSAPublicKey:
        """Generate a key pair on the card and return its public key.

        By default for a new holder: what the slot held is erased (A4). ``renew`` keeps PIN and CA certificate.
        """
        first = self._send(
            f"GENERATE KEY PAIR {slot.name.lower()}",
            Instruction.GENERATE_KEY_PAIR,
            _P1_GENERATE,
            _P2_RENEW if renew else _P2_ISSUE,
            slot.template,
        )
        return _public_key(first + self._public_key_half(slot, 1))

    def public_key(self, slot: Slot) -> RSAPublicKey:
        """The public key of a slot, also after an interrupted session."""
        return _public_key(self._public_key_half(slot, 0) + self._public_key_half(slot, 1))

    def store_certificate(self, file: EF, certificate: bytes) -> None:
        """Store a DER certificate in one of the four certificate files; the old one stays until the last block."""
        if len(certificate) > CERTIFICATE_CAPACITY:
            raise ValueError(f"the certificate has {len(certificate)} bytes, a file holds {CERTIFICATE_CAPACITY}")
        content = file.to_bytes(2, "big") + len(certificate).to_bytes(2, "big") + certificate
        size = self._channel.max_data
        blocks = [content[start : start + size] for start in range(0, len(content), size)]
        for number, block in enumerate(blocks):
            self._send(
                f"STORE CERTIFICATE EF {file:04X}, block {number + 1} of {len(blocks)}",
                Instruction.STORE_CERTIFICATE,
                _P1_LAST if number == len(blocks) - 1 else _P1_MORE,
                number,
                block,
            )

    def set_pin(self, slot: Slot, pin: bytes) -> None:
        """Phone: set the temporary PIN (B5). Card: set the user's PIN. The PIN must be INITIAL."""
        self._send(f"SET TEMPORARY PIN, {slot.pin_name}", Instruction.SET_PIN, _P1_SET, slot.pin_reference, pin)

    def reset_pin(self, slot: Slot) -> None:
        """Bring a PIN back to INITIAL from every state (B6, B7)."""
        self._send(f"RESET PIN, {slot.pin_name}", Instruction.SET_PIN, _P1_RESET, slot.pin_reference, b"")

    def delete_slot(self, slot: Slot) -> None:
        """Erase key, certificates, device keys, counter and PIN of a slot (A5)."""
        self._send(f"DELETE SLOT {slot.name.lower()}", Instruction.DELETE, 0, 0, slot.template)

    def status(self) -> AppletStatus:
        """The state of both slots."""
        return AppletStatus.from_bytes(self._send("GET STATUS", Instruction.GET_STATUS, 0, 0, b""))

    def _public_key_half(self, slot: Slot, half: int) -> bytes:
        name = f"READ PUBLIC KEY {slot.name.lower()}"
        return self._send(name, Instruction.GENERATE_KEY_PAIR, _P1_READ, half, slot.template)

    def _send(self, name: str, ins: int, p1: int, p2: int, data: bytes) -> bytes:
        command = CommandApdu(CLA_PLAIN, ins, p1, p2, data, le=SHORT_MAX_LE)
        return checked(exchange(self._channel, command), name)


def _public_key(template: bytes) -> RSAPublicKey:
    try:
        modulus = tlv.find(template, _TAG_PUBLIC_KEY, _TAG_MODULUS)
        exponent = tlv.find(template, _TAG_PUBLIC_KEY, _TAG_EXPONENT)
    except MalformedTlvError as error:
        raise CardError(f"READ PUBLIC KEY: the answer is no public key template ({error})") from error
    if not modulus or not exponent:
        raise CardError("READ PUBLIC KEY: the template holds no modulus and exponent")
    return RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()


def _slot_status(template: Tlv) -> SlotStatus:
    values = {item.tag: int.from_bytes(item.value, "big") for item in template.children()}
    return SlotStatus(
        has_key=bool(values[0x81]),
        certificate_length=values[0x82],
        ca_certificate_length=values[0x83],
        pin_state=PinState(values[0x84]),
        tries_left=values[0x85],
        signature_counter=values[0x86],
        device_keys=frozenset(method for method in DeviceMethod if values[0x87] >> (method - 3) & 1),
    )
