"""``jpki verify`` from the outside: files in, words and exit codes out."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jpki.certificates.indicator import Method
from jpki.cli import ca, run, sign, verify
from jpki.client.constants import Slot
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.server import RevocationServer
from jpki.parties.verifier.outcome import Outcome
from tests.jpki.parties.people import Clock, ca_keys
from tests.jpki.parties.test_verifier import CONTENT, World

ROOT = Path(__file__).parents[3]


@dataclass
class Desk:
    """A folder with a signature, its CA's certificate and CRL, and the CA."""

    folder: Path
    world: World
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.authentication = World(self.world.ca, self.world.clock, Slot.AUTHENTICATION)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def verify(self, *options: str, name: str = "signed.p7m") -> tuple[int, str, str]:
        code = run(["verify", self.path(name), *options])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def write(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return self.path(name)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with CertificateAuthority.open(tmp_path / "ca.sqlite", clock=(clock := Clock(now)), keys=ca_keys()) as ca:
        desk = Desk(tmp_path, World(ca, clock), capsys)
        desk.write("signed.p7m", desk.world.sign())
        desk.write("detached.p7s", desk.world.sign(content=None))
        desk.write("plain.p7m", desk.world.sign_plainly())
        desk.write("content", CONTENT)
        desk.write("ca.pem", desk.world.issuer.public_bytes(Encoding.PEM))
        desk.write("ca.cer", desk.world.issuer.public_bytes(Encoding.DER))
        desk.write("ca.crl", ca.crl(Slot.SIGNING))
        desk.write("challenge.p7m", desk.authentication.sign())
        yield desk


def test_good(desk: Desk) -> None:
    for ca_file in ("ca.pem", "ca.cer"):
        code, out, _ = desk.verify("--ca", desk.path(ca_file), "--crl", desk.path("ca.crl"))
        assert code == 0
        assert out.startswith("GOOD: ")
        for words in ("authenticated by", "password", "internal", "number 7", f"{desk.world.serial:X}"):
            assert words in out
        assert "公的 花子" not in out


def test_attributes_only_when_asked(desk: Desk) -> None:
    _, out, _ = desk.verify("--records", desk.path("ca.sqlite"), "--attributes")
    for words in ("公的 花子", "東京都千代田区霞が関二丁目1番2号", "1990-06-01", "female"):
        assert words in out
    _, out, _ = desk.verify("--records", desk.path("ca.sqlite"), "--attributes", "--json")
    assert json.loads(out)["attributes"]["sex"] == "female"
    altered = desk.world.sign().replace(CONTENT, CONTENT[::-1])
    desk.write("altered.p7m", altered)
    _, out, _ = desk.verify("--records", desk.path("ca.sqlite"), "--attributes", name="altered.p7m")
    assert "公的 花子" not in out, "of a signature that does not verify nothing is known"


def test_json(desk: Desk) -> None:
    code, out, _ = desk.verify("--records", desk.path("ca.sqlite"), "--json")
    facts = json.loads(out)
    assert (code, facts["outcome"], facts["exit_code"]) == (0, "good", 0)
    assert facts["indicator"] == {"method": "password", "access_source": "internal", "counter": 7}
    assert facts["signer"]["serial_number"] == f"{desk.world.serial:X}"
    assert facts["revocation"][0]["state"] == "good"


def test_detached(desk: Desk) -> None:
    options = ["--records", desk.path("ca.sqlite")]
    assert desk.verify(*options, "--content", desk.path("content"), name="detached.p7s")[0] == 0
    assert desk.verify(*options, "--content", desk.path("ca.pem"), name="detached.p7s")[0] == 21
    code, _, err = desk.verify(*options, name="detached.p7s")
    assert code == 2
    assert "--content" in err


def test_every_outcome_has_its_exit_code(desk: Desk, tmp_path: Path) -> None:
    world, records = desk.world, ["--records", desk.path("ca.sqlite")]
    desk.write("rubbish", b"rubbish")
    desk.write("authenticated", world.sign(method=Method.PIN))
    desk.write("application", world.apply())
    before = (world.clock.now - datetime.timedelta(days=1)).isoformat()
    with CertificateAuthority.open(tmp_path / "other") as other:
        stranger = desk.write("other.cer", other.ca_certificate(Slot.SIGNING))
    seen = {
        desk.verify(*records)[0],
        desk.verify(*records, name="rubbish")[0],
        desk.verify(*records, "--content", desk.path("ca.pem"))[0],
        desk.verify(*records, name="authenticated")[0],
        desk.verify(*records, name="application")[0],
        desk.verify("--ca", stranger)[0],
        desk.verify("--ca", desk.path("ca.pem"))[0],
        desk.verify(*records, name="plain.p7m")[0],
        desk.verify(*records, "--at", before)[0],
    }
    world.ca.suspend(desk.authentication.serial)
    seen.add(desk.verify(*records, name="challenge.p7m")[0])
    world.ca.revoke(world.serial)
    seen.add(desk.verify(*records)[0])
    assert seen == {outcome.exit_code for outcome in Outcome} - {Outcome.EXPIRED.exit_code}  # in test_verifier


def test_at_a_time(desk: Desk) -> None:
    records = ["--records", desk.path("ca.sqlite")]
    good_then = desk.world.clock.now.isoformat()
    desk.world.clock.advance(600)
    desk.world.ca.suspend(desk.authentication.serial)
    assert desk.verify(*records, name="challenge.p7m")[0] == 25
    assert desk.verify(*records, "--at", good_then, name="challenge.p7m")[0] == 0
    code, out, _ = desk.verify("--ca", desk.path("ca.cer"), "--ocsp", "http://127.0.0.1:9/ocsp")
    assert code == 27
    assert "does not answer" in out


def test_ocsp(desk: Desk) -> None:
    with RevocationServer(desk.world.ca) as server:
        options = ["--ca", desk.path("ca.cer"), "--ocsp", f"{server.url}/ocsp"]
        desk.world.clock.now = datetime.datetime.now(datetime.UTC)
        assert desk.verify(*options)[0] == 0
        held = ["--ca", desk.write("other.cer", desk.authentication.issuer.public_bytes(Encoding.DER)), *options[2:]]
        desk.world.ca.suspend(desk.authentication.serial)
        assert desk.verify(*held, name="challenge.p7m")[0] == 25
        desk.world.ca.revoke(desk.world.serial)
        assert desk.verify(*options)[0] == 24
        code, out, _ = desk.verify("--ca", desk.path("ca.cer"), "--ocsp", f"{server.url}/signing.crl")
        assert code == 27
        assert "does not answer" in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no CA is trusted"),
        (["--ca", "content"], "holds no certificate"),
        (["--ca", "ca.pem", "--crl", "content"], "no certificate revocation list"),
        (["--ca", "ca.pem", "--at", "noon"], "is no time"),
        (["--ca", "ca.pem", "--at", "2999-01-01"], "future"),
        (["--ca", "ca.pem", "--ocsp", "file:///etc/passwd"], "no address"),
        (["--ca", "missing"], "missing"),
    ],
)
def test_wrong_command_lines(desk: Desk, options: list[str], words: str) -> None:
    paths = [desk.path(one) if one in ("content", "ca.pem", "missing") else one for one in options]
    code, _, err = desk.verify(*paths)
    assert code == 2
    assert words in err


