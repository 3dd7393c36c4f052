"""Where evidence comes from: what is asked, whom, and what is made of answers about something else."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import h11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.status import CertStatus
from jpki.parties.verifier import http_post, named_responder
from jpki.parties.verifier.crl_source import CrlSource, load_crl
from jpki.parties.verifier.evidence import RecordsSource
from jpki.parties.verifier.http_post import Address
from jpki.parties.verifier.named_responder import NamedResponder, ocsp_address
from jpki.parties.verifier.ocsp_source import OcspSource
from tests.jpki.parties.people import HANAKO, START, TARO, Clock, ca_keys, key

HOUR = datetime.timedelta(hours=1)


def certificate(ca: CertificateAuthority) -> x509.Certificate:
    return x509.load_der_x509_certificate(ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"))


def issuer(ca: CertificateAuthority) -> x509.Certificate:
    return x509.load_der_x509_certificate(ca.ca_certificate(Slot.SIGNING))


# -- the CA's records --------------------------------------------------------------------------------------------------


def test_records_know_their_own_certificates_only(ca: CertificateAuthority, clock: Clock) -> None:
    """Another one with a serial number of theirs is another certificate; one that they never had is none."""
    own = certificate(ca)
    twin = TestAuthority.create(CertificateProfile.SIGNING, now=START, key=ca_keys()[Slot.SIGNING])
    facts = {"holder": HANAKO.holder, "common_name": "another", "now": START}
    other, unknown = (
        x509.load_der_x509_certificate(twin.issue(key(1).public_key(), serial=serial, **facts))  # type: ignore[arg-type]
        for serial in (own.serial_number, own.serial_number + 1)
    )
    source = RecordsSource(ca)
    assert source.state(own, issuer(ca), None).state is CertStatus.GOOD
    found = source.state(other, issuer(ca), None)
    assert (found.state, found.note) == (
        CertStatus.UNKNOWN,
        "the CA issued another certificate with this serial number",
    )
    missing = source.state(unknown, issuer(ca), None)
    assert missing.state is CertStatus.UNKNOWN and "issued" in missing.note


def test_records_say_since_when_and_why(ca: CertificateAuthority, clock: Clock) -> None:
    own = certificate(ca)
    at = clock.advance(3600)
    ca.revoke(own.serial_number, x509.ReasonFlags.key_compromise)
    found = RecordsSource(ca).state(own, issuer(ca), None)
    assert (found.source, found.state) == ("records of the CA", CertStatus.REVOKED)
    assert (found.since, found.reason) == (at, x509.ReasonFlags.key_compromise)


# -- lists -------------------------------------------------------------------------------------------------------------


def test_a_list_says_since_when_and_why(ca: CertificateAuthority, clock: Clock) -> None:
    own = certificate(ca)
    other = x509.load_der_x509_certificate(ca.issue(Slot.SIGNING, key(1).public_key(), TARO, "other"))
    at = clock.advance(3600)
    ca.revoke(own.serial_number, x509.ReasonFlags.key_compromise)
    source = CrlSource([load_crl(ca.crl(Slot.SIGNING), "crl")], clock=clock)
    found = source.state(own, issuer(ca), None)
    assert (found.source, found.state, found.since) == ("CRL", CertStatus.REVOKED, at)
    assert found.reason is x509.ReasonFlags.key_compromise
    assert source.state(other, issuer(ca), None).state is CertStatus.GOOD


def made_list(name: x509.Name, *entries: x509.RevokedCertificate, by: Slot = Slot.SIGNING) -> bytes:
    builder = x509.CertificateRevocationListBuilder(name, START, START + HOUR)
    for entry in entries:
        builder = builder.add_revoked_certificate(entry)
    made: bytes = builder.sign(ca_keys()[by], SHA256()).public_bytes(Encoding.DER)
    return made


def test_whose_list_it_is_takes_name_and_key(ca: CertificateAuthority, clock: Clock) -> None:
    """A list in the CA's name by another key, or by its key in another name, says nothing of its certificates."""
    own, of = certificate(ca), issuer(ca)
    another = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another CA")])
    lists = {
        "right": made_list(of.subject),
        "name": made_list(another),
        "key": made_list(of.subject, by=Slot.AUTHENTICATION),
    }
    for what, raw in lists.items():
        found = CrlSource([load_crl(raw, what)], clock=clock).state(own, of, None)
        good = what == "right"
        assert (found.state is CertStatus.GOOD) is good, what
        assert good or found.note == "none of the CRLs given is from the certificate's CA"


def test_an_entry_without_a_reason_is_revoked(ca: CertificateAuthority, clock: Clock) -> None:
    own, of = certificate(ca), issuer(ca)
    entry = x509.RevokedCertificateBuilder().serial_number(own.serial_number).revocation_date(START).build()
    found = CrlSource([load_crl(made_list(of.subject, entry), "crl")], clock=clock).state(own, of, None)
    assert (found.state, found.reason) == (CertStatus.REVOKED, x509.ReasonFlags.unspecified)


