"""What a command prints only takes its place on a terminal, and nobody who reads it hurts the command."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from cardlab.cli.app import Entry, command_line, run_group
from cardlab.cli.output import Output
from cardlab.errors import BusyError, HarnessError, StorageError, TransportError, UsageError
from cardlab.files import remove_leftovers, replace_file
from cardlab.printable import printable, printable_line
from cardlab.system_errors import explained, write_file

PROGRAM = "import sys; from cardlab.cli import run; sys.exit(run(sys.argv[1:]))"


def test_whatever_does_more_than_take_its_place_is_escaped() -> None:
    """By the categories of this Python's Unicode data, so that one that the pattern forgot is found."""
    for number in range(sys.maxunicode + 1):
        one = chr(number)
        shown = printable(one)
        if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") and one not in "\n\t":
            assert shown.isascii() and shown.isprintable(), hex(number)
            assert shown.encode().decode("unicode_escape") == one
        elif shown != one:
            assert unicodedata.category(one) == "Cn", hex(number)


def test_a_line_stays_one() -> None:
    assert printable_line("CN=a\nGOOD: \x1b[2J公的\u202e\t") == r"CN=a\nGOOD: \x1b[2J公的\u202e\t"


def test_lines_of_reports_errors_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).facts({}, ["name  a\nGOOD: \x1b[2J"])
    Output(as_json=False).progress("  a\nGOOD: \x1b[2J")
    Output(as_json=True).facts({"name": "a\nGOOD: \x1b[2J"}, [])
    group = command_line("probe", {"fail": Entry("tests.cardlab.cli.probes", "Fail.")}, "For a test.")
    assert run_group(group, ["fail"]) == HarnessError.exit_code
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    lines = (said.out + said.err).splitlines()
    assert not [line for line in lines if line.startswith("GOOD")]
    assert "probe: it says a" in lines, "an error may have more lines, which are set in"
    assert "       GOOD: \\x1b[2J" in lines


def program(*words: str, stdout: int) -> subprocess.CompletedProcess[str]:
    """The generic command line in a process of its own, writing to this descriptor."""
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_a_reader_who_has_seen_enough() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = program("--help", stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a device of Linux")
def test_a_full_disk_behind_standard_output() -> None:
    with Path("/dev/full").open("wb") as full:
        done = program("--help", stdout=full.fileno())
    assert done.returncode == StorageError.exit_code
    assert done.stderr.splitlines()[0].endswith("standard output cannot be written: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StorageError),
        (errno.EROFS, StorageError),
        (errno.EACCES, StorageError),
        (errno.EIO, StorageError),
        (errno.ENOENT, UsageError),
        (errno.ENAMETOOLONG, UsageError),
        (errno.EADDRINUSE, BusyError),
        (errno.ECONNREFUSED, TransportError),
    ],
)
def test_what_the_system_refuses_has_its_kind(number: int, kind: type[HarnessError]) -> None:
    error = explained(OSError(number, os.strerror(number), "w/x"))
    assert type(error) is kind
    assert str(error) == f"w/x: {os.strerror(number)}"
    assert error.hint


# -- files written whole -----------------------------------------------------------------------------------------------


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    replace_file(file, b"1", private=True)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    replace_file(file, b"2")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"2", 0o640)
    assert [*tmp_path.iterdir()] == [file]


def test_a_link_stays_one_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    replace_file(tmp_path / "link", b"1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"1"
    replace_file(Path(os.devnull), b"1")
    assert not Path(os.devnull).is_file()


def test_long_names(tmp_path: Path) -> None:
    name = "n" * 250
    replace_file(tmp_path / name, b"1")
    assert [one.name for one in tmp_path.iterdir()] == [name]
    with pytest.raises(UsageError, match="File name too long"):
        write_file(tmp_path / ("n" * 300), b"1")


def test_leftovers_of_killed_processes(tmp_path: Path) -> None:
    """Those of this file alone; for who does not hold it those of processes that are no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    names = ("file[1]", ".file[1].lock", ".file1.00112233-4455.new", "file[1].new", ".file[1].00112233.new")
    keep = {tmp_path / name for name in names}
    left, mine = (tmp_path / f".file[1].{process:08x}-4455.new" for process in (ended.pid, os.getpid()))
    for one in (*keep, left, mine):
        one.touch()
    replace_file(tmp_path / "file[1]", b"")
    assert {*tmp_path.iterdir()} == {*keep, mine}
    remove_leftovers(tmp_path / "file[1]")
    assert {*tmp_path.iterdir()} == keep
