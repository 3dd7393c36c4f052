"""Files that are written whole or not at all: what is there at every step, for whom, and what others left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cardlab import files
from cardlab.card import kept
from cardlab.files import attempt, remove_leftovers, replace_file, sync_folder
from cardlab.locking import hold_file, hold_folder

WHOLE = b"the new content"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, pipes and modes")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "card.json"
    found.write_bytes(b"the old one")
    return found


@pytest.fixture
def gone() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as process:
        pass
    return process.pid


def others(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the power fails, one of both is there whole."""
    steps: list[tuple[str, bytes, str]] = []

    def synced(descriptor: int) -> None:
        what = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        at = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append((what, file.read_bytes(), at.name.partition("-")[0]))
        if what == "file":
            assert at.read_bytes() == WHOLE
            assert mode(at) == mode(file)

    monkeypatch.setattr(os, "fsync", synced)
    replace_file(file, WHOLE)
    assert steps == [
        ("file", b"the old one", f".card.json.{os.getpid():08x}"),
        ("folder", WHOLE, file.parent.name.partition("-")[0]),
    ]
    assert others(file) == []


@pytest.mark.parametrize("before", [0o600, 0o640, 0o444])
def test_a_file_keeps_its_mode_unless_it_is_private(file: Path, before: int) -> None:
    file.chmod(before)
    replace_file(file, WHOLE)
    assert (file.read_bytes(), mode(file)) == (WHOLE, before)
    replace_file(file, WHOLE, private=True)
    assert mode(file) == 0o600


def test_a_new_file_has_the_mode_that_the_mask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o026)
    try:
        replace_file(tmp_path / "public", WHOLE)
        replace_file(tmp_path / "private", WHOLE, private=True)
    finally:
        os.umask(before)
    assert (mode(tmp_path / "public"), mode(tmp_path / "private")) == (0o640, 0o600)


def test_a_link_stays_one(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    replace_file(link, WHOLE)
    assert link.is_symlink() and file.read_bytes() == WHOLE


def test_what_fails_changes_nothing_and_leaves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            replace_file(file, WHOLE)
    assert (file.read_bytes(), others(file)) == (b"the old one", [])


def test_what_is_no_file_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, WHOLE)
        assert os.read(reading, 100) == WHOLE
    finally:
        os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    replace_file(Path("/dev/null"), WHOLE)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with (tmp_path / "out").open("wb") as stream:
        replace_file(Path(f"/proc/self/fd/{stream.fileno()}"), WHOLE)
        assert os.path.samestat(os.fstat(stream.fileno()), (tmp_path / "out").stat()), "who writes on is read, too"
    assert (tmp_path / "out").read_bytes() == WHOLE


def test_a_folder_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        replace_file(tmp_path, WHOLE)
    assert [*tmp_path.iterdir()] == []


def left(file: Path, process: int, chance: str = "0123") -> Path:
    """What a process left of its attempt to write the file."""
    found = file.with_name(f".{file.name}.{process:08x}-{chance}.new")
    found.write_bytes(b"half")
    return found


def test_attempts_of_processes_that_are_no_more_go(file: Path, gone: int) -> None:
    """Of others that run they stay, and so does what only looks like one, or is an attempt at another file."""
    dead = [left(file, gone, chance) for chance in ("0000", "ffff")]
    stays = {
        left(file, os.getppid()),
        left(file.with_name("card.json2"), gone),
        file.with_name(f".card.json.{gone:08x}-012.new"),
        file.with_name(f".card.json.{gone:08x}-0123.old"),
        file.with_name(f"card.json.{gone:08x}-0123.new"),
    }
    for one in stays:
        one.write_bytes(b"other")
    replace_file(file, WHOLE)
    assert not any(one.exists() for one in dead)
    assert {*file.parent.iterdir()} == {file, *stays}


def test_who_holds_the_file_removes_all_attempts_at_it(file: Path, gone: int) -> None:
    for process in (gone, os.getppid()):
        left(file, process)
    other = left(file.with_name("another"), gone)
    remove_leftovers(file)
    assert {*file.parent.iterdir()} == {file, other}
    left(file, os.getppid())
    with kept.hold_card(file):
        assert {*file.parent.iterdir()} == {file, other, file.with_name(".card.json.lock")}


@pytest.mark.parametrize(("length", "as_it_is"), [(200, True), (201, False)])
def test_names_as_long_as_a_file_system_takes(tmp_path: Path, length: int, as_it_is: bool) -> None:
    """255 bytes, of which an attempt needs some; a longer name gives way to its digest."""
    file = tmp_path / ("n" * length)
    made = attempt(file)
    assert made.name.startswith(f".{file.name}.") is as_it_is
    assert len(made.name) <= 255 and made.parent == tmp_path
    assert attempt(file) != made, "two at once in one process do not meet"
    replace_file(tmp_path / ("m" * 255), WHOLE)
    assert [one.name for one in tmp_path.iterdir()] == ["m" * 255]


def test_where_folders_cannot_be_synced_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []

    def refused(descriptor: int) -> None:
        closed.append(descriptor)
        raise OSError("not supported")

    monkeypatch.setattr(os, "fsync", refused)
    sync_folder(tmp_path)
    (descriptor,) = closed
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_who_may_not_ask_takes_a_process_to_be_there(monkeypatch: pytest.MonkeyPatch, gone: int) -> None:
    assert files._runs(os.getpid()) and not files._runs(gone)

    def denied(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", denied)
    assert files._runs(gone)


def test_a_lock_is_its_owners_and_says_whose_it_is(file: Path) -> None:
    """The file is there while it is held; what an earlier process wrote into it is gone."""
    lock = file.with_name(".card.json.lock")
    lock.write_bytes(b"123456789012345678\n")
    lock.unlink()
    before = os.umask(0)
    try:
        with hold_file(file, wait=0):
            assert (mode(lock), lock.read_bytes()) == (0o600, b"%d\n" % os.getpid())
        with hold_folder(file.parent, wait=0):
            assert (file.parent / "lock").read_bytes() == b"%d\n" % os.getpid()
    finally:
        os.umask(before)
    lock.write_bytes(b"123456789012345678\n")
    with hold_file(file, wait=0):
        assert lock.read_bytes() == b"%d\n" % os.getpid()
    assert others(file) == []
