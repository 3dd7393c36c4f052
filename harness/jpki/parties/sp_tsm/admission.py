"""Whom the SP-TSM lets in: what an application has to bring before anything is done or written down for it."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties.application import Application, require_application
from jpki.parties.attestation import require_sound
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock
from jpki.parties.consent import TERMS, Consent, require_consent, revocation_wording
from jpki.parties.conversation import Received, Talk, Turn
from jpki.parties.messages import Begin, CheckApplication, Checked, Function
from jpki.parties.recorder import Party, Section
from jpki.parties.script import Batch
from jpki.parties.sp_tsm.back_office import BackOffice
from jpki.parties.sp_tsm.records import Case, CaseState, KnownCertificate, KnownDevice

_NEEDS_CERTIFICATE = (Function.RENEW, Function.REVOKE, Function.RELEASE, Function.RESET_PIN)


@dataclass(frozen=True, slots=True)
class Admission:
    """Makes cases of applications. What is refused has changed nothing: not at the SP-TSM, not on the card."""

    office: BackOffice
    attestation_key: ec.EllipticCurvePublicKey
    clock: Clock

    def admit(self, begin: Begin, received: Received, nonce: bytes, device: KnownDevice) -> Talk[Case]:
        """The case, new or resumed; raises RefusedError for a tampered phone (E8) and for what nobody may have."""
        self._require_sound(begin, received.verdict, nonce)
        case = self.office.records.case(begin.request_id)
        if case is None:
            return (yield from self._new_case(begin, received.application, device))
        if case.state is CaseState.CLOSED:
            raise RefusedError("a newer application took the place of this one", hint="apply again if you need to")
        if not case.is_for(begin):
            raise RefusedError("this request was for something else")
        self.office.records.meet(begin.device, device.own_keys)
        return case

    def _require_sound(self, begin: Begin, verdict: str, nonce: bytes) -> None:
        app_id, now = begin.device.app_id, self.clock().timestamp()
        require_sound(verdict, key=self.attestation_key, nonce=nonce, app_id=app_id, now=now)

    def _new_case(self, begin: Begin, application: bytes, device: KnownDevice) -> Talk[Case]:
        asked, user = self._checked(begin, application)
        if not begin.slots or (begin.function is Function.RELEASE and begin.slots != (Slot.AUTHENTICATION,)):
            raise RefusedError(f"nothing to {begin.function.value} was named")
        consents: list[Consent] = []
        if begin.function is Function.ISSUE:
            consents.append(require_consent(asked.terms, TERMS, self.clock().timestamp()))
            consents += yield from self._revocation_agreed(begin, user)
        before = self._keys_before(begin, user)
        if begin.function is Function.RELEASE:
            self._require_suspended(begin, user)
        case = Case(
            *(begin.request_id, begin.function, begin.slots, begin.device.se_id, begin.device.app_id),
            *(user, application, CaseState.OPEN),
        )
        self._record(case, before, consents, begin, device)
        self.office.notify()
        return case

    def _checked(self, begin: Begin, application: bytes) -> tuple[Application, str]:
        """What was applied for, and by whom."""
        require_application(application)
        checked = self.office.network.call(Party.SP_TSM, Party.JLIS, CheckApplication(application), Checked)
        asked = Application.from_bytes(checked.content)
        if not asked.is_for(begin):
            raise RefusedError("the application that was signed is for something else")
        return asked, checked.user

    def _keys_before(self, begin: Begin, user: str) -> dict[Slot, bytes | None]:
        if begin.function not in _NEEDS_CERTIFICATE:
            return {}
        return {slot: self._own(begin, slot, user).key_hash for slot in begin.slots}

    def _require_suspended(self, begin: Begin, user: str) -> None:
        for slot in begin.slots:
            state = self._state(self._own(begin, slot, user))
            if state != CertStatus.SUSPENDED:
                raise RefusedError(f"the {slot.name.lower()} certificate is {state}: there is no suspension to end")

    def _revocation_agreed(self, begin: Begin, user: str) -> Talk[list[Consent]]:
        """Ask before certificates on another phone of the user's go (E9); nothing when there are none in use."""
        obsolete = [
            (one.slot, one.serial)
            for slot in begin.slots
            for one in self.office.records.certificates_of(user)
            if one.slot is slot and one.se_id != begin.device.se_id and self._state(one) != CertStatus.REVOKED
        ]
        if not obsolete:
            return []
        wording = revocation_wording(obsolete)
        received = yield Turn(Batch(Section.APPLY), question=wording)
        return [require_consent(received.consent, wording, self.clock().timestamp())]

    def _record(
        self, case: Case, before: dict[Slot, bytes | None], consents: list[Consent], begin: Begin, device: KnownDevice
    ) -> None:
        """All at once; what the case takes the place of ends."""
        records = self.office.records
        with records.transaction():
            records.meet(begin.device, device.own_keys)
            for other in records.open_cases():
                if _takes_the_place_of(case, other):
                    records.end_case(other.request_id, CaseState.CLOSED)
                    if other.se_id != case.se_id:
                        slots = tuple(slot for slot in other.slots if slot in case.slots)
                        self.office.order_removal(other.se_id, slots)
            records.add_case(case, before)
            for consent in consents:
                records.add_consent(case.request_id, consent)

    def _own(self, begin: Begin, slot: Slot, user: str) -> KnownCertificate:
        """The certificate in a slot, which must be this user's, on this phone, and of this installation of the app."""
        records, se_id = self.office.records, begin.device.se_id
        known = records.device(se_id)
        if known is None or known.app_id != begin.device.app_id:
            raise RefusedError("the app was installed anew", hint="issue the certificates again")
        newest = [one for one in records.certificates_of(user) if one.slot is slot][-1:]
        for certificate in records.certificates_on(se_id):
            if certificate.slot is slot and certificate.user == user:
                if slot in self.office.ordered_away(se_id) or [certificate] != newest:
                    raise RefusedError(
                        f"the {slot.name.lower()} certificate of this phone was given up or replaced",
                        hint="use the phone that has the new one, or issue it here again",
                    )
                return certificate
        raise RefusedError(f"this phone has no {slot.name.lower()} certificate of yours", hint="issue one first")

    def _state(self, certificate: KnownCertificate) -> str:
        return self.office.state(certificate.serial).state


def _takes_the_place_of(new: Case, other: Case) -> bool:
    """One open case for a secure element, and one that leads to a certificate of a kind for a user."""
    if other.se_id == new.se_id:
        return True
    both_issue = {new.function, other.function} <= {Function.ISSUE, Function.RENEW}
    return both_issue and other.user == new.user and bool(set(other.slots) & set(new.slots))