@pytest.mark.parametrize("raw", [b"", b"no database"])
def test_records_that_are_none_stay_as_they_are(desk: Desk, raw: bytes) -> None:
    path = desk.write("records", raw)
    code, _, err = desk.verify("--records", path)
    assert code == 4
    assert "records" in err
    assert Path(path).read_bytes() == raw


def test_page_lists_the_outcomes() -> None:
    page = (ROOT / "docs" / "reference" / "verify.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(str(one.exit_code), one.word, one.sentence) for one in Outcome]


def test_options_that_the_page_names_exist() -> None:
    """In every command line of ours that it shows, and in its table of options."""
    page = (ROOT / "docs" / "reference" / "verify.md").read_text(encoding="utf-8")
    lines = re.findall(r"^(?:\$ )?jpki (\w+) (.*)$", page, re.MULTILINE)
    used = {("verify", option) for option in re.findall(r"^\| `(--\w+).*$", page, re.MULTILINE)}
    used |= {(command, option) for command, rest in lines for option in re.findall(r"--[a-z-]+", rest)}
    assert {command for command, _ in lines} == {"ca", "sign", "verify"}
    known = {
        (name, option)
        for name, command in (("verify", verify.command), ("sign", sign.command), ("ca", ca.command.commands["serve"]))
        for parameter in command.params
        for option in parameter.opts
    }
    assert used <= known


@pytest.mark.parametrize("raw", [b"", b"no signature", bytes(1000), b"\x30\x80"])
def test_what_is_no_signature_is_said_in_words(desk: Desk, raw: bytes) -> None:
    desk.write("garbage", raw)
    code, out, _ = desk.verify("--ca", desk.path("ca.pem"), name="garbage")
    assert code == 20
    assert "no ContentInfo" in out and "object" not in out
