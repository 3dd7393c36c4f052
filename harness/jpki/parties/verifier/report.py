"""What a verification found out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cryptography import x509

from jpki.certificates.indicator import Indicator
from jpki.certificates.schemes import Scheme
from jpki.parties.verifier.evidence import Evidence
from jpki.parties.verifier.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not in order."""

    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that could be found out, also when the signature is not good.

    ``signer`` is what the message says, so only a good report has the true one. ``indicator``, ``claimed_time`` (what
    the signer says it was) and ``content`` are there only when the signature is over them. ``at`` is the time that the
    certificate was judged at.
    """

    findings: tuple[Finding, ...]
    at: datetime.datetime
    signer: x509.Certificate | None = None
    for_signing: bool | None = None
    scheme: Scheme | None = None
    indicator: Indicator | None = None
    claimed_time: datetime.datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    content: bytes | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst of the findings, GOOD without any."""
        found = {finding.outcome for finding in self.findings}
        return next((outcome for outcome in Outcome if outcome in found), Outcome.GOOD)

    @property
    def good(self) -> bool:
        """Whether everything is in order, the indicator too."""
        return self.outcome is Outcome.GOOD

    def to_json(self) -> dict[str, object]:
        """The facts, without the content."""
        return {
            "outcome": self.outcome.word,
            "exit_code": self.outcome.exit_code,
            "findings": [{"outcome": one.outcome.word, "text": one.text} for one in self.findings],
            "signer": None if self.signer is None else _certificate(self.signer, self.for_signing),
            "signature": None if self.scheme is None else self.scheme.value,
            "indicator": None if self.indicator is None else _indicator(self.indicator),
            "at": self.at.isoformat(),
            "claimed_time": None if self.claimed_time is None else self.claimed_time.isoformat(),
            "revocation": [_evidence(one) for one in self.evidence],
        }


def _certificate(certificate: x509.Certificate, for_signing: bool | None) -> dict[str, object]:
    kinds = {True: "signing", False: "authentication", None: None}
    return {
        "certificate": kinds[for_signing],
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial_number": f"{certificate.serial_number:X}",
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
    }


def _indicator(indicator: Indicator) -> dict[str, object]:
    return {
        "method": indicator.method.name.lower(),
        "access_source": indicator.source.name.lower(),
        "counter": indicator.counter,
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "source": evidence.source,
        "state": evidence.state.value,
        "since": None if evidence.since is None else evidence.since.isoformat(),
        "reason": None if evidence.reason is None else evidence.reason.value,
        "note": evidence.note,
    }
