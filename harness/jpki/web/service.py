"""An example of a service provider: it lets people log in and takes signed documents, and asks OCSP about both."""

from __future__ import annotations

import json
from collections.abc import Callable

from cryptography import x509

from cardlab.errors import VerificationError
from jpki.client.constants import Slot
from jpki.parties.phone.app import PhoneApp
from jpki.parties.recorder import FlowEventKind, Party
from jpki.parties.verifier.ocsp_source import OcspSource
from jpki.parties.verifier.report import Report
from jpki.parties.verifier.verifier import Verifier
from jpki.parties.world import World

_CHALLENGE = 32  # bytes


class ExampleService:
    """What it hears and says is recorded like every message between parties."""

    def __init__(self, world: World, random: Callable[[int], bytes]) -> None:
        self._world = world
        self._random = random

    def log_in(self, app: PhoneApp) -> Report:
        """By a signature over a challenge of ours, by the authentication key."""
        challenge = self._random(_CHALLENGE)
        self._said("AskChallenge", {}, lambda: _json("Challenge", challenge=challenge.hex()))
        return self._presented(app.authenticate(challenge), challenge, for_signing=False)

    def take(self, app: PhoneApp, document: str) -> Report:
        """A document, signed by the signing key."""
        content = document.encode()
        return self._presented(app.sign(content), content, for_signing=True)

    def _presented(self, cms: bytes, content: bytes, *, for_signing: bool) -> Report:
        """Raises VerificationError when it is not what was asked for."""
        found: list[Report] = []

        def verify() -> bytes:
            found.append(self._verifier().verify(cms))
            return _json("Verified", **found[0].to_json())

        self._said("Present", {"cms": cms.hex()}, verify)
        report = found[0]
        if not report.good:
            raise VerificationError(f"the service refuses it: {report.outcome.sentence}", hint=_findings(report))
        if report.content != content:
            raise VerificationError("the service refuses it: another text was signed than the one it knows")
        if report.for_signing is not for_signing:
            raise VerificationError("the service refuses it: the certificate is of the other kind")
        return report

    def _verifier(self) -> Verifier:
        ca = self._world.ca
        issuers = [x509.load_der_x509_certificate(ca.ca_certificate(slot)) for slot in Slot]
        return Verifier(issuers, [OcspSource(self._ocsp, clock=self._world.clock)], clock=self._world.clock)

    def _ocsp(self, request: bytes) -> bytes:
        record = self._world.network.recorder.record
        kind, parties = FlowEventKind.MESSAGE, (Party.VERIFIER, Party.JLIS)
        return record(kind, *parties, "OcspRequest", request, lambda: self._world.ca.ocsp(request))

    def _said(self, name: str, fields: dict[str, object], answer: Callable[[], bytes]) -> None:
        request = _json(name, **fields)
        self._world.network.recorder.record(FlowEventKind.MESSAGE, Party.PHONE, Party.VERIFIER, name, request, answer)


def _json(kind: str, **fields: object) -> bytes:
    return json.dumps({"is": kind, **fields}).encode()


def _findings(report: Report) -> str:
    return "; ".join(one.text for one in report.findings)
