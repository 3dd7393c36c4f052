"""The SP-TSM as the other parties see it: messages in, messages out."""

from __future__ import annotations

from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from cardlab.errors import IntegrityError, RefusedError
from cardlab.globalplatform.scp03 import StaticKeys
from jpki.client.constants import Slot
from jpki.parties.clock import Clock
from jpki.parties.conversation import Conversations, Received, Talk, Turn
from jpki.parties.messages import (
    Answers,
    Applied,
    AskCertificates,
    AskPolicy,
    Begin,
    CertificateFacts,
    Certificates,
    Feature,
    Finished,
    Function,
    Policy,
    Request,
    Script,
)
from jpki.parties.network import Network
from jpki.parties.policy import Statement
from jpki.parties.recorder import Party
from jpki.parties.script import Random
from jpki.parties.sp_tsm.admission import Admission
from jpki.parties.sp_tsm.back_office import BackOffice
from jpki.parties.sp_tsm.records import Case, CaseState, KnownDevice, ProviderRecords
from jpki.parties.sp_tsm.work import CardWork


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
        self._admission = Admission(self._office, attestation_key, clock)
        self._clock = clock
        self._conversations: Conversations[Finished | Applied] = Conversations(random)

    def handle(self, sender: Party, request: Request) -> Script | Finished | Applied | Policy | Certificates:
        """One message from the phone."""
        if sender is not Party.PHONE:
            raise RefusedError(f"the {sender} has nothing to ask the SP-TSM")
        match request:
            case Begin():
                return self._begin(request)
            case Answers():
                outcome = self._conversations.go_on(
                    request.conversation,
                    request.responses,
                    application=request.application,
                    verdict=request.verdict,
                    consent=request.consent,
                )
                return _said(outcome)
            case AskPolicy():
                return self._policy(request.model)
            case AskCertificates():
                self._office.notify()
                return self._certificates(request)
        raise RefusedError(f"{type(request).__name__} is nothing an SP-TSM answers")

    def set_feature(self, model: str, feature: Feature, *, enabled: bool) -> None:
        """Switch a feature off or on for a phone model (E7)."""
        self._records.set_feature(model, feature, enabled=enabled)

    @property
    def policy_key(self) -> ec.EllipticCurvePublicKey:
        """What an app checks statements about features with; it is built into the app."""
        return self._policy_key.public_key()

    def _policy(self, model: str) -> Policy:
        statement = Statement(model, self._records.disabled(model), int(self._clock().timestamp()))
        return Policy(statement.signed(self._policy_key))

    @cached_property
    def _policy_key(self) -> ec.EllipticCurvePrivateKey:
        new = ec.generate_private_key(ec.SECP256R1())
        der = self._records.policy_key(new.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        key = load_der_private_key(der, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise IntegrityError("the records of the SP-TSM hold no P-256 key for statements about features")
        return key

    def _certificates(self, request: AskCertificates) -> Certificates:
        known = self._records.device(request.se_id)
        if known is None or known.app_id != request.app_id:
            return Certificates((), ())  # a new installation of the app: what is on the phone is not its user's
        facts = []
        for one in self._records.certificates_on(request.se_id):
            state = self._office.state(one.serial)
            facts.append(CertificateFacts(one.slot, one.serial, state.state, state.not_after))
        ordered = self._office.ordered_away(request.se_id)
        return Certificates(tuple(facts), tuple(slot for slot in Slot if slot in ordered))

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

    # -- beginning ----------------------------------------------------------------------------------------------------

    def _begin(self, begin: Begin) -> Script | Finished | Applied:
        self._office.notify()
        case = self._records.case(begin.request_id)
        if case is not None and case.state is CaseState.DONE and case.is_for(begin):
            return self._finished(case)
        return _said(self._conversations.begin(begin.device.se_id, self._talk(begin)))

    def _talk(self, begin: Begin) -> Talk[Finished | Applied]:
        """One conversation: authorise with the first turn, do the work on the card, close the case or pause it."""
        if begin.function is Function.REMOVE:
            return (yield from self._remove(begin))
        nonce, device = self._office.random(16), self._device(begin)
        work = CardWork(self._office, begin, device)
        received: Received = yield Turn(work.first_batch(), nonce=nonce)
        case = yield from self._admission.admit(begin, received, nonce, device)
        if begin.function is Function.RELEASE:
            work.release(case)
        else:
            yield from work.run(case, received.results)
        if case.function is Function.ISSUE and not begin.register:
            self._records.announce(case.request_id)
            self._office.notify()
            return Applied(case.request_id)
        self._close(case)
        return self._finished(case)

    def _device(self, begin: Begin) -> KnownDevice:
        """As it is known; a phone that is not is written down when it was let in, not before."""
        met = KnownDevice.met(begin.device, StaticKeys(*(self._office.random(16) for _ in range(3))))
        return self._records.device(begin.device.se_id) or met

    def _remove(self, begin: Begin) -> Talk[Finished]:
        removal = self._records.removal(begin.request_id)
        if removal is None or removal.se_id != begin.device.se_id:
            raise RefusedError("there is no such order for this secure element")
        if not removal.done:
            work = CardWork(self._office, begin, self._device(begin))
            yield from work.remove(removal)
            self._records.removed(removal.order_id)
        return Finished(begin.request_id, ())

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


def _said(outcome: tuple[str, Turn] | Finished | Applied) -> Script | Finished | Applied:
    if isinstance(outcome, Finished | Applied):
        return outcome
    name, turn = outcome
    return Script(name, turn.batch.steps, turn.nonce, turn.question, turn.typing)
