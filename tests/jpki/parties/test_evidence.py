"""What CRLs and OCSP responses prove: never that a bad certificate is good, and nothing when anybody can make them."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.errors import RefusedError, UsageError
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus
from jpki.parties.verifier.crl_source import CrlSource, load_crl
from jpki.parties.verifier.evidence import Evidence, RecordsSource
from jpki.parties.verifier.ocsp_source import OcspSource
from tests.jpki.parties.people import HANAKO, START, TARO, Clock, ca_keys, key

KIND = Slot.AUTHENTICATION  # the one that can be suspended
ACTS = ("suspend", "release", "revoke", "crl", "nothing")
FEWER = max(settings().max_examples // 2, 5)


@settings(max_examples=FEWER)
@given(
    acts=st.lists(st.tuples(st.integers(1, 30), st.sampled_from(ACTS)), max_size=8),
    hour=st.integers(0, 120),
    chosen=st.sets(st.integers(0, 7)),
)
def test_evidence_agrees_with_the_records(acts: list[tuple[int, str]], hour: int, chosen: set[int]) -> None:
    """Hours pass, things happen to a certificate, lists are made; then somebody asks about any time."""
    clock = Clock()
    with (
        TemporaryDirectory() as folder,
        CertificateAuthority.open(Path(folder, "ca"), clock=clock, keys=ca_keys()) as ca,
    ):
        certificate = x509.load_der_x509_certificate(ca.issue(KIND, key(0).public_key(), HANAKO, "request"))
        issuer = x509.load_der_x509_certificate(ca.ca_certificate(KIND))
        lists = []
        for hours, act in acts:
            clock.advance(hours * 3600)
            if act == "crl":
                lists.append(load_crl(ca.crl(KIND), "crl"))
            elif act != "nothing":
                try:
                    getattr(ca, act)(certificate.serial_number)
                except RefusedError:
                    assert ca.status(certificate.serial_number).state is CertStatus.REVOKED
        at = min(START + datetime.timedelta(hours=hour, minutes=30), clock.now)
        truth = ca.status(certificate.serial_number, at=at)
        assert RecordsSource(ca).state(certificate, issuer, at).state is truth.state
        now = OcspSource(ca.ocsp, clock=clock).state(certificate, issuer, None)
        assert now.state is ca.status(certificate.serial_number).state
        answer = OcspSource(ca.ocsp, clock=clock).state(certificate, issuer, at)
        assert answer.state is not CertStatus.GOOD or truth.good

        given_lists = [one for number, one in enumerate(lists) if number in chosen]
        found = CrlSource(given_lists, clock=clock).state(certificate, issuer, at).state
        before = [one.last_update_utc for one in given_lists if one.last_update_utc <= at]
        events = ca.history(certificate.serial_number)
        outdated = bool(before) and any(max(before) < event.at <= at for event in events)
        assert found is CertStatus.UNKNOWN or (found is CertStatus.GOOD) == truth.good or outdated


# -- who may answer ----------------------------------------------------------------------------------------------------


class Responder:
    """Answers OCSP requests in the CA's name, in right and wrong ways; keys are the issuer's unless given."""

    def __init__(self, ca: CertificateAuthority) -> None:
        self.ca = ca
        self.issuer = x509.load_der_x509_certificate(ca.ca_certificate(Slot.SIGNING))
        self.certificate = x509.load_der_x509_certificate(
            ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request")
        )
        self.signer, self.signing_key = self.issuer, ca_keys()[Slot.SIGNING]
        self.about = self.certificate
        self.says = ocsp.OCSPCertStatus.GOOD
        self.this_update = START
        self.next_update: datetime.datetime | None = START + datetime.timedelta(minutes=5)
        self.nonce: bytes | None = None
        self.echo = True

    def __call__(self, raw: bytes) -> bytes:
        request = ocsp.load_der_ocsp_request(raw)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=self.about,
                issuer=self.issuer,
                algorithm=SHA256(),
                cert_status=self.says,
                this_update=self.this_update,
                next_update=self.next_update,
                revocation_time=None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.signer)
        )
        if self.signer is not self.issuer:
            builder = builder.certificates([self.signer])
        nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value
        if self.nonce is not None:
            nonce = x509.OCSPNonce(self.nonce)
        if self.echo:
            builder = builder.add_extension(nonce, critical=False)
        return builder.sign(self.signing_key, SHA256()).public_bytes(Encoding.DER)

    def evidence(self) -> Evidence:
        return OcspSource(self, clock=Clock()).state(self.certificate, self.issuer, None)

    def delegate(
        self,
        *,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.OCSP_SIGNING,
        from_day: int = -2,
        days: int = 1,
        issuer: x509.Name | None = None,
        by: RSAPrivateKey | None = None,
    ) -> None:
        """Let another key answer, with a certificate for that purpose that the CA signed, or ``by`` did (RFC 6960,
        4.2.2.2).
        """
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "responder")])
        self.signing_key = key(9)
        self.signer = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer or self.issuer.subject)
            .public_key(self.signing_key.public_key())
            .serial_number(5)
            .not_valid_before(START + datetime.timedelta(days=from_day))
            .not_valid_after(START + datetime.timedelta(days=days))
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .sign(by or ca_keys()[Slot.SIGNING], SHA256())
        )


@pytest.fixture
def responder(ca: CertificateAuthority) -> Responder:
    return Responder(ca)


def _no_nonce(responder: Responder) -> None:
    responder.echo = False


def _late_clock(responder: Responder) -> None:
    responder.this_update = START + datetime.timedelta(minutes=4)


GOOD: list[Callable[[Responder], None]] = [lambda _: None, Responder.delegate, _no_nonce, _late_clock]


@pytest.mark.parametrize("prepare", GOOD, ids=["the CA", "a delegate", "no nonce", "clocks apart"])
def test_answers_that_count(responder: Responder, prepare: Callable[[Responder], None]) -> None:
    prepare(responder)
    assert responder.evidence().state is CertStatus.GOOD


def _stranger(responder: Responder) -> None:
    """A CA with the same name."""
    twin = TestAuthority.create(CertificateProfile.SIGNING, now=START, key=key(2))
    responder.signer, responder.signing_key = twin.certificate, key(2)


def _other_purpose(responder: Responder) -> None:
    responder.delegate(purpose=ExtendedKeyUsageOID.CLIENT_AUTH)


def _unissued_delegate(responder: Responder) -> None:
    """A certificate for responders in the CA's name that the CA did not sign."""
    responder.delegate(by=key(9))


