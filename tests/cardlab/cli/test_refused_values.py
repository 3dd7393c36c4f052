"""Values of options that cannot be used with what is there: said before anything is read, sent or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.convert import convert
from cardlab.cap.exports import builtin
from cardlab.classfile.classfile import AccessFlag
from cardlab.cli import run
from cardlab.cli.card import apdu
from cardlab.cli.card.installing import InstallChoice
from cardlab.errors import UsageError
from cardlab.lab.rig import PlainRig
from cardlab.project import NewProject
from tests.cardlab.cap.handmade import class_file
from tests.cardlab.lab.answering import Answering

PACKAGE = bytes.fromhex("F000000001")


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("file", "'file' is not of the form NUMBER=FILE"),
        ("x=file", "'x=file' is not of the form NUMBER=FILE"),
        ("=file", "'=file' is not of the form NUMBER=FILE"),
        ("1=none", "none cannot be read: No such file or directory"),
    ],
)
def test_a_static_resource_that_is_none(
    resource: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["cap", "convert", ".", "--aid", "F000000001", "-o", "x.cap", "--resource", resource]
    assert run(arguments) == UsageError.exit_code
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_card_that_does_not_tell_what_it_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apdu, "open_card", lambda *_, **__: PlainRig(Answering()))
    assert run(["card", "apdu", "--card", "pcsc:a reader", "--cost", "00A4040000"]) == UsageError.exit_code
    said = capsys.readouterr()
    assert "--cost: a card in a reader does not tell what it does" in said.err
    assert said.out == ""


def test_which_of_several_applets_is_meant(tmp_path: Path) -> None:
    applets = [(PACKAGE + bytes((number,)), f"hand.A{number}") for number in (1, 2)]
    classes = [
        class_file(
            b"\xb1",
            "([BSB)V",
            name=f"hand/A{number}",
            parent="javacard/framework/Applet",
            access=AccessFlag.PUBLIC | AccessFlag.SYNCHRONIZED,
            method="install",
            method_access=AccessFlag.PUBLIC | AccessFlag.STATIC,
        )
        for number in (1, 2)
    ]
    file = tmp_path / "two.cap"
    file.write_bytes(convert(classes, PACKAGE, (1, 0), applets, builtin()).cap)
    with pytest.raises(UsageError, match=r"two.cap has 2 applets") as refused:
        InstallChoice(None, None, None).of_file(file)
    assert refused.value.hint == "choose one with --module: F00000000101, F00000000102"
    assert InstallChoice(applets[1][0], None, None).of_file(file).package == PACKAGE


def test_a_project_whose_applet_has_no_aid_or_no_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^the AID F0 has 1 byte") as refused:
        NewProject("box", "Box", "com.example.box", b"\xf0")
    assert refused.value.hint == "F00000000101 is one"
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"file/box/.* cannot be written: Not a directory") as refused:
        NewProject.named("box").write(tmp_path / "file" / "box")
    assert refused.value.hint == "name a folder that can be written"
