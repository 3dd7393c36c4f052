"""J-LIS, the JPKI system: checks applications and has its CA issue, revoke and release certificates."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import ReasonFlags

from cardlab.errors import RefusedError, VerificationError
from jpki.certificates.cms import verify
from jpki.certificates.indicator import ContentType
from jpki.certificates.suites import PublicKey
from jpki.client.constants import Profile, Slot
from jpki.parties.applicant import Applicant
from jpki.parties.application import Application
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock
from jpki.parties.messages import (
    AskState,
    CertificateState,
    CheckApplication,
    Checked,
    Done,
    Function,
    IssueCertificate,
    Issued,
    ReleaseCertificate,
    Request,
    RevokeCertificate,
)
from jpki.parties.recorder import Party


class Jlis:
    """Answers the SP-TSM; anyone may ask for a certificate's state."""

    def __init__(self, ca: CertificateAuthority, clock: Clock) -> None:
        self._ca = ca
        self._clock = clock

    def handle(self, sender: Party, request: Request) -> Checked | Issued | CertificateState | Done:
        """One message."""
        if isinstance(request, AskState):
            return self._state(request.serial)
        if sender is not Party.SP_TSM:
            raise RefusedError(f"the {sender} may not ask for that")
        match request:
            case CheckApplication():
                applicant, application = self._check(request.application)
                return Checked(applicant.user, application.to_bytes())
            case IssueCertificate():
                return self._issue(request)
            case RevokeCertificate():
                self._ca.revoke(request.serial, ReasonFlags[request.reason])
                return Done()
            case ReleaseCertificate():
                return self._release(request)
        raise RefusedError(f"{type(request).__name__} is nothing J-LIS answers")

    def _state(self, serial: int) -> CertificateState:
        state = self._ca.status(serial).state
        if state is CertStatus.UNKNOWN:
            return CertificateState(state.value, 0)
        certificate = x509.load_der_x509_certificate(self._ca.certificate(serial).der)
        return CertificateState(state.value, int(certificate.not_valid_after_utc.timestamp()))

    def _check(self, signed: bytes) -> tuple[Applicant, Application]:
        """The signer of an application; its certificate must be good, and a card's unless a phone revokes its own."""
        issuer = x509.load_der_x509_certificate(self._ca.ca_certificate(Slot.SIGNING))
        try:
            verified = verify(signed, issuers=[issuer], at=self._clock(), content_type=ContentType.APPLICATION)
        except VerificationError as error:
            raise RefusedError(f"the application does not verify: {error}") from error
        record = self._ca.certificate(verified.signer.serial_number)
        state = self._ca.status(record.serial).state
        if state is not CertStatus.GOOD:
            raise RefusedError(f"the certificate that signed the application is {state.value}")
        application = Application.from_bytes(verified.content)
        if record.medium is not Profile.CARD and application.function is not Function.REVOKE:
            raise RefusedError(
                "this needs the signing certificate of a My Number Card", hint="hold the card, not a phone"
            )
        return record.applicant, application

    def _issue(self, request: IssueCertificate) -> Issued:
        applicant, application = self._check(request.application)
        if application.request_id != request.request_id or request.slot not in application.slots:
            raise RefusedError("the application is for something else")
        if application.function not in (Function.ISSUE, Function.RENEW):
            raise RefusedError(f"the application is to {application.function.value}, not for a certificate")
        key = load_der_public_key(request.public_key)
        if not isinstance(key, PublicKey):
            raise RefusedError("the key is no RSA key, and none on a curve for ECDSA")
        der = self._ca.issue(request.slot, key, applicant, request.request_id)
        serial = x509.load_der_x509_certificate(der).serial_number
        return Issued(serial, der, self._ca.ca_certificate(request.slot))

    def _release(self, request: ReleaseCertificate) -> Done:
        applicant, application = self._check(request.application)
        if application.function is not Function.RELEASE:
            raise RefusedError(f"the application is to {application.function.value}, not to end a suspension")
        record = self._ca.certificate(request.serial)
        if record.applicant.user != applicant.user or record.slot not in application.slots:
            raise RefusedError("the application is for something else")
        self._ca.release(request.serial)
        return Done()
