"""``jpki sign`` with a simulated card in its file, verified by ``jpki verify`` and by openssl (C4-C6)."""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cardlab.card.card import SimulatedCard
from jpki.cli import run
from jpki.client.constants import Slot
from jpki.client.user import JpkiClient
from jpki.parties.ca.authority import CertificateAuthority
from tests.jpki.parties.issued import PINS, make_card, open_tsm
from tests.jpki.parties.openssl import openssl
from tests.jpki.parties.people import Clock, ca_keys
from tests.waiting import PATIENCE

KEYS = pytest.mark.parametrize("slot", list(Slot), ids=lambda slot: slot.name.lower())


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a phone's card that holds both certificates, and the CA's records."""
    folder = tmp_path_factory.mktemp("issued")
    clock = Clock(datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1))
    with CertificateAuthority.open(folder / "ca.sqlite", clock=clock, keys=ca_keys()) as ca:
        make_card(folder / "card", ca)
        pem = b"".join(
            x509.load_der_x509_certificate(ca.ca_certificate(slot)).public_bytes(Encoding.PEM) for slot in Slot
        )
        (folder / "ca.pem").write_bytes(pem)
    return folder


@dataclass
class Desk:
    """A folder with the card, a document and files with the PINs."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        code = run(words)
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def sign(self, slot: Slot = Slot.SIGNING, *options: str) -> tuple[int, str, str]:
        card = ["--card", f"sim:{self.folder / 'card'}"]
        pin = ["--pin-file", str(self.folder / slot.name)]
        return self.run("sign", str(self.folder / "text"), *card, "--key", slot.name.lower(), *pin, *options)

    def verify(self, name: str, *options: str) -> dict[str, object]:
        records = ["--records", str(self.folder / "ca.sqlite"), "--json"]
        code, out, _ = self.run("verify", str(self.folder / name), *records, *options)
        facts: dict[str, object] = json.loads(out)
        assert facts["exit_code"] == code
        return facts


@pytest.fixture
def desk(issued: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    folder = tmp_path / "desk"
    shutil.copytree(issued, folder)
    (folder / "text").write_bytes("転入届\r\n".encode())
    for slot, pin in PINS.items():
        (folder / slot.name).write_bytes(pin + b"\n")
    return Desk(folder, capsys)


@KEYS
@pytest.mark.parametrize("detached", [False, True], ids=["attached", "detached"])
@pytest.mark.parametrize("plain", [False, True], ids=["indicator", "plain"])
def test_signed_and_verified(desk: Desk, slot: Slot, detached: bool, plain: bool) -> None:
    options = [*(["--detached"] if detached else []), *(["--plain"] if plain else [])]
    code, out, _ = desk.sign(slot, *options)
    assert code == 0
    name = "text.p7s" if detached else "text.p7m"
    assert name in out
    facts = desk.verify(name, *(["--content", str(desk.folder / "text")] if detached else []))
    assert facts["outcome"] == ("no indicator" if plain else "good")
    method = {Slot.SIGNING: "password", Slot.AUTHENTICATION: "pin"}[slot]
    indicator = {"method": method, "access_source": "internal", "counter": 1}
    assert facts["indicator"] == (None if plain else indicator)
    command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", name, "-CAfile", "ca.pem", "-purpose", "any"]
    result = openssl(desk.folder, *command, "-out", "out", *(["-content", "text"] if detached else []))
    assert result.returncode == 0, result.stderr
    assert (desk.folder / "out").read_bytes() == (desk.folder / "text").read_bytes()


def test_counter_goes_on_in_the_file(desk: Desk) -> None:
    counters = []
    for options in (("--json",), ("--plain", "--force"), ("--json", "--force")):
        code, out, _ = desk.sign(Slot.SIGNING, *options)
        assert code == 0
        counters.append(json.loads(out)["indicator"]["counter"] if "--json" in options else 0)
    assert counters == [1, 0, 3], "plain SIGN counts too"


def test_wrong_pin_is_counted_and_nothing_is_written(desk: Desk) -> None:
    (desk.folder / "SIGNING").write_text("PASSWORD2")
    for left in (4, 3):
        code, _, err = desk.sign()
        assert code == 7
        assert f"{left} more" in err
    assert not (desk.folder / "text.p7m").exists()


@pytest.mark.parametrize("pin", ["password1", "ABC", "A" * 17, "PASSWORD1 ", "", "パスワード"])
def test_what_cannot_be_the_password_costs_no_try(desk: Desk, pin: str) -> None:
    (desk.folder / "SIGNING").write_text(pin, encoding="utf-8")
    code, _, err = desk.sign()
    assert (code, "nothing was sent" in err) == (2, True)
    with SimulatedCard.restore(desk.folder / "card") as card:
        client = JpkiClient(card)
        client.select()
        assert client.tries_left(Slot.SIGNING) == Slot.SIGNING.tries


def test_prompt_does_not_show_the_pin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return PINS[Slot.SIGNING].decode()

    monkeypatch.setattr("click.termui.hidden_prompt_func", answer)
    code, out, err = desk.run("sign", str(desk.folder / "text"), "--card", f"sim:{desk.folder / 'card'}")
    assert code == 0
    assert len(asked) == 1
    assert PINS[Slot.SIGNING].decode() not in out + err + "".join(asked)


def test_log_shows_commands_but_no_pin(desk: Desk) -> None:
    command = [sys.executable, "-m", "jpki.cli", "--log-level", "TRAFFIC", "sign", "text", "--card", "sim:card"]
    result = subprocess.run(
        [*command, "--pin-file", "SIGNING"],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert "SIGN WITH INDICATOR" in result.stderr
    assert "002000" in result.stderr
    assert PINS[Slot.SIGNING].hex().upper() not in result.stderr


def test_output_is_not_replaced_unless_forced(desk: Desk) -> None:
    (desk.folder / "text.p7m").write_bytes(b"mine")
    before = (desk.folder / "card").read_bytes()
    code, _, err = desk.sign()
    assert (code, "--force" in err) == (2, True)
    assert (desk.folder / "text.p7m").read_bytes() == b"mine"
    assert (desk.folder / "card").read_bytes() == before, "the key was not used"
    assert desk.sign(Slot.SIGNING, "--force")[0] == 0
    assert desk.sign(Slot.SIGNING, "--output", str(desk.folder / "other"))[0] == 0
    assert desk.verify("other")["outcome"] == "good"


def test_folder_that_is_not_there(desk: Desk) -> None:
    before = (desk.folder / "card").read_bytes()
    code, _, err = desk.sign(Slot.SIGNING, "--output", str(desk.folder / "nowhere" / "out"))
    assert (code, "nowhere" in err) == (2, True)
    assert (desk.folder / "card").read_bytes() == before, "the key was not used"


@pytest.mark.parametrize(("card", "code"), [("nothing", 2), ("sim:", 2), ("sim:/does/not/exist", 2), ("sim:text", 4)])
def test_cards_that_are_none(desk: Desk, monkeypatch: pytest.MonkeyPatch, card: str, code: int) -> None:
    monkeypatch.chdir(desk.folder)
    assert desk.run("sign", "text", "--card", card, "--pin-file", "SIGNING")[0] == code


def test_card_without_certificate(desk: Desk) -> None:
    with SimulatedCard.restore(desk.folder / "card") as card:
        JpkiClient(card).select()
        open_tsm(card).generate_key_pair(Slot.SIGNING, renew=True)
        card.save(desk.folder / "card")
    code, _, err = desk.sign()
    assert code == 7
    assert "no signing certificate" in err
