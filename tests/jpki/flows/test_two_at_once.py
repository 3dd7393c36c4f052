"""Two processes on one world: the second waits for a while, is then refused, and has changed nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cardlab.card import kept
from jpki.cli import run
from jpki.parties import world as world_module
from tests.cardlab.concurrency.holders import ROOT, WORLD, end, holding, kill
from tests.jpki.flows.worlds import Images
from tests.waiting import PATIENCE

CHANGING: tuple[tuple[str, ...], ...] = (
    ("phone", "status", "--phone", "p1", "--world", "WORLD"),
    ("world", "add-phone", "p3", "--world", "WORLD"),
    ("world", "uninstall", "p1", "--world", "WORLD"),
    ("card", "apdu", "00A4040000", "--card", "sim:WORLD/phones/p1/card"),
)
READING: tuple[tuple[str, ...], ...] = (
    ("world", "show", "--world", "WORLD"),
    ("ca", "list", "WORLD/ca.sqlite"),
    ("card", "info", "--card", "sim:WORLD/phones/p1/card"),
)


@pytest.fixture
def world(images: Images, tmp_path: Path) -> Path:
    """A folder like ``empty``."""
    shutil.copytree(images.folder / "empty", tmp_path / "world")
    return tmp_path / "world"


def in_world(words: tuple[str, ...], world: Path) -> list[str]:
    """The words of a command about this world."""
    return [one.replace("WORLD", str(world)) for one in words]


def contents(folder: Path) -> dict[Path, bytes]:
    """All that is in it."""
    return {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_refused_in_the_end(world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What changes something; what only looks is not hindered. After SIGKILL the world is free."""
    monkeypatch.setattr(world_module, "_WAIT", 0.2)
    monkeypatch.setattr(kept, "_WAIT", 0.2)
    with holding(WORLD, world) as other:
        before = contents(world)
        for words in CHANGING:
            assert run(in_world(words, world)) == 11, words
            used = world if "--world" in words else world / "phones" / "p1" / "card"
            assert f"{used} is in use by process {other.pid}; nothing was done to it" in capsys.readouterr().err
        for words in READING:
            assert run(in_world(words, world)) == 0, words
        assert contents(world) == before
        kill(other)
    capsys.readouterr()
    for words in CHANGING:
        assert run(in_world(words, world)) == 0, words
    assert "in use" not in capsys.readouterr().err


def test_the_second_of_two_waits(world: Path) -> None:
    """Commands of the app that a script starts one after the other, in parallel."""
    command = [sys.executable, "-m", "jpki.cli", *in_world(CHANGING[0], world)]
    with (
        holding(WORLD, world) as other,
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as second,
    ):
        assert second.stderr is not None
        assert f"{world} is in use by process {other.pid}; waiting for it" in second.stderr.readline()
        end(other)
        assert second.wait(PATIENCE) == 0


def test_a_world_that_does_not_open_is_not_held(world: Path) -> None:
    (world / "ca.sqlite").write_bytes(b"no records")
    for _ in range(2):
        assert run(in_world(CHANGING[0], world)) == 4
    assert not (world / "lock").exists()
