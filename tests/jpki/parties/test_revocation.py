"""CRL and OCSP, read by cryptography and by openssl: what is revoked or suspended never verifies as good."""

from __future__ import annotations

import base64
import datetime
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ReasonFlags, ocsp

from cardlab.errors import RefusedError
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.server import RevocationServer
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import HANAKO, TARO, Clock, ca_keys, key
from tests.waiting import PATIENCE

BOTH = pytest.mark.parametrize("slot", list(Slot))


def issue(ca: CertificateAuthority, number: int, slot: Slot) -> x509.Certificate:
    applicant = HANAKO if number % 2 else TARO
    return x509.load_der_x509_certificate(ca.issue(slot, key(number).public_key(), applicant, f"request {number}"))


def listed(der: bytes) -> dict[int, ReasonFlags]:
    """Serial numbers on a CRL, with the reason."""
    return {entry.serial_number: _reason(entry) for entry in x509.load_der_x509_crl(der)}


def _reason(entry: x509.RevokedCertificate) -> ReasonFlags:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return ReasonFlags.unspecified


# -- revocation lists --------------------------------------------------------------------------------------------------


@BOTH
def test_crl_lists_what_is_not_good(ca: CertificateAuthority, clock: Clock, slot: Slot) -> None:
    first, second = issue(ca, 0, slot).serial_number, issue(ca, 1, slot).serial_number
    empty = x509.load_der_x509_crl(ca.crl(slot))
    assert list(empty) == []
    assert empty.is_signature_valid(ca_keys()[slot].public_key())
    assert empty.issuer == x509.load_der_x509_certificate(ca.ca_certificate(slot)).subject
    clock.advance(60)
    ca.revoke(first, ReasonFlags.key_compromise)
    ca.revoke(second)
    bad = x509.load_der_x509_crl(ca.crl(slot))
    assert listed(ca.crl(slot)) == {first: ReasonFlags.key_compromise, second: ReasonFlags.unspecified}
    assert {entry.revocation_date_utc for entry in bad} == {clock.now}
    other = next(other for other in Slot if other is not slot)
    assert listed(ca.crl(other)) == {}


def test_crl_lists_what_is_suspended_until_it_is_released(ca: CertificateAuthority, clock: Clock) -> None:
    held, second = (issue(ca, number, Slot.AUTHENTICATION).serial_number for number in range(2))
    clock.advance(60)
    ca.suspend(held)
    ca.revoke(second)
    bad = x509.load_der_x509_crl(ca.crl(Slot.AUTHENTICATION))
    assert listed(ca.crl(Slot.AUTHENTICATION)) == {
        held: ReasonFlags.certificate_hold, second: ReasonFlags.unspecified
    }  # fmt: skip
    assert {entry.revocation_date_utc for entry in bad} == {clock.now}
    ca.release(held)
    assert listed(ca.crl(Slot.AUTHENTICATION)) == {second: ReasonFlags.unspecified}, "it leaves the list"


def test_crl_is_new_when_something_happened_or_it_grew_old(ca: CertificateAuthority, clock: Clock) -> None:
    serial = issue(ca, 0, Slot.AUTHENTICATION).serial_number
    first = ca.crl(Slot.AUTHENTICATION)
    clock.advance(3600)
    assert ca.crl(Slot.AUTHENTICATION) == first
    ca.suspend(serial)
    second = ca.crl(Slot.AUTHENTICATION)
    clock.advance(13 * 3600)
    third = ca.crl(Slot.AUTHENTICATION)
    assert [_number(der) for der in (first, second, third)] == [1, 2, 3]
    latest = x509.load_der_x509_crl(third)
    assert (latest.last_update_utc, latest.next_update_utc) == (clock.now, clock.now + datetime.timedelta(hours=24))


def test_delta_says_what_changed(ca: CertificateAuthority, clock: Clock) -> None:
    stays, released, held, briefly, lost = (issue(ca, number, Slot.AUTHENTICATION).serial_number for number in range(5))
    # A user has one certificate, so 0, 1 and 2 are superseded by now; the last two are for the tests below.
    base = _number(ca.crl(Slot.AUTHENTICATION))
    assert listed(ca.crl(Slot.AUTHENTICATION)).keys() == {stays, released, held}
    ca.suspend(briefly)
    second = _number(ca.crl(Slot.AUTHENTICATION))
    ca.release(briefly)
    ca.revoke(lost, ReasonFlags.key_compromise)
    for since in (base, second):
        delta = x509.load_der_x509_crl(ca.crl(Slot.AUTHENTICATION, base=since))
        indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
        assert indicator.critical
        assert indicator.value.crl_number == since
        assert listed(ca.crl(Slot.AUTHENTICATION, base=since)) == {
            briefly: ReasonFlags.remove_from_crl, lost: ReasonFlags.key_compromise
        }  # fmt: skip
    assert _number(ca.crl(Slot.AUTHENTICATION, base=base)) == _number(ca.crl(Slot.AUTHENTICATION)), "RFC 5280, 5.2.4"
    with pytest.raises(RefusedError, match="99"):
        ca.crl(Slot.AUTHENTICATION, base=99)


