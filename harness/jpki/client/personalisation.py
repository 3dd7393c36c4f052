"""The applet as the TSM sees it: commands through a secure channel (docs/reference/applet.md, CLA 84; B3, D1).

    channel = SecureChannelLayer.open(transport, keys)   # the applet is selected
    tsm = JpkiPersonalisation(channel)
    public_key = tsm.generate_key_pair(Slot.SIGNING)

Refused commands raise UnexpectedStatusError; a response that does not verify raises SecureChannelError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from cardlab.errors import CardError
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.tlv import MalformedTlvError, Tlv
from cardlab.transport import Transport, exchange
from jpki.client import commands
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import EF, DeviceMethod, PinState, Profile, Slot, Suite
from jpki.client.errors import checked


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
    """The answer to GET STATUS; ``attacks``: faults that the applet noticed."""

    profile: Profile
    suite: Suite
    slots: Mapping[Slot, SlotStatus]
    attacks: int

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse the status template; raises CardError when it is not one."""
        try:
            objects = {item.tag: item for item in tlv.parse(raw)}
            profile, suite = Suite.of(objects[0x80].value[0])
            return cls(
                profile=profile,
                suite=suite,
                slots={slot: _slot_status(objects[slot.value]) for slot in Slot},
                attacks=objects[0x88].value[0],
            )
        except (MalformedTlvError, KeyError, ValueError, IndexError) as error:
            raise CardError(f"GET STATUS: the answer {raw.hex()} is no status template ({error})") from error


class JpkiPersonalisation:
    """The TSM's commands over an open secure channel to the applet's security domain."""

    def __init__(self, channel: SecureTransport) -> None:
        self._channel = channel

    def generate_key_pair(self, slot: Slot, *, renew: bool = False) -> SlotPublicKey:
        """Generate a key pair on the card and return its public key.

        By default for a new holder: what the slot held is erased (A4). ``renew`` keeps PIN and CA certificate.
        """
        first = self._send(f"GENERATE KEY PAIR {slot.name.lower()}", commands.generate_key_pair(slot, renew=renew))
        return self._whole(slot, first)

    def public_key(self, slot: Slot) -> SlotPublicKey:
        """The public key of a slot, also after an interrupted session."""
        return self._whole(slot, self._public_key_part(slot, 0))

    def store_certificate(self, file: EF, certificate: bytes) -> None:
        """Store a DER certificate in one of the four certificate files; the old one stays until the last block."""
        blocks = commands.store_certificate(file, certificate, max_data=self._channel.max_data)
        for number, command in enumerate(blocks, start=1):
            self._send(f"STORE CERTIFICATE EF {file:04X}, block {number} of {len(blocks)}", command)

    def set_pin(self, slot: Slot, pin: bytes) -> None:
        """Phone: set the temporary PIN (B5). Card: set the user's PIN. The PIN must be INITIAL."""
        self._send(f"SET TEMPORARY PIN, {slot.pin_name}", commands.set_pin(slot, pin))

    def reset_pin(self, slot: Slot) -> None:
        """Bring a PIN back to INITIAL from every state (B6, B7)."""
        self._send(f"RESET PIN, {slot.pin_name}", commands.reset_pin(slot))

    def delete_slot(self, slot: Slot) -> None:
        """Erase key, certificates, device keys, counter and PIN of a slot (A5)."""
        self._send(f"DELETE SLOT {slot.name.lower()}", commands.delete_slot(slot))

    def status(self) -> AppletStatus:
        """The state of both slots."""
        return AppletStatus.from_bytes(self._send("GET STATUS", commands.get_status()))

    def _whole(self, slot: Slot, first: bytes) -> SlotPublicKey:
        """An RSA key's template takes a second answer."""
        whole = first if commands.is_whole(first) else first + self._public_key_part(slot, 1)
        return commands.public_key(whole)

    def _public_key_part(self, slot: Slot, part: int) -> bytes:
        return self._send(f"READ PUBLIC KEY {slot.name.lower()}", commands.read_public_key(slot, part))

    def _send(self, name: str, command: CommandApdu) -> bytes:
        return checked(exchange(self._channel, command), name)


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
