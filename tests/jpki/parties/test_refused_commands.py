"""Answers and options of commands that fit nothing: said before the world is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from cardlab.cap import verifier
from cardlab.errors import BuildError, MissingDependencyError, UsageError
from cardlab.toolchain import places
from jpki import package
from jpki.cli import phone_argument, run
from jpki.cli.phone_argument import PhoneChoice
from jpki.cli.world_argument import UserAnswers
from jpki.client.constants import Slot
from jpki.evidence.traceability import checkout


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read as JSON: "), ("{", "cannot be read as JSON: "), ("[]", "holds no JSON object")],
)
def test_answers_that_are_none(text: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "answers"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=rf"^{path} {said}"):
        UserAnswers.read(path)


def test_a_pin_of_other_characters() -> None:
    """They are not told."""
    with pytest.raises(UsageError, match=r"^the .* has characters that no PIN has$") as refused:
        UserAnswers({Slot.SIGNING.pin_name: "パスワード"}).pin(Slot.SIGNING)
    assert "パスワード" not in str(refused.value)


def test_an_address_that_no_certificate_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world"
    arguments = ["world", "add-resident", "--world", str(world), "hanako", "--address", "a" * 5000]
    assert run(arguments) == UsageError.exit_code
    said = capsys.readouterr().err
    assert "no such resident can be: " in said
    assert "shorten the address" in said
    assert not world.exists()


@pytest.mark.parametrize("phones", [(), ("p1", "p2")])
def test_which_phone_is_meant(phones: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(phones=phones)

    monkeypatch.setattr(phone_argument, "open_world", opened)
    choice = PhoneChoice(Path("world"), None, None, as_json=False)
    with pytest.raises(UsageError, match=rf"^the world has {len(phones)} phones") as refused, choice.open():
        pass
    assert refused.value.hint == "--phone says which"


def test_the_evidence_needs_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "checkout", lambda: None)
    with pytest.raises(MissingDependencyError, match=r"^the tests are not here") as refused:
        checkout()
    assert "the package is installed without" in refused.value.hint


def test_an_applet_that_the_verifier_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written in the place of the one that was sound."""
    written: list[object] = []
    monkeypatch.setattr(package, "write_cap", written.append)
    monkeypatch.setattr(verifier, "verify", lambda *_: SimpleNamespace(sound=False, findings=("Method[3]: no return",)))
    assert run(["applet"]) == BuildError.exit_code
    said = capsys.readouterr().err.split("\n")
    assert said[0].endswith("the verifier refuses the CAP file:")
    assert said[1].strip() == "Method[3]: no return"
    assert written == []
