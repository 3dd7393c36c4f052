"""The SP-TSM's work on one card in one conversation: install, personalise, renew, reset, remove.

Each turn is planned from what the card said last, until nothing is left to do; so a resumed conversation does what is
missing and nothing else. Destructive steps are ordered in a turn of their own, and noted before anything is built on
them: what is found later is then known to be this case's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from cardlab.errors import CardError
from jpki.client import commands
from jpki.client.constants import PinState, Slot
from jpki.parties.conversation import Talk, Turn
from jpki.parties.messages import (
    Begin,
    Done,
    Function,
    IssueCertificate,
    Issued,
    ReleaseCertificate,
    Slots,
)
from jpki.parties.recorder import Party
from jpki.parties.script import Batch, Results, SecureSession
from jpki.parties.sections import KEY_SECTION, PIN_SECTION, STORE_SECTION
from jpki.parties.sp_tsm import plan
from jpki.parties.sp_tsm.access import CardAccess
from jpki.parties.sp_tsm.back_office import BackOffice
from jpki.parties.sp_tsm.plan import EMPTY, Facts, Question, SlotFacts
from jpki.parties.sp_tsm.records import Case, KnownCertificate, KnownDevice, Removal

_MOST_TURNS = 8
_SETS_PINS = (Function.ISSUE, Function.RESET_PIN)
_Got = TypeVar("_Got")


class CardWork:
    """One conversation's card. ``first_batch`` comes first, then ``run`` or ``release``; or ``remove`` alone."""

    def __init__(self, office: BackOffice, begin: Begin, device: KnownDevice) -> None:
        self._office = office
        self._records = office.records
        self._access = CardAccess(office, begin, device)
        self._register = begin.register
        self._se_id = begin.device.se_id
        self._issued: dict[bytes, Issued] = {}

    def first_batch(self) -> Batch:
        """What can be sent before anything is authorised."""
        return self._access.first_batch()

    def run(self, case: Case, results: Results) -> Talk[None]:
        """All of the work on the card, from the results of the first batch on."""
        early = self._records.unclean(case.request_id) if case.function in _SETS_PINS else ()
        session, batch = yield from _with_typing(self._access.reach(results), early)
        match case.function:
            case Function.ISSUE:
                yield from self._personalise(case, session, batch)
            case Function.RENEW:
                yield from self._renew(case, session, batch)
            case Function.RESET_PIN:
                yield from self._reset_pins(case, session, batch)
            case Function.REVOKE:
                for slot in case.slots:
                    self._office.retire(self._se_id, slot, "cessation_of_operation")
                yield from self._erase(case.slots, session, batch)

    # -- work in the applet -------------------------------------------------------------------------------------------

    def _personalise(self, case: Case, session: SecureSession, batch: Batch) -> Talk[None]:
        """Issue (A2): PINs, keys, certificates, for a holder who finds nothing of an earlier one (A4)."""
        facts: Facts = {slot: SlotFacts(EMPTY) for slot in Slot}
        unclean = self._records.unclean(case.request_id)
        if not self._access.fresh:
            for slot in unclean:
                self._office.retire(self._se_id, slot, "superseded")
                batch.section = KEY_SECTION[slot]
                batch.add(commands.delete_slot(slot), session=session)
            facts = yield from self._ask(batch, session, case.slots)
            batch = Batch()
        for slot in unclean:
            _require(facts[slot].is_empty, "the card still holds what an earlier holder left")
        with self._records.transaction():
            self._office.forget(self._se_id, unclean)
            for slot in unclean:
                self._records.mark_clean(case.request_id, slot)
        plan_next = self._plan_issue if self._register else self._plan_application
        yield from self._until_done(case, session, batch, facts, plan_next)

    def _renew(self, case: Case, session: SecureSession, batch: Batch) -> Talk[None]:
        """A new key under the same PIN; the old key is known from the records."""
        facts = yield from self._ask(batch, session, case.slots)
        yield from self._until_done(case, session, Batch(), facts, self._plan_renewal)

    def _reset_pins(self, case: Case, session: SecureSession, batch: Batch) -> Talk[None]:
        """Bring each PIN to INITIAL, once; then let the user set another (B6)."""
        unclean = self._records.unclean(case.request_id)
        for slot in unclean:
            batch.section = PIN_SECTION[slot]
            batch.add(commands.reset_pin(slot), session=session)
        facts = yield from self._ask(batch, session, ())
        for slot in unclean:
            _require(facts[slot].status.pin_state is PinState.INITIAL, "the PIN was not reset")
        with self._records.transaction():
            for slot in unclean:
                self._records.mark_clean(case.request_id, slot)
        yield from self._until_done(case, session, Batch(), facts, self._plan_pin)

    def _erase(self, slots: Slots, session: SecureSession, batch: Batch) -> Talk[None]:
        """Delete slots that hold anything."""
        facts = yield from self._ask(batch, session, ())
        batch = Batch()
        for slot in slots:
            if not facts[slot].is_empty:
                batch.section = KEY_SECTION[slot]
                batch.add(commands.delete_slot(slot), session=session)
        if batch.steps:
            facts = yield from self._ask(batch, session, ())
        _require(all(facts[slot].is_empty for slot in slots), "the card still holds the key")
        with self._records.transaction():
            self._office.forget(self._se_id, slots)

    def _until_done(
        self,
        case: Case,
        session: SecureSession,
        batch: Batch,
        facts: Facts,
        add: Callable[[Case, SecureSession, Batch, Facts], bool],
    ) -> Talk[None]:
        """Turn by turn, until ``add`` says that nothing is missing."""
        for _ in range(_MOST_TURNS):
            if not add(case, session, batch, facts):
                return
            facts = yield from self._ask(batch, session, case.slots, self._without_pin(case, facts))
            batch = Batch()
        raise CardError("the card does not come to the state that it should have")

    @staticmethod
    def _without_pin(case: Case, facts: Facts) -> Slots:
        """The slots whose PINs the user has to type yet."""
        if case.function not in _SETS_PINS:
            return ()
        return tuple(slot for slot in case.slots if facts[slot].status.pin_state is not PinState.ACTIVE)

    def _plan_pin(self, case: Case, session: SecureSession, batch: Batch, facts: Facts) -> bool:
        before = len(batch.steps)
        for slot in case.slots:
            plan.add_pin(batch, session, slot, facts[slot], self._office.random)
        return len(batch.steps) > before

    def _plan_issue(self, case: Case, session: SecureSession, batch: Batch, facts: Facts) -> bool:
        """Keys, then certificates; PINs last, for the user types them meanwhile (F5)."""
        before = len(batch.steps)
        with_key = self._plan_keys(case, session, batch, facts)
        self._plan_certificates(case, session, batch, facts, with_key)
        if len(with_key) == len(case.slots):
            self._plan_pin(case, session, batch, facts)
        return len(batch.steps) > before

    def _plan_application(self, case: Case, session: SecureSession, batch: Batch, facts: Facts) -> bool:
        """Keys, then PINs, then the certificates are issued; they are stored when the user registers them (E11)."""
        before = len(batch.steps)
        if len(self._plan_keys(case, session, batch, facts)) == len(case.slots):
            self._plan_pin(case, session, batch, facts)
        if len(batch.steps) > before:
            return True
        for slot in case.slots:
            self._certificate(case, slot, facts[slot])
        return False

    @staticmethod
    def _plan_keys(case: Case, session: SecureSession, batch: Batch, facts: Facts) -> list[Slot]:
        """Have those made that are missing; gives the slots that have one."""
        with_key = [slot for slot in case.slots if facts[slot].status.has_key]
        for slot in case.slots:
            if slot not in with_key:
                plan.add_key(batch, session, slot, renew=False)
        return with_key

    def _plan_renewal(self, case: Case, session: SecureSession, batch: Batch, facts: Facts) -> bool:
        before = len(batch.steps)
        renewed = []
        for slot in case.slots:
            if facts[slot].key_hash in (b"", self._records.key_before(case.request_id, slot)):
                plan.add_key(batch, session, slot, renew=True)
            else:
                renewed.append(slot)
        self._plan_certificates(case, session, batch, facts, renewed)
        return len(batch.steps) > before

    def _plan_certificates(
        self, case: Case, session: SecureSession, batch: Batch, facts: Facts, slots: list[Slot]
    ) -> None:
        for slot in slots:
            issued = self._certificate(case, slot, facts[slot])
            plan.add_certificates(batch, session, slot, facts[slot], issued.certificate, issued.ca_certificate)

    def _certificate(self, case: Case, slot: Slot, facts: SlotFacts) -> Issued:
        return self._issued.get(facts.key_hash) or self._certify(case, slot, facts)

    def _certify(self, case: Case, slot: Slot, facts: SlotFacts) -> Issued:
        """The certificate for a key on the card; asked again, J-LIS gives the same one."""
        self._records.add_key(facts.key_hash, case, slot)
        request = IssueCertificate(case.request_id, slot, facts.public_key, case.application)
        with self._office.network.recorder.within(STORE_SECTION[slot]):
            issued = self._office.network.call(Party.SP_TSM, Party.JLIS, request, Issued)
        known = KnownCertificate(issued.serial, slot, case.se_id, case.user, facts.key_hash)
        with self._records.transaction():
            self._records.add_certificate(known, case.request_id)
        self._issued[facts.key_hash] = issued
        return issued

    def _ask(self, batch: Batch, session: SecureSession, slots: Slots, typing: Slots = ()) -> Talk[Facts]:
        """Run a batch with the question at its end, while the user types PINs."""
        question = Question.add_to(batch, session, slots)
        results = (yield Turn(batch, typing=typing)).results
        if failure := results.failure():
            raise failure
        return question.facts(results)

    # -- without keys, and removal ------------------------------------------------------------------------------------

    def release(self, case: Case) -> None:
        """End the suspension of the authentication certificate (E3)."""
        for one in self._records.certificates_on(self._se_id):
            if one.slot in case.slots:
                self._office.network.call(
                    Party.SP_TSM, Party.JLIS, ReleaseCertificate(one.serial, case.application), Done
                )

    def remove(self, removal: Removal) -> Talk[None]:
        """Remote deletion (E5): the applet, or single slots when others are in use."""
        if not removal.slots:
            return
        for slot in removal.slots:
            self._office.retire(self._se_id, slot, "superseded")
        in_use = {one.slot for one in self._records.certificates_on(self._se_id)} - set(removal.slots)
        busy = any(case.se_id == self._se_id for case in self._records.open_cases())
        ready = self._access.device().ready
        if ready and (in_use or busy):
            session, batch = yield from self._access.reach_installed()
            yield from self._erase(removal.slots, session, batch)
            return
        if ready:
            yield from self._access.remove_applet()
        with self._records.transaction():
            self._records.applet_gone(self._se_id)
            for one in self._records.certificates_on(self._se_id):
                self._records.key_gone(one.serial)


def _with_typing(talk: Talk[_Got], slots: Slots) -> Talk[_Got]:
    """A conversation in whose first turn the user begins to type PINs."""
    try:
        turn = replace(next(talk), typing=slots)
        while True:
            turn = talk.send((yield turn))
    except StopIteration as end:
        outcome: _Got = end.value
        return outcome


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise CardError(message, hint="this card does not behave as it should")
