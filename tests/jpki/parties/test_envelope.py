"""CMS in PEM and in S/MIME, as openssl writes them; what others say of themselves never reaches a terminal as it is."""

from __future__ import annotations

import datetime
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from cardlab.errors import UsageError, VerificationError
from jpki.certificates.envelope import opened
from jpki.cli import run
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.server import RevocationServer
from jpki.parties.verifier import http_post
from jpki.parties.verifier.http_post import Address
from jpki.parties.verifier.outcome import Outcome
from tests.jpki.parties.http_client import ask, get
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import HANAKO, ca_keys, key

CA_ISSUERS = AuthorityInformationAccessOID.CA_ISSUERS
CONTENT = b"one line\nanother\r\n\n-----BEGIN CMS-----\nnot this\n-----END CMS-----\n--\nlast"
EVIL = "x\nGOOD: signature, certificate and indicator are in order\x1b[2J\u202e"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CA, and a holder's key and certificate for openssl to sign with; another with an evil name."""
    folder = tmp_path_factory.mktemp("desk")
    with CertificateAuthority.open(folder / "ca.sqlite", keys=ca_keys()) as ca:
        good = x509.load_der_x509_certificate(ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"))
    (folder / "key.pem").write_bytes(key(0).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for name, one in {"good": good, "evil": _evil(good)}.items():
        (folder / f"{name}.pem").write_bytes(one.public_bytes(Encoding.PEM))
    (folder / "content").write_bytes(CONTENT)
    return folder


def _evil(like: x509.Certificate) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, EVIL)])
    usage = like.extensions.get_extension_for_class(x509.KeyUsage)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key(0).public_key())
    now = datetime.datetime.now(datetime.UTC)
    builder = builder.serial_number(7).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.add_extension(usage.value, critical=True).sign(key(0), SHA256())


def sign(desk: Path, name: str, *options: str, signer: str = "good") -> Path:
    command = ["cms", "-sign", "-in", "content", "-signer", f"{signer}.pem", "-inkey", "key.pem", "-md", "sha256"]
    done = openssl(desk, *command, "-nosmimecap", *options, "-out", name)
    assert done.returncode == 0, done.stderr
    return desk / name


def verify(desk: Path, file: Path, *options: str) -> int:
    return run(["verify", str(file), "--records", str(desk / "ca.sqlite"), *options])


FORMS = {
    "DER": ["-outform", "DER", "-nodetach", "-binary"],
    "PEM": ["-outform", "PEM", "-nodetach", "-binary"],
    "PEM detached": ["-outform", "PEM", "-binary"],
    "S/MIME": ["-outform", "SMIME"],
    "S/MIME binary": ["-outform", "SMIME", "-binary"],
    "S/MIME with CR LF": ["-outform", "SMIME", "-crlfeol"],
    "S/MIME as text": ["-outform", "SMIME", "-text"],
    "S/MIME, all in one": ["-outform", "SMIME", "-nodetach"],
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(desk: Path, form: str) -> None:
    """What openssl signed verifies, and no longer when a letter of it was changed."""
    file = sign(desk, re.sub(r"\W", "_", form), *FORMS[form])
    given = ["--content", str(desk / "content")] if "detached" in form else []
    assert verify(desk, file, *given) == Outcome.NO_INDICATOR.exit_code
    raw = file.read_bytes()
    if b"another" in raw:
        file.write_bytes(raw.replace(b"another", b"Another", 1))
        assert verify(desk, file, *given) == Outcome.BAD_SIGNATURE.exit_code


BROKEN = {
    b"-----BEGIN CMS-----\n!\n-----END CMS-----\n": "this is no base64",
    b"-----BEGIN CMS-----\nAAAA\n": "this PEM holds no whole CMS",
    b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "this PEM holds no whole CMS",
    b"Content-Type: multipart/signed\n\nx": "does not say what stands between its parts",
    b'Content-Type: multipart/signed; boundary="b"\n\n--b\nx\n--b--\n': "lacks a part",
    b'Content-Type: multipart/signed; boundary="b"\n\n--b\n\nx\n--b\nContent-Type: text/plain\n\ny\n--b--\n': (
        "the second part of this message of S/MIME is text/plain, no signature"
    ),
    b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n%%%": "this is no base64",
}


@pytest.mark.parametrize("raw", BROKEN)
def test_broken_envelopes(desk: Path, raw: bytes) -> None:
    with pytest.raises(VerificationError, match=BROKEN[raw]):
        opened(raw)
    (desk / "broken").write_bytes(raw)
    assert verify(desk, desk / "broken") == Outcome.MALFORMED.exit_code


@pytest.mark.parametrize("raw", [b"", b"0", b"plain text", b"\x00\xff", b"Content-Type: text/plain\n\nx"])
def test_what_is_no_envelope_stays(raw: bytes) -> None:
    assert opened(raw).cms == raw


# -- others' words -----------------------------------------------------------------------------------------------------


def test_a_name_cannot_write_the_report(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sign(desk, "evil.cms", "-outform", "DER", "-nodetach", signer="evil")
    assert verify(desk, file) == Outcome.UNTRUSTED.exit_code
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\u202e"}
    assert [line for line in out.splitlines() if line.startswith("GOOD")] == []
    assert r"CN=x\nGOOD" in out
    assert r"\x1b[2J\u202e" in out


@contextmanager
def serving(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that treats its one client so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                act(client)
                with suppress(OSError):  # all that was sent is read, or the client would be reset
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ocsp"


def test_a_responder_cannot_write_the_report(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sign(desk, "good.cms", "-outform", "DER", "-nodetach")
    (desk / "ca.pem").write_bytes(_ca(desk))
    for answer in (
        b"HTTP/1.0 500 \x1b[2J\x1b[1;1HGOOD\r\n\r\n",
        b"\x1b[2J GOOD\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n\x1b[2J",
    ):
        with serving(lambda client, answer=answer: client.sendall(answer)) as url:  # type: ignore[misc]
            code = run(["verify", str(file), "--ca", str(desk / "ca.pem"), "--ocsp", url])
        assert code == Outcome.REVOCATION_UNKNOWN.exit_code
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err


def _ca(desk: Path) -> bytes:
    with CertificateAuthority.open(desk / "ca.sqlite", create=False) as ca:
        return x509.load_der_x509_certificate(ca.ca_certificate(Slot.SIGNING)).public_bytes(Encoding.PEM)


def _a_byte_at_a_time(client: socket.socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
    for byte in head + bytes(10_000):
        try:
            client.sendall(bytes((byte,)))
        except OSError:
            return
        time.sleep(0.05)


def _nothing(client: socket.socket) -> None:
    while client.recv(65536):  # a request may come in parts
        pass


@pytest.mark.parametrize("act", [_a_byte_at_a_time, _nothing])
def test_a_slow_responder_has_its_time(act: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_post, "LIMIT", 0.5)
    with serving(act) as url, pytest.raises(TimeoutError):
        http_post.post(Address.parse(url), "application/ocsp-request", b"x", most=100_000)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "status 404"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + bytes(200), "longer than 100"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + bytes(20), "no HTTP"),
        (b"nonsense", "no HTTP"),
    ],
)
def test_answers_that_are_none(answer: bytes, words: str) -> None:
    with serving(lambda client: client.sendall(answer)) as url, pytest.raises(OSError, match=words):
        http_post.post(Address.parse(url), "application/ocsp-request", b"x", most=100)


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 2\r\n\r\nok",
        b"\r\nok",
        *(
            b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
            for parts in (b"2\r\nok\r\n", b"1\r\no\r\n1\r\nk\r\n")
        ),
    ],
)
def test_answers_in_every_frame(body: bytes) -> None:
    with serving(lambda client: client.sendall(b"HTTP/1.1 200 OK\r\n" + body)) as url:
        assert http_post.post(Address.parse(url), "application/ocsp-request", b"x", most=2) == b"ok"


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "x", "http://h:x/", "http://h/\x1b", "http://[/", "file:///etc"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UsageError):
        Address.parse(url)


