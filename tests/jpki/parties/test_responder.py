"""The CA's server answers whatever RFC 6960 and HTTP allow, refuses the rest with a response, and waits for nobody."""

from __future__ import annotations

import base64
import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from pyasn1.codec.der import decoder
from pyasn1_modules import rfc2560

from cardlab.errors import BusyError
from cardlab.iso7816.tlv import encode
from jpki.cli import run
from jpki.client.constants import Slot
from jpki.parties.ca import server as server_module
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.server import RevocationServer
from tests.cardlab.concurrency.holders import TRANSACTION, holding
from tests.jpki.parties import http_fuzz
from tests.jpki.parties.http_client import Wire, ask, get, post
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import HANAKO, TARO, ca_keys, key

COUNT = {"quick": 300, "default": 1500, "thorough": 1_000_000}
NONCE = bytes.fromhex("06092B0601050507300102")
SHA256 = bytes.fromhex("0609608648016503040201")


class Responder:
    """A CA of the present that is served, with a good certificate for each of two people, and one that is suspended."""

    def __init__(self, ca: CertificateAuthority, url: str) -> None:
        self.ca = ca
        self.url = url
        self.good, self.other = (self._issue(number, who) for number, who in enumerate((HANAKO, TARO)))
        self.issuer = x509.load_der_x509_certificate(ca.ca_certificate(Slot.AUTHENTICATION))
        self.held = self.other
        ca.suspend(self.held.serial_number)

    def _issue(self, number: int, who: object) -> x509.Certificate:
        applicant = (HANAKO, TARO)[number]
        der = self.ca.issue(Slot.AUTHENTICATION, key(number).public_key(), applicant, f"request {number}")
        return x509.load_der_x509_certificate(der)

    def single(self, serial: int, oid: bytes = SHA256, name: str = "sha256", extensions: bytes = b"") -> bytes:
        """One Request of the list, in DER."""
        bits = self.issuer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        issuer = [hashlib.new(name, one).digest() for one in (self.issuer.subject.public_bytes(), bits)]
        number = serial.to_bytes(max(1, (serial + (serial < 0)).bit_length() // 8 + 1), "big", signed=True)
        names = [encode(4, one) for one in issuer]
        return encode(0x30, encode(0x30, encode(0x30, oid), *names, encode(2, number)), extensions)

    def ask(self, *singles: bytes, extensions: bytes = b"", before: bytes = b"") -> bytes:
        """The body of the answer to a request for these."""
        return ask(self.url, post(encode(0x30, encode(0x30, before, encode(0x30, *singles), extensions)))).body


@pytest.fixture
def responder(tmp_path: Path) -> Iterator[Responder]:
    with CertificateAuthority.open(tmp_path / "ca.sqlite", keys=ca_keys()) as ca, RevocationServer(ca) as served:
        yield Responder(ca, served.url)


def states(body: bytes) -> list[tuple[int, str]]:
    """Serial numbers and states of a response, read by another decoder."""
    response, rest = decoder.decode(body, asn1Spec=rfc2560.OCSPResponse())
    assert not rest
    basic, _ = decoder.decode(bytes(response["responseBytes"]["response"]), asn1Spec=rfc2560.BasicOCSPResponse())
    singles = basic["tbsResponseData"]["responses"]
    return [(int(one["certID"]["serialNumber"]), one["certStatus"].getName()) for one in singles]


def failure(body: bytes) -> ocsp.OCSPResponseStatus:
    return ocsp.load_der_ocsp_response(body).response_status


MALFORMED, UNAUTHORIZED = ocsp.OCSPResponseStatus.MALFORMED_REQUEST, ocsp.OCSPResponseStatus.UNAUTHORIZED
TRY_LATER = ocsp.OCSPResponseStatus.TRY_LATER


# -- what OCSP allows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "algorithm",
    [hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()],  # noqa: S303 - names
    ids=lambda one: str(one.name),
)
def test_hash_algorithms(responder: Responder, algorithm: hashes.HashAlgorithm) -> None:
    request = ocsp.OCSPRequestBuilder().add_certificate(responder.good, responder.issuer, algorithm).build()
    response = ocsp.load_der_ocsp_response(ask(responder.url, post(request.public_bytes(Encoding.DER))).body)
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert response.serial_number == responder.good.serial_number
    assert isinstance(response.hash_algorithm, type(algorithm))


def test_algorithms_that_the_usual_library_has_not(responder: Responder) -> None:
    serial = responder.good.serial_number
    sha3 = responder.single(serial, bytes.fromhex("0609608648016503040208"), "sha3_256")
    assert states(responder.ask(sha3)) == [(serial, "good")]
    with_null = responder.single(serial, SHA256 + b"\x05\x00")
    assert states(responder.ask(with_null)) == [(serial, "good")]
    unknown = responder.single(serial, bytes.fromhex("06022A03"))
    assert failure(responder.ask(unknown)) is UNAUTHORIZED
    assert states(responder.ask(sha3, unknown)) == [(serial, "good"), (serial, "unknown")]


def test_several_certificates(responder: Responder, tmp_path: Path) -> None:
    """As openssl asks when it is given more than one, and in whatever order."""
    serials = [responder.held.serial_number, responder.good.serial_number, 4711]
    found = responder.ask(*(responder.single(one) for one in serials))
    assert states(found) == list(zip(serials, ("revoked", "good", "unknown"), strict=True))
    for name, one in {"ca": responder.issuer, "good": responder.good, "held": responder.held}.items():
        (tmp_path / f"{name}.pem").write_bytes(one.public_bytes(Encoding.PEM))
    command = ["ocsp", "-issuer", "ca.pem", "-cert", "good.pem", "-cert", "held.pem", "-serial", "0x-5"]
    said = openssl(tmp_path, *command, "-url", f"{responder.url}/ocsp", "-CAfile", "ca.pem")
    assert "Response verify OK" in said.stderr
    assert "WARNING" not in said.stderr
    assert "good.pem: good" in said.stdout
    assert "held.pem: revoked" in said.stdout
    assert "Reason: certificateHold" in said.stdout


def test_certificates_of_two_cas(responder: Responder) -> None:
    """No one key can sign for both."""
    theirs = responder.single(responder.good.serial_number)
    responder.issuer = x509.load_der_x509_certificate(responder.ca.ca_certificate(Slot.SIGNING))
    assert failure(responder.ask(theirs, responder.single(5))) is UNAUTHORIZED


@pytest.mark.parametrize("serial", [0, -1, -128, -129, 1 << 1000])
def test_serial_numbers_that_no_certificate_has(responder: Responder, serial: int) -> None:
    assert states(responder.ask(responder.single(serial))) == [(serial, "unknown")]


@pytest.mark.parametrize(("length", "allowed"), [(0, False), (1, True), (32, True), (128, True), (129, False)])
def test_nonces(responder: Responder, length: int, allowed: bool) -> None:
    """RFC 9654, 2.1."""
    nonce = random.Random(length).randbytes(length)
    extension = encode(0x30, NONCE, encode(4, encode(4, nonce)))
    body = responder.ask(responder.single(5), extensions=encode(0xA2, encode(0x30, extension)))
    if not allowed:
        assert failure(body) is MALFORMED
        return
    echoed = ocsp.load_der_ocsp_response(body).extensions.get_extension_for_class(x509.OCSPNonce)
    assert echoed.value.nonce == nonce


def test_extensions(responder: Responder) -> None:
    """Those that are not known are ignored unless critical (RFC 6960, 4.1.2), wherever they are."""
    one = responder.single(5)
    for critical, expected in ((b"", None), (b"\x01\x01\x00", None), (b"\x01\x01\xff", MALFORMED)):
        extensions = encode(0x30, encode(0x30, bytes.fromhex("06022A03"), critical, encode(4, b"x")))
        for body in (
            responder.ask(one, extensions=encode(0xA2, extensions)),
            responder.ask(responder.single(5, extensions=encode(0xA0, extensions))),
        ):
            assert failure(body) is (expected or ocsp.OCSPResponseStatus.SUCCESSFUL)


def test_what_is_passed_over_and_what_is_no_request(responder: Responder) -> None:
    one = responder.single(responder.good.serial_number)
    requestor = encode(0xA1, encode(0xA4, encode(0x30)))
    assert states(responder.ask(one, before=requestor)) == [(responder.good.serial_number, "good")]
    version = encode(0xA0, encode(2, b"\x00"))
    assert states(responder.ask(one, before=version)) == [(responder.good.serial_number, "good")]
    for wrong in (
        responder.ask(),
        responder.ask(one, before=encode(0xA0, encode(2, b"\x01"))),
        responder.ask(one, before=requestor + version),
        responder.ask(one[:-1]),
        responder.ask(encode(0x30)),
        ask(responder.url, post(b"")).body,
    ):
        assert failure(wrong) is MALFORMED


def test_records_that_are_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program keeps them to itself: OCSP says so, and so does HTTP."""
    monkeypatch.setattr("jpki.parties.store._WAIT", 0.1)
    path = tmp_path / "ca.sqlite"
    with CertificateAuthority.open(path, keys=ca_keys()) as ca, RevocationServer(ca) as served:
        found = Responder(ca, served.url)
        with holding(TRANSACTION.replace("IMMEDIATE", "EXCLUSIVE"), path):
            assert failure(found.ask(found.single(5))) is TRY_LATER
            assert ask(served.url, get("/signing.crl")).status == 503
        assert states(found.ask(found.single(5))) == [(5, "unknown")]


# -- what HTTP allows --------------------------------------------------------------------------------------------------


def test_every_way_to_write_the_address(responder: Responder) -> None:
    """RFC 6960, A.1: base64 in the path, its signs escaped or not; RFC 9112, 3.2.2: the whole address."""
    serial = responder.good.serial_number
    request = encode(0x30, encode(0x30, encode(0x30, responder.single(serial))))
    text = base64.b64encode(request).decode()
    for path in (
        f"/ocsp/{text}",
        f"/ocsp/{quote(text)}",
        f"/ocsp/{quote(text, safe='')}",
        f"/{text}",
        f"//{text}",
        f"{responder.url}/ocsp/{text}",
    ):
        assert states(ask(responder.url, get(path)).body) == [(serial, "good")], path
    for path in ("/ocsp", "/", "/ocsp/", f"{responder.url}/ocsp"):
        assert states(ask(responder.url, post(request, path)).body) == [(serial, "good")], path


def test_head(responder: Responder) -> None:
    """What GET gives, without its body."""
    for path in ("/signing.crl", "/signing.cer", "/ocsp/AAAA", "/nothing"):
        whole = ask(responder.url, get(path))
        head = ask(responder.url, get(path, "HEAD"), head=True)
        assert head.status == whole.status
        assert head.headers["content-length"] == str(len(whole.body))


def test_a_body_in_chunks(responder: Responder) -> None:
    request = encode(0x30, encode(0x30, encode(0x30, responder.single(5))))
    fields = b"Host: ca\r\nContent-Type: Application/OCSP-Request; x=y\r\nTransfer-Encoding: chunked\r\n"
    head = b"POST /ocsp HTTP/1.1\r\n" + fields
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (request[:7], request[7:]))
    assert states(ask(responder.url, head + b"\r\n" + chunks + b"0\r\n\r\n").body) == [(5, "unknown")]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (get("/signing.crl?base=" + "9" * 29), 400),
        (get("/signing.crl?base=" + "9" * 5000), 400),
        (get("/signing.crl?base=%D9%A1"), 400),
        (get("/signing.crl?base=-1"), 400),
        (get("/signing.crl?base=9223372036854775807"), 404),
        (get("/signing.crl", "PUT"), 405),
        (get("/ocsp", "BREW"), 405),
        (get("*", "OPTIONS"), 404),
        (get("/" + "a" * 20_000), 414),
        (post(bytes(100_000)), 413),
        (b"\x16\x03\x01\x02\x00", 400),
        (b"GET /", 400),
        (
            b"POST /ocsp HTTP/1.1\r\nHost: ca\r\nContent-Type: application/ocsp-request\r\nContent-Length: 9\r\n\r\n1",
            400,
        ),
    ],
)
def test_the_rest_is_refused_with_a_response(responder: Responder, raw: bytes, status: int) -> None:
    answer = ask(responder.url, raw)
    assert answer.status == status
    assert len(answer.body) < 100, "no page, no traceback"


def test_a_connection_serves_many(responder: Responder) -> None:
    with Wire(responder.url) as wire:
        wire.send(get("/signing.cer") * 3)
        assert [wire.answer().status for _ in range(3)] == [200] * 3
        wire.send(get("/nothing"))
        assert wire.answer().status == 404
        wire.send(get("/signing.cer"), last=True)
        assert wire.answer().status == 200


def test_slow_senders_hold_nobody_up(responder: Responder, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than the server has threads; each gets a response when its time is over."""
    monkeypatch.setattr(server_module, "PATIENCE", 3.0)
    monkeypatch.setattr("jpki.parties.ca.web.PATIENCE", 3.0)
    with ExitStack() as stack:
        slow = [stack.enter_context(Wire(responder.url)) for _ in range(100)]
        for number, wire in enumerate(slow):
            wire.send(post(bytes(100))[: -50 if number % 2 else 30])
        assert [ask(responder.url, get("/signing.cer")).status for _ in range(20)] == [200] * 20
        assert {wire.answer().status for wire in slow} == {408}


def test_more_connections_than_it_can_hold(responder: Responder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_MOST", 10)
    with ExitStack() as stack:
        wires = [stack.enter_context(Wire(responder.url)) for _ in range(12)]
        assert {wires[-1].answer().status, wires[-2].answer().status} == {503}
        wires[0].send(get("/signing.cer"))
        assert wires[0].answer().status == 200


def test_a_port_in_use(responder: Responder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = int(responder.url.rpartition(":")[2])
    with pytest.raises(BusyError, match=f"port {port} is in use"):
        RevocationServer(responder.ca, port=port)
    assert run(["ca", "serve", str(tmp_path / "ca.sqlite"), "--port", str(port)]) == BusyError.exit_code
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_requests_by_chance(responder: Responder, pytestconfig: pytest.Config) -> None:
    """Right ones, wrong ones and what lies between; each gets an answer. The thorough run has a million."""
    bits = responder.issuer.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    issuer = tuple(hashlib.sha1(one).digest() for one in (responder.issuer.subject.public_bytes(), bits))  # noqa: S324
    profile = pytestconfig.getoption("--profile")
    seed = "the same" if os.environ.get("CI") and profile != "thorough" else str(random.random())
    seen = http_fuzz.run(responder.url, COUNT[profile], seed, [(issuer[0], issuer[1])])
    assert set(seen) >= {200, 400, 404, 405}
