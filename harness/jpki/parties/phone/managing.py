"""Functions that need the TSM: they can be interrupted anywhere and resumed (E6)."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.errors import HarnessError
from jpki.client.constants import Slot
from jpki.client.signing import sign_application
from jpki.parties.application import Application
from jpki.parties.consent import TERMS, Consent
from jpki.parties.messages import (
    Acknowledge,
    AskCertificates,
    Begin,
    Certificates,
    Collect,
    Done,
    Finished,
    Function,
    Orders,
    PeerError,
    Slots,
)
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.records import Pending
from jpki.parties.phone.user import DeclinedError
from jpki.parties.recorder import Party, Section

BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)

Sign = Callable[[bytes], bytes]
"""Signs an application; gives CMS."""


class PendingError(HarnessError):
    """Something else was interrupted and has to end first."""


class Managing:
    """Issues, renews, revokes, releases and resets; resumes what was interrupted; carries out orders."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._records = inside.records
        self._network = inside.network

    def with_card(self, function: Function, card: MyNumberCard, slots: Slots) -> Finished:
        """A function that the My Number Card authorises."""
        inside = self._inside

        def sign(content: bytes) -> bytes:
            password = inside.relay.ask("password of the My Number Card", inside.user.card_password)
            return card.sign_application(content, password)

        return self._begin(function, slots, sign)

    def with_phone(self, function: Function, slots: Slots) -> Finished:
        """One that the phone's own signing key authorises. No other app can ask for this."""

        def sign(content: bytes) -> bytes:
            client = self._inside.applet()
            self._inside.verify(client, Slot.SIGNING)
            return sign_application(client, content)

        return self._begin(function, slots, sign)

    def resume(self) -> Finished | None:
        """Go on with what was interrupted, None when nothing was. The user need not sign anything again."""
        pending = self._records.pending()
        return None if pending is None else self._run(pending)

    def _begin(self, function: Function, slots: Slots, sign: Sign) -> Finished:
        slots = tuple(slot for slot in BOTH if slot in slots)
        pending = self._records.pending()
        if pending is None:
            pending = self._apply(function, slots, sign)
        elif (pending.function, pending.slots) != (function, slots):
            raise PendingError(f"{pending.function.value} was interrupted", hint="resume or abandon it first")
        return self._run(pending)

    def _apply(self, function: Function, slots: Slots, sign: Sign) -> Pending:
        """Have an application signed, once for all attempts, and write it down before anybody hears of it."""
        with self._network.recorder.within(Section.APPLY):
            terms = self._agreed_terms() if function is Function.ISSUE else None
        device, request_id = self._inside.device(), self._inside.random(8).hex()
        asked = Application(request_id, function, slots, device.se_id, device.app_id, terms)
        with self._network.recorder.within(Section.APPLY):
            pending = Pending(request_id, function, slots, sign(asked.to_bytes()))
        self._records.begin(pending)
        return pending

    def _agreed_terms(self) -> Consent:
        """What the user agrees to before anything is signed or sent (E9)."""
        consent = self._inside.relay.consent(TERMS)
        if consent is None:
            raise DeclinedError("the terms of use were not agreed to", hint="nothing was sent")
        return consent

    def _run(self, pending: Pending) -> Finished:
        """One attempt, of which the journal knows; a refusal for good ends it."""
        begin = Begin(pending.request_id, pending.function, pending.slots, self._inside.device())
        try:
            finished = self._inside.relay.run(begin, pending.application)
        except PeerError as error:
            if error.final:
                self._records.end()
            raise
        with self._records.transaction():
            if Slot.AUTHENTICATION in pending.slots and pending.function is not Function.RELEASE:
                self._inside.forget_device_keys()
            self._records.end()
        return finished

    def collect(self) -> int:
        """Carry out what the push service has for this phone (E5); returns how many orders that were.

        The SP-TSM hears of it first: an order that was lost on its way to the push service goes there now.
        """
        device = self._inside.device()
        self._network.call(Party.PHONE, Party.SP_TSM, AskCertificates(device.se_id, device.app_id), Certificates)
        orders = self._network.call(Party.PHONE, Party.PUSH, Collect(device.push_token), Orders).orders
        for order in orders:
            begin = Begin(order.order_id, Function.REMOVE, order.slots, device)
            try:
                self._inside.relay.run(begin, b"")
                self._forget_what_is_gone()
            except PeerError as error:
                if not error.final:
                    raise
            self._network.call(Party.PHONE, Party.PUSH, Acknowledge(device.push_token, order.order_id), Done)
        return len(orders)

    def _forget_what_is_gone(self) -> None:
        """An order may have been overtaken by a new issuance, so what is gone is what the card no longer has."""
        if Slot.AUTHENTICATION not in self._inside.held_slots():
            self._inside.forget_device_keys()
