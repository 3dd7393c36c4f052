"""What every function of the app needs: its records, its phone, its user, and the way to the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import HarnessError
from cardlab.globalplatform.constants import CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, TAG_CIN, TAG_CPLC, TAG_IIN
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import find
from cardlab.transport import Transport, exchange
from jpki.client.constants import INSTANCE_AID, DeviceMethod, Slot
from jpki.client.user import JpkiClient
from jpki.parties.clock import Clock
from jpki.parties.keystore import Keystore
from jpki.parties.messages import Device, PushToken, RegisterApp
from jpki.parties.network import Network
from jpki.parties.phone.records import AppRecords
from jpki.parties.phone.relay import Relay
from jpki.parties.phone.user import User, require_form
from jpki.parties.recorder import Party
from jpki.parties.word import KEY_SIZE


@dataclass(frozen=True, slots=True)
class Inside:
    """One installation of the app. ``card`` is the phone's secure element, ``keystore`` its TEE.

    ``policy_key`` checks what is said about features of the ``model``. ``beside``: the user can be asked while others
    go on (F5).
    """

    records: AppRecords
    network: Network
    card: Transport
    keystore: Keystore
    user: User
    model: str
    policy_key: ec.EllipticCurvePublicKey
    clock: Clock
    random: Callable[[int], bytes]
    beside: bool = True
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "relay", Relay(self.network, self.card, self.user, self.clock, beside=self.beside))

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.clock().timestamp())

    def applet(self) -> JpkiClient:
        """The applet, selected after a reset: nothing is verified."""
        self.card.reset()
        client = JpkiClient(self.card)
        client.select()
        return client

    def held_slots(self) -> frozenset[Slot]:
        """The slots with a certificate on the card; empty without an applet."""
        return self.applet().slots_with_certificate() if self.has_applet() else frozenset()

    def has_applet(self) -> bool:
        """Whether the applet is on the card."""
        self.card.reset()
        command = CommandApdu(CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, 0, INSTANCE_AID, SHORT_MAX_LE)
        return exchange(self.card, command).sw != SW.FILE_NOT_FOUND

    def verify(self, client: JpkiClient, slot: Slot) -> None:
        """Have the user enter the PIN of a slot."""
        client.verify(slot, require_form(slot, self.relay.ask(slot.pin_name, lambda: self.user.pin(slot))))

    def device(self) -> Device:
        """Who this phone and this installation are; found out once."""
        records = self.records
        app_id = records.fact("app") or records.note("app", self.random(8).hex())
        se_id = records.fact("element") or records.note("element", read_se_id(self.card).hex())
        key = records.fact("push key") or records.note("push key", self.random(KEY_SIZE).hex())
        token = records.fact("token")
        if token is None:
            token = self.network.call(Party.PHONE, Party.PUSH, RegisterApp(app_id), PushToken).token
            records.note("token", token)
        return Device(bytes.fromhex(se_id), app_id, self.model, token, bytes.fromhex(key))

    def forget_device_keys(self) -> None:
        """The card forgot them with the key or the PIN."""
        for method in DeviceMethod:
            self.records.set_registered(method, False)
            self.keystore.delete(method)


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
