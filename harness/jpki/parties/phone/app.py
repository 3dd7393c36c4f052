"""The app's functions (E3). Those that need the TSM can be interrupted anywhere and resumed (E6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cardlab.errors import CardError, HarnessError, RefusedError
from cardlab.globalplatform.constants import CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, TAG_CIN, TAG_CPLC, TAG_IIN
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import find
from cardlab.transport import Transport, exchange
from jpki.certificates.attributes import BasicAttributes, read_basic_attributes
from jpki.certificates.cms import assemble
from jpki.client.constants import INSTANCE_AID, DeviceMethod, Slot
from jpki.client.errors import WrongPinError
from jpki.client.signing import sign_application, sign_document
from jpki.client.user import JpkiClient
from jpki.parties.application import Application
from jpki.parties.keystore import Keystore
from jpki.parties.messages import (
    Acknowledge,
    AskPolicy,
    Begin,
    Collect,
    Device,
    Done,
    Feature,
    Finished,
    Function,
    Orders,
    PeerError,
    Policy,
    PushToken,
    RegisterApp,
    Slots,
)
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.network import LinkLostError, Network
from jpki.parties.phone.records import AppRecords, Pending
from jpki.parties.phone.relay import Relay
from jpki.parties.phone.user import User, require_form
from jpki.parties.recorder import Party, Section

BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)
_KEPT = "authentication certificate"  # without a PIN the card does not give it, but biometrics stand for the PIN
_FEATURE = {DeviceMethod.BIOMETRIC: Feature.BIOMETRIC, DeviceMethod.LOCK_SCREEN: Feature.LOCK_SCREEN}
_TEST = {Slot.SIGNING: Section.TEST_SIGNING, Slot.AUTHENTICATION: Section.TEST_AUTHENTICATION}


@unique
class Phase(Enum):
    """How far a phone is (E1)."""

    APP_READY = "app ready"
    APPLET_READY = "applet ready"
    INITIAL_SETUP = "initial setup"
    SERVICE_USE = "service use"


class PendingError(HarnessError):
    """Something else was interrupted and has to end first."""


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


class PhoneApp:
    """One installation of the app on one phone."""

    def __init__(
        self,
        records: AppRecords,
        network: Network,
        card: Transport,
        keystore: Keystore,
        user: User,
        *,
        model: str,
        random: Callable[[int], bytes],
    ) -> None:
        """``card`` is the phone's secure element; ``keystore`` its TEE."""
        self._records = records
        self._network = network
        self._card = card
        self._keystore = keystore
        self._user = user
        self._model = model
        self._random = random
        self._relay = Relay(network, card, user)

    # -- functions 1 to 4, and 6: with the TSM ------------------------------------------------------------------------

    def issue(self, card: MyNumberCard, slots: Slots = BOTH) -> Finished:
        """Issue either certificate or both (A2), authorised by the My Number Card."""
        return self._begin(Function.ISSUE, slots, self._with_card(card))

    def renew(self, card: MyNumberCard, slots: Slots = BOTH) -> Finished:
        """New keys and certificates under the same PINs."""
        return self._begin(Function.RENEW, slots, self._with_card(card))

    def revoke(self, card: MyNumberCard | None = None, slots: Slots = BOTH) -> Finished:
        """Revoke certificates and erase their keys; authorised by the card, or by the phone's own signing key."""
        return self._begin(Function.REVOKE, slots, self._with_card(card) if card else self._sign_application)

    def release(self, card: MyNumberCard) -> Finished:
        """End the suspension of the authentication certificate."""
        return self._begin(Function.RELEASE, (Slot.AUTHENTICATION,), self._with_card(card))

    def reset_pin(self, card: MyNumberCard, slots: Slots) -> Finished:
        """Set new PINs in place of forgotten or blocked ones (B6)."""
        return self._begin(Function.RESET_PIN, slots, self._with_card(card))

    @property
    def pending(self) -> Pending | None:
        """What was interrupted."""
        return self._records.pending()

    def resume(self) -> Finished | None:
        """Go on with what was interrupted, None when nothing was. The user need not sign anything again."""
        pending = self._records.pending()
        return None if pending is None else self._run(pending)

    def abandon(self) -> None:
        """Give up what was interrupted; a new issuance clears up what it left."""
        self._records.end()

    def _begin(self, function: Function, slots: Slots, sign: Callable[[bytes], bytes]) -> Finished:
        slots = tuple(slot for slot in BOTH if slot in slots)
        pending = self._records.pending()
        if pending is None:
            pending = self._apply(function, slots, sign)
        elif (pending.function, pending.slots) != (function, slots):
            raise PendingError(f"{pending.function.value} was interrupted", hint="resume or abandon it first")
        return self._run(pending)

    def _apply(self, function: Function, slots: Slots, sign: Callable[[bytes], bytes]) -> Pending:
        """Have an application signed, once for all attempts, and write it down before anybody hears of it."""
        device, request_id = self._device(), self._random(8).hex()
        asked = Application(request_id, function, slots, device.se_id, device.app_id)
        with self._network.recorder.within(Section.APPLY):
            pending = Pending(request_id, function, slots, sign(asked.to_bytes()))
        self._records.begin(pending)
        return pending

    def _run(self, pending: Pending) -> Finished:
        """One attempt, of which the journal knows; a refusal for good ends it."""
        begin = Begin(pending.request_id, pending.function, pending.slots, self._device())
        try:
            finished = self._relay.run(begin, pending.application)
        except PeerError as error:
            if error.final:
                self._records.end()
            raise
        with self._records.transaction():
            if Slot.AUTHENTICATION in pending.slots and pending.function is not Function.RELEASE:
                self._forget_device_keys()  # the card forgot them with the key or the PIN
            self._records.end()
        return finished

    def _with_card(self, card: MyNumberCard) -> Callable[[bytes], bytes]:
        return lambda content: card.sign_application(
            content, self._relay.ask("password of the My Number Card", self._user.card_password)
        )

    def _sign_application(self, content: bytes) -> bytes:
        """By the phone's own signing key. No other app can ask for this."""
        client = self._applet()
        self._verify(client, Slot.SIGNING)
        return sign_application(client, content)

    # -- functions 5 and 7: with the card alone -----------------------------------------------------------------------

    def change_pin(self, slot: Slot) -> None:
        """Change a PIN; the user gives the present one and another.

        After an interruption nobody knows which of the two the card has, so the new one is tried too.
        """
        current = require_form(slot, self._relay.ask(f"present {slot.pin_name}", lambda: self._user.pin(slot)))
        new = require_form(slot, self._relay.ask(f"new {slot.pin_name}", lambda: self._user.new_pin(slot)))
        client = self._applet()
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

    def register_device_auth(self, method: DeviceMethod) -> None:
        """Let biometrics or the screen lock stand for the authentication PIN (C2)."""
        if _FEATURE[method] in self._disabled():
            raise RefusedError(f"{method.name.lower()} is switched off for this model", hint="use the PIN")
        client = self._applet()
        self._verify(client, Slot.AUTHENTICATION)
        self._records.note(_KEPT, client.certificate(Slot.AUTHENTICATION).hex())
        point = self._keystore.point(method) or self._keystore.create(method)
        client.register_device_key(method, point)
        self._records.set_registered(method, True)

    # -- functions 8 to 11: use ---------------------------------------------------------------------------------------

    def show(self, slot: Slot) -> Shown:
        """The certificates in a slot; the phone's applet gives the holder's after the PIN only."""
        client = self._applet()
        self._verify(client, slot)
        return Shown(
            slot,
            x509.load_der_x509_certificate(client.certificate(slot)),
            x509.load_der_x509_certificate(client.ca_certificate(slot)),
        )

    def sign(self, content: bytes, *, detached: bool = False) -> bytes:
        """CMS SignedData of the signing key with the indicator (C4)."""
        return self._sign(Slot.SIGNING, content, detached)

    def authenticate(self, challenge: bytes, method: DeviceMethod | None = None, *, detached: bool = False) -> bytes:
        """CMS SignedData of the authentication key over a service's challenge.

        By the method given, else by one that is registered, else by PIN. What is switched off for the model falls back
        to the PIN (E7). Raises RefusedError when the method given was never registered.
        """
        registered = self._records.registered()
        if method is not None and method not in registered:
            name = method.name.lower().replace("_", " ")
            raise RefusedError(f"{name} is not registered on this phone", hint="register it, or name no method")
        usable = [one for one in registered if _FEATURE[one] not in self._disabled()]
        chosen = next((one for one in usable if method in (None, one)), None)
        if chosen is None:
            return self._sign(Slot.AUTHENTICATION, challenge, detached)
        with self._network.recorder.within(Section.TEST_AUTHENTICATION):
            client = self._applet()
            certificate = self._stored_certificate()
            digest = sha256(challenge).digest()
            signed = client.sign_with_device(chosen, digest, lambda message: self._keystore.sign(chosen, message))
            return assemble(signed, certificate, content=None if detached else challenge)

    def _sign(self, slot: Slot, content: bytes, detached: bool) -> bytes:
        with self._network.recorder.within(_TEST[slot]):
            client = self._applet()
            self._verify(client, slot)
            return sign_document(client, slot, content, detached=detached)

    def attributes(self) -> BasicAttributes:
        """Name, address, birth date and sex, from the signing certificate and nowhere else (A6)."""
        found = read_basic_attributes(self.show(Slot.SIGNING).certificate)
        if found is None:
            raise CardError("the signing certificate has no attributes of its holder")
        return found

    @property
    def registered(self) -> tuple[DeviceMethod, ...]:
        """The methods that stand for the authentication PIN on this phone."""
        return self._records.registered()

    # -- orders, policy, phase ----------------------------------------------------------------------------------------

    def collect(self) -> int:
        """Carry out what the push service has for this phone (E5); returns how many orders that were."""
        device = self._device()
        orders = self._network.call(Party.PHONE, Party.PUSH, Collect(device.push_token), Orders).orders
        for order in orders:
            begin = Begin(order.order_id, Function.REMOVE, order.slots, device)
            try:
                self._relay.run(begin, b"")
                if Slot.AUTHENTICATION in order.slots:
                    self._forget_device_keys()
            except PeerError as error:
                if not error.final:
                    raise
            self._network.call(Party.PHONE, Party.PUSH, Acknowledge(device.push_token, order.order_id), Done)
        return len(orders)

    def phase(self) -> Phase:
        """How far this phone is (E1), from the card and the journal."""
        if self._records.pending() is not None:
            return Phase.INITIAL_SETUP
        self._card.reset()
        command = CommandApdu(CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, 0, INSTANCE_AID, SHORT_MAX_LE)
        if exchange(self._card, command).sw == SW.FILE_NOT_FOUND:
            return Phase.APP_READY
        return Phase.SERVICE_USE if JpkiClient(self._card).slots_with_certificate() else Phase.APPLET_READY

    def _device(self) -> Device:
        app_id = self._records.fact("app") or self._records.note("app", self._random(8).hex())
        se_id = self._records.fact("element") or self._records.note("element", read_se_id(self._card).hex())
        token = self._records.fact("token")
        if token is None:
            token = self._network.call(Party.PHONE, Party.PUSH, RegisterApp(app_id), PushToken).token
            self._records.note("token", token)
        return Device(bytes.fromhex(se_id), app_id, self._model, token)

    def _disabled(self) -> tuple[Feature, ...]:
        try:
            policy = self._network.call(Party.PHONE, Party.SP_TSM, AskPolicy(self._model), Policy)
        except LinkLostError:
            return self._records.disabled()
        self._records.set_disabled(policy.disabled)
        return policy.disabled

    # -- plumbing -----------------------------------------------------------------------------------------------------

    def _applet(self) -> JpkiClient:
        self._card.reset()
        client = JpkiClient(self._card)
        client.select()
        return client

    def _verify(self, client: JpkiClient, slot: Slot) -> None:
        client.verify(slot, require_form(slot, self._relay.ask(slot.pin_name, lambda: self._user.pin(slot))))

    def _stored_certificate(self) -> bytes:
        kept = self._records.fact(_KEPT)
        if kept is None:
            raise RefusedError("the app does not have the authentication certificate", hint="register again")
        return bytes.fromhex(kept)

    def _forget_device_keys(self) -> None:
        for method in DeviceMethod:
            self._records.set_registered(method, False)
            self._keystore.delete(method)


def read_se_id(card: Transport) -> bytes:
    """Issuer identification number and card image number (GPCS H.1), or the CPLC data of a card that has none."""
    card.reset()
    issuer = GlobalPlatformClient(card)
    issuer.select()
    parts = [find(issuer.get_data(tag) or b"", tag) for tag in (TAG_IIN, TAG_CIN)]
    if not all(parts):
        parts = [find(issuer.get_data(TAG_CPLC) or b"", TAG_CPLC)]
    if not all(parts):
        raise HarnessError("the secure element does not say who it is", hint="this phone cannot be used")
    return b"".join(part for part in parts if part)
