"""The app's functions (E3). Those that need the TSM can be interrupted anywhere and resumed (E6)."""

from __future__ import annotations

from cardlab.errors import CardError
from jpki.certificates.attributes import BasicAttributes, read_basic_attributes
from jpki.client.constants import DeviceMethod, Slot
from jpki.parties.messages import Applied, Finished, Function, Slots
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.managing import BOTH, Managing
from jpki.parties.phone.records import Pending
from jpki.parties.phone.restrictions import Restrictions
from jpki.parties.phone.status import Phase, PhoneStatus, SlotCondition, StatusOf
from jpki.parties.phone.using import Shown, Tried, Using
from jpki.parties.word import Word


class PhoneApp:
    """One installation of the app on one phone."""

    def __init__(self, inside: Inside) -> None:
        """``inside`` is what it works with."""
        self._records = inside.records
        self._managing = Managing(inside)
        self._using = Using(inside, Restrictions(inside))
        self._status = StatusOf(inside)

    # -- functions 1 to 4, and 6: with the TSM ------------------------------------------------------------------------

    def issue(self, card: MyNumberCard, slots: Slots = BOTH) -> Finished:
        """Issue either certificate or both (A2), authorised by the My Number Card, after consent (E9)."""
        return self._managing.with_card(Function.ISSUE, card, slots)

    def apply(self, card: MyNumberCard, slots: Slots = BOTH) -> Applied | Finished:
        """The same in two parts: this one ends with the application, and word of the certificates comes by push (E11).

        Finished when what was begun before has ended already.
        """
        return self._managing.apply(card, slots)

    def register(self) -> Finished:
        """Store the certificates that were applied for; raises RefusedError when there is no word of them yet."""
        return self._managing.register()

    def renew(self, card: MyNumberCard, slots: Slots = BOTH) -> Finished:
        """New keys and certificates under the same PINs."""
        return self._managing.with_card(Function.RENEW, card, slots)

    def revoke(self, card: MyNumberCard | None = None, slots: Slots = BOTH) -> Finished:
        """Revoke certificates and erase their keys; authorised by the card, or by the phone's own signing key."""
        if card is None:
            return self._managing.with_phone(Function.REVOKE, slots)
        return self._managing.with_card(Function.REVOKE, card, slots)

    def release(self, card: MyNumberCard) -> Finished:
        """End the suspension of the authentication certificate."""
        return self._managing.with_card(Function.RELEASE, card, (Slot.AUTHENTICATION,))

    def reset_pin(self, card: MyNumberCard, slots: Slots) -> Finished:
        """Set new PINs in place of forgotten or blocked ones (B6)."""
        return self._managing.with_card(Function.RESET_PIN, card, slots)

    @property
    def pending(self) -> Pending | None:
        """What has not ended: it was interrupted, or waits for word of the certificates."""
        return self._records.pending()

    def resume(self) -> Finished | Applied | None:
        """Go on with what has not ended, None when there is nothing. The user need not sign anything again."""
        return self._managing.resume()

    def abandon(self) -> None:
        """Give up what was interrupted; a new issuance clears up what it left."""
        self._records.end()

    def collect(self) -> int:
        """Take what the push service has for this phone; returns how many orders to remove keys were carried out (E5).

        Word of issued certificates shows in what is ``pending`` from then on.
        """
        return self._managing.collect()

    def arrived(self) -> tuple[Word, ...]:
        """What the push service has for this phone, for a notice on its screen."""
        return self._managing.arrived()

    # -- functions 5 and 7: with the card alone -----------------------------------------------------------------------

    def change_pin(self, slot: Slot) -> None:
        """Change a PIN; the user gives the present one and another."""
        self._using.change_pin(slot)

    def register_device_auth(self, method: DeviceMethod) -> None:
        """Let biometrics or the screen lock stand for the authentication PIN (C2)."""
        self._using.register(method)

    @property
    def registered(self) -> tuple[DeviceMethod, ...]:
        """The methods that stand for the authentication PIN on this phone."""
        return self._records.registered()

    # -- functions 8 to 11: use ---------------------------------------------------------------------------------------

    def show(self, slot: Slot) -> Shown:
        """The certificates in a slot; the phone's applet gives the holder's after the PIN only."""
        return self._using.show(slot)

    def try_out(self, slot: Slot) -> Tried:
        """Try a certificate after its registration: sign, and verify under what the card holds."""
        return self._using.try_out(slot)

    def sign(self, content: bytes, *, detached: bool = False) -> bytes:
        """CMS SignedData of the signing key with the indicator (C4)."""
        return self._using.sign(Slot.SIGNING, content, detached=detached)

    def authenticate(self, challenge: bytes, method: DeviceMethod | None = None, *, detached: bool = False) -> bytes:
        """CMS SignedData of the authentication key over a service's challenge.

        By the method given, else by one that is registered, else by PIN. What is switched off for the model falls back
        to the PIN (E7); after a failure the user chooses how to go on (E10). Raises RefusedError when the method given
        was never registered, NotRecognisedError when the user gives up.
        """
        return self._using.authenticate(challenge, method, detached=detached)

    def attributes(self) -> BasicAttributes:
        """Name, address, birth date and sex, from the signing certificate and nowhere else (A6)."""
        found = read_basic_attributes(self.show(Slot.SIGNING).certificate)
        if found is None:
            raise CardError("the signing certificate has no attributes of its holder")
        return found

    # -- what is true -------------------------------------------------------------------------------------------------

    def status(self) -> PhoneStatus:
        """How far this phone is, what its certificates are good for, and what its user should be told (E1)."""
        return self._status.now()

    def check_validity(self) -> tuple[SlotCondition, ...]:
        """The certificates on this phone, with what J-LIS says of each."""
        return self._status.slots()

    def phase(self) -> Phase:
        """How far this phone is (E1)."""
        return self._status.now().phase
