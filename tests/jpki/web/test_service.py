"""The example of a service: it looks at what it is given, and takes nothing else than it asked for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cardlab.errors import VerificationError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.recorder import FlowRecorder
from jpki.web.service import ExampleService
from tests.jpki.parties.conftest import clock, curved, signer
from tests.jpki.parties.curves import CONTENT, CurveSigner, curve_key
from tests.jpki.parties.people import HANAKO, Clock

__all__ = ["clock", "curved", "signer"]


class Phone:
    """Gives what its key signed, whatever it was asked for."""

    def __init__(self, signer: CurveSigner) -> None:
        self._document = signer.document()

    def sign(self, content: bytes) -> bytes:
        return self._document

    def authenticate(self, challenge: bytes) -> bytes:
        return self._document


@pytest.fixture
def service(curved: CertificateAuthority, clock: Clock) -> ExampleService:
    """Of a world that has a CA and a clock."""
    world = SimpleNamespace(ca=curved, clock=clock, network=SimpleNamespace(recorder=FlowRecorder()))
    return ExampleService(world, lambda _: CONTENT)  # type: ignore[arg-type]


def test_what_was_asked_for_is_taken(service: ExampleService, signer: CurveSigner) -> None:
    report = service.take(Phone(signer), CONTENT.decode())  # type: ignore[arg-type]
    assert (report.good, report.for_signing, report.content) == (True, True, CONTENT)


def test_another_document(service: ExampleService, signer: CurveSigner) -> None:
    with pytest.raises(VerificationError, match="another text was signed than the one it knows"):
        service.take(Phone(signer), "another")  # type: ignore[arg-type]


def test_a_login_with_the_signing_key(service: ExampleService, signer: CurveSigner) -> None:
    """And a document that is signed with the other one: each kind is for one purpose."""
    with pytest.raises(VerificationError, match="the certificate is of the other kind"):
        service.log_in(Phone(signer))  # type: ignore[arg-type]
    key, slot = curve_key(1), Slot.AUTHENTICATION
    other = CurveSigner(signer.ca, slot, key, signer.ca.issue(slot, key.public_key(), HANAKO, "request"))
    assert service.log_in(Phone(other)).good  # type: ignore[arg-type]
    with pytest.raises(VerificationError, match="the certificate is of the other kind"):
        service.take(Phone(other), CONTENT.decode())  # type: ignore[arg-type]


def test_a_certificate_that_counts_no_more(service: ExampleService, signer: CurveSigner) -> None:
    signer.ca.revoke(signer.serial)
    with pytest.raises(VerificationError, match=r"^the service refuses it: the certificate was revoked") as refused:
        service.take(Phone(signer), CONTENT.decode())  # type: ignore[arg-type]
    assert refused.value.hint
