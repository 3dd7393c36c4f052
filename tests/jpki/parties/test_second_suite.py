"""Certificates, CRL and OCSP of the suite on P-384, an assumption about the next card (A1, A3)."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import ReasonFlags, ocsp

from cardlab.errors import CardError, IntegrityError, RefusedError, UsageError
from jpki.certificates import suites
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.constants import Slot, Suite
from jpki.client.ecdsa import in_der
from jpki.client.signing import suite_of_certificate
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.records import Records
from jpki.parties.ca.server import RevocationServer
from jpki.parties.verifier.crl_source import CrlSource, load_crl
from jpki.parties.verifier.evidence import EvidenceSource
from jpki.parties.verifier.ocsp_source import OcspSource
from jpki.parties.verifier.outcome import Outcome
from jpki.parties.verifier.verifier import Verifier
from tests.jpki.parties.curves import CurveSigner, as_the_card, curve_key
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import HANAKO, START, Clock, ca_keys, key

BOTH = pytest.mark.parametrize("slot", list(Slot))
VECTORS = json.loads((Path(__file__).parent / "vectors" / "rfc6979-p384.json").read_text(encoding="utf-8"))["vectors"]
ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3"


# -- vectors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"rfc6979-p384-{one['id']}")
def test_published_signatures(vector: dict[str, dict[str, str]], tmp_path: Path) -> None:
    """As the card answers, in DER, checked here and by openssl; a key in software makes the very same ones."""
    values = {name: bytes.fromhex(value) for part in ("inputs", "expected") for name, value in vector[part].items()}
    private = ec.derive_private_key(int.from_bytes(values["x"], "big"), ec.SECP384R1())
    public = private.public_key()
    assert public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) == values["point"]
    answer = values["r"] + values["s"]
    assert as_the_card(private, values["message"], repeatable=True) == answer
    suites.verify(public, in_der(answer), values["message"], SHA384())
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, content in (("key.pem", pem), ("signature", in_der(answer)), ("message", values["message"])):
        (tmp_path / name).write_bytes(content)
    result = openssl(tmp_path, "dgst", "-sha384", "-verify", "key.pem", "-signature", "signature", "message")
    assert "Verified OK" in result.stdout, result.stderr


# -- certificates ------------------------------------------------------------------------------------------------------


@BOTH
def test_certificates_on_the_curve(curved: CertificateAuthority, clock: Clock, tmp_path: Path, slot: Slot) -> None:
    """The CA's key, the certified one and the signature are all of the suite; openssl takes the chain."""
    signer = CurveSigner.of(curved, slot)
    certificate = x509.load_der_x509_certificate(signer.certificate)
    assert curved.suite is Suite.P_384
    for one in (certificate, signer.issuer):
        public = one.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert isinstance(public.curve, ec.SECP384R1)
        assert one.signature_algorithm_oid.dotted_string == ECDSA_WITH_SHA384
    certificate.verify_directly_issued_by(signer.issuer)
    for name, found in (("ca.pem", signer.issuer), ("one.pem", certificate)):
        (tmp_path / name).write_bytes(found.public_bytes(Encoding.PEM))
    at = str(int(clock.now.timestamp()))
    result = openssl(tmp_path, "verify", "-x509_strict", "-attime", at, "-CAfile", "ca.pem", "one.pem")
    assert "OK" in result.stdout, result.stderr


def test_but_for_key_and_signature_all_is_as_with_rsa(
    ca: CertificateAuthority, curved: CertificateAuthority, clock: Clock
) -> None:
    """A3: subject, extensions and their order; the sizes are what docs/reference/second-suite.md tells."""
    made = (
        ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"),
        curved.issue(Slot.SIGNING, curve_key(0).public_key(), HANAKO, "request"),
    )
    rsa, curve = (x509.load_der_x509_certificate(der) for der in made)
    assert [one.oid for one in rsa.extensions] == [one.oid for one in curve.extensions]
    assert rsa.issuer == curve.issuer
    assert (rsa.not_valid_before_utc, rsa.not_valid_after_utc) == (
        curve.not_valid_before_utc,
        curve.not_valid_after_utc,
    )
    assert 300 < len(made[0]) - len(made[1]) < 340


def test_one_ca_certifies_one_suite(ca: CertificateAuthority, curved: CertificateAuthority) -> None:
    """A key of the other suite, or on another curve, is refused in words."""
    for authority, public, words in (
        (ca, curve_key(0).public_key(), "on the curve secp384r1, not RSA-2048 with 65537"),
        (curved, key(0).public_key(), "RSA-2048 with exponent 65537, not on P-384"),
        (curved, ec.generate_private_key(ec.SECP256R1()).public_key(), "on the curve secp256r1, not on P-384"),
        (ca, ec.generate_private_key(ec.SECP256R1()).public_key(), "on the curve secp256r1, not RSA-2048"),
    ):
        with pytest.raises(RefusedError, match=words) as error:
            authority.issue(Slot.SIGNING, public, HANAKO, "request")
        assert authority.suite.label in error.value.hint
        assert authority.certificates() == []


def test_the_suite_stays_with_the_records(tmp_path: Path, clock: Clock) -> None:
    """It shows in the CA's keys; another one that is asked for is refused, and changes nothing."""
    path = tmp_path / "ca"
    with CertificateAuthority.open(path, clock=clock, suite=Suite.P_384) as made:
        own = made.ca_certificate(Slot.SIGNING)
    for again in (None, Suite.P_384):
        with CertificateAuthority.open(path, clock=clock, suite=again) as opened:
            assert (opened.suite, opened.ca_certificate(Slot.SIGNING)) == (Suite.P_384, own)
    with pytest.raises(UsageError, match=r"suite p-384, not rsa-2048"):
        CertificateAuthority.open(path, clock=clock, suite=Suite.RSA_2048)
    with CertificateAuthority.open(tmp_path / "rsa", clock=clock, keys=ca_keys()) as first:
        assert first.suite is Suite.RSA_2048
    with pytest.raises(UsageError, match=r"suite rsa-2048, not p-384"):
        CertificateAuthority.open(tmp_path / "rsa", clock=clock, suite=Suite.P_384)