# -- responders --------------------------------------------------------------------------------------------------------


def test_what_a_responder_is_asked(ca: CertificateAuthority, clock: Clock) -> None:
    """Issuer and number under SHA-256, and a nonce of 32 bytes, another each time (RFC 9654, 2.1)."""
    asked: list[ocsp.OCSPRequest] = []

    def ask(raw: bytes) -> bytes:
        asked.append(ocsp.load_der_ocsp_request(raw))
        return ca.ocsp(raw)

    own, source = certificate(ca), OcspSource(ask, clock=clock)
    for _ in range(2):
        assert source.state(own, issuer(ca), None).state is CertStatus.GOOD
    nonces = [one.extensions.get_extension_for_class(x509.OCSPNonce) for one in asked]
    assert [len(one.value.nonce) for one in nonces] == [32, 32]
    assert nonces[0].value.nonce != nonces[1].value.nonce
    assert not any(one.critical for one in nonces)
    assert {(one.serial_number, one.hash_algorithm.name) for one in asked} == {(own.serial_number, "sha256")}


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ([(Access.OCSP, "http://a/ocsp")], "http://a/ocsp"),
        ([(Access.CA_ISSUERS, "http://a/cer"), (Access.OCSP, "http://b"), (Access.OCSP, "http://c")], "http://b"),
        ([(Access.CA_ISSUERS, "http://a/cer")], None),
        ([(Access.OCSP, None), (Access.OCSP, "http://b")], "http://b"),
        ([], None),
    ],
)
def test_the_first_responder_that_a_certificate_names(
    access: list[tuple[x509.ObjectIdentifier, str | None]], expected: str | None
) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    builder = (
        x509.CertificateBuilder(name, name, key(0).public_key(), 1)
        .not_valid_before(START)
        .not_valid_after(START + HOUR)
    )
    if access:
        places = [
            x509.AccessDescription(
                method, x509.DirectoryName(name) if url is None else x509.UniformResourceIdentifier(url)
            )
            for method, url in access
        ]
        builder = builder.add_extension(x509.AuthorityInformationAccess(places), critical=False)
    made = builder.sign(key(0), SHA256())
    assert ocsp_address(made) == expected
    if expected is None:
        found = NamedResponder().state(made, made, None)
        assert (found.state, found.note) == (CertStatus.UNKNOWN, "the certificate names no responder")


def test_a_named_responder_is_asked_and_judged_by_the_same_clock(
    ca: CertificateAuthority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says counts for minutes: by another clock it would be long over, or not begun."""
    addresses: list[str] = []

    def responder(url: str) -> Callable[[bytes], bytes]:
        addresses.append(url)
        return ca.ocsp

    monkeypatch.setattr(named_responder, "http_responder", responder)
    own = certificate(ca)
    assert NamedResponder(clock=clock).state(own, issuer(ca), None).state is CertStatus.GOOD
    assert addresses == [ocsp_address(own)]
    assert NamedResponder(clock=Clock(START - HOUR)).state(own, issuer(ca), None).state is CertStatus.UNKNOWN
    clock.advance(7200)
    ca.revoke(own.serial_number)
    found = [NamedResponder(clock=clock).state(own, issuer(ca), START + hours * HOUR).state for hours in (1, 2)]
    assert found == [CertStatus.UNKNOWN, CertStatus.REVOKED], "the time in question is handed on"


def test_an_address_that_is_none_is_told(ca: CertificateAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_responder, "ocsp_address", lambda _: "ldap://nowhere")
    found = NamedResponder().state(certificate(ca), issuer(ca), None)
    assert (found.source, found.state) == ("OCSP", CertStatus.UNKNOWN)
    assert found.note == "ldap://nowhere is no address of a server"


# -- one request over HTTP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://host/ocsp", Address("host", 80, False, "/ocsp")),
        ("https://host/ocsp", Address("host", 443, True, "/ocsp")),
        ("https://host:80", Address("host", 80, True, "/")),
        ("http://host:443?a=b", Address("host", 443, False, "/?a=b")),
        ("http://[::1]:8080/a/b?c=d&e", Address("::1", 8080, False, "/a/b?c=d&e")),
    ],
)
def test_what_an_address_says(url: str, address: Address) -> None:
    assert Address.parse(url) == address


@pytest.mark.parametrize(("host", "shown"), [("host", "host:80"), ("::1", "[::1]:80")])
def test_what_is_sent(host: str, shown: str) -> None:
    request, data, end = http_post._events(Address(host, 80, False, "/a?b"), "application/x", b"body")
    assert isinstance(request, h11.Request) and isinstance(data, h11.Data) and isinstance(end, h11.EndOfMessage)
    assert (request.method, request.target, data.data) == (b"POST", b"/a?b", b"body")
    assert dict(request.headers) == {
        b"host": shown.encode(),
        b"content-type": b"application/x",
        b"content-length": b"4",
        b"connection": b"close",
    }