def _delegate_of_another_ca(responder: Responder) -> None:
    """Its certificate names another issuer, though the signature would fit."""
    responder.delegate(issuer=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another CA")]))


def _unknown(responder: Responder) -> None:
    responder.says = ocsp.OCSPCertStatus.UNKNOWN


def _early_delegate(responder: Responder) -> None:
    responder.delegate(from_day=1, days=2)


def _expired_delegate(responder: Responder) -> None:
    responder.delegate(days=-1)


def _holder(responder: Responder) -> None:
    """A certificate that the CA issued to somebody, used as if it were a responder's."""
    responder.signer, responder.signing_key = responder.certificate, key(0)


def _another_certificate(responder: Responder) -> None:
    der = responder.ca.issue(Slot.SIGNING, key(1).public_key(), TARO, "another")
    responder.about = x509.load_der_x509_certificate(der)


def _replayed(responder: Responder) -> None:
    responder.nonce = bytes(32)


def _old(responder: Responder) -> None:
    responder.this_update, responder.next_update = START - 2 * HOUR, START - HOUR


def _from_the_future(responder: Responder) -> None:
    responder.this_update, responder.next_update = START + HOUR, START + 2 * HOUR


def _without_an_end(responder: Responder) -> None:
    responder.next_update = None


HOUR = datetime.timedelta(hours=1)
UNTRUSTED = "not signed by the CA or a responder that it authorised"
WRONG: dict[Callable[[Responder], None], str] = {
    _stranger: UNTRUSTED,
    _other_purpose: UNTRUSTED,
    _unissued_delegate: UNTRUSTED,
    _delegate_of_another_ca: UNTRUSTED,
    _early_delegate: UNTRUSTED,
    _expired_delegate: UNTRUSTED,
    _holder: UNTRUSTED,
    _unknown: "the responder does not know the certificate",
    _another_certificate: "about another certificate",
    _replayed: "another nonce",
    _old: "it counts until",
    _from_the_future: "does not know every state before",
    _without_an_end: "no time that it names",
}


@pytest.mark.parametrize("prepare", WRONG, ids=lambda one: one.__name__.strip("_"))
def test_answers_that_prove_nothing(responder: Responder, prepare: Callable[[Responder], None]) -> None:
    prepare(responder)
    evidence = responder.evidence()
    assert (evidence.state, WRONG[prepare] in evidence.note) == (CertStatus.UNKNOWN, True), evidence.note


@pytest.mark.parametrize("status", [one for one in ocsp.OCSPResponseStatus if one.name != "SUCCESSFUL"])
def test_a_responder_that_refuses_proves_nothing(responder: Responder, status: ocsp.OCSPResponseStatus) -> None:
    refusal = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
    found = OcspSource(lambda _: refusal, clock=Clock()).state(responder.certificate, responder.issuer, None)
    assert (found.state, found.note) == (CertStatus.UNKNOWN, f"the responder refuses: {status.name}")


def test_a_responder_that_is_not_reached_proves_nothing(responder: Responder) -> None:
    def ask(_: bytes) -> bytes:
        raise OSError("no way there")

    found = OcspSource(ask, clock=Clock()).state(responder.certificate, responder.issuer, None)
    assert (found.state, found.note) == (CertStatus.UNKNOWN, "the responder does not answer: no way there")


@pytest.mark.parametrize("raw", [b"", b"0", b"\x30\x03\x0a\x01\x06", bytes(50)])
def test_rubbish_proves_nothing(responder: Responder, raw: bytes) -> None:
    source = OcspSource(lambda _: raw, clock=Clock())
    assert source.state(responder.certificate, responder.issuer, None).state is CertStatus.UNKNOWN


def crl_with(extension: x509.ExtensionType, *, critical: bool) -> bytes:
    """An empty CRL of the CA, with an extension."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    builder = x509.CertificateRevocationListBuilder(name, START, START + HOUR)
    signed = builder.add_extension(extension, critical=critical).sign(ca_keys()[Slot.SIGNING], SHA256())
    return signed.public_bytes(Encoding.DER)


def test_a_crl_that_says_more_than_is_understood_is_refused() -> None:
    """RFC 5280, 5.2: a critical extension may mean that certificates are missing on the list."""
    partial = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    with pytest.raises(UsageError, match=r"extensions that are not understood: 2\.5\.29\.28"):
        load_crl(crl_with(partial, critical=True), "crl")
    assert load_crl(crl_with(partial, critical=False), "crl").last_update_utc == START
    assert load_crl(crl_with(x509.CRLNumber(1), critical=True), "crl").last_update_utc == START


@given(data=st.data())
@settings(max_examples=FEWER)
def test_no_flipped_byte_of_a_response_makes_it_good(data: st.DataObject) -> None:
    with (
        TemporaryDirectory() as folder,
        CertificateAuthority.open(Path(folder, "ca"), clock=Clock(), keys=ca_keys()) as ca,
    ):
        certificate = x509.load_der_x509_certificate(ca.issue(KIND, key(0).public_key(), HANAKO, "request"))
        issuer = x509.load_der_x509_certificate(ca.ca_certificate(KIND))
        ca.suspend(certificate.serial_number)

        def altered(request: bytes) -> bytes:
            response = bytearray(ca.ocsp(request))
            response[data.draw(st.integers(0, len(response) - 1))] ^= data.draw(st.integers(1, 255))
            return bytes(response)

        assert OcspSource(altered, clock=Clock()).state(certificate, issuer, None).state is not CertStatus.GOOD


@given(data=st.data())
@settings(max_examples=FEWER)
def test_no_flipped_byte_of_a_crl_makes_it_good(
    held: tuple[x509.Certificate, x509.Certificate, bytes], data: st.DataObject
) -> None:
    certificate, issuer, crl = held
    altered = bytearray(crl)
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        source = CrlSource([load_crl(bytes(altered), "crl")], clock=Clock())
    except UsageError:
        return
    assert source.state(certificate, issuer, None).state is not CertStatus.GOOD


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[x509.Certificate, x509.Certificate, bytes]:
    """A suspended certificate, its issuer's, and the CRL that it is on."""
    path = tmp_path_factory.mktemp("held") / "ca"
    with CertificateAuthority.open(path, clock=Clock(), keys=ca_keys()) as ca:
        certificate = x509.load_der_x509_certificate(ca.issue(KIND, key(0).public_key(), HANAKO, "request"))
        ca.suspend(certificate.serial_number)
        return (
            certificate,
            x509.load_der_x509_certificate(ca.ca_certificate(KIND)),
            ca.crl(KIND),
        )
