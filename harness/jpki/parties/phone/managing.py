"""Functions that need the TSM: they can be interrupted anywhere and resumed (E6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cardlab.errors import HarnessError, RefusedError
from jpki.client.constants import Slot
from jpki.client.signing import sign_application
from jpki.parties.application import Application
from jpki.parties.consent import TERMS, Consent
from jpki.parties.messages import (
    Acknowledge,
    Applied,
    AskCertificates,
    Begin,
    Certificates,
    Collect,
    Done,
    Finished,
    Function,
    PeerError,
    PushMessage,
    PushMessages,
    Slots,
)
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.phone.inside import Inside
from jpki.parties.phone.records import Pending, Stage
from jpki.parties.phone.user import DeclinedError
from jpki.parties.recorder import Party, Section
from jpki.parties.word import RemoveKeys, Word, opened

_RESUME = "resume or abandon it first"
_AWAITED = {
    Stage.STARTED: _RESUME,
    Stage.APPLYING: _RESUME,
    Stage.APPLIED: "register when word comes, or abandon it first",
    Stage.ISSUED: "register or abandon it first",
}
BOTH = (Slot.SIGNING, Slot.AUTHENTICATION)

Sign = Callable[[bytes], bytes]
"""Signs an application; gives CMS."""


class PendingError(RefusedError):
    """Something else was begun and has to end first."""


class Managing:
    """Issues, renews, revokes, releases and resets; resumes what was interrupted; carries out orders."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._records = inside.records
        self._network = inside.network

    def with_card(self, function: Function, card: MyNumberCard, slots: Slots) -> Finished:
        """A function that the My Number Card authorises."""
        return _ended(self._begin(function, slots, self._by_card(card)))

    def _by_card(self, card: MyNumberCard) -> Sign:
        inside = self._inside

        def sign(content: bytes) -> bytes:
            password = inside.relay.ask("password of the My Number Card", inside.user.card_password)
            return card.sign_application(content, password)

        return sign

    def apply(self, card: MyNumberCard, slots: Slots) -> Applied | Finished:
        """The first half of an issuance: it ends when the certificates are issued, and word of that comes by push."""
        return self._begin(Function.ISSUE, slots, self._by_card(card), Stage.APPLYING)

    def register(self) -> Finished:
        """The other half, after the word; raises RefusedError before it."""
        self.collect()
        pending = self._records.pending()
        if pending is None or pending.stage is not Stage.ISSUED:
            raise RefusedError(
                "there is no word that certificates are issued", hint="apply for them first, or look again later"
            )
        return _ended(self._run(pending))

    def with_phone(self, function: Function, slots: Slots) -> Finished:
        """One that the phone's own signing key authorises. No other app can ask for this."""

        def sign(content: bytes) -> bytes:
            client = self._inside.applet()
            self._inside.verify(client, Slot.SIGNING)
            return sign_application(client, content)

        return _ended(self._begin(function, slots, sign))

    def resume(self) -> Finished | Applied | None:
        """Go on with what has not ended, None when there is nothing. The user need not sign anything again."""
        pending = self._records.pending()
        return None if pending is None else self._run(pending)

    def _begin(self, function: Function, slots: Slots, sign: Sign, stage: Stage = Stage.STARTED) -> Finished | Applied:
        slots = tuple(slot for slot in BOTH if slot in slots)
        pending = self._records.pending()
        if pending is None:
            pending = self._apply(function, slots, sign, stage)
        elif (pending.function, pending.slots) != (function, slots):
            raise PendingError(f"{pending.function.value} was begun and has not ended", hint=_AWAITED[pending.stage])
        elif stage is Stage.APPLYING and pending.stage in (Stage.APPLIED, Stage.ISSUED):
            return Applied(pending.request_id)
        elif stage is Stage.STARTED:  # to the end, whatever it was to stop at when it was begun
            pending = replace(pending, stage=stage)
            self._records.reach(pending.request_id, stage)
        return self._run(pending)

    def _apply(self, function: Function, slots: Slots, sign: Sign, stage: Stage) -> Pending:
        """Have an application signed, once for all attempts, and write it down before anybody hears of it."""
        with self._network.recorder.within(Section.APPLY):
            terms = self._agreed_terms() if function is Function.ISSUE else None
        device, request_id = self._inside.device(), self._inside.random(8).hex()
        asked = Application(request_id, function, slots, device.se_id, device.app_id, terms)
        with self._network.recorder.within(Section.APPLY):
            pending = Pending(request_id, function, slots, sign(asked.to_bytes()), stage)
        self._records.begin(pending)
        return pending

    def _agreed_terms(self) -> Consent:
        """What the user agrees to before anything is signed or sent (E9)."""
        consent = self._inside.relay.consent(TERMS)
        if consent is None:
            raise DeclinedError("the terms of use were not agreed to", hint="nothing was sent")
        return consent

    def _run(self, pending: Pending) -> Finished | Applied:
        """One attempt, of which the journal knows; a refusal for good ends it."""
        register = pending.stage is not Stage.APPLYING
        begin = Begin(pending.request_id, pending.function, pending.slots, self._inside.device(), register)
        try:
            finished = self._inside.relay.run(begin, pending.application)
        except PeerError as error:
            if error.final:
                self._records.end()
            raise
        if isinstance(finished, Applied):
            self._records.reach(pending.request_id, Stage.APPLIED)
            return finished
        with self._records.transaction():
            if Slot.AUTHENTICATION in pending.slots and pending.function is not Function.RELEASE:
                self._inside.forget_device_keys()
            self._records.end()
        return finished

    # -- word by push (E5, E11) ---------------------------------------------------------------------------------------

    def collect(self) -> int:
        """Do what the push service has word of for this phone; returns how many orders to remove keys that were.

        The SP-TSM hears of it first: what was lost on its way to the push service goes there now. Certificates that
        are issued wait for their user to register them.
        """
        device = self._inside.device()
        self._network.call(Party.PHONE, Party.SP_TSM, AskCertificates(device.se_id, device.app_id), Certificates)
        arrived = self._arrived()
        for message, word in arrived:
            if isinstance(word, RemoveKeys):
                self._remove(word)
            else:
                self._records.reach(word.request_id, Stage.ISSUED)
            self._network.call(Party.PHONE, Party.PUSH, Acknowledge(device.push_token, message.message_id), Done)
        return sum(isinstance(word, RemoveKeys) for _, word in arrived)

    def arrived(self) -> tuple[Word, ...]:
        """What the push service has word of; nothing is done about it."""
        return tuple(word for _, word in self._arrived()) if self._records.fact("token") else ()

    def _arrived(self) -> list[tuple[PushMessage, Word]]:
        """What is not from the SP-TSM for this app is left alone: nobody on the line can use up a message so."""
        device = self._inside.device()
        found = self._network.call(Party.PHONE, Party.PUSH, Collect(device.push_token), PushMessages)
        words = ((one, opened(one.payload, device.push_key, one.message_id)) for one in found.messages)
        return [(one, word) for one, word in words if word is not None]

    def _remove(self, word: RemoveKeys) -> None:
        begin = Begin(word.order_id, Function.REMOVE, word.slots, self._inside.device())
        try:
            self._inside.relay.run(begin, b"")
            self._forget_what_is_gone()
        except PeerError as error:
            if not error.final:
                raise

    def _forget_what_is_gone(self) -> None:
        """An order may have been overtaken by a new issuance, so what is gone is what the card no longer has."""
        if Slot.AUTHENTICATION not in self._inside.held_slots():
            self._inside.forget_device_keys()


def _ended(outcome: Finished | Applied) -> Finished:
    """Of what runs to its end."""
    if isinstance(outcome, Applied):
        raise HarnessError("the SP-TSM pauses what should be done now", hint="do both ends have the same version?")
    return outcome
