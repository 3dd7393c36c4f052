"""The applet as its user's programs see it: every command in clear (docs/reference/applet.md, Commands).

    client = JpkiClient(transport)
    client.select()
    client.verify(Slot.SIGNING, b"PASSWORD1")
    signature = client.sign_message(Slot.SIGNING, b"text")

A refused command raises UnexpectedStatusError with what to do about it, a wrong PIN its subclass WrongPinError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cardlab.errors import CardError
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.transport import Transport, exchange
from jpki.client.constants import (
    CHALLENGE_LENGTH,
    CLA_ISO,
    CLA_PLAIN,
    EF,
    INSTANCE_AID,
    DeviceMethod,
    Instruction,
    SignForm,
    Slot,
    Suite,
)
from jpki.client.errors import WrongPinError, checked
from jpki.client.files import TokenInformation, parse_presence
from jpki.client.identification import Identification

_P1_BY_NAME, _P1_EF = 0x04, 0x02
_P2_FCI, _P2_NOTHING = 0x00, 0x0C
_P1_NEW_DATA_ONLY = 0x01
_P1_BY_PIN = 0x00
_P1_APPLICATION = 0x10
_SIGNED_ATTRIBUTES = (0x01, 0xA0)
_IDENTIFICATION = (0x01, 0xA1)


@dataclass(frozen=True, slots=True)
class IndicatorSignature:
    """What SIGN WITH INDICATOR gives: the DER SET that the card composed, and its signature.

    RSASSA-PSS, 256 bytes; or ECDSA, 96 bytes (``jpki.client.ecdsa.in_der``).
    """

    signed_attributes: bytes
    signature: bytes


def proof_message(challenge: bytes, message_hash: bytes, method: DeviceMethod) -> bytes:
    """What the phone's key signs for one authentication signature (C3): challenge, key, method, hash of 32 or 48."""
    return challenge + bytes((Slot.AUTHENTICATION.key_reference, method)) + message_hash


