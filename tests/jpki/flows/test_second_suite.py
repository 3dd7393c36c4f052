"""A world of the suite on P-384, from application to use: an assumption about the next card (A1, A2, C1-C6, E1-E5)."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.errors import UsageError
from jpki.certificates.indicator import AccessSource, ContentType, Method
from jpki.certificates.schemes import Scheme
from jpki.certificates.signed_data import read
from jpki.cli import run
from jpki.client.constants import DeviceMethod, Slot, Suite
from jpki.client.signing import sign_document_plainly
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable
from jpki.parties.ca.status import CertStatus
from jpki.parties.jlis import Jlis
from jpki.parties.messages import (
    CertificateState,
    Checked,
    Done,
    IssueCertificate,
    Issued,
    PeerError,
    Request,
)
from jpki.parties.phone.managing import BOTH
from jpki.parties.recorder import Party
from jpki.parties.sei_tsm import SeiTsm
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.report import Report
from jpki.parties.verifier.verifier import Verifier
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state, check_slot_in_use, check_world
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS, Person, applicant


@pytest.fixture
def curved(tmp_path: Path) -> Iterator[World]:
    """Hanako and the phone p1, nothing issued."""
    with World.open(tmp_path / "world", executable=jpki_executable, durable=False, suite=Suite.P_384) as world:
        world.add_resident(applicant("hanako"), CARD_PASSWORD)
        world.add_phone("p1", model="M1")
        yield world


def found_in(world: World, cms: bytes, slot: Slot) -> Report:
    """By the service provider, who trusts this world's CA."""
    issuer = x509.load_der_x509_certificate(world.ca.ca_certificate(slot))
    return Verifier([issuer], [RecordsSource(world.ca)], clock=world.clock).verify(cms)


def test_from_application_to_use(curved: World) -> None:
    """The application is signed by the card; then both slots are issued, tried, used, renewed and revoked."""
    app, card = curved.app("p1", Person()), curved.my_number_card("hanako")
    app.issue(card)
    state = card_state(curved, "p1")
    assert state is not None and state[0].suite is Suite.P_384
    assert all(isinstance(key, ec.EllipticCurvePublicKey) for key in state[1].values())
    for slot in BOTH:
        check_slot_in_use(curved, "p1", "hanako", slot, PINS[slot])
        assert app.try_out(slot).slot is slot
    signed = found_in(curved, app.sign(b"text"), Slot.SIGNING)
    assert signed.good and signed.scheme is Scheme.ECDSA
    assert signed.indicator is not None and signed.indicator.method is Method.PASSWORD
    for method in DeviceMethod:  # the phone's own key is on P-256 still
        app.register_device_auth(method)
        shown = found_in(curved, app.authenticate(b"challenge", method), Slot.AUTHENTICATION)
        assert shown.good and shown.indicator is not None
        assert (shown.indicator.method, shown.indicator.source) == (Method[method.name], AccessSource.INTERNAL)
    old = {one.serial for one in curved.ca.certificates_of("hanako")}
    renewed = dict(app.renew(card).serials)
    assert old.isdisjoint(renewed.values())
    check_world(curved)
    app.revoke()  # authorised by the phone's own signing key
    assert all(curved.ca.status(serial).state is CertStatus.REVOKED for serial in renewed.values())


def test_the_card_signs_plainly_what_cannot_be_attributes(curved: World) -> None:
    """C6, with the My Number Card; what is no such content is refused here, in words."""
    client = JpkiClient(curved.cards.take(curved.folder / "residents" / "hanako" / "card"))
    client.select()
    client.verify(Slot.SIGNING, CARD_PASSWORD)
    now = datetime.datetime.now(datetime.UTC)

    def plainly(content: bytes) -> bytes:
        return sign_document_plainly(client, Slot.SIGNING, content, claimed_time=now)

    report = found_in(curved, plainly(b"0" * 255), Slot.SIGNING)
    assert {one.outcome for one in report.findings} == {Outcome.NO_INDICATOR}
    assert read(plainly(b"text")).content_type is ContentType.DOCUMENT
    for content in (b"", b"0" * 256, b"1" + b"text"):
        with pytest.raises(UsageError, match=f"these are {len(content)} bytes"):
            plainly(content)


def test_a_phone_with_the_other_suite_gets_no_certificate(curved: World) -> None:
    """The applet is installed with RSA, the CA is of the other suite: refused in words, nothing is issued."""
    block = jpki_executable().data_block
    old = SeiTsm(curved.issuer_records, lambda: block, secrets.token_bytes, Suite.RSA_2048)
    curved.network.join(Party.SEI_TSM, old)
    with pytest.raises(PeerError, match="RSA-2048 with exponent 65537, not on P-384"):
        curved.app("p1", Person()).issue(curved.my_number_card("hanako"), (Slot.AUTHENTICATION,))
    assert len(curved.ca.certificates_of("hanako")) == len(BOTH), "those of the My Number Card"


class _OtherKey(Jlis):
    """Hears of another key than the card made."""

    def handle(self, sender: Party, request: Request) -> Checked | Issued | CertificateState | Done:
        if isinstance(request, IssueCertificate):
            public = ed25519.Ed25519PrivateKey.generate().public_key()
            request = replace(request, public_key=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        return super().handle(sender, request)


def test_a_key_of_another_kind_gets_no_certificate(curved: World) -> None:
    curved.network.join(Party.JLIS, _OtherKey(curved.ca, curved.clock))
    with pytest.raises(PeerError, match="no RSA key, and none on a curve for ECDSA"):
        curved.app("p1", Person()).issue(curved.my_number_card("hanako"), (Slot.AUTHENTICATION,))


def test_a_world_has_one_suite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is chosen when the world is made; `jpki world new` says which, and refuses another afterwards."""

    def new(name: str, *suite: str) -> tuple[int, str, str]:
        code = run(["world", "new", "--world", str(tmp_path / name), "--json", *suite])
        return code, *capsys.readouterr()

    code, out, _ = new("curve", "--suite", "p-384")
    assert (code, json.loads(out)["suite"]) == (0, "p-384")
    code, out, _ = new("curve")
    assert (code, json.loads(out)["suite"]) == (0, "p-384")
    code, _, err = new("curve", "--suite", "rsa-2048")
    assert code == UsageError.exit_code
    assert "suite p-384, not rsa-2048" in err
    assert run(["ca", "create", str(tmp_path / "ca"), "--suite", "p-384"]) == 0
    assert run(["ca", "list", str(tmp_path / "ca")]) == 0