def _number(der: bytes) -> int:
    return x509.load_der_x509_crl(der).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_expired_certificates_stay_on_the_crl(ca: CertificateAuthority, clock: Clock) -> None:
    serial = issue(ca, 0, Slot.SIGNING).serial_number
    ca.revoke(serial)
    clock.advance(7 * 366 * 86400)
    assert serial in listed(ca.crl(Slot.SIGNING))


@BOTH
def test_openssl_verifies_with_the_crl(ca: CertificateAuthority, clock: Clock, tmp_path: Path, slot: Slot) -> None:
    certificate = issue(ca, 0, slot)
    assert "OK" in _verify(tmp_path, ca, slot, certificate, clock, ca.crl(slot))
    if slot is Slot.AUTHENTICATION:
        ca.suspend(certificate.serial_number)
        held = ca.crl(slot)
        assert "certificate revoked" in _verify(tmp_path, ca, slot, certificate, clock, held)
        ca.release(certificate.serial_number)
        assert "OK" in _verify(tmp_path, ca, slot, certificate, clock, ca.crl(slot))
        delta = ca.crl(slot, base=_number(held))
        assert "OK" in _verify(tmp_path, ca, slot, certificate, clock, held, delta), "removeFromCRL lifts the hold"
    good = ca.crl(slot)
    ca.revoke(certificate.serial_number)
    assert "certificate revoked" in _verify(tmp_path, ca, slot, certificate, clock, ca.crl(slot))
    delta = ca.crl(slot, base=_number(good))
    assert "certificate revoked" in _verify(tmp_path, ca, slot, certificate, clock, good, delta)


def _verify(
    folder: Path, ca: CertificateAuthority, slot: Slot, certificate: x509.Certificate, clock: Clock, *crls: bytes
) -> str:
    authority = x509.load_der_x509_certificate(ca.ca_certificate(slot))
    (folder / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "one.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    lists = b"".join(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM) for crl in crls)
    (folder / "crls.pem").write_bytes(lists)
    options = ["-crl_check", "-CAfile", "ca.pem", "-CRLfile", "crls.pem", "-attime", str(int(clock.now.timestamp()))]
    options += ["-extended_crl", "-use_deltas"] if len(crls) > 1 else []
    result = openssl(folder, "verify", *options, "one.pem")
    return result.stdout + result.stderr


# -- OCSP --------------------------------------------------------------------------------------------------------------


def ask(
    ca: CertificateAuthority,
    certificate: x509.Certificate,
    slot: Slot,
    algorithm: HashAlgorithm,
    nonce: bytes | None = None,
) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(ca.ocsp(_request(ca, certificate, slot, algorithm, nonce)))


def _request(
    ca: CertificateAuthority,
    certificate: x509.Certificate,
    slot: Slot,
    algorithm: HashAlgorithm,
    nonce: bytes | None = None,
) -> bytes:
    issuer = x509.load_der_x509_certificate(ca.ca_certificate(slot))
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, algorithm)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


@BOTH
@pytest.mark.parametrize("algorithm", [SHA1(), SHA256()], ids=lambda one: str(one.name))  # noqa: S303 - names, no secret
def test_ocsp_tells_the_state(ca: CertificateAuthority, clock: Clock, slot: Slot, algorithm: HashAlgorithm) -> None:
    certificate = issue(ca, 0, slot)
    good = ask(ca, certificate, slot, algorithm, b"nonce 67")
    assert good.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert good.this_update_utc == clock.now
    assert good.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"nonce 67"
    since = clock.advance(60)
    if slot is Slot.AUTHENTICATION:
        ca.suspend(certificate.serial_number)
        held = ask(ca, certificate, slot, algorithm)
        assert held.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert (held.revocation_reason, held.revocation_time_utc) == (ReasonFlags.certificate_hold, since)
        ca.release(certificate.serial_number)
        assert ask(ca, certificate, slot, algorithm).certificate_status is ocsp.OCSPCertStatus.GOOD
    ca.revoke(certificate.serial_number, ReasonFlags.key_compromise)
    assert ask(ca, certificate, slot, algorithm).revocation_reason is ReasonFlags.key_compromise


