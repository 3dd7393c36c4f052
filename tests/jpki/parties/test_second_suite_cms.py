"""CMS of the suite on P-384, an assumption about the next card: what verifies, and what only looks so (C4-C6)."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cardlab.errors import CardError, UsageError, VerificationError
from jpki.certificates import cms
from jpki.certificates.indicator import AccessSource, ContentType, Indicator, Method
from jpki.certificates.schemes import Scheme
from jpki.certificates.signed_data import SignedMessage, check_signature, read
from jpki.cli import run
from jpki.client.constants import Slot, Suite
from jpki.client.user import IndicatorSignature
from jpki.model.state import Method as CardMethod
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.verifier import Verifier
from tests.jpki.applet.openssl import verify_cms
from tests.jpki.parties.curves import CONTENT, CurveSigner, curve_key
from tests.jpki.parties.issued import PINS, make_card
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import HANAKO, Clock, key

BOTH = pytest.mark.parametrize("slot", list(Slot))
SHA_384 = bytes.fromhex("0609608648016503040202")
SHA_256 = bytes.fromhex("0609608648016503040201")


def verifier(signer: CurveSigner, clock: Clock) -> Verifier:
    return Verifier([signer.issuer], [RecordsSource(signer.ca)], clock=clock)


@BOTH
@pytest.mark.parametrize("detached", [False, True], ids=["attached", "detached"])
def test_a_document_verifies_here_and_with_openssl(
    curved: CertificateAuthority, clock: Clock, tmp_path: Path, slot: Slot, detached: bool
) -> None:
    """C5: attributes as the card signed them, digest SHA-384, ecdsa-with-SHA384."""
    signer = CurveSigner.of(curved, slot)
    document = signer.document(detached=detached)
    report = verifier(signer, clock).verify(document, content=CONTENT if detached else None)
    assert report.good
    method = Method.PASSWORD if slot is Slot.SIGNING else Method.PIN
    assert report.indicator == Indicator(method, AccessSource.INTERNAL, 7)
    assert (report.scheme, report.content) == (Scheme.ECDSA, CONTENT)
    assert signer.attributes()[1:] in document
    assert document.count(SHA_384) == 2
    assert verify_cms(tmp_path, document, signer.issuer, CONTENT, detached=detached) == ""
    altered = document.replace(signer.attributes()[-48:], bytes(48))
    assert verify_cms(tmp_path, altered, signer.issuer, CONTENT, detached=detached) != ""
    assert verifier(signer, clock).verify(altered, content=CONTENT).outcome is Outcome.BAD_SIGNATURE


def test_applications_and_documents(signer: CurveSigner, clock: Clock) -> None:
    """As with RSA: neither passes for the other, whatever it is given out as."""
    found = cms.verify(
        signer.application(), issuers=[signer.issuer], at=clock.now, content_type=ContentType.APPLICATION
    )
    assert found.content == CONTENT
    assert verifier(signer, clock).verify(signer.application()).outcome is Outcome.NOT_A_DOCUMENT
    disguised = verifier(signer, clock).verify(signer.application(ContentType.DOCUMENT))
    assert disguised.outcome is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize("detached", [False, True])
def test_a_plain_signature_says_no_more_than_that(
    signer: CurveSigner, clock: Clock, tmp_path: Path, detached: bool
) -> None:
    """RFC 5652, 5.3: without attributes it is over the content itself."""
    plain = signer.plain(detached=detached)
    assert read(plain).content == (None if detached else CONTENT)
    report = verifier(signer, clock).verify(plain, content=CONTENT if detached else None)
    assert {one.outcome for one in report.findings} == {Outcome.NO_INDICATOR}
    assert report.content == CONTENT
    assert verify_cms(tmp_path, plain, signer.issuer, CONTENT, detached=detached) == ""
    assert not verifier(signer, clock).verify(signer.plain(b"another")).good


def test_attributes_are_not_given_out_as_a_content(signer: CurveSigner, clock: Clock, tmp_path: Path) -> None:
    """C6: cut off and shown as what was signed; openssl takes it, for to it nothing is wrong with that."""
    attributes = signer.attributes()
    forged = signer.plain(attributes)
    report = verifier(signer, clock).verify(forged)
    assert report.outcome is Outcome.BAD_SIGNATURE
    assert "the content begins as they do" in report.findings[0].text
    assert report.content is None
    assert verify_cms(tmp_path, forged, signer.issuer, attributes, detached=False) == ""


def test_the_method_must_be_one_that_the_key_takes(signer: CurveSigner, clock: Clock) -> None:
    """C1."""
    report = verifier(signer, clock).verify(signer.document(method=CardMethod.PIN))
    assert report.outcome is Outcome.BAD_INDICATOR


def test_another_keys_signature_is_bad(signer: CurveSigner, clock: Clock) -> None:
    stranger = replace(signer, key=curve_key(1)).signed(signer.attributes())
    report = verifier(signer, clock).verify(cms.assemble(stranger, signer.certificate, content=CONTENT))
    assert report.outcome is Outcome.BAD_SIGNATURE


def test_the_suites_are_not_mixed(signer: CurveSigner, ca: CertificateAuthority, clock: Clock) -> None:
    """Neither SHA-256 under ECDSA, nor ECDSA with an RSA certificate, nor the reverse; a card's answer has 96 bytes."""
    other_digest = signer.document().replace(SHA_384, SHA_256)
    with pytest.raises(VerificationError, match="expected SHA-384, with ECDSA"):
        read(other_digest)
    rsa = x509.load_der_x509_certificate(ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"))
    message = read(signer.document())
    with pytest.raises(VerificationError, match="not on P-384, as a signature by ECDSA needs"):
        check_signature(message, rsa, CONTENT)
    with pytest.raises(VerificationError, match="no RSA key, as a signature by RSASSA-PSS needs"):
        check_signature(_by_pss(message), message.signer_certificate(), CONTENT)
    with pytest.raises(CardError, match="256 bytes, with P-384 it has 96"):
        cms.assemble(IndicatorSignature(signer.attributes(), bytes(256)), signer.certificate)
    with pytest.raises(ValueError, match="no key on P-384"):
        cms.assemble_without_attributes(bytes(96), rsa.public_bytes(Encoding.DER), CONTENT, detached=False)


def _by_pss(message: SignedMessage) -> SignedMessage:
    fields = (message.content_type, message.content, message.certificates, message.signer)
    return SignedMessage(*fields, Scheme.PSS, message.signed_attributes, message.signature)


@pytest.mark.parametrize(
    "form", [["-outform", "DER", "-nodetach", "-binary"], ["-outform", "PEM", "-nodetach", "-binary"], []]
)
def test_what_openssl_signs_is_read(signer: CurveSigner, clock: Clock, tmp_path: Path, form: list[str]) -> None:
    """As DER, PEM and S/MIME: with attributes and ECDSA, and no indicator that a card would have added."""
    pem = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM)
    for name, content in (("key.pem", pem), ("one.pem", certificate), ("content", CONTENT)):
        (tmp_path / name).write_bytes(content)
    command = ["cms", "-sign", "-in", "content", "-signer", "one.pem", "-inkey", "key.pem", "-md", "sha384"]
    made = openssl(tmp_path, *command, "-nosmimecap", *form, "-out", "signed")
    assert made.returncode == 0, made.stderr
    report = verifier(signer, clock).verify((tmp_path / "signed").read_bytes())
    assert {one.outcome for one in report.findings} == {Outcome.NO_INDICATOR}
    assert (report.scheme, report.claimed_time is None) == (Scheme.ECDSA, False)


