"""The process dies by SIGKILL; another one goes on with what it finds in the world's folder (E6)."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jpki.cli import run
from jpki.client.constants import Slot
from jpki.parties.phone.managing import BOTH
from tests.jpki.flows.truth import check_slot_in_use, check_world
from tests.jpki.flows.worlds import CARD_PASSWORD, PINS, Images

ROOT = Path(__file__).resolve().parents[3]
CROSSINGS = 240  # of an issuance of both, about
ANSWERS = {
    "card password": CARD_PASSWORD.decode(),
    "agree": True,
    **{slot.pin_name: pin.decode() for slot, pin in PINS.items()},
    **{f"new {slot.pin_name}": pin.decode() for slot, pin in PINS.items()},
}


@pytest.fixture
def world(images: Images, tmp_path: Path) -> Path:
    """A folder like ``empty``, and a file with the user's answers beside it."""
    shutil.copytree(images.folder / "empty", tmp_path / "world")
    (tmp_path / "answers").write_text(json.dumps(ANSWERS), encoding="utf-8")
    return tmp_path / "world"


def finish(images: Images, world: Path) -> None:
    """Resume by the command, then look at everything."""
    options = ["--world", str(world), "--phone", "p1", "--answers", str(world.parent / "answers")]
    assert run(["phone", "issue", "--card", "hanako", *options]) == 0
    assert run(["phone", "resume", *options]) == 0, "nothing is left to resume"
    with images.open(world, seed="check") as opened:
        for slot in BOTH:
            check_slot_in_use(opened, "p1", "hanako", slot, PINS[slot])
        check_world(opened)
        phone = [one for one in opened.ca.certificates_of("hanako") if one.medium.name == "PHONE"]
        assert sorted(one.slot.name for one in phone) == sorted(slot.name for slot in Slot), "one certificate of each"


def test_killed_at_any_message(images: Images, world: Path, pytestconfig: pytest.Config) -> None:
    """At crossings of the links, between any two of which the parties write to their files."""
    number = {"quick": 1, "default": 1, "thorough": 30}[pytestconfig.getoption("--profile")]
    for crossing in random.Random("kill").sample(range(1, CROSSINGS), number):
        folder = world.parent / f"at{crossing}" / "world"
        shutil.copytree(world, folder)
        shutil.copy(world.parent / "answers", folder.parent)
        command = [sys.executable, "-m", "tests.jpki.flows.killed", str(folder), str(crossing)]
        killed = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        finish(images, folder)


def test_killed_from_outside(images: Images, world: Path) -> None:
    """Whenever it happens to be hit after it has said that it has keys and stores certificates."""
    command = [sys.executable, "-m", "jpki.cli", "phone", "issue", "--card", "hanako", "--phone", "p1"]
    command += ["--world", str(world), "--answers", str(world.parent / "answers")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("store signing certificate" in line for line in process.stderr), "it ended before"
        process.kill()
    finish(images, world)
