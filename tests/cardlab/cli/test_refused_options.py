"""What is wrong with an option or argument is said in words, with what to write instead, before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cli import run
from cardlab.cli.card.serving import parse_atr
from cardlab.errors import UsageError
from cardlab.globalplatform.key_source import read_keys

USAGE = UsageError.exit_code
BUILD = ("cap", "build", ".", "-o", "x.cap", "--aid", "F00000000101")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("card", "apdu"), "there is no command to send"),
        (("card", "apdu", "80CA9F7"), "'80CA9F7' is no command in hexadecimal"),
        (("card", "apdu", "80CA9F7F00=9z00"), "is no command in hexadecimal"),
        (("card", "apdu", "80CA9F7F00=90"), "90"),
        (("cap", "build", "--aid", "F00000000101"), "--aid and --applet go with SOURCES"),
        (("cap", "build", "."), "-o and --aid are missing"),
        ((*BUILD, "--applet", "F0000000010101"), "is not of the form AID=class"),
        ((*BUILD, "--applet", "XY=a.B"), "XY"),
        ((*BUILD, "--version", "1"), "'1' is no version such as 1.0"),
        ((*BUILD, "--version", "1.256"), "'1.256' is no version such as 1.0"),
        (
            ("cap", "build", ".", "-o", "x.cap", "--aid", "a=F00000000101", "--applet", "F0000000010101=b.C"),
            "b.C is in none of the packages",
        ),
        (("cap", "exports", "no.such.package"), "there is no token table for no.such.package"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*arguments]) == USAGE
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("atr", "said"), [("3BZ0", "not hexadecimal"), ("3B", "--atr 3B: "), ("3B80", "--atr 3B80: ")])
def test_an_atr_that_is_none(atr: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_atr(atr)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("env:CARDLAB_NO_SUCH_KEYS", "no environment variable CARDLAB_NO_SUCH_KEYS"),
        ("file:no-such-file", "keys from no-such-file: "),
        ("404142434445464748494A4B4C4D4E4F", "no place to take keys from"),
        ("file:", "no place to take keys from"),
    ],
)
def test_a_source_of_keys_that_is_none(source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        read_keys(source)
    assert source not in str(refused.value) or not source.startswith("40"), "a key is not shown"


@pytest.mark.parametrize(
    "text", [b"", b"40", b"40 41 42", b"xy" * 16, bytes(range(200, 216)), b"40" * 16 + b" " + b"41" * 16]
)
def test_what_holds_no_keys(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "keys").write_bytes(text)
    with pytest.raises(UsageError, match="holds no keys"):
        read_keys(f"file:{tmp_path / 'keys'}")
