"""The SP-TSM as the other parties see it: messages in, messages out."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import RefusedError
from cardlab.globalplatform.scp03 import StaticKeys
from jpki.client.constants import Slot
from jpki.parties.application import Application, require_application
from jpki.parties.attestation import require_sound
from jpki.parties.clock import Clock
from jpki.parties.conversation import Conversations, Received, Talk, Turn
from jpki.parties.messages import (
    Answers,
    AskPolicy,
    Begin,
    CheckApplication,
    Checked,
    Feature,
    Finished,
    Function,
    Policy,
    Request,
    Script,
)
from jpki.parties.network import Network
from jpki.parties.recorder import Party, Section
from jpki.parties.script import Random
from jpki.parties.sp_tsm.back_office import BackOffice
from jpki.parties.sp_tsm.records import Case, CaseState, KnownCertificate, ProviderRecords
from jpki.parties.sp_tsm.work import CardWork

_NEEDS_CERTIFICATE = (Function.RENEW, Function.REVOKE, Function.RELEASE, Function.RESET_PIN)


class SpTsm:
    """Answers the phone. It works on cards through scripts (``CardWork``), and with the SEI-TSM, J-LIS and push."""

    def __init__(
        self,
        records: ProviderRecords,
        network: Network,
        *,
        attestation_key: ec.EllipticCurvePublicKey,
        clock: Clock,
        random: Random,
    ) -> None:
        self._office = BackOffice(records, network, random)
        self._records = records
        self._network = network
        self._attestation_key = attestation_key
        self._clock = clock
        self._conversations: Conversations[Finished] = Conversations(random)

    def handle(self, sender: Party, request: Request) -> Script | Finished | Policy:
        """One message from the phone."""
        if sender is not Party.PHONE:
            raise RefusedError(f"the {sender} has nothing to ask the SP-TSM")
        match request:
            case Begin():
                return self._begin(request)
            case Answers():
                outcome = self._conversations.go_on(
                    request.conversation, request.responses, request.application, request.verdict
                )
                return _said(outcome)
            case AskPolicy():
                return Policy(self._records.disabled(request.model))
        raise RefusedError(f"{type(request).__name__} is nothing an SP-TSM answers")

    def set_feature(self, model: str, feature: Feature, *, enabled: bool) -> None:
        """Switch a feature off or on for a phone model (E7)."""
        self._records.set_feature(model, feature, enabled=enabled)

    def order_removal(self, serial: int) -> str:
        """Have a certificate revoked now, and its key removed from the secure element it is on (E5); returns the order.

        Raises RefusedError for a key that is on no phone any more: its slot may hold somebody else's.
        """
        known = self._records.certificate(serial)
        if known is None or known not in self._records.certificates_on(known.se_id):
            raise RefusedError(f"certificate {serial:X} is not on any phone")
        self._office.revoke(serial, "cessation_of_operation")
        with self._records.transaction():
            order = self._office.order_removal(known.se_id, (known.slot,))
        self._office.notify()
        return order

    # -- beginning and authorising ------------------------------------------------------------------------------------

    def _begin(self, begin: Begin) -> Script | Finished:
        self._office.notify()
        keys = StaticKeys(*(self._office.random(16) for _ in range(3)))
        self._records.meet(begin.device, keys)
        case = self._records.case(begin.request_id)
        if case is not None and case.state is CaseState.DONE and case.is_for(begin):
            return self._finished(case)
        return _said(self._conversations.begin(begin.device.se_id, self._talk(begin)))

    def _talk(self, begin: Begin) -> Talk[Finished]:
        """One conversation: authorise with the first turn, do the work on the card, close the case."""
        if begin.function is Function.REMOVE:
            return (yield from self._remove(begin))
        nonce = self._office.random(16)
        work = CardWork(self._office, begin)
        first = work.first_batch()
        received: Received = yield Turn(first, nonce=nonce)
        with self._network.recorder.within(Section.APPLY):
            case = self._authorise(begin, received, nonce)
        if begin.function is Function.RELEASE:
            work.release(case)
        else:
            yield from work.run(case, received.results)
        self._close(case)
        return self._finished(case)

    def _remove(self, begin: Begin) -> Talk[Finished]:
        removal = self._records.removal(begin.request_id)
        if removal is None or removal.se_id != begin.device.se_id:
            raise RefusedError("there is no such order for this secure element")
        if not removal.done:
            work = CardWork(self._office, begin)
            yield from work.remove(removal)
            self._records.removed(removal.order_id)
        return Finished(begin.request_id, ())

    def _authorise(self, begin: Begin, received: Received, nonce: bytes) -> Case:
        """The case, new or resumed; raises RefusedError for a tampered phone and for what nobody may have."""
        require_sound(
            received.verdict,
            key=self._attestation_key,
            nonce=nonce,
            app_id=begin.device.app_id,
            now=self._clock().timestamp(),
        )
        case = self._records.case(begin.request_id)
        if case is None:
            return self._new_case(begin, received.application)
        if case.state is CaseState.CLOSED:
            raise RefusedError("a newer application took the place of this one", hint="apply again if you need to")
        if not case.is_for(begin):
            raise RefusedError("this request was for something else")
        return case

    def _new_case(self, begin: Begin, application: bytes) -> Case:
        require_application(application)
        checked = self._network.call(Party.SP_TSM, Party.JLIS, CheckApplication(application), Checked)
        asked = Application.from_bytes(checked.content)
        device = begin.device
        if asked != Application(begin.request_id, begin.function, begin.slots, device.se_id, device.app_id):
            raise RefusedError("the application that was signed is for something else")
        if not begin.slots or (begin.function is Function.RELEASE and begin.slots != (Slot.AUTHENTICATION,)):
            raise RefusedError(f"nothing to {begin.function.value} was named")
        before: dict[Slot, bytes | None] = {}
        if begin.function in _NEEDS_CERTIFICATE:
            before = {slot: self._own(begin, slot, checked.user).key_hash for slot in begin.slots}
        case = Case(
            *(begin.request_id, begin.function, begin.slots, device.se_id, device.app_id, checked.user, application),
            CaseState.OPEN,
        )
        with self._records.transaction():
            for other in self._records.open_cases():
                if _takes_the_place_of(case, other):
                    self._records.end_case(other.request_id, CaseState.CLOSED)
                    if other.se_id != case.se_id:
                        self._office.order_removal(
                            other.se_id, tuple(slot for slot in other.slots if slot in case.slots)
                        )
            self._records.add_case(case, before)
        return case

    def _own(self, begin: Begin, slot: Slot, user: str) -> KnownCertificate:
        """The certificate in a slot, which must be this user's, on this phone, and of this installation of the app."""
        known = self._records.device(begin.device.se_id)
        if known is None or known.app_id != begin.device.app_id:
            raise RefusedError("the app was installed anew", hint="issue the certificates again")
        ordered = any(slot in removal.slots for removal in self._records.removals(begin.device.se_id))
        newest = [one for one in self._records.certificates_of(user) if one.slot is slot][-1:]
        for certificate in self._records.certificates_on(begin.device.se_id):
            if certificate.slot is slot and certificate.user == user:
                if ordered or [certificate] != newest:
                    raise RefusedError(
                        f"the {slot.name.lower()} certificate of this phone was given up or replaced",
                        hint="use the phone that has the new one, or issue it here again",
                    )
                return certificate
        raise RefusedError(f"this phone has no {slot.name.lower()} certificate of yours", hint="issue one first")

    # -- ending -------------------------------------------------------------------------------------------------------

    def _close(self, case: Case) -> None:
        """The case is done; what it makes obsolete on the user's other phones is to be removed (E4, E5)."""
        with self._records.transaction():
            self._records.end_case(case.request_id, CaseState.DONE)
            if case.function is Function.ISSUE:
                obsolete: dict[bytes, list[Slot]] = {}
                for other in self._records.certificates_of(case.user):
                    if other.se_id != case.se_id and other.slot in case.slots:
                        obsolete.setdefault(other.se_id, []).append(other.slot)
                for se_id, slots in obsolete.items():
                    self._office.order_removal(se_id, tuple(slots))
        self._office.notify()

    def _finished(self, case: Case) -> Finished:
        serials = {one.slot: one.serial for one in self._records.certificates_on(case.se_id)}
        serials |= {one.slot: one.serial for one in self._records.certificates_from(case.request_id)}
        return Finished(case.request_id, tuple((slot, serials[slot]) for slot in case.slots if slot in serials))


def _said(outcome: tuple[str, Turn] | Finished) -> Script | Finished:
    if isinstance(outcome, Finished):
        return outcome
    name, turn = outcome
    return Script(name, turn.batch.steps, turn.nonce)


def _takes_the_place_of(new: Case, other: Case) -> bool:
    """One open case for a secure element, and one that leads to a certificate of a kind for a user."""
    if other.se_id == new.se_id:
        return True
    both_issue = {new.function, other.function} <= {Function.ISSUE, Function.RENEW}
    return both_issue and other.user == new.user and bool(set(other.slots) & set(new.slots))
