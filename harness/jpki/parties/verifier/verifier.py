"""The service provider's verifier.

    verifier = Verifier([ca_certificate], [OcspSource(http_responder("http://127.0.0.1:8080/ocsp"))])
    report = verifier.verify(cms)
    report.outcome             # Outcome.GOOD
    report.indicator.method    # Method.BIOMETRIC

No time in a signature from the card can be trusted: with an indicator there is none, without one it is the host's
claim. So the certificate is judged at the time that the caller gives, and now without one.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from cryptography import x509

from cardlab.errors import UsageError, VerificationError
from jpki.certificates import signed_data
from jpki.certificates.envelope import opened
from jpki.certificates.indicator import ContentType
from jpki.certificates.signed_data import SignedMessage
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock, system_clock
from jpki.parties.verifier.evidence import Evidence, EvidenceSource, strongest
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.report import Finding, Report


class Verifier:
    """Trusts these CA certificates, and asks these sources whether a certificate was revoked."""

    def __init__(
        self,
        issuers: Sequence[x509.Certificate],
        sources: Sequence[EvidenceSource] = (),
        *,
        clock: Clock = system_clock,
    ) -> None:
        self._issuers = issuers
        self._sources = sources
        self._clock = clock

    def verify(self, cms: bytes, *, content: bytes | None = None, at: datetime.datetime | None = None) -> Report:
        """Find out everything about a CMS in DER, PEM or S/MIME; never raises for what it is, but UsageError when its
        content is missing.

        ``content`` is what a detached signature is over, ``at`` when the certificate has to be in order, by default
        now.
        """
        examination = _Examination(at or self._clock())
        try:
            envelope = opened(cms)
            message = signed_data.read(envelope.cms)
            signer = message.signer_certificate()
        except VerificationError as error:
            examination.found(Outcome.MALFORMED, error)
            return examination.report()
        if content is None:
            content = _signed_of(envelope.contents, message, signer)
        examination.content_type(message)
        if message.content is None and content is None:
            raise UsageError("the signature is detached", hint="give the content that was signed (--content FILE)")
        if examination.signature(message, signer, content):
            examination.indicator(message, signer)
        examination.certificate(signer, self._issuers, self._sources, now=at is None)
        return examination.report()


def _signed_of(contents: Sequence[bytes], message: SignedMessage, signer: x509.Certificate) -> bytes | None:
    """The form of a content that the signature is over; any when it is over none of them."""
    for one in contents:
        try:
            signed_data.check_signature(message, signer, one)
        except VerificationError:
            continue
        return one
    return contents[0] if contents else None


class _Examination:
    """Collects what is found."""

    def __init__(self, at: datetime.datetime) -> None:
        self._at = at
        self._findings: list[Finding] = []
        self._known = Report((), at)

    def found(self, outcome: Outcome, error: VerificationError | str) -> None:
        self._findings.append(Finding(outcome, str(error)))

    def report(self) -> Report:
        return replace(self._known, findings=tuple(self._findings))

    def content_type(self, message: SignedMessage) -> None:
        try:
            signed_data.check_content_type(message, ContentType.DOCUMENT)
        except VerificationError as error:
            self.found(Outcome.NOT_A_DOCUMENT, error)

    def signature(self, message: SignedMessage, signer: x509.Certificate, given: bytes | None) -> bool:
        self._known = replace(self._known, signer=signer, scheme=message.scheme)
        try:
            content = message.covered_content(given)
            signed_data.check_signature(message, signer, content)
            self._known = replace(self._known, content=content, claimed_time=message.claimed_time())
        except VerificationError as error:
            self.found(Outcome.BAD_SIGNATURE, error)
            return False
        return True

    def indicator(self, message: SignedMessage, signer: x509.Certificate) -> None:
        try:
            if not signed_data.claims_indicator(message):
                self.found(Outcome.NO_INDICATOR, "the signature is a plain one, without an indicator")
                return
            indicator = signed_data.check_indicator(message, signer)
            self._known = replace(self._known, indicator=indicator)
        except VerificationError as error:
            self.found(Outcome.BAD_INDICATOR, error)

    def certificate(
        self,
        signer: x509.Certificate,
        issuers: Sequence[x509.Certificate],
        sources: Sequence[EvidenceSource],
        *,
        now: bool,
    ) -> None:
        try:
            self._known = replace(self._known, for_signing=signed_data.is_for_signing(signer))
            issuer = signed_data.check_issuer(signer, issuers)
            signed_data.check_period(issuer, self._at, "the CA's")
        except VerificationError as error:
            self.found(Outcome.UNTRUSTED, error)
            return
        try:
            signed_data.check_period(signer, self._at)
        except VerificationError as error:
            self.found(Outcome.EXPIRED, error)
        self._revocation([source.state(signer, issuer, None if now else self._at) for source in sources])

    def _revocation(self, evidence: Sequence[Evidence]) -> None:
        self._known = replace(self._known, evidence=tuple(evidence))
        answer = strongest(evidence)
        if answer is None:
            self.found(Outcome.REVOCATION_UNKNOWN, "no CRL, OCSP responder or records were given")
        elif answer.state is CertStatus.UNKNOWN:
            self.found(Outcome.REVOCATION_UNKNOWN, "; ".join(f"{one.source}: {one.note}" for one in evidence))
        elif answer.state in (CertStatus.REVOKED, CertStatus.SUSPENDED):
            outcome = Outcome.REVOKED if answer.state is CertStatus.REVOKED else Outcome.SUSPENDED
            since = "" if answer.since is None else f" since {answer.since:%Y-%m-%d %H:%M:%S} UTC"
            reason = "" if answer.reason is None else f", {answer.reason.value}"
            self.found(outcome, f"{answer.state.value}{since}{reason} ({answer.source})")
