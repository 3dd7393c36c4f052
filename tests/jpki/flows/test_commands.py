"""``jpki world`` and ``jpki phone``: one command for each function, with the state on disk between them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jpki.cli import run
from jpki.parties.verifier.outcome import Outcome

ANSWERS = {
    "card password": "CARDPASSWORD1",
    "signing password": "PASSWORD1",
    "authentication PIN": "1234",
    "new signing password": "PASSWORD1",
    "new authentication PIN": "1234",
    "biometric": True,
    "agree": True,
}


@dataclass
class Terminal:
    """Runs commands on a world, as a script would."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    answers: dict[str, object] = field(default_factory=lambda: dict(ANSWERS))

    def run(self, *words: str, expect: int = 0, answers: bool = True) -> dict[str, object]:
        """The facts that a command prints with --json."""
        options = ["--world", str(self.folder / "world"), "--json"]
        if answers:
            (self.folder / "answers").write_text(json.dumps(self.answers), encoding="utf-8")
            options += ["--answers", str(self.folder / "answers")]
        code = run([*words, *options])
        out, err = self.capsys.readouterr()
        assert code == expect, err
        facts = json.loads(out)
        assert isinstance(facts, dict)
        return facts

    def verify(self, signature: Path, expect: int) -> dict[str, object]:
        """What the service provider finds."""
        records = str(self.folder / "world" / "ca.sqlite")
        code = run(["verify", str(signature), "--records", records, "--json"])
        out, err = self.capsys.readouterr()
        assert code == expect, err
        facts = json.loads(out)
        assert isinstance(facts, dict)
        return facts


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A world with hanako and one phone, made by commands."""
    made = Terminal(tmp_path, capsys)
    made.run("world", "new", answers=False)
    made.run("world", "add-resident", "hanako")
    made.run("world", "add-phone", "p1", answers=False)
    return made


def test_all_functions(terminal: Terminal) -> None:
    """The twelve functions in the order of a phone's life (E1, E3); the twelfth is behind `attributes`."""
    document, signature = terminal.folder / "document", terminal.folder / "signature"
    document.write_bytes(b"text")
    assert terminal.run("phone", "status")["phase"] == "app ready"
    assert terminal.run("phone", "apply", "--card", "hanako") == {"done": False, "applied": True}
    waiting = terminal.run("phone", "status")
    assert (waiting["phase"], waiting["pending"], waiting["stage"]) == ("initial setup", "issue", "applied")
    terminal.run("phone", "renew", "--card", "hanako", expect=10)
    assert terminal.run("phone", "collect") == {"orders": 0, "issued": True}
    issued = terminal.run("phone", "register")["certificates"]
    assert isinstance(issued, dict) and set(issued) == {"signing", "authentication"}
    terminal.run("phone", "register", expect=10)
    assert terminal.run("phone", "status")["phase"] == "service use"
    assert terminal.run("phone", "show", "signing")["serial"] == issued["signing"]
    assert terminal.run("phone", "attributes")["birth_date"] == "1995-04-12"
    tried = terminal.run("phone", "try")["tried"]
    assert tried == issued
    terminal.run("phone", "sign", str(document), "-o", str(signature))
    terminal.run("phone", "register-device-auth", "biometric")
    pin = terminal.answers.pop("authentication PIN")
    terminal.run("phone", "authenticate", str(document), "-o", str(signature), expect=2)  # it is there already
    terminal.run("phone", "authenticate", str(document), "-o", str(signature), "--force")
    report = terminal.verify(signature, 0)
    assert isinstance(report["indicator"], dict) and report["indicator"]["method"] == "biometric"
    terminal.answers |= {"biometric": False, "instead": "PIN", "authentication PIN": pin}
    terminal.run("phone", "authenticate", str(document), "-o", str(signature), "--force")
    report = terminal.verify(signature, 0)
    assert isinstance(report["indicator"], dict) and report["indicator"]["method"] == "pin"
    terminal.run("world", "suspend", issued["signing"], answers=False, expect=10)
    terminal.run("world", "suspend", issued["authentication"], answers=False)
    checked = terminal.run("phone", "check")["certificates"]
    assert isinstance(checked, list) and [one["state"] for one in checked] == ["good", "suspended"]
    assert terminal.verify(signature, Outcome.SUSPENDED.exit_code)["outcome"] == "suspended"
    terminal.run("phone", "release", "--card", "hanako")
    terminal.verify(signature, 0)
    terminal.answers["new signing password"] = "PASSWORD2"
    terminal.run("phone", "change-pin", "signing")
    terminal.run("phone", "show", "signing", expect=7)
    terminal.answers["signing password"] = "PASSWORD2"
    terminal.run("phone", "reset-pin", "--kind", "authentication", "--card", "hanako")
    renewed = terminal.run("phone", "renew", "--kind", "signing", "--card", "hanako")["certificates"]
    assert isinstance(renewed, dict) and renewed["signing"] != issued["signing"]
    consents = terminal.run("world", "consents", answers=False)["consents"]
    assert isinstance(consents, list)
    assert [(one["resident"], one["subject"]) for one in consents] == [("hanako", "terms of use")]
    terminal.run("phone", "revoke")
    assert terminal.run("phone", "status")["phase"] == "applet ready"
    states = terminal.run("world", "show", answers=False)["certificates"]
    assert isinstance(states, list)
    assert {(one["on"], one["state"]) for one in states} == {("card", "good"), ("phone", "revoked")}