def test_a_reader_who_has_seen_enough(desk: Path) -> None:
    """`verify x | head -1`: the outcome is told all the same."""
    file = sign(desk, "piped.cms", "-outform", "DER", "-nodetach")
    command = (
        f"{sys.executable} -m jpki.cli verify {file} --records {desk / 'ca.sqlite'} | head -0; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607
    assert (done.returncode, done.stderr) == (Outcome.NO_INDICATOR.exit_code, "")


# -- the addresses in certificates ----------------------------------------------------------------------------------


def test_certificates_say_where_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Responder, list and CA certificate are there; openssl and `jpki verify --online` find the way."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert run(["ca", "create", str(tmp_path / "ca.sqlite"), "--address", f"http://127.0.0.1:{port}/"]) == 0
    with CertificateAuthority.open(tmp_path / "ca.sqlite", create=False) as ca, RevocationServer(ca, port=port):
        certificate = x509.load_der_x509_certificate(ca.ca_certificate(Slot.SIGNING))
        (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        holder = x509.load_der_x509_certificate(ca.issue(Slot.SIGNING, key(0).public_key(), HANAKO, "request"))
        (tmp_path / "good.pem").write_bytes(holder.public_bytes(Encoding.PEM))
        (tmp_path / "key.pem").write_bytes(key(0).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (tmp_path / "content").write_bytes(CONTENT)
        assert openssl(tmp_path, "x509", "-in", "good.pem", "-noout", "-ocsp_uri").stdout == f"{_at(port, 'ocsp')}\n"
        assert _fetched(_issuer_address(holder)) == ca.ca_certificate(Slot.SIGNING)
        assert _fetched(_crl_address(holder)) == ca.crl(Slot.SIGNING)
        file = sign(tmp_path, "signed", "-outform", "PEM", "-nodetach")
        command = ["verify", str(file), "--ca", str(tmp_path / "ca.pem"), "--online"]
        assert run(command) == Outcome.NO_INDICATOR.exit_code
        ca.revoke(holder.serial_number)
        assert run(command) == Outcome.REVOKED.exit_code
    assert run(command) == Outcome.REVOCATION_UNKNOWN.exit_code, "nobody answers there any more"
    assert "does not answer" in capsys.readouterr().out


def _at(port: int, name: str) -> str:
    return f"http://127.0.0.1:{port}/{name}"


def _issuer_address(holder: x509.Certificate) -> str:
    places = holder.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return next(str(one.access_location.value) for one in places if one.access_method == CA_ISSUERS)


def _crl_address(holder: x509.Certificate) -> str:
    points = holder.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    names = [name for point in points for name in point.full_name or ()]
    return next(str(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier))


def _fetched(url: str) -> bytes:
    return ask(url, get(url)).body


def test_addresses_of_a_ca_that_are_none(tmp_path: Path) -> None:
    assert run(["ca", "create", str(tmp_path / "ca.sqlite"), "--address", "nowhere"]) == UsageError.exit_code
    assert [*tmp_path.iterdir()] == []