def test_records_with_other_keys_are_damaged(tmp_path: Path, clock: Clock) -> None:
    """Keys of two suites, or of none: no CA of ours wrote that."""
    mixed: dict[Slot, suites.PrivateKey] = {Slot.SIGNING: key(0), Slot.AUTHENTICATION: curve_key(0)}
    with pytest.raises(IntegrityError, match="keys of two suites"):
        CertificateAuthority.open(tmp_path / "mixed", clock=clock, keys=mixed)
    foreign = ec.generate_private_key(ec.SECP256R1())
    private = foreign.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def fill(fresh: Records) -> None:
        for slot in Slot:
            fresh.add_authority(slot, private, b"")

    Records.open(tmp_path / "foreign", fill=fill).close()
    with pytest.raises(IntegrityError, match="no RSA key, and none on P-384, for the signing CA"):
        CertificateAuthority.open(tmp_path / "foreign", clock=clock)


def test_a_card_with_a_certificate_of_no_suite_is_told_of(curved: CertificateAuthority) -> None:
    authority = TestAuthority.create(CertificateProfile.SIGNING, now=START, suite=Suite.P_384)
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(CardError, match="on the curve secp256r1: neither RSA nor on P-384"):
        suite_of_certificate(authority.certify(public, HANAKO.holder, entropy=secrets.token_bytes, now=START)[1])
    assert suite_of_certificate(curved.ca_certificate(Slot.SIGNING)) is Suite.P_384


def test_keys_that_are_of_no_suite() -> None:
    with pytest.raises(ValueError, match="on the curve secp256r1: neither RSA nor on P-384"):
        suites.suite_of(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(ValueError, match="of another kind"):
        suites.suite_of(None)
    for suite in Suite:
        assert suites.suite_of(suites.new_key(suite)) is suite


# -- revocation --------------------------------------------------------------------------------------------------------


def test_revocation_by_crl_and_ocsp(curved: CertificateAuthority, clock: Clock) -> None:
    """Both are signed with the CA's key on P-384, and what is revoked never verifies as good."""
    signer = CurveSigner.of(curved, Slot.AUTHENTICATION)
    document, serial = signer.document(), signer.serial

    def outcomes() -> list[Outcome]:
        crl = CrlSource([load_crl(signer.ca.crl(signer.slot), "list")], clock=clock)
        asked: tuple[EvidenceSource, ...] = (crl, OcspSource(signer.ca.ocsp, clock=clock))
        return [Verifier([signer.issuer], [one], clock=clock).verify(document).outcome for one in asked]

    assert outcomes() == [Outcome.GOOD] * 2
    signer.ca.suspend(serial)
    assert outcomes() == [Outcome.SUSPENDED] * 2
    signer.ca.release(serial)
    signer.ca.revoke(serial, ReasonFlags.key_compromise)
    assert outcomes() == [Outcome.REVOKED] * 2
    for algorithm in (x509.load_der_x509_crl(signer.ca.crl(signer.slot)), ocsp.load_der_ocsp_response(_asked(signer))):
        assert algorithm.signature_algorithm_oid.dotted_string == ECDSA_WITH_SHA384


def test_answers_of_another_ca_count_nothing(signer: CurveSigner, clock: Clock, tmp_path: Path) -> None:
    """A CA of the same names and suite with other keys: its list and its answers are no evidence."""
    with CertificateAuthority.open(tmp_path / "twin", clock=clock, suite=Suite.P_384) as twin:
        lists = CrlSource([load_crl(twin.crl(Slot.SIGNING), "list")], clock=clock)
        sources: tuple[EvidenceSource, ...] = (lists, OcspSource(twin.ocsp, clock=clock))
        for source in sources:
            report = Verifier([signer.issuer], [source], clock=clock).verify(signer.document())
            assert report.outcome is Outcome.REVOCATION_UNKNOWN


def _asked(signer: CurveSigner) -> bytes:
    certificate = x509.load_der_x509_certificate(signer.certificate)
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, signer.issuer, SHA384())
    return signer.ca.ocsp(builder.build().public_bytes(Encoding.DER))


def test_openssl_takes_list_and_answer(tmp_path: Path) -> None:
    """In the present, for that is where openssl looks."""
    with (
        CertificateAuthority.open(tmp_path / "now.sqlite", suite=Suite.P_384) as ca,
        RevocationServer(ca) as served,
    ):
        signer = CurveSigner.of(ca)
        certificate = x509.load_der_x509_certificate(signer.certificate)
        crl = x509.load_der_x509_crl(ca.crl(Slot.SIGNING))
        for name, found in (("ca.pem", signer.issuer), ("one.pem", certificate), ("crl.pem", crl)):
            (tmp_path / name).write_bytes(found.public_bytes(Encoding.PEM))
        listed = openssl(tmp_path, "verify", "-crl_check", "-CAfile", "ca.pem", "-CRLfile", "crl.pem", "one.pem")
        assert "OK" in listed.stdout, listed.stderr
        command = ["ocsp", "-issuer", "ca.pem", "-cert", "one.pem", "-url", f"{served.url}/ocsp", "-CAfile", "ca.pem"]
        answered = openssl(tmp_path, *command)
        assert "Response verify OK" in answered.stderr
        assert "one.pem: good" in answered.stdout
