"""The card's own functions: PINs, device authentication, certificates shown and used. The TSM takes no part."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cardlab.errors import RefusedError
from jpki.certificates import cms
from jpki.certificates.indicator import Indicator
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.errors import WrongPinError
from jpki.client.signing import held_certificate, sign_document, suite_of_certificate
from jpki.parties.keystore import NotRecognisedError
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.restrictions import Restrictions
from jpki.parties.phone.user import DeclinedError, Means, require_form
from jpki.parties.sections import TEST_SECTION

_KEPT = "authentication certificate"  # without a PIN the card does not give it, but biometrics stand for the PIN
TRIAL_TEXT = "動作確認 / trial".encode()
"""What is signed when a certificate is tried."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate as the app shows it."""

    slot: Slot
    certificate: x509.Certificate
    ca_certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The holder's certificate as it is on the card."""
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class Tried:
    """A certificate that was tried: its serial number, and the indicator in the signature that verified."""

    slot: Slot
    serial: int
    indicator: Indicator


class Using:
    """Functions 5 and 7 to 11 (E3), and the trial of a certificate after its registration."""

    def __init__(self, inside: Inside, restrictions: Restrictions) -> None:
        self._inside = inside
        self._records = inside.records
        self._restrictions = restrictions

    # -- PIN and device authentication --------------------------------------------------------------------------------

    def change_pin(self, slot: Slot) -> None:
        """Change a PIN; the user gives the present one and another.

        After an interruption nobody knows which of the two the card has, so the new one is tried too.
        """
        relay, user = self._inside.relay, self._inside.user
        current = require_form(slot, relay.ask(f"present {slot.pin_name}", lambda: user.pin(slot)))
        new = require_form(slot, relay.ask(f"new {slot.pin_name}", lambda: user.new_pin(slot)))
        client = self._inside.applet()
        try:
            client.verify(slot, current)
        except WrongPinError as error:
            if not self._records.changing(slot) or not error.tries_left:
                raise
            client.verify(slot, new)
        else:
            self._records.set_changing(slot, True)
            client.change_pin(slot, new)
        self._records.set_changing(slot, False)

    def register(self, method: DeviceMethod) -> None:
        """Let biometrics or the screen lock stand for the authentication PIN (C2)."""
        if not self._restrictions.allows(method):
            raise RefusedError(f"{Means.of(method).value} is switched off for this model", hint="use the PIN")
        client = self._inside.applet()
        self._inside.verify(client, Slot.AUTHENTICATION)
        self._records.note(_KEPT, held_certificate(client, Slot.AUTHENTICATION).hex())
        point = self._inside.keystore.point(method) or self._inside.keystore.create(method)
        client.register_device_key(method, point)
        self._records.set_registered(method, True)

    # -- certificates -------------------------------------------------------------------------------------------------

    def show(self, slot: Slot) -> Shown:
        """The certificates in a slot; the phone's applet gives the holder's after the PIN only."""
        client = self._inside.applet()
        self._inside.verify(client, slot)
        return Shown(
            slot,
            x509.load_der_x509_certificate(held_certificate(client, slot)),
            x509.load_der_x509_certificate(client.ca_certificate(slot)),
        )

    def try_out(self, slot: Slot) -> Tried:
        """Sign a text of ours and verify it under what the card holds, as the trial did after registration."""
        with self._inside.network.recorder.within(TEST_SECTION[slot]):
            client = self._inside.applet()
            self._inside.verify(client, slot)
            signed = sign_document(client, slot, TRIAL_TEXT)
            issuer = x509.load_der_x509_certificate(client.ca_certificate(slot))
            found = cms.verify(signed, issuers=[issuer], at=self._inside.clock())
        return Tried(slot, found.signer.serial_number, found.indicator)

    # -- signatures ---------------------------------------------------------------------------------------------------

    def sign(self, slot: Slot, content: bytes, *, detached: bool) -> bytes:
        """CMS SignedData with the indicator (C4), after the slot's PIN."""
        with self._inside.network.recorder.within(TEST_SECTION[slot]):
            client = self._inside.applet()
            self._inside.verify(client, slot)
            return sign_document(client, slot, content, detached=detached)

    def authenticate(self, challenge: bytes, method: DeviceMethod | None, *, detached: bool) -> bytes:
        """CMS SignedData over a service's challenge by the method given, by one that is registered, or by PIN.

        When the phone does not recognise its user, they choose how to go on (E10).
        """
        means = self._first(method)
        while means is not Means.PIN:
            try:
                return self._with_device(DeviceMethod[means.name], challenge, detached)
            except NotRecognisedError as error:
                means = self._instead(DeviceMethod[means.name], error)
        return self.sign(Slot.AUTHENTICATION, challenge, detached=detached)

    def _first(self, method: DeviceMethod | None) -> Means:
        """What is switched off for the model falls back to the PIN (E7)."""
        registered = self._records.registered()
        if method is not None and method not in registered:
            name = Means.of(method).value
            raise RefusedError(f"{name} is not registered on this phone", hint="register it, or name no method")
        usable = [one for one in self._usable() if method in (None, one)]
        return Means.of(usable[0]) if usable else Means.PIN

    def _usable(self) -> list[DeviceMethod]:
        return [one for one in self._records.registered() if self._restrictions.allows(one)]

    def _instead(self, failed: DeviceMethod, error: NotRecognisedError) -> Means:
        offered = (*(Means.of(one) for one in self._usable()), Means.PIN)
        question = f"choose after {Means.of(failed).value} failed"
        chosen = self._inside.relay.ask(question, lambda: self._inside.user.instead(failed, offered))
        if chosen is None:
            raise error
        if chosen not in offered:
            raise DeclinedError(f"{chosen.value} cannot be used on this phone", hint="register it first")
        return chosen

    def _with_device(self, method: DeviceMethod, challenge: bytes, detached: bool) -> bytes:
        with self._inside.network.recorder.within(TEST_SECTION[Slot.AUTHENTICATION]):
            client, keystore = self._inside.applet(), self._inside.keystore
            certificate = self._stored_certificate()
            digest = suite_of_certificate(certificate).hash(challenge)
            signed = client.sign_with_device(method, digest, lambda message: keystore.sign(method, message))
            return cms.assemble(signed, certificate, content=None if detached else challenge)

    def _stored_certificate(self) -> bytes:
        kept = self._records.fact(_KEPT)
        if kept is None:
            raise RefusedError("the app does not have the authentication certificate", hint="register again")
        return bytes.fromhex(kept)
