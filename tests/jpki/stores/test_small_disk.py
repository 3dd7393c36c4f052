"""A disk of 1 MB, and one that nobody may write to: the commands say so, and the world stays as it was."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardlab.errors import StorageError
from jpki.cli import run
from jpki.parties.world import World
from tests.jpki.flows.worlds import CARD_PASSWORD, Images, applicant
from tests.jpki.stores.cases import CASES, Case, words_of
from tests.jpki.stores.faulty import command, look

SIZE = 1_000_000  # bytes
ROOMS = {"quick": 1, "default": 2, "thorough": 300}


def _mount(*arguments: str) -> bool:
    program = shutil.which("mount")
    return (
        program is not None and subprocess.run([program, *arguments], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Made of memory; skips where that takes rights that the test has not."""
    place = tmp_path / "disk"
    place.mkdir()
    if not _mount("-t", "tmpfs", "-o", f"size={SIZE}", "none", str(place)):
        pytest.skip("mounting a file system takes Linux and its administrator's rights")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)  # noqa: S607


def test_a_disk_that_fills(images: Images, disk: Path) -> None:
    """Phones and residents come in until there is no room; who is in it then is whole, and with room it goes on."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    came = []
    with World.open(disk / "world", executable=lambda: images.executable) as world:
        with pytest.raises(StorageError):
            for number in range(100):
                world.add_resident(applicant(f"r{number}"), CARD_PASSWORD)
                came.append(f"r{number}")
                world.add_phone(f"p{number}", model="M1")
        if os.statvfs(disk).f_bavail == 0:
            ballast.unlink()
    assert came
    ballast.unlink(missing_ok=True)  # whoever did not come in may have to be undone yet, which takes some
    with World.open(disk / "world", executable=lambda: images.executable) as world:
        assert [*world.residents] == sorted(came)
        for name in came:
            world.my_number_card(name)
        world.add_resident(applicant("last"), CARD_PASSWORD)
    assert [one for one in (disk / "world").rglob("*") if one.name.endswith((".new", "-journal"))] == []


def test_commands_with_little_room(image: Path, disk: Path, pytestconfig: pytest.Config) -> None:
    """A command says that the disk is full, or ends well; with room the same command goes on, and all is whole.

    Some commands and rooms by chance; thorough many. ROOM in the environment is one of them, as a failure names it.
    """
    profile = pytestconfig.getoption("--profile")
    chance = random.Random("the same" if os.environ.get("CI") and profile != "thorough" else None)
    some = [f"{chance.choice([*CASES])}, {chance.randrange(50)} blocks" for _ in range(ROOMS[profile])]
    for room in [os.environ["ROOM"]] if "ROOM" in os.environ else some:
        name, blocks = room.removesuffix(" blocks").split(", ")
        wrong = _with_room(image, disk, CASES[name], int(blocks))
        assert wrong == [], f"ROOM={room!r} pytest tests/jpki/stores/test_small_disk.py"


def _with_room(image: Path, disk: Path, case: Case, blocks: int) -> list[str]:
    """What was wrong with a command on a disk that had so many blocks left."""
    world, ballast = Path(shutil.copytree(image, disk / "world")), disk / "ballast"
    for words in case.before:
        assert run(words_of(words, world)) == 0, words
    found = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, found.f_bavail - blocks) * found.f_bsize))
    code, said = captured(words_of(case.words, world))
    ballast.unlink()
    wrong = [] if code in (0, StorageError.exit_code) else [f"ended with {code}: {said}"]
    code, said = captured(words_of(case.words, world))
    wrong += [] if code in {*case.again, 0} else [f"and again with {code}: {said}"]
    wrong += filter(None, [look(case, world)])
    shutil.rmtree(world)
    return wrong


def captured(words: list[str]) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    code, _, said = command(words).partition(" ")
    return int(code), said


def test_a_disk_that_is_read_only(images: Images, disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(images.folder / "empty", disk / "world")
    if not _mount("-o", "remount,ro", str(disk)):
        pytest.skip("this system cannot make a file system read-only")
    world = ["--world", str(disk / "world")]
    assert run(["world", "show", *world]) == 0, "to look takes no writing"
    capsys.readouterr()
    commands: list[list[str]] = [
        ["phone", "status", "--phone", "p1", *world],
        ["world", "add-phone", "p3", *world],
        ["ca", "crl", str(disk / "world" / "ca.sqlite"), "signing", "-o", str(disk / "crl")],
        ["ca", "create", str(disk / "new.sqlite")],
        ["world", "new", "--world", str(disk / "other")],
    ]
    for words in commands:
        assert run(words) == StorageError.exit_code, words
        said = capsys.readouterr().err.splitlines()
        assert len(said) == 2, said
        assert "ead-only file system" in said[0] or "readonly" in said[0], said
