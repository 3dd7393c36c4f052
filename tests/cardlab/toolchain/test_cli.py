"""The command line's frame: errors to exit codes, JSON to standard output, nothing imported before it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

import cardlab.cli
import jpki.cli
from cardlab import errors
from cardlab.cli.output import table

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.HarnessError)]


def program(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jpki.cli", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Makes `jpki applet` raise what the test puts into the list."""
    raised: list[BaseException] = []

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def command(as_json: bool) -> None:
        raise raised[0]

    monkeypatch.setattr("jpki.cli.applet.command", command)
    return raised


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_error_has_its_exit_code(
    kind: type[errors.HarnessError], failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(kind("this went wrong", hint="do that"))
    assert jpki.cli.run(["applet"]) == kind.exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "this went wrong" in captured.err
    assert "do that" in captured.err


def test_exit_codes_are_distinct_and_documented() -> None:
    codes = [kind.exit_code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    text = (Path(__file__).parents[3] / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"| {kind.exit_code} |" in text
        assert f"`{kind.__name__}`" in text


def test_error_as_json(failing: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    failing.append(errors.IntegrityError("damaged", hint="delete it"))
    assert jpki.cli.run(["applet", "--json"]) == 4
    said = json.loads(capsys.readouterr().out)
    assert said == {"error": {"kind": "IntegrityError", "message": "damaged", "hint": "delete it", "exit_code": 4}}


def test_interrupt(failing: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    failing.append(KeyboardInterrupt())
    assert jpki.cli.run(["applet"]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["aplet"], ["applet", "--jsn"], ["applet", "extra"], ["--log-level", "LOUD"]])
def test_wrong_command_line(arguments: list[str]) -> None:
    answer = program(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Error:" in answer.stderr


def test_help_lists_every_command_without_importing_one() -> None:
    script = (
        "import sys; from jpki.cli import run; code = run(['--help']);"
        "loaded = [one for one in sys.modules if one.startswith(('cardlab.toolchain', 'cardlab.card', 'jpype'))];"
        "print(loaded, file=sys.stderr); sys.exit(code)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert answer.returncode == 0
    assert answer.stderr == "[]\n"
    for name, entry in jpki.cli.COMMANDS.items():
        assert name in answer.stdout
        assert entry.summary.split()[0] in answer.stdout


def test_version() -> None:
    answer = program("--version")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("jpki ")


@pytest.mark.parametrize("group", [cardlab.cli.GROUP, jpki.cli.GROUP], ids=lambda group: group.name)
def test_every_registered_command_exists(group: click.Group) -> None:
    context = click.Context(group)
    assert all(isinstance(group.get_command(context, name), click.Command) for name in group.list_commands(context))


def test_applet_prints_json_and_nothing_else_to_standard_output(tmp_path: Path) -> None:
    answer = program("applet", "--json", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert said["count"] == len(said["classes"]) > 1
    assert said["bytes"] == sum(said["classes"].values())
    assert all((Path(said["folder"]) / f"{name.replace('.', '/')}.class").is_file() for name in said["classes"])


def test_applet_writes_a_cap_file_below_20_kb(tmp_path: Path) -> None:
    """What it prints is what a reader finds in the file."""
    from cardlab.cap.reader import read_cap
    from jpki.client.constants import MODULE_AID, PACKAGE_AID

    said = json.loads(program("applet", "--json", cwd=tmp_path).stdout)
    cap = read_cap(Path(said["cap"]).read_bytes())
    assert (cap.header.package.aid, [one.aid for one in cap.applets]) == (PACKAGE_AID, [MODULE_AID])
    assert sum(said["components"].values()) == sum(map(len, cap.raw.values()))
    assert said["load_size"] == len(cap.load_file()) < 20_000
    assert said["load_file_data_block_sha256"] == cap.load_file_hash().hex().upper()


def test_table_aligns_words_left_and_numbers_right() -> None:
    assert table([("what", "bytes"), ("a", "1,000"), ("long name", "7")]) == [
        "what       bytes",
        "---------  -----",
        "a          1,000",
        "long name      7",
    ]