def test_ocsp_answers_unknown_for_what_this_ca_did_not_issue(ca: CertificateAuthority, tmp_path: Path) -> None:
    with CertificateAuthority.open(tmp_path / "twin.sqlite", keys=ca_keys()) as twin:
        stranger = issue(twin, 0, Slot.SIGNING)
    assert ask(ca, stranger, Slot.SIGNING, SHA256()).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    other_kind = issue(ca, 1, Slot.AUTHENTICATION).serial_number
    asked = ocsp.load_der_ocsp_request(_request(ca, stranger, Slot.SIGNING, SHA256()))
    names = (asked.issuer_name_hash, asked.issuer_key_hash)
    request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(*names, other_kind, SHA256()).build()
    response = ocsp.load_der_ocsp_response(ca.ocsp(request.public_bytes(Encoding.DER)))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_ocsp_does_not_answer_for_other_issuers(ca: CertificateAuthority, tmp_path: Path) -> None:
    with CertificateAuthority.open(tmp_path / "other.sqlite") as other:
        certificate = issue(other, 0, Slot.SIGNING)
        issuer = x509.load_der_x509_certificate(other.ca_certificate(Slot.SIGNING))
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256()).build()
    response = ocsp.load_der_ocsp_response(ca.ocsp(request.public_bytes(Encoding.DER)))
    assert response.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("raw", [b"", b"\x30", b"0\x03\x02\x01\x01", bytes(100), b"GET / HTTP"])
def test_ocsp_answers_rubbish_with_an_error(ca: CertificateAuthority, raw: bytes) -> None:
    response = ocsp.load_der_ocsp_response(ca.ocsp(raw))
    assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


# -- over HTTP ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[CertificateAuthority, str]]:
    """A CA that lives in the present (openssl looks at the machine's clock), and its address."""
    with CertificateAuthority.open(tmp_path / "now.sqlite", keys=ca_keys()) as ca, RevocationServer(ca) as served:
        yield ca, served.url


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        body: bytes = answer.read()
    return body


@BOTH
def test_openssl_ocsp(server: tuple[CertificateAuthority, str], tmp_path: Path, slot: Slot) -> None:
    ca, url = server
    certificate = issue(ca, 0, slot)
    (tmp_path / "one.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    authority = x509.load_der_x509_certificate(get(f"{url}/{slot.name.lower()}.cer"))
    (tmp_path / "ca.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    command = ["ocsp", "-issuer", "ca.pem", "-cert", "one.pem", "-url", f"{url}/ocsp", "-CAfile", "ca.pem"]

    def says(words: str) -> None:
        result = openssl(tmp_path, *command)
        assert "Response verify OK" in result.stderr
        assert "WARNING" not in result.stderr, "the nonce came back"
        assert words in result.stdout

    says("one.pem: good")
    if slot is Slot.AUTHENTICATION:
        ca.suspend(certificate.serial_number)
        says("one.pem: revoked")
        says("Reason: certificateHold")
        ca.release(certificate.serial_number)
        says("one.pem: good")
    ca.revoke(certificate.serial_number, ReasonFlags.key_compromise)
    says("Reason: keyCompromise")


def test_http_gives_what_the_ca_gives(server: tuple[CertificateAuthority, str]) -> None:
    ca, url = server
    certificate = issue(ca, 0, Slot.AUTHENTICATION)
    assert get(f"{url}/authentication.crl") == ca.crl(Slot.AUTHENTICATION)
    ca.suspend(certificate.serial_number)
    assert get(f"{url}/authentication.crl?base=1") == ca.crl(Slot.AUTHENTICATION, base=1)
    path = quote(base64.b64encode(_request(ca, certificate, Slot.AUTHENTICATION, SHA1())).decode(), safe="")  # noqa: S303
    response = ocsp.load_der_ocsp_response(get(f"{url}/ocsp/{path}"))
    assert response.revocation_reason is ReasonFlags.certificate_hold


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("/", None, "", 405),
        ("/other.crl", None, "", 404),
        ("/signing.txt", None, "", 404),
        ("/signing.crl?base=9", None, "", 404),
        ("/signing.crl?base=x", None, "", 400),
        ("/ocsp/%%%", None, "", 400),
        ("/elsewhere", None, "", 404),
        ("/elsewhere", b"x", "application/ocsp-request", 405),
        ("/ocsp", b"x", "text/plain", 415),
        ("/ocsp", bytes(10_001), "application/ocsp-request", 413),
    ],
)
def test_http_refuses_the_rest(
    server: tuple[CertificateAuthority, str], path: str, body: bytes | None, kind: str, status: int
) -> None:
    request = urllib.request.Request(server[1] + path, data=body, headers={"Content-Type": kind} if kind else {})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=PATIENCE)
    caught.value.close()
    assert caught.value.code == status
