"""``jpki ca`` from the outside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509

from jpki.cli import run
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.people import HANAKO, ca_keys, key
from tests.waiting import PATIENCE


@pytest.fixture
def records(tmp_path: Path) -> Path:
    with CertificateAuthority.open(tmp_path / "ca.sqlite", keys=ca_keys()) as ca:
        ca.issue(Slot.AUTHENTICATION, key(0).public_key(), HANAKO, "request")
    return tmp_path / "ca.sqlite"


def facts(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    assert run(["ca", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_certificate_through_its_states(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = facts(capsys, "list", str(records))
    assert isinstance(listed, list)
    (one,) = listed
    assert (one["kind"], one["medium"], one["user"], one["state"]) == ("authentication", "phone", HANAKO.user, "good")
    serial = one["serial_number"]
    seen = []
    for words in (["suspend"], ["release"], ["revoke", "--reason", "key_compromise"]):
        assert run(["ca", words[0], str(records), serial, *words[1:]]) == 0
        state = facts(capsys, "status", str(records), serial)
        assert isinstance(state, dict)
        seen.append((state["state"], state["reason"], [event["change"] for event in state["history"]]))
    assert seen == [
        ("suspended", "certificateHold", ["issued", "suspended"]),
        ("good", None, ["issued", "suspended", "released"]),
        ("revoked", "keyCompromise", ["issued", "suspended", "released", "revoked"]),
    ]
    assert run(["ca", "release", str(records), serial]) == 10
    assert "no suspension to end" in capsys.readouterr().err
    assert run(["ca", "list", str(records)]) == 0
    assert "revoked" in capsys.readouterr().out


def test_files(records: Path, tmp_path: Path) -> None:
    assert run(["ca", "certificates", str(records), "-o", str(tmp_path / "ca.pem")]) == 0
    assert len(x509.load_pem_x509_certificates((tmp_path / "ca.pem").read_bytes())) == 2
    assert run(["ca", "crl", str(records), "signing", "-o", str(tmp_path / "crl")]) == 0
    assert list(x509.load_der_x509_crl((tmp_path / "crl").read_bytes())) == []
    assert run(["ca", "crl", str(records), "signing", "--base", "7", "-o", str(tmp_path / "delta")]) == 10


def test_create(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ca", "create", str(tmp_path / "new")]) == 0
    before = (tmp_path / "new").read_bytes()
    assert run(["ca", "create", str(tmp_path / "new")]) == 2
    assert (tmp_path / "new").read_bytes() == before


@pytest.mark.parametrize(("serial", "code"), [("xyz", 2), ("12", 10)])
def test_serials_that_are_none(records: Path, serial: str, code: int) -> None:
    for act in ("status", "revoke", "suspend", "release"):
        assert run(["ca", act, str(records), serial]) == code


def test_missing_records(tmp_path: Path) -> None:
    assert run(["ca", "list", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()


def test_serve(records: Path) -> None:
    command = [sys.executable, "-m", "jpki.cli", "ca", "serve", str(records)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            name, url = server.stdout.readline().split()
            assert name == "ocsp"
            address = url.removesuffix("/ocsp")
            with urllib.request.urlopen(f"{address}/signing.crl", timeout=PATIENCE) as answer:
                assert list(x509.load_der_x509_crl(answer.read())) == []
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE) == 130
        finally:
            server.kill()


def test_only_who_serves_waits_for_the_server(records: Path) -> None:
    """Its libraries are loaded when it is started."""
    program = (
        "import sys; from jpki.cli import run; run(sys.argv[1:]); print({'uvicorn', 'starlette'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", program, "ca", "list", str(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