def test_what_cannot_be(terminal: Terminal) -> None:
    """Each error says what to do, has its exit code, and changes nothing."""
    phase = terminal.run("phone", "status")
    terminal.run("phone", "issue", expect=2)  # no card
    terminal.run("phone", "issue", "--card", "taro", expect=2)
    terminal.run("phone", "status", "--phone", "p9", expect=2)
    terminal.run("phone", "release", "--card", "hanako", expect=10)  # nothing to release
    terminal.answers["card password"] = "WRONG"
    terminal.run("phone", "issue", "--card", "hanako", expect=7)
    del terminal.answers["card password"]
    terminal.run("phone", "issue", "--card", "hanako", expect=2)  # nobody types it
    assert terminal.run("phone", "status") == phase
    terminal.run("world", "suspend", "xyz", answers=False, expect=2)
    terminal.run("world", "add-phone", "p1", answers=False, expect=2)
    made = terminal.run("world", "tamper", "p1", "--evaluation-type", "BASIC", answers=False)
    assert [made[name] for name in ("ctsProfileMatch", "basicIntegrity", "evaluationType")] == [True, True, "BASIC"]
    terminal.answers["card password"] = ANSWERS["card password"]
    terminal.run("phone", "issue", "--card", "hanako", expect=10)
    terminal.run("world", "tamper", "p1", "--undo", answers=False)
    terminal.answers["agree"] = False
    terminal.run("phone", "issue", "--card", "hanako", expect=10)
    assert terminal.run("phone", "status") == phase
    del terminal.answers["agree"]
    terminal.run("phone", "issue", "--card", "hanako", expect=2)  # nobody is there to agree
    terminal.answers["agree"] = True
    terminal.answers["new authentication PIN"] = "12345"
    terminal.run("phone", "issue", "--card", "hanako", expect=2)
    assert terminal.run("phone", "status")["pending"] == "issue"
    terminal.answers["new authentication PIN"] = "1234"
    assert terminal.run("phone", "resume")["done"] is True


def test_a_link_that_is_lost_on_command(terminal: Terminal) -> None:
    """E6: at the crossings that are named, each counted in its own command; the same command goes on."""
    terminal.run("phone", "issue", "--card", "hanako", "--lose-at", "60", expect=6)
    assert terminal.run("phone", "status")["pending"] == "issue"
    terminal.run("phone", "resume", "--lose-at", "100", expect=6)
    assert terminal.run("phone", "issue", "--card", "hanako", "--lose-at", "100000")["done"] is True
    assert terminal.run("phone", "status")["phase"] == "service use"


def test_no_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["phone", "status", "--world", str(tmp_path / "nowhere")]) == 2
    assert "jpki world new" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_where_a_signature_cannot_go(terminal: Terminal) -> None:
    """It is noticed before a PIN is asked for."""
    document = terminal.folder / "document"
    document.write_bytes(b"text")
    terminal.answers.clear()
    for target in (terminal.folder / "nowhere" / "signature", document):
        for function in ("sign", "authenticate"):
            terminal.run("phone", function, str(document), "-o", str(target), expect=2)
    assert document.read_bytes() == b"text"


@pytest.mark.parametrize("damage", [None, "", "[]", '"M1"', '{"model": "M1"}'])
def test_a_phone_that_is_damaged(terminal: Terminal, damage: str | None) -> None:
    facts = terminal.folder / "world" / "phones" / "p1" / "phone.json"
    facts.unlink() if damage is None else facts.write_text(damage)
    for words in (("phone", "status"), ("world", "tamper", "p1")):
        terminal.run(*words, answers=False, expect=4)


def test_a_damaged_key_of_the_attestation_service(terminal: Terminal) -> None:
    (terminal.folder / "world" / "attestation.key").write_bytes(b"no key")
    terminal.run("phone", "status", answers=False, expect=4)