def test_commands_need_no_word_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`jpki sign` and `jpki verify`: the certificate on the card says which suite it is."""
    before = Clock(datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    with CertificateAuthority.open(tmp_path / "ca", clock=before, suite=Suite.P_384) as ca:
        make_card(tmp_path / "card", ca)
    (tmp_path / "pin").write_bytes(PINS[Slot.AUTHENTICATION])
    (tmp_path / "text").write_bytes(CONTENT)
    card = ["--card", f"sim:{tmp_path / 'card'}", "--key", "authentication", "--pin-file", str(tmp_path / "pin")]

    def signed(*options: str) -> dict[str, object]:
        assert run(["sign", str(tmp_path / "text"), *card, "--force", *options]) == 0
        capsys.readouterr()
        run(["verify", str(tmp_path / "text.p7m"), "--records", str(tmp_path / "ca"), "--json"])
        facts: dict[str, object] = json.loads(capsys.readouterr().out)
        return facts

    assert (signed()["outcome"], signed()["signature"]) == ("good", "ECDSA")
    assert signed("--plain")["outcome"] == "no indicator"
    (tmp_path / "text").write_bytes(bytes(256))
    assert run(["sign", str(tmp_path / "text"), *card, "--force", "--plain"]) == UsageError.exit_code
    assert "these are 256 bytes" in capsys.readouterr().err