class JpkiClient:
    """Talks to the applet over any transport; holds no state of its own."""

    def __init__(self, transport: Transport, *, aid: bytes = INSTANCE_AID) -> None:
        self._transport = transport
        self._aid = aid

    # -- selection and files ------------------------------------------------------------------------------------------

    def select(self) -> bytes:
        """Select the applet; returns the AID that it answers with. Selecting it again keeps what was verified."""
        command = CommandApdu(CLA_ISO, Instruction.SELECT, _P1_BY_NAME, _P2_FCI, self._aid, le=SHORT_MAX_LE)
        answer = checked(exchange(self._transport, command), "SELECT the JPKI applet")
        name = tlv.find(answer, 0x6F, 0x84)
        if name is None:
            raise CardError("SELECT the JPKI applet: the answer has no application name (6F, 84)")
        return name

    def select_file(self, file: EF) -> None:
        """Make a file the selected one."""
        self._send(f"SELECT EF {file:04X}", Instruction.SELECT, _P1_EF, _P2_NOTHING, file.to_bytes(2, "big"))

    def read_file(self, file: EF) -> bytes:
        """The whole content of a file, read in commands of at most 256 bytes; empty when the file is."""
        name = f"READ BINARY EF {file:04X}"
        content = b""
        while True:
            response = self._read(0x80 | file.short, 0) if not content else self._read(*divmod(len(content), 256))
            if response.sw == SW.WRONG_P1P2:
                return content
            content += checked(response, name)
            if len(response.data) < SHORT_MAX_LE:
                return content

    def token_information(self) -> TokenInformation:
        """EF 0006."""
        return TokenInformation.from_bytes(self.read_file(EF.TOKEN_INFORMATION))

    def slots_with_certificate(self) -> frozenset[Slot]:
        """EF 0008: the slots whose certificate is on the card."""
        return parse_presence(self.read_file(EF.PRESENCE))

    def certificate(self, slot: Slot) -> bytes:
        """The holder's certificate, DER; needs the slot's PIN, but for a card's authentication certificate."""
        return self.read_file(slot.certificate)

    def ca_certificate(self, slot: Slot) -> bytes:
        """The issuing CA's certificate, DER; free to read."""
        return self.read_file(slot.ca_certificate)

    def identification(self) -> Identification:
        """Which applet this is, and how it was installed; free to ask."""
        command = CommandApdu(CLA_PLAIN, Instruction.GET_DATA, *_IDENTIFICATION, le=SHORT_MAX_LE)
        return Identification.from_bytes(checked(self._transmit(command), "GET IDENTIFICATION"))

    # -- PINs ---------------------------------------------------------------------------------------------------------

    def verify(self, slot: Slot, pin: bytes) -> None:
        """Verify a PIN, also a temporary one (1 to 16 bytes); raises WrongPinError when the card says so."""
        if not pin:
            raise ValueError("an empty PIN would only ask for the tries left")
        name = f"VERIFY {slot.pin_name}"
        response = self._transmit(CommandApdu(CLA_ISO, Instruction.VERIFY, 0, slot.pin_reference, pin))
        if response.sw & 0xFFF0 == 0x63C0:
            raise WrongPinError(slot, response.sw)
        checked(response, name)

    def tries_left(self, slot: Slot) -> int:
        """How many wrong PINs the card still takes; 0 when blocked or not set. Changes nothing."""
        response = self._transmit(CommandApdu(CLA_ISO, Instruction.VERIFY, 0, slot.pin_reference))
        if response.sw & 0xFFF0 != 0x63C0:
            checked(response, f"retry query of the {slot.pin_name}")
            raise CardError(f"retry query of the {slot.pin_name}: the card answered 9000, expected 63Cx")
        return response.sw & 0xF

    def change_pin(self, slot: Slot, new: bytes) -> None:
        """Set a new PIN, after ``verify`` of the present or the temporary one in this session (B4, B6)."""
        name = f"CHANGE {slot.pin_name}"
        self._send(name, Instruction.CHANGE_REFERENCE_DATA, _P1_NEW_DATA_ONLY, slot.pin_reference, new)

    # -- signatures ---------------------------------------------------------------------------------------------------

    def sign(self, slot: Slot, data: bytes, form: SignForm = SignForm.RAW) -> bytes:
        """A PKCS #1 v1.5 signature of 256 bytes; ``form`` says what the card makes of ``data`` before it pads them."""
        command = CommandApdu(CLA_PLAIN, Instruction.SIGN, form, slot.key_reference, data, le=SHORT_MAX_LE)
        return checked(self._transmit(command), f"SIGN with the {slot.name.lower()} key")

    def sign_hash(self, slot: Slot, sha256: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over a SHA-256 hash of 32 bytes."""
        return self.sign(slot, sha256, SignForm.WRAP_HASH)

    def sign_message(self, slot: Slot, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over a message of any length."""
        return self.sign_hash(slot, hashlib.sha256(message).digest())

    def sign_hashed_on_card(self, slot: Slot, data: bytes, suite: Suite) -> bytes:
        """A plain signature over 1 to 255 bytes that the card hashes itself: PKCS #1 v1.5, or r and s of ECDSA."""
        return self.sign(slot, data, SignForm.HASH_AND_WRAP if suite is Suite.RSA_2048 else SignForm.HASH)

    def sign_with_indicator(self, slot: Slot, message_hash: bytes) -> IndicatorSignature:
        """Sign a hash (``Suite.hash``) with the indicator that the card adds (C4); needs the slot's PIN verified."""
        return self._sign_with_indicator(_P1_BY_PIN, slot, message_hash)

    def sign_application(self, message_hash: bytes) -> IndicatorSignature:
        """The same as an application for certificates: by the signing key, under a content type of its own (C5)."""
        return self._sign_with_indicator(_P1_APPLICATION, Slot.SIGNING, message_hash)

    def sign_with_device(
        self, method: DeviceMethod, message_hash: bytes, prove: Callable[[bytes], bytes]
    ) -> IndicatorSignature:
        """Sign with the authentication key after device authentication instead of the PIN (C3).

        ``prove`` signs the 66 bytes it is given with the registered key (ECDSA, SHA-256) and returns the DER signature.
        """
        proof = prove(proof_message(self.challenge(), message_hash, method))
        return self.sign_with_proof(method, message_hash, proof)

    def sign_with_proof(self, method: DeviceMethod, message_hash: bytes, proof: bytes) -> IndicatorSignature:
        """The second half of ``sign_with_device``, for a proof made elsewhere over the last challenge."""
        return self._sign_with_indicator(method, Slot.AUTHENTICATION, message_hash + proof)

    def signed_attributes(self) -> bytes:
        """The DER that the last signature with indicator is over."""
        name = "GET SIGNED ATTRIBUTES"
        command = CommandApdu(CLA_PLAIN, Instruction.GET_DATA, *_SIGNED_ATTRIBUTES, le=SHORT_MAX_LE)
        return checked(self._transmit(command), name)

    # -- device authentication ----------------------------------------------------------------------------------------

    def challenge(self) -> bytes:
        """32 random bytes from the card, good for one proof."""
        command = CommandApdu(CLA_ISO, Instruction.GET_CHALLENGE, 0, 0, le=CHALLENGE_LENGTH)
        return checked(self._transmit(command), "GET CHALLENGE")

    def register_device_key(self, method: DeviceMethod, point: bytes) -> None:
        """Register a P-256 key, an uncompressed point of 65 bytes; needs the authentication PIN verified (C2)."""
        name = f"REGISTER DEVICE KEY {method.name.lower()}"
        checked(self._transmit(CommandApdu(CLA_PLAIN, Instruction.REGISTER_DEVICE_KEY, 0, method, point)), name)

    def remove_device_key(self, method: DeviceMethod) -> None:
        """Forget a registered key; needs the authentication PIN verified."""
        name = f"REMOVE DEVICE KEY {method.name.lower()}"
        checked(self._transmit(CommandApdu(CLA_PLAIN, Instruction.DELETE, 0, method)), name)

    # -- plumbing -----------------------------------------------------------------------------------------------------

    def _sign_with_indicator(self, p1: int, slot: Slot, data: bytes) -> IndicatorSignature:
        name = f"SIGN WITH INDICATOR with the {slot.name.lower()} key"
        command = CommandApdu(CLA_PLAIN, Instruction.SIGN_WITH_INDICATOR, p1, slot.key_reference, data, le=SHORT_MAX_LE)
        signature = checked(self._transmit(command), name)
        return IndicatorSignature(self.signed_attributes(), signature)

    def _read(self, p1: int, p2: int) -> ResponseApdu:
        return self._transmit(CommandApdu(CLA_ISO, Instruction.READ_BINARY, p1, p2, le=SHORT_MAX_LE))

    def _send(self, name: str, ins: int, p1: int, p2: int, data: bytes) -> bytes:
        return checked(self._transmit(CommandApdu(CLA_ISO, ins, p1, p2, data)), name)

    def _transmit(self, command: CommandApdu) -> ResponseApdu:
        return exchange(self._transport, command)
